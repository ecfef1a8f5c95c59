/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * journey.h - one session moving along its plan: a cursor, and the clock of each phase. Whoever
 * starts it keeps the deadline and says what the end means: a check for the user's journey, a
 * watcher for the second session beside it.
 */
#ifndef JOURNEY_H
#define JOURNEY_H

#include <signal.h>
#include "plan.h"
#include "run.h"

struct journey {
	struct run run;
	struct plan plan;
	unsigned cursor;
	/* The phase under way, or PHASE_COUNT. For a reader in a signal handler. */
	volatile sig_atomic_t phase;
};

/* Enters the first step of `plan`, once `run` is initialised. STEP_DONE: the plan is at its end;
   STEP_FAILED: run.failure says why, and journey_step() where. */
enum step_progress journey_start(struct journey *journey);

/* As wait.h says. */
void journey_wait(const struct journey *journey, struct wait *wait, imap_time now);
enum step_progress journey_ready(struct journey *journey, const struct wait *wait, imap_time now);

/* The step under way, or at which it ended. */
const struct step *journey_step(const struct journey *journey);

#endif
