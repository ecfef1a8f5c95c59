/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge.h - opinion: what the facts of a report are worth, by the configuration's thresholds and
   failure classes. No I/O. */
#ifndef JUDGE_H
#define JUDGE_H

#include "config.h"
#include "report.h"

enum { VERDICT_MAX = REPORT_PROBLEMS + 2 * METRIC_COUNT + CERT_PATH_MAX };

struct verdict_item {
	enum state state;
	enum failure_class class; /* CLASS_COUNT: a threshold, which is no failure */
	const char *phase;	  /* name of a phase or metric */
	char code[32];
	char text[600];
};

struct verdict {
	enum state state;			/* the worst of all */
	struct verdict_item items[VERDICT_MAX]; /* the first one is the one to speak of */
	unsigned count;
};

/* `now`: the wall clock, for the certificates. */
void judge(const struct config *config, const struct report *report, time_t now,
	   struct verdict *verdict);

/* The days below which -D alarms for this certificate; false if it never does. */
bool judge_expiry_limit(const struct config_expiry *expiry, const struct cert *cert, double *days);

#endif
