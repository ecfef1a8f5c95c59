/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_sync_message.c - the steps of --sync in which one session stores a message and the other
   one is told of it, finds it, and finds it the same. */
#include <inttypes.h>
#include <stdio.h>

#include "compare.h"
#include "refusal.h"
#include "steps.h"
#include "sync.h"

/* --- a message ----------------------------------------------------------------------------------
 */

/* The answer to APPEND and the EXISTS come in any order. */
static enum step_progress append_progress(const struct run *run)
{
	if (!run->sync->is_answered)
		return STEP_WAIT;
	return sync_has_failed(run) || run->sync->watcher->view.arrival_count > 0 ||
			       sync_is_late(run)
		       ? STEP_DONE
		       : STEP_WAIT;
}

static enum step_progress append_enter(struct run *run, imap_time now)
{
	const struct writing *writing = &run->writing;
	struct imap_span letter = {writing->letter, writing->letter_length};

	run->sync->is_asked = true;
	run->writing.may_be_left = true;
	run->sync->messages_before = run->messages;
	imap_command(run->session.imap, now, "APPEND %m (\\Seen) %b", writing->mailbox, &letter);
	return STEP_WAIT;
}

static enum step_progress appended(struct run *run, const struct imap_reply *reply)
{
	struct failure failure;
	char what[400];

	run->sync->is_answered = true;
	run->sync->sent_at = reply->times.sent_at;
	if (reply->status != IMAP_OK) {
		run->writing.may_be_left = false;
		snprintf(what, sizeof what, "to append a message to %s", run->writing.mailbox);
		refusal_set(&run->failure, reply, CLASS_REFUSED, what);
		return STEP_FAILED;
	}
	if (!writing_take_uid(&run->writing, reply, &run->failure))
		return STEP_FAILED;
	if (run->writing.uid > 0)
		return append_progress(run);
	failure_set(&failure, CLASS_PROTOCOL,
		    "server offers UIDPLUS but did not tell the UID of the message that it stored "
		    "(APPENDUID)");
	return sync_fail(run, &failure);
}

static enum step_progress append_reply(struct run *run, const struct imap_reply *reply)
{
	return reply->event == IMAP_DONE ? appended(run, reply) : STEP_WAIT;
}

static enum step_progress append_ready(struct run *run, const struct wait *wait, imap_time now)
{
	enum step_progress progress;

	sync_advance(run, wait, now, &progress);
	return append_progress(run);
}

static void append_late(const struct run *run, struct failure *failure)
{
	failure_set(failure, CLASS_TIMEOUT, "server did not answer APPEND%s",
		    run->sync->watcher->view.arrival_count > 0
			    ? ", though the second session was told of a new message"
			    : ", and the second session was told of no new message");
}

const struct step step_sync_append = {
	.phase = PHASE_SYNC,
	.awaits = "answer to APPEND",
	.enter = append_enter,
	.reply = append_reply,
	.wait = sync_wait,
	.ready = append_ready,
	.late = append_late,
};

/* Courier does not tell a session of what it appended itself, nor find that by its UID, until NOOP
   makes it look again. */
static enum step_progress catch_up_enter(struct run *run, imap_time now)
{
	if (run->messages > run->sync->messages_before)
		return STEP_DONE;
	imap_command(run->session.imap, now, "NOOP");
	return STEP_WAIT;
}

static enum step_progress catch_up_reply(struct run *run, const struct imap_reply *reply)
{
	struct failure failure;

	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status == IMAP_OK)
		return STEP_DONE;
	refusal_set(&failure, reply, CLASS_REFUSED, "NOOP");
	return sync_fail(run, &failure);
}

const struct step step_sync_catch_up = {
	.phase = PHASE_SYNC,
	.awaits = "answer to NOOP",
	.enter = catch_up_enter,
	.reply = catch_up_reply,
};

/* --- is it there, and the same? -----------------------------------------------------------------
 */

static enum step_progress was_not_told(struct run *run)
{
	const struct watcher *watcher = run->sync->watcher;
	struct failure failure;

	failure_set(
		&failure, CLASS_TIMEOUT,
		"second session was not told of the new message: no EXISTS by %s within %.3f s of "
		"the APPEND; looked for by its UID, the message is %s",
		sync_way(run), sync_seconds(run),
		watcher->view.has_message ? "there" : "not there either");
	return sync_fail(run, &failure);
}

static enum step_progress compare(struct run *run)
{
	const struct writing *writing = &run->writing;
	struct imap_span sent = {writing->letter, writing->letter_length};
	struct imap_span got = octets_span(&run->sync->watcher->view.message);
	struct failure failure;
	char words[300];

	switch (compare_messages(sent, got, words, sizeof words)) {
	case COMPARE_SAME:
		return STEP_DONE;
	case COMPARE_ALTERED:
		failure_set(&failure, CLASS_ALTERED, "the message came back altered: %s", words);
		run_mask(run, failure.text);
		report_problem(&run->report, PHASE_SYNC, &failure);
		return STEP_DONE;
	case COMPARE_DAMAGED:
		failure_set(&failure, CLASS_PROTOCOL, "the message came back damaged: %s", words);
		break;
	default:
		failure_set(&failure, CLASS_INTERNAL, "out of memory");
	}
	return sync_fail(run, &failure);
}

/* The fetch was answered. An EXISTS may have told of another message: ours is waited for then. One
   that came because the watching ended (Courier tells much then) was no notification. */
static enum step_progress looked(struct run *run)
{
	struct sync *sync = run->sync;
	imap_time arrived_at = view_arrived_at(&sync->watcher->view);
	bool was_told = arrived_at >= sync->sent_at && !sync->is_last_look;

	if (sync->watcher->view.was_expunged)
		return sync_fail_by_expunge(run);
	if (sync->watcher->view.has_message && was_told) {
		report_value(&run->report, METRIC_IDLE, clock_seconds(arrived_at - sync->sent_at));
		return compare(run);
	}
	if (sync->is_last_look)
		return was_not_told(run);
	watcher_watch(sync->watcher);
	return STEP_WAIT;
}

static void look(struct run *run)
{
	struct sync *sync = run->sync;
	imap_time now = clock_now();

	if (sync_is_late(run) && sync->watcher->view.arrival_count == 0) {
		sync_look_last(run);
		return;
	}
	if (sync_is_late(run))
		sync->give_up_at = now + (run->deadline - now) / 2;
	watcher_fetch(sync->watcher, run->writing.uid, false);
}

static enum step_progress compare_ready(struct run *run, const struct wait *wait, imap_time now)
{
	struct watcher *watcher = run->sync->watcher;
	enum step_progress progress;

	do {
		if (!sync_advance(run, wait, now, &progress))
			return progress;
		if (watcher->wish == WATCHER_TO_FETCH) {
			if (!watcher->is_fulfilled)
				return sync_is_late(run) ? sync_fail_by_silence(run) : STEP_WAIT;
			progress = looked(run);
		} else if (watcher->view.arrival_count > 0 || sync_is_late(run)) {
			look(run);
			progress = STEP_WAIT;
		} else {
			return STEP_WAIT;
		}
	} while (progress == STEP_WAIT);
	return progress;
}

static enum step_progress compare_enter(struct run *run, imap_time now)
{
	struct wait nothing;

	if (sync_has_failed(run))
		return STEP_DONE;
	wait_clear(&nothing);
	look(run);
	return compare_ready(run, &nothing, now);
}

const struct step step_sync_compare = {
	.phase = PHASE_SYNC,
	.awaits = "answer to FETCH",
	.enter = compare_enter,
	.wait = sync_wait,
	.ready = compare_ready,
	.late = sync_late,
};
