/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.h - one run moving along its plan: a cursor, a deadline, and the clock of each phase. */
#ifndef CHECK_H
#define CHECK_H

#include <signal.h>
#include "plan.h"
#include "run.h"

struct check {
	struct run run;
	struct plan plan;
	unsigned cursor;
	imap_time deadline;
	bool is_over;
	/* The phase under way, or PHASE_COUNT. For a reader in a signal handler. */
	volatile sig_atomic_t phase;
};

/* Enters the first step; false when out of memory. check_free() in either case. */
bool check_start(struct check *check, const struct config *config, imap_time now);
void check_free(struct check *check);

/* As wait.h says. Once is_over, run.report is complete. */
void check_wait(const struct check *check, struct wait *wait, imap_time now);
void check_ready(struct check *check, const struct wait *wait, imap_time now);

#endif
