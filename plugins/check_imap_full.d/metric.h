/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metric.h - what can be measured: the names in -w, -c, --measure and in the perfdata. */
#ifndef METRIC_H
#define METRIC_H

#include <stdbool.h>
#include "phase.h"

/* In the order of the perfdata. The first PHASE_COUNT are the phases' times. */
enum metric {
	METRIC_TOTAL = PHASE_COUNT,
	METRIC_IDLE,
	METRIC_FLAGS,
	METRIC_CERT_DAYS,
	METRIC_MESSAGES,
	METRIC_UNSEEN,
	METRIC_MATCHED,
	METRIC_MAILBOXES,
	METRIC_NEWEST_AGE,
	METRIC_OLDEST_AGE,
	METRIC_SIZE,
	METRIC_QUOTA_STORAGE,
	METRIC_QUOTA_MESSAGES,
	METRIC_QUOTA_STORAGE_USED,
	METRIC_CAPTURE,
	METRIC_UIDVALIDITY,
	METRIC_COUNT
};

struct metric_spec {
	const char *name;
	const char *unit; /* of the perfdata: "s", "B", "%" or "" */
	int decimals;	  /* digits after the point */
	enum phase phase; /* whose run yields it; PHASE_COUNT: none in particular */
	bool is_default;  /* shown in the perfdata without being named */
	const char *help;
};

const struct metric_spec *metric_spec(enum metric metric);
bool metric_find(const char *name, enum metric *metric);

#endif
