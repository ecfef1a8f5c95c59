/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - see check.h. Knows no single step and no single phase. */
#include "check.h"

#include <time.h>

static const struct step *current(const struct check *check)
{
	return check->plan.steps[check->cursor];
}

static void finish(struct check *check)
{
	report_stop(&check->run.report, clock_now());
	conn_close(&check->run.session.conn);
	report_finish(&check->run.report, time(NULL));
	check->is_over = true;
}

static void fail(struct check *check)
{
	run_mask(&check->run, check->run.failure.text);
	report_last_problem(&check->run.report, current(check)->phase, &check->run.failure);
	finish(check);
}

static void time_out(struct check *check)
{
	const struct step *step = current(check);
	struct failure known = {.text = ""};
	double limit = clock_seconds(check->run.config->timeout);

	if (step->late)
		step->late(&check->run, &known);
	if (known.text[0])
		failure_set(&check->run.failure, CLASS_TIMEOUT, "%s (within %g s)", known.text,
			    limit);
	else
		failure_set(&check->run.failure, CLASS_TIMEOUT, "no %s within %g s", step->awaits,
			    limit);
	fail(check);
}

/* A dialogue: told event by event what the server says. A flood must not outlive the deadline. */
static enum step_progress converse(struct check *check, const struct step *step)
{
	struct run *run = &check->run;
	enum step_progress progress = STEP_WAIT;

	while (progress == STEP_WAIT && clock_now() < check->deadline) {
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

static enum step_progress go_on(struct check *check, const struct wait *wait, imap_time now)
{
	const struct step *step = current(check);

	if (step->reply)
		return converse(check, step);
	return step->ready(&check->run, wait, now);
}

/* Enters the step under the cursor. Its first words leave at once, not at the next poll(). */
static enum step_progress enter(struct check *check)
{
	const struct step *step = current(check);
	imap_time now = clock_now();
	enum step_progress progress;

	if (step->is_untimed)
		report_end(&check->run.report, now);
	else if (check->phase != (sig_atomic_t)step->phase)
		report_begin(&check->run.report, step->phase, now);
	check->phase = (sig_atomic_t)step->phase;
	progress = step->enter(&check->run, now);
	if (progress == STEP_WAIT && step->reply)
		return converse(check, step);
	return progress;
}

/* Moves on as long as steps are done; then waits, fails, or is over. */
static void move(struct check *check, enum step_progress progress)
{
	while (progress == STEP_DONE) {
		if (++check->cursor == check->plan.count) {
			check->cursor--;
			report_end(&check->run.report, clock_now());
			check->run.report.is_whole = true;
			finish(check);
			return;
		}
		progress = enter(check);
	}
	if (progress == STEP_FAILED)
		fail(check);
}

bool check_start(struct check *check, const struct config *config, imap_time now)
{
	check->cursor = 0;
	check->is_over = false;
	check->phase = PHASE_COUNT;
	check->deadline = now + config->timeout;
	plan_make(&check->plan, config);
	if (!run_init(&check->run, config))
		return false;
	check->run.deadline = check->deadline;
	move(check, enter(check));
	return true;
}

void check_free(struct check *check)
{
	run_free(&check->run);
}

void check_wait(const struct check *check, struct wait *wait, imap_time now)
{
	const struct step *step = current(check);

	wait_until(wait, check->deadline);
	if (step->reply)
		session_wait(&check->run.session, wait);
	else
		step->wait(&check->run, wait, now);
}

void check_ready(struct check *check, const struct wait *wait, imap_time now)
{
	if (now < check->deadline)
		move(check, go_on(check, wait, now));
	if (!check->is_over && clock_now() >= check->deadline)
		time_out(check);
}
