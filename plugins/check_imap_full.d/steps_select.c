/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_select.c - the steps that open a mailbox: to read, by EXAMINE, which changes nothing; and,
   for those who asked for it, to write. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "steps.h"
#include "text.h"

static enum step_progress open_mailbox(struct run *run, const char *verb, const char *option,
				       const char *mailbox, imap_time now)
{
	run->opening = (struct run_opening){.mailbox = mailbox, .option = option};
	imap_command(run->session.imap, now, "%a %m", verb, mailbox);
	return STEP_WAIT;
}

/* --- refused ---------------------------------------------------------------------------------- */

/* Some servers keep every mailbox below INBOX, so that Sent is INBOX.Sent (RFC 2342). */
static bool may_lack_prefix(const struct run *run)
{
	const struct imap *imap = run->session.imap;
	bool is_offered = imap_knows_capabilities(imap)
				  ? imap_has(imap, "NAMESPACE")
				  : strstr(run->report.capabilities, " NAMESPACE") != NULL;

	return is_offered && run->failure.class == CLASS_REFUSED &&
	       strcasecmp(run->opening.mailbox, "INBOX") != 0;
}

static enum step_progress refused(struct run *run, const struct imap_reply *reply)
{
	char what[400];

	snprintf(what, sizeof what, "to open the mailbox %s", run->opening.mailbox);
	refusal_set(&run->failure, reply, CLASS_REFUSED, what);
	if (!may_lack_prefix(run))
		return STEP_FAILED;
	run->opening.refusal = run->failure;
	run->opening.is_asking_prefix = true;
	imap_command(run->session.imap, clock_now(), "NAMESPACE");
	return STEP_WAIT;
}

/* The answer to NAMESPACE; a session that breaks over it changes nothing: the refusal failed. */
static enum step_progress prefix_reply(struct run *run, const struct imap_reply *reply)
{
	const struct run_opening *opening = &run->opening;
	const char *prefix = run->folders.prefix;

	if (reply->event == IMAP_DATA && imap_is(reply->name, "NAMESPACE"))
		folders_take_namespace(&run->folders, reply->args);
	if (reply->event != IMAP_DONE && reply->event != IMAP_FAILED)
		return STEP_WAIT;
	run->failure = opening->refusal;
	if (prefix[0] && strncmp(opening->mailbox, prefix, strlen(prefix)) != 0)
		text_add(run->failure.text, sizeof run->failure.text,
			 "; mailboxes begin with %s here: try %s%s%s", prefix, opening->option,
			 prefix, opening->mailbox);
	text_clean_in_place(run->failure.text);
	return STEP_FAILED;
}

/* Time may be up before NAMESPACE is answered: the refusal is told all the same. */
static void select_late(const struct run *run, struct failure *failure)
{
	if (run->opening.is_asking_prefix)
		failure_set(failure, CLASS_TIMEOUT, "%s; nor did it answer NAMESPACE",
			    run->opening.refusal.text);
}

/* --- what the server tells -------------------------------------------------------------------- */

static bool holds(const struct imap_arg *list, const char *flag)
{
	for (const struct imap_arg *one = list->first; one; one = one->next)
		if (imap_is(imap_text(one), flag))
			return true;
	return false;
}

static void take_data(struct run_opening *opening, const struct imap_reply *reply)
{
	const struct imap_arg *args = reply->code_args;
	uint64_t number;

	if (reply->numbered && imap_is(reply->name, "EXISTS"))
		opening->is_told = true;
	if (imap_is(reply->code, "UIDVALIDITY") && imap_number(args, &number) &&
	    number <= UINT32_MAX)
		opening->uidvalidity = number;
	if (imap_is(reply->code, "PERMANENTFLAGS") && args && args->type == IMAP_LIST) {
		opening->has_flags = true;
		opening->keeps_deleted = holds(args, "\\Deleted");
		opening->keeps_flagged = holds(args, "\\Flagged");
	}
}

