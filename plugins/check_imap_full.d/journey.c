/* SPDX-License-Identifier: GPL-3.0-or-later */
/* journey.c - see journey.h. Knows no single step and no single phase. */
#include "journey.h"

const struct step *journey_step(const struct journey *journey)
{
	return journey->plan.steps[journey->cursor];
}

/* A dialogue: told event by event what the server says. A flood must not outlive the deadline. */
static enum step_progress converse(struct journey *journey, const struct step *step)
{
	struct run *run = &journey->run;
	enum step_progress progress = STEP_WAIT;

	while (progress == STEP_WAIT && clock_now() < run->deadline) {
		struct imap_reply reply;
		enum imap_event event = session_next(&run->session, &reply, &run->failure);

		if (event == IMAP_WAIT)
			return STEP_WAIT;
		reply.event = event;
		run_notice(run, &reply);
		progress = step->reply(run, &reply);
		if (progress == STEP_WAIT && event == IMAP_FAILED)
			return STEP_FAILED;
	}
	return progress;
}

/* Enters the step under the cursor. Its first words leave at once, not at the next poll(). */
static enum step_progress enter(struct journey *journey)
{
	const struct step *step = journey_step(journey);
	struct run *run = &journey->run;
	imap_time now = clock_now();
	enum step_progress progress;

	if (step->is_untimed)
		report_end(&run->report, now);
	else if (journey->phase != (sig_atomic_t)step->phase)
		report_begin(&run->report, step->phase, now);
	journey->phase = (sig_atomic_t)step->phase;
	progress = step->enter(run, now);
	if (progress == STEP_WAIT && step->reply)
		return converse(journey, step);
	return progress;
}

/* Moves on as long as steps are done. */
static enum step_progress move(struct journey *journey, enum step_progress progress)
{
	while (progress == STEP_DONE && journey->cursor + 1 < journey->plan.count) {
		journey->cursor++;
		progress = enter(journey);
	}
	return progress;
}

enum step_progress journey_start(struct journey *journey)
{
	journey->cursor = 0;
	journey->phase = PHASE_COUNT;
	return move(journey, enter(journey));
}

void journey_wait(const struct journey *journey, struct wait *wait, imap_time now)
{
	const struct step *step = journey_step(journey);

	if (step->reply)
		session_wait(&journey->run.session, wait);
	if (step->wait)
		step->wait(&journey->run, wait, now);
}

enum step_progress journey_ready(struct journey *journey, const struct wait *wait, imap_time now)
{
	const struct step *step = journey_step(journey);
	enum step_progress progress = STEP_WAIT;

	if (step->reply)
		progress = converse(journey, step);
	if (progress == STEP_WAIT && step->ready)
		progress = step->ready(&journey->run, wait, now);
	return move(journey, progress);
}
