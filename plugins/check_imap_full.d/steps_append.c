/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_append.c - the steps of --append: a message of ours into a mailbox, once those of this
   check that are too many are gone. So it cannot fill up, not even where removing fails. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "refusal.h"
#include "steps.h"
#include "writing.h"

static const char *target(struct run *run)
{
	const char *sent = folders_with_use(&run->folders, "Sent", 4);

	if (run->config->append.mailbox)
		return run->config->append.mailbox;
	if (!sent)
		failure_set(&run->failure, CLASS_USAGE,
			    "--append: no mailbox is marked \\Sent here; name one: "
			    "--append=MAILBOX");
	return sent;
}

static enum step_progress begin_enter(struct run *run, imap_time now)
{
	const char *mailbox = target(run);

	(void)now;
	if (!mailbox || !writing_is_safe(run->session.imap, &run->failure) ||
	    !writing_begin(&run->writing, MARK_APPEND, run->config, mailbox, time(NULL),
			   &run->failure))
		return STEP_FAILED;
	return STEP_DONE;
}

const struct step step_append_begin = {
	.phase = PHASE_APPEND,
	.enter = begin_enter,
};

/* --- APPEND ----------------------------------------------------------------------------------- */

static enum step_progress append_enter(struct run *run, imap_time now)
{
	const struct writing *writing = &run->writing;
	struct imap_span letter = {writing->letter, writing->letter_length};

	imap_command(run->session.imap, now, "APPEND %m (\\Seen) %b", writing->mailbox, &letter);
	return STEP_WAIT;
}

static enum step_progress append_reply(struct run *run, const struct imap_reply *reply)
{
	char what[400];

	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status != IMAP_OK) {
		snprintf(what, sizeof what, "to append a message to %s", run->writing.mailbox);
		refusal_set(&run->failure, reply, CLASS_REFUSED, what);
		return STEP_FAILED;
	}
	if (!writing_take_uid(&run->writing, reply, &run->failure))
		return STEP_FAILED;
	if (run->writing.uid > 0)
		report_note(&run->report,
			    "appended to %s as UID %" PRIu64 " (UIDVALIDITY %" PRIu64 ")",
			    run->writing.mailbox, run->writing.uid, run->writing.uidvalidity);
	else
		report_note(&run->report, "appended to %s; the server did not tell its UID",
			    run->writing.mailbox);
	return STEP_DONE;
}

const struct step step_append = {
	.phase = PHASE_APPEND,
	.awaits = "answer to APPEND",
	.hint = "the server's storage may hang",
	.enter = append_enter,
	.reply = append_reply,
};
