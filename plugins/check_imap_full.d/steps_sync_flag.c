/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_sync_flag.c - the step of --sync in which one session sets a flag and the other one is
 * told. */
#include "refusal.h"
#include "steps.h"
#include "sync.h"

/* --- a flag -------------------------------------------------------------------------------------
 */

static enum step_progress flag_enter(struct run *run, imap_time now)
{
	if (sync_has_failed(run))
		return STEP_DONE;
	run->sync->is_answered = false;
	view_forget_flags(&run->sync->watcher->view);
	imap_command(run->session.imap, now, "UID STORE %u +FLAGS (\\Flagged)", run->writing.uid);
	return STEP_WAIT;
}

static const char *what_was_found(const struct view *view)
{
	if (!view->has_message)
		return "the message is gone";
	return view->has_flag ? "the flag is there" : "the flag is not there either";
}

static enum step_progress flag_was_not_told(struct run *run)
{
	const struct view *view = &run->sync->watcher->view;
	struct failure failure;

	failure_set(&failure, CLASS_TIMEOUT,
		    "second session was not told of the changed flag: %s by %s within %.3f s of "
		    "the STORE (the new message had taken %.3f s); looked for, %s",
		    view->flags_at > 0 ? "a FETCH came without \\Flagged" : "no FETCH came",
		    sync_way(run), sync_seconds(run), run->report.values[METRIC_IDLE].value,
		    what_was_found(view));
	return sync_fail(run, &failure);
}

/* What comes during the last look was no notification. */
static enum step_progress flag_looked(struct run *run)
{
	if (run->sync->watcher->is_fulfilled)
		return flag_was_not_told(run);
	return sync_is_late(run) ? sync_fail_by_silence(run) : STEP_WAIT;
}

static enum step_progress flag_progress(struct run *run)
{
	const struct sync *sync = run->sync;
	const struct view *view = &sync->watcher->view;

	if (!sync->is_answered)
		return STEP_WAIT;
	if (sync_has_failed(run))
		return STEP_DONE;
	if (view->was_expunged)
		return sync_fail_by_expunge(run);
	if (sync->is_last_look)
		return flag_looked(run);
	if (view->is_flagged) {
		report_value(&run->report, METRIC_FLAGS,
			     clock_seconds(view->flags_at - sync->sent_at));
		return STEP_DONE;
	}
	if (sync_is_late(run))
		sync_look_last(run);
	return STEP_WAIT;
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
	return sync_fail(run, &failure);
}

static enum step_progress flag_ready(struct run *run, const struct wait *wait, imap_time now)
{
	enum step_progress progress;
	bool was_last_look;

	do {
		was_last_look = run->sync->is_last_look;
		sync_advance(run, wait, now, &progress);
		progress = flag_progress(run);
	} while (progress == STEP_WAIT && run->sync->is_last_look != was_last_look);
	return progress;
}

static void flag_late(const struct run *run, struct failure *failure)
{
	failure_set(failure, CLASS_TIMEOUT, "server did not answer STORE%s",
		    run->sync->watcher->view.is_flagged
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
