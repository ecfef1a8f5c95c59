/* SPDX-License-Identifier: GPL-3.0-or-later */
/* check.c - see check.h. */
#include "check.h"

#include <time.h>

#include "sync.h"

static void finish(struct check *check)
{
	struct run *run = &check->journey.run;

	report_stop(&run->report, clock_now());
	conn_close(&run->session.conn);
	report_finish(&run->report, time(NULL));
	check->is_over = true;
}

/* Of --sync only: what --append stored is to stay. */
static void tell_what_is_left(struct run *run)
{
	if (run->writing.may_be_left)
		report_note(&run->report,
			    "the message of this run may be left behind in %s; a later run removes "
			    "it once it is an hour old",
			    run->writing.mailbox);
}

/* What failed first is told first, even if removing what it left failed as well. */
static void fail(struct check *check)
{
	struct run *run = &check->journey.run;

	if (run->pending.text[0]) {
		run_mask(run, run->pending.text);
		report_problem(&run->report, journey_step(&check->journey)->phase, &run->pending);
	}
	run_mask(run, run->failure.text);
	report_last_problem(&run->report, journey_step(&check->journey)->phase, &run->failure);
	tell_what_is_left(run);
	finish(check);
}

static void time_out(struct check *check)
{
	const struct step *step = journey_step(&check->journey);
	struct run *run = &check->journey.run;
	struct failure known = {.text = ""};
	double limit = clock_seconds(run->config->timeout);
	const char *stop = step->hint ? "; " : "", *hint = step->hint ? step->hint : "";

	if (step->late)
		step->late(run, &known);
	if (known.text[0])
		failure_set(&run->failure, CLASS_TIMEOUT, "%s (within %g s)%s%s", known.text, limit,
			    stop, hint);
	else
		failure_set(&run->failure, CLASS_TIMEOUT, "no %s within %g s%s%s", step->awaits,
			    limit, stop, hint);
	fail(check);
}

static void take(struct check *check, enum step_progress progress)
{
	struct report *report = &check->journey.run.report;

	if (progress == STEP_FAILED)
		fail(check);
	if (progress != STEP_DONE)
		return;
	report_end(report, clock_now());
	report->is_whole = true;
	finish(check);
}

bool check_start(struct check *check, const struct config *config, imap_time now)
{
	struct journey *journey = &check->journey;

	check->is_over = false;
	plan_make(&journey->plan, config);
	if (!run_init(&journey->run, config, now + config->timeout))
		return false;
	take(check, journey_start(journey));
	return true;
}

void check_free(struct check *check)
{
	sync_free(check->journey.run.sync);
	run_free(&check->journey.run);
}

void check_wait(const struct check *check, struct wait *wait, imap_time now)
{
	wait_until(wait, check->journey.run.deadline);
	journey_wait(&check->journey, wait, now);
}

void check_ready(struct check *check, const struct wait *wait, imap_time now)
{
	imap_time deadline = check->journey.run.deadline;

	if (now < deadline)
		take(check, journey_ready(&check->journey, wait, now));
	if (!check->is_over && clock_now() >= deadline)
		time_out(check);
}

const struct report *check_report(const struct check *check)
{
	return &check->journey.run.report;
}
