/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_mailbox.c - the steps that read a mailbox. Nothing in it changes: EXAMINE and BODY.PEEK. */
#include <stdio.h>

#include "refusal.h"
#include "steps.h"

/* --- select --------------------------------------------------------------------------------- */

static enum step_progress select_enter(struct run *run, imap_time now)
{
	imap_command(run->session.imap, now, "EXAMINE %m", run->config->mailbox);
	return STEP_WAIT;
}

static enum step_progress select_over(struct run *run, const struct imap_reply *reply)
{
	char what[400];

	if (reply->status == IMAP_OK) {
		if (run->report.is_known[METRIC_MESSAGES])
			return STEP_DONE;
		failure_set(&run->failure, CLASS_PROTOCOL,
			    "server opened %s but did not say how many messages it has (EXISTS)",
			    run->config->mailbox);
		return STEP_FAILED;
	}
	snprintf(what, sizeof what, "to open the mailbox %s", run->config->mailbox);
	refusal_set(&run->failure, reply, CLASS_REFUSED, what);
	return STEP_FAILED;
}

static enum step_progress select_reply(struct run *run, const struct imap_reply *reply)
{
	uint64_t number;

	if (reply->event == IMAP_DONE)
		return select_over(run, reply);
	if (reply->event != IMAP_DATA)
		return STEP_WAIT;
	if (imap_is(reply->name, "EXISTS")) {
		run->messages = reply->number;
		report_value(&run->report, METRIC_MESSAGES, reply->number);
	}
	if (imap_is(reply->code, "UIDVALIDITY") && imap_number(reply->code_args, &number))
		report_value(&run->report, METRIC_UIDVALIDITY, (double)number);
	return STEP_WAIT;
}

const struct step step_select = {
	.phase = PHASE_SELECT,
	.awaits = "answer to EXAMINE",
	.enter = select_enter,
	.reply = select_reply,
};

/* --- fetch ---------------------------------------------------------------------------------- */

/* The highest UID is the newest message; "*" names it without a search. */
static enum step_progress fetch_enter(struct run *run, imap_time now)
{
	bool is_whole = run->config->fetch == CONFIG_FETCH_MESSAGE;

	run->fetched = 0;
	run->has_fetched = false;
	if (run->messages == 0)
		return STEP_DONE;
	imap_command(run->session.imap, now, "UID FETCH * (UID %a)",
		     is_whole ? "BODY.PEEK[]" : "BODY.PEEK[HEADER]");
	return STEP_WAIT;
}

static const char *fetch_item(const struct run *run)
{
	return run->config->fetch == CONFIG_FETCH_MESSAGE ? "BODY[]" : "BODY[HEADER]";
}

static void fetch_data(struct run *run, const struct imap_reply *reply)
{
	const struct imap_arg *body = imap_item(reply->args, fetch_item(run));

	if (imap_is(reply->name, "EXISTS"))
		run->messages = reply->number;
	if (imap_is(reply->name, "EXPUNGE") && run->messages > 0)
		run->messages--;
	if (!imap_is(reply->name, "FETCH") || !body)
		return;
	run->has_fetched = true;
	run->fetched = body->type == IMAP_STREAMED ? body->size : body->text.length;
}

/* Between EXAMINE and FETCH somebody may have deleted the newest message. */
static enum step_progress fetch_over(struct run *run, const struct imap_reply *reply)
{
	if (reply->status != IMAP_OK) {
		refusal_set(&run->failure, reply, CLASS_REFUSED, "to fetch the newest message");
		return STEP_FAILED;
	}
	if (!run->has_fetched && run->messages > 0) {
		failure_set(&run->failure, CLASS_PROTOCOL,
			    "server answered FETCH with OK but sent no message, though the mailbox "
			    "has %u",
			    run->messages);
		return STEP_FAILED;
	}
	if (run->has_fetched)
		report_value(&run->report, METRIC_SIZE, (double)run->fetched);
	return STEP_DONE;
}

static enum step_progress fetch_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DONE)
		return fetch_over(run, reply);
	if (reply->event == IMAP_DATA)
		fetch_data(run, reply);
	return STEP_WAIT;
}

const struct step step_fetch = {
	.phase = PHASE_FETCH,
	.awaits = "answer to FETCH",
	.enter = fetch_enter,
	.reply = fetch_reply,
};
