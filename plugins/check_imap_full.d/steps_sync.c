/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steps_sync.c - the steps of --sync: one session stores a message and sets a flag, another one is
 * to be told of both. Whatever goes wrong once the message is there, it is removed before that is
 * told.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "compare.h"
#include "refusal.h"
#include "steps.h"
#include "sync.h"

/* --- what the steps have in common --------------------------------------------------------------
 */

static bool has_failed(const struct run *run)
{
	return run->pending.text[0] != '\0';
}

/* Before there is a message this ends the run, from then on only the waiting. */
static enum step_progress fail(struct run *run, const struct failure *failure)
{
	if (!run->sync->is_asked) {
		run->failure = *failure;
		return STEP_FAILED;
	}
	if (!has_failed(run))
		run->pending = *failure;
	return STEP_DONE;
}

static bool is_late(const struct run *run)
{
	return clock_now() >= run->sync->give_up_at;
}

static double seconds_waited(const struct run *run)
{
	return clock_seconds(clock_now() - run->sync->sent_at);
}

static const char *way(const struct run *run)
{
	return run->sync->watcher->polls ? "NOOP" : "IDLE";
}

static void sync_wait(const struct run *run, struct wait *wait, imap_time now)
{
	wait_until(wait, run->sync->give_up_at > now ? run->sync->give_up_at : run->deadline);
	watcher_wait(run->sync->watcher, wait, now);
}

/* Lets the second session go on; false when the step is over by that. */
static bool advance(struct run *run, const struct wait *wait, imap_time now,
		    enum step_progress *progress)
{
	struct failure failure;

	if (watcher_ready(run->sync->watcher, wait, now, &failure))
		return true;
	*progress = fail(run, &failure);
	return false;
}

static void sync_late(const struct run *run, struct failure *failure)
{
	failure_set(failure, CLASS_TIMEOUT, "second session: no %s came",
		    watcher_awaits(run->sync->watcher));
}

/* --- the second session -------------------------------------------------------------------------
 */

static enum step_progress begin_enter(struct run *run, imap_time now)
{
	run->sync = sync_new(now, run->deadline);
	if (!run->sync) {
		failure_set(&run->failure, CLASS_INTERNAL, "out of memory");
		return STEP_FAILED;
	}
	if (!writing_is_safe(run->session.imap, &run->failure) ||
	    !writing_begin(&run->writing, MARK_SYNC, run->config, run->config->sync, time(NULL),
			   &run->failure))
		return STEP_FAILED;
	return STEP_DONE;
}

static enum step_progress nothing_to_do(struct run *run, const struct imap_reply *reply)
{
	(void)run;
	(void)reply;
	return STEP_DONE;
}

const struct step step_sync_begin = {
	.phase = PHASE_SYNC,
	.awaits = "nothing",
	.enter = begin_enter,
	.reply = nothing_to_do,
};

static enum step_progress fulfil(struct run *run, const struct wait *wait, imap_time now)
{
	enum step_progress progress;

	if (!advance(run, wait, now, &progress))
		return progress;
	return run->sync->watcher->is_fulfilled ? STEP_DONE : STEP_WAIT;
}

static enum step_progress open_enter(struct run *run, imap_time now)
{
	struct wait nothing;

	wait_clear(&nothing);
	run->sync->watcher = watcher_new(run, run->config->sync);
	if (run->sync->watcher)
		return fulfil(run, &nothing, now);
	failure_set(&run->failure, CLASS_INTERNAL, "out of memory for a second session");
	return STEP_FAILED;
}

static void open_wait(const struct run *run, struct wait *wait, imap_time now)
{
	watcher_wait(run->sync->watcher, wait, now);
}

const struct step step_sync_open = {
	.phase = PHASE_SYNC,
	.awaits = "second session",
	.enter = open_enter,
	.wait = open_wait,
	.ready = fulfil,
	.late = sync_late,
};

static enum step_progress watch_enter(struct run *run, imap_time now)
{
	struct wait nothing;

