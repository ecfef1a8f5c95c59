/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.h - one check in flight: the user's journey, its deadline, and what its end means. */
#ifndef CHECK_H
#define CHECK_H

#include "journey.h"

struct check {
	struct journey journey;
	bool is_over;
};

/* Enters the first step; false when out of memory. check_free() in either case. */
bool check_start(struct check *check, const struct config *config, imap_time now);
void check_free(struct check *check);

/* As wait.h says. Once is_over, check_report() is complete. */
void check_wait(const struct check *check, struct wait *wait, imap_time now);
void check_ready(struct check *check, const struct wait *wait, imap_time now);

const struct report *check_report(const struct check *check);

#endif
