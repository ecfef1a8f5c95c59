/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steps_tidy.c - the steps that remove messages of this check from the mailbox that is open for
 * writing, and nothing else: by UID EXPUNGE (RFC 9051 section 6.4.9), each after its own header was
 * read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "refusal.h"
#include "steps.h"

#define HEADER_ITEM "BODY[HEADER.FIELDS"

static enum step_progress search(struct run *run, imap_time now)
{
	char sign[40];

	snprintf(sign, sizeof sign, "id=%s", run->writing.mark.id);
	imap_command(run->session.imap, now, "UID SEARCH HEADER " MARK_FIELD " %s", sign);
	return STEP_WAIT;
}

static enum step_progress read_headers(struct run *run, imap_time now)
{
	char set[TIDY_SET];

	run->writing.tidy.stage = TIDY_READING;
	tidy_write_set(&run->writing.tidy, false, set);
	imap_command(run->session.imap, now,
		     "UID FETCH %a (UID BODY.PEEK[HEADER.FIELDS (" MARK_FIELD ")])", set);
	return STEP_WAIT;
}

/* A message that was there a moment ago: whether it is gone already, or this session does not find
   it (the other one did), it is not for us to guess. If something failed before, that is told
   instead. */
static enum step_progress nothing_to_remove(struct run *run)
{
	struct writing *writing = &run->writing;

	if (writing->tidy.rule != TIDY_THIS)
		return STEP_DONE;
	if (run->pending.text[0]) {
		writing->may_be_left = false;
		return STEP_DONE;
	}
	failure_set(&run->failure, CLASS_PROTOCOL,
		    "the message that was stored in %s (UID %" PRIu64
		    ") is not to be found when it is to be removed",
		    writing->mailbox, writing->uid);
	return STEP_FAILED;
}

/* A server may tell the UID of another message than ours by APPENDUID: ours has its header. */
static bool may_be_elsewhere(const struct run *run)
{
	const struct tidy *tidy = &run->writing.tidy;

	return tidy->rule == TIDY_THIS && run->writing.uid > 0 && tidy->rounds == 1;
}

static enum step_progress search_elsewhere(struct run *run, imap_time now)
{
	tidy_begin_round(&run->writing.tidy);
	return search(run, now);
}

static enum step_progress go_on(struct run *run, imap_time now)
{
	struct tidy *tidy = &run->writing.tidy;
	char set[TIDY_SET];

	switch (tidy->stage) {
	case TIDY_SEARCHING:
		return tidy->count > 0 ? read_headers(run, now) : nothing_to_remove(run);
	case TIDY_READING:
		if (tidy_choose(tidy) == 0)
			return may_be_elsewhere(run) ? search_elsewhere(run, now)
						     : nothing_to_remove(run);
		tidy->stage = TIDY_FLAGGING;
		tidy_write_set(tidy, true, set);
		imap_command(run->session.imap, now, "UID STORE %a +FLAGS.SILENT (\\Deleted)", set);
		return STEP_WAIT;
	case TIDY_FLAGGING:
		tidy->stage = TIDY_EXPUNGING;
		tidy_write_set(tidy, true, set);
		imap_command(run->session.imap, now, "UID EXPUNGE %a", set);
		return STEP_WAIT;
	default: /* TIDY_EXPUNGING */
		if (tidy->rule == TIDY_THIS)
			run->writing.may_be_left = false;
		if (!tidy_end_round(tidy))
			return STEP_DONE;
		tidy_begin_round(tidy);
		return search(run, now);
	}
}

/* --- replies ---------------------------------------------------------------------------------- */

/* Servers write the section as they like: with quotes, or in capitals. */
static struct imap_span header_of(const struct imap_arg *args)
{
	const struct imap_arg *item = args && args->type == IMAP_LIST ? args->first : NULL;

	for (; item && item->next; item = item->next->next)
		if (item->type == IMAP_ATOM && item->text.length >= strlen(HEADER_ITEM) &&
		    strncasecmp(item->text.at, HEADER_ITEM, strlen(HEADER_ITEM)) == 0)
			return imap_text(item->next);
	return (struct imap_span){"", 0};
}

static void take_data(struct tidy *tidy, const struct imap_reply *reply)
{
	uint64_t uid;

	if (tidy->stage == TIDY_SEARCHING && reply->event == IMAP_ITEM)
		tidy_propose(tidy, reply->item);
	if (tidy->stage == TIDY_READING && reply->event == IMAP_DATA &&
	    imap_is(reply->name, "FETCH") && imap_number(imap_item(reply->args, "UID"), &uid) &&
	    header_of(reply->args).length > 0)
		tidy_read(tidy, uid, header_of(reply->args));
}

static const char *const attempts[] = {
	[TIDY_SEARCHING] = "to search for messages of this check",
	[TIDY_READING] = "to fetch headers of messages of this check",
	[TIDY_FLAGGING] = "to mark messages of this check as deleted",
	[TIDY_EXPUNGING] = "to expunge messages of this check",
};

static enum step_progress tidy_reply(struct run *run, const struct imap_reply *reply)
{
	struct tidy *tidy = &run->writing.tidy;

	take_data(tidy, reply);
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status == IMAP_OK)
		return go_on(run, clock_now());
	refusal_set(&run->failure, reply, CLASS_REFUSED, attempts[tidy->stage]);
	return STEP_FAILED;
}

/* --- the steps -------------------------------------------------------------------------------- */

/* The new message, which comes next, is one of those to keep. */
static enum step_progress surplus_enter(struct run *run, imap_time now)
{
	struct writing *writing = &run->writing;

	tidy_begin(&writing->tidy, TIDY_SURPLUS, &writing->mark, run->config->append.keep - 1);
	return search(run, now);
}

static enum step_progress leftovers_enter(struct run *run, imap_time now)
{
	struct writing *writing = &run->writing;

	tidy_begin(&writing->tidy, TIDY_LEFTOVERS, &writing->mark, 0);
	return search(run, now);
}

/* Its UID is known where the server told it; then there is nothing to be searched for. */
static enum step_progress remove_enter(struct run *run, imap_time now)
{
	struct writing *writing = &run->writing;

	tidy_begin(&writing->tidy, TIDY_THIS, &writing->mark, 0);
	if (writing->uid == 0)
		return search(run, now);
	tidy_propose(&writing->tidy, writing->uid);
	return read_headers(run, now);
}

static void tidy_late(const struct run *run, struct failure *failure)
{
	failure_set(failure, CLASS_TIMEOUT, "server was asked %s and did not answer",
		    attempts[run->writing.tidy.stage]);
}

const struct step step_tidy_append = {
	.phase = PHASE_APPEND,
	.awaits = "answer to SEARCH",
	.late = tidy_late,
	.enter = surplus_enter,
	.reply = tidy_reply,
};

const struct step step_tidy_sync = {
	.phase = PHASE_SYNC,
	.awaits = "answer to SEARCH",
	.late = tidy_late,
	.enter = leftovers_enter,
	.reply = tidy_reply,
};

const struct step step_remove_sync = {
	.phase = PHASE_SYNC,
	.awaits = "answer to EXPUNGE",
	.late = tidy_late,
	.enter = remove_enter,
	.reply = tidy_reply,
};