	if (has_failed(run))
		return STEP_DONE;
	if (run->sync->watcher->polls && !run->sync->is_asked)
		report_note(&run->report,
			    "the server does not offer IDLE: idle and flags were polled, "
			    "by NOOP every 250 ms");
	wait_clear(&nothing);
	watcher_watch(run->sync->watcher);
	return fulfil(run, &nothing, now);
}

const struct step step_sync_watch = {
	.phase = PHASE_SYNC,
	.awaits = "answer to IDLE",
	.enter = watch_enter,
	.wait = open_wait,
	.ready = fulfil,
	.late = sync_late,
};

/* --- a message ----------------------------------------------------------------------------------
 */

/* The answer to APPEND and the EXISTS come in any order. */
static enum step_progress append_progress(const struct run *run)
{
	if (!run->sync->is_answered)
		return STEP_WAIT;
	return has_failed(run) || run->sync->watcher->arrival_count > 0 || is_late(run) ? STEP_DONE
											: STEP_WAIT;
}

static enum step_progress append_enter(struct run *run, imap_time now)
{
	const struct writing *writing = &run->writing;
	struct imap_span letter = {writing->letter, writing->letter_length};

	run->sync->is_asked = true;
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
	return fail(run, &failure);
}

static enum step_progress append_reply(struct run *run, const struct imap_reply *reply)
{
	return reply->event == IMAP_DONE ? appended(run, reply) : STEP_WAIT;
}

static enum step_progress append_ready(struct run *run, const struct wait *wait, imap_time now)
{
	enum step_progress progress;

	advance(run, wait, now, &progress);
	return append_progress(run);
}