static enum step_progress not_told(struct run *run)
{
	failure_set(&run->failure, CLASS_PROTOCOL,
		    "server opened %s but did not say how many messages it has (EXISTS)",
		    run->opening.mailbox);
	return STEP_FAILED;
}

/* --- to read ---------------------------------------------------------------------------------- */

static enum step_progress select_enter(struct run *run, imap_time now)
{
	return open_mailbox(run, "EXAMINE", "-m ", run->config->mailbox, now);
}

static enum step_progress examined(struct run *run, const struct imap_reply *reply)
{
	if (reply->status != IMAP_OK)
		return refused(run, reply);
	if (!run->opening.is_told)
		return not_told(run);
	report_value(&run->report, METRIC_MESSAGES, run->messages);
	if (run->opening.uidvalidity > 0)
		report_value(&run->report, METRIC_UIDVALIDITY, (double)run->opening.uidvalidity);
	return STEP_DONE;
}

static enum step_progress select_reply(struct run *run, const struct imap_reply *reply)
{
	if (run->opening.is_asking_prefix)
		return prefix_reply(run, reply);
	if (reply->event == IMAP_DONE)
		return examined(run, reply);
	if (reply->event == IMAP_DATA)
		take_data(&run->opening, reply);
	return STEP_WAIT;
}

const struct step step_select = {
	.phase = PHASE_SELECT,
	.awaits = "answer to EXAMINE",
	.hint = "the server's storage may hang",
	.late = select_late,
	.enter = select_enter,
	.reply = select_reply,
};

/* --- to write --------------------------------------------------------------------------------- */

static enum step_progress append_enter(struct run *run, imap_time now)
{
	return open_mailbox(run, "SELECT", "--append=", run->writing.mailbox, now);
}

static enum step_progress sync_enter(struct run *run, imap_time now)
{
	return open_mailbox(run, "SELECT", "--sync=", run->writing.mailbox, now);
}

/* What keeps from writing, and from removing again what was written; NULL if nothing does. */
static const char *obstacle(const struct run *run, const struct imap_reply *reply)
{
	const struct run_opening *opening = &run->opening;

	if (imap_is(reply->code, "READ-ONLY"))
		return "it is read-only: to store and remove messages the rights i, s, w, t and e "
		       "are needed (RFC 4314)";
	if (opening->has_flags && !opening->keeps_deleted)
		return "it keeps no \\Deleted flag, so that messages could not be removed again";
	if (opening->has_flags && !opening->keeps_flagged && run->sync)
		return "it keeps no \\Flagged flag, whose change could be watched";
	return NULL;
}

static enum step_progress selected(struct run *run, const struct imap_reply *reply)
{
	const char *user = run->config->user ? run->config->user : "this user";
	const char *why;

	if (reply->status != IMAP_OK)
		return refused(run, reply);
	run->writing.uidvalidity = run->opening.uidvalidity;
	why = obstacle(run, reply);
	if (!why)
		return STEP_DONE;
	failure_set(&run->failure, CLASS_REFUSED, "%s cannot write into the mailbox %s: %s", user,
		    run->opening.mailbox, why);
	return STEP_FAILED;
}

static enum step_progress write_reply(struct run *run, const struct imap_reply *reply)
{
	if (run->opening.is_asking_prefix)
		return prefix_reply(run, reply);
	if (reply->event == IMAP_DONE)
		return selected(run, reply);
	if (reply->event == IMAP_DATA)
		take_data(&run->opening, reply);
	return STEP_WAIT;
}

const struct step step_select_append = {
	.phase = PHASE_APPEND,
	.awaits = "answer to SELECT",
	.late = select_late,
	.enter = append_enter,
	.reply = write_reply,
};

const struct step step_select_sync = {
	.phase = PHASE_SYNC,
	.awaits = "answer to SELECT",
	.late = select_late,
	.enter = sync_enter,
	.reply = write_reply,
};
