/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_capture.c - the step that takes a number out of the message that was fetched (--capture). A
   child does it, for whoever sends mail here has a say in what it costs. */
#include <stdio.h>
#include <string.h>

#include "steps.h"

struct task {
	const char *pattern;
	struct imap_span message;
};

static void work(const void *task, void *result)
{
	const struct task *capture = task;

	capture_find(capture->pattern, capture->message, result);
}

/* Why there is nothing to look at; NULL if there is. */
static const char *find_lack(const struct run *run)
{
	if (run->messages == 0)
		return "nothing to capture: the mailbox is empty";
	if (run->config->search && run->newest_hit == 0)
		return "nothing to capture: no message matches --search";
	if (run->message.length == 0)
		return "nothing to capture: the server did not send the newest message";
	return NULL;
}

static void say_missing(struct run *run, const char *why)
{
	report_no_value(&run->report, METRIC_CAPTURE, REPORT_MISSING, why);
}

static enum step_progress capture_enter(struct run *run, imap_time now)
{
	const struct task task = {run->config->capture, octets_span(&run->message)};
	const char *lack = find_lack(run);

	(void)now;
	if (lack) {
		say_missing(run, lack);
		return STEP_DONE;
	}
	if (!errand_start(&run->errand, work, &task, sizeof(struct capture_finding), &run->failure))
		return STEP_FAILED;
	return STEP_WAIT;
}

/* What stands in the mail may be anything, also our secret. */
static void say_no_number(struct run *run, const struct capture_finding *finding)
{
	char why[160];

	snprintf(why, sizeof why, "what --capture found is no number: \"%.*s\"",
		 (int)sizeof finding->text, finding->text);
	if (run->secret)
		secret_mask(run->secret, why);
	say_missing(run, why);
}

static void tell(struct run *run, const struct capture_finding *finding)
{
	switch (finding->outcome) {
	case CAPTURE_NUMBER:
		report_value(&run->report, METRIC_CAPTURE, finding->number);
		return;
	case CAPTURE_NO_NUMBER:
		say_no_number(run, finding);
		return;
	case CAPTURE_NO_LINE:
		say_missing(run, "no line of the message matches --capture");
		return;
	case CAPTURE_TOO_COSTLY:
		say_missing(run,
			    "the expression of --capture needs too much memory on this message");
		return;
	}
}

static enum step_progress capture_ready(struct run *run, const struct wait *wait, imap_time now)
{
	struct capture_finding finding;

	(void)wait;
	(void)now;
	switch (errand_ready(&run->errand)) {
	case ERRAND_WAIT:
		return STEP_WAIT;
	case ERRAND_DIED:
		say_missing(run, "the child process that looked for --capture in the message died");
		return STEP_DONE;
	case ERRAND_READY:
		break;
	}
	memcpy(&finding, run->errand.result, sizeof finding);
	tell(run, &finding);
	return STEP_DONE;
}

static void capture_wait(const struct run *run, struct wait *wait, imap_time now)
{
	(void)now;
	errand_wait(&run->errand, wait);
}

const struct step step_capture = {
	.phase = PHASE_FETCH,
	.awaits = "end of matching --capture",
	.enter = capture_enter,
	.wait = capture_wait,
	.ready = capture_ready,
};