static void append_late(const struct run *run, struct failure *failure)
{
	failure_set(failure, CLASS_TIMEOUT, "server did not answer APPEND%s",
		    run->sync->watcher->arrival_count > 0
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
	return fail(run, &failure);
}

const struct step step_sync_catch_up = {
	.phase = PHASE_SYNC,
	.awaits = "answer to NOOP",
	.enter = catch_up_enter,
	.reply = catch_up_reply,
};

/* --- is it there, and the same? -----------------------------------------------------------------
 */

static enum step_progress was_expunged(struct run *run)
{
	struct failure failure;

	failure_set(&failure, CLASS_PROTOCOL,
		    "the message (UID %" PRIu64
		    ") was expunged by somebody else %.3f s after it was "
		    "stored: another client or a filter removes messages from %s",
		    run->writing.uid, seconds_waited(run), run->writing.mailbox);
	return fail(run, &failure);
}

static enum step_progress was_not_told(struct run *run)
{
	const struct watcher *watcher = run->sync->watcher;
	struct failure failure;

	failure_set(
		&failure, CLASS_TIMEOUT,
		"second session was not told of the new message: no EXISTS by %s within %.3f s of "
		"the APPEND; looked for by its UID, the message is %s",
		way(run), seconds_waited(run), watcher->has_message ? "there" : "not there either");
	return fail(run, &failure);
}

static enum step_progress compare(struct run *run)
{
	const struct writing *writing = &run->writing;
	struct imap_span sent = {writing->letter, writing->letter_length};
	struct imap_span got = octets_span(&run->sync->watcher->message);
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
	return fail(run, &failure);
}

/* The fetch was answered. An EXISTS may have told of another message: ours is waited for then. One
   that came because the watching ended (Courier tells much then) was no notification. */
static enum step_progress looked(struct run *run)
{
	struct sync *sync = run->sync;
	imap_time arrived_at = watcher_arrived_at(sync->watcher);
	bool was_told = arrived_at >= sync->sent_at && arrived_at <= sync->give_up_at;

	if (sync->watcher->was_expunged)
		return was_expunged(run);
	if (sync->watcher->has_message && was_told) {
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
	run->sync->is_last_look = is_late(run);
	watcher_fetch(run->sync->watcher, run->writing.uid);
}

static enum step_progress compare_ready(struct run *run, const struct wait *wait, imap_time now)
{
	struct watcher *watcher = run->sync->watcher;
	enum step_progress progress;

	do {
		if (!advance(run, wait, now, &progress))
			return progress;
		if (watcher->wish == WATCHER_TO_FETCH) {
			if (!watcher->is_fulfilled)
				return STEP_WAIT;
			progress = looked(run);
		} else if (watcher->arrival_count > 0 || is_late(run)) {
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

	if (has_failed(run))
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

/* --- a flag -------------------------------------------------------------------------------------
 */

static enum step_progress flag_enter(struct run *run, imap_time now)
{
	if (has_failed(run))
		return STEP_DONE;
	run->sync->is_answered = false;
	watcher_forget_flags(run->sync->watcher);
	imap_command(run->session.imap, now, "UID STORE %u +FLAGS (\\Flagged)", run->writing.uid);
	return STEP_WAIT;
}

static enum step_progress flag_was_not_told(struct run *run)
{
	const struct watcher *watcher = run->sync->watcher;
	struct failure failure;

	failure_set(&failure, CLASS_TIMEOUT,
		    "second session was not told of the changed flag: %s by %s within %.3f s of "
		    "the STORE (the new message had taken %.3f s)",
		    watcher->flags_at > 0 ? "a FETCH came without \\Flagged" : "no FETCH came",
		    way(run), seconds_waited(run), run->report.values[METRIC_IDLE].value);
	return fail(run, &failure);
}

static enum step_progress flag_progress(struct run *run)
{
	const struct sync *sync = run->sync;

	if (!sync->is_answered)
		return STEP_WAIT;
	if (has_failed(run))
		return STEP_DONE;
	if (sync->watcher->was_expunged)
		return was_expunged(run);
	if (sync->watcher->is_flagged) {
		report_value(&run->report, METRIC_FLAGS,
			     clock_seconds(sync->watcher->flags_at - sync->sent_at));
		return STEP_DONE;
	}
	return is_late(run) ? flag_was_not_told(run) : STEP_WAIT;
}

static enum step_progress flag_reply(struct run *run, const struct imap_reply *reply)
{
	struct failure failure;

	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	run->sync->is_answered = true;
	run->sync->sent_at = reply->times.sent_at;
	if (reply->status == IMAP_OK)
		return flag_progress(run);
	refusal_set(&failure, reply, CLASS_REFUSED, "to set the flag \\Flagged");
	return fail(run, &failure);
}

static enum step_progress flag_ready(struct run *run, const struct wait *wait, imap_time now)
{
	enum step_progress progress;

	advance(run, wait, now, &progress);
	return flag_progress(run);
}

static void flag_late(const struct run *run, struct failure *failure)
{
	failure_set(failure, CLASS_TIMEOUT, "server did not answer STORE%s",
		    run->sync->watcher->is_flagged
			    ? ", though the second session was told of the flag"
			    : "");
}

const struct step step_sync_flag = {
	.phase = PHASE_SYNC,
	.awaits = "answer to STORE",
	.enter = flag_enter,
	.reply = flag_reply,
	.wait = sync_wait,
	.ready = flag_ready,
	.late = flag_late,
};

/* --- the end ------------------------------------------------------------------------------------
 */

/* A second session that will not go is left. */
static enum step_progress leave_ready(struct run *run, const struct wait *wait, imap_time now)
{
	struct failure ignored;

	if (watcher_ready(run->sync->watcher, wait, now, &ignored) &&
	    !run->sync->watcher->is_fulfilled && !is_late(run))
		return STEP_WAIT;
	return STEP_DONE;
}

static enum step_progress leave_enter(struct run *run, imap_time now)
{
	struct wait nothing;

	if (has_failed(run)) {
		run->failure = run->pending;
		run->pending.text[0] = '\0';
		return STEP_FAILED;
	}
	wait_clear(&nothing);
	watcher_leave(run->sync->watcher);
	return leave_ready(run, &nothing, now);
}

const struct step step_sync_leave = {
	.phase = PHASE_SYNC,
	.awaits = "answer to LOGOUT",
	.enter = leave_enter,
	.wait = sync_wait,
	.ready = leave_ready,
};
