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

static enum step_progress flag_was_not_told(struct run *run)
{
	const struct watcher *watcher = run->sync->watcher;
	struct failure failure;

	failure_set(&failure, CLASS_TIMEOUT,
		    "second session was not told of the changed flag: %s by %s within %.3f s of "
		    "the STORE (the new message had taken %.3f s)",
		    watcher->view.flags_at > 0 ? "a FETCH came without \\Flagged" : "no FETCH came",
		    sync_way(run), sync_seconds(run), run->report.values[METRIC_IDLE].value);
	return sync_fail(run, &failure);
}

static enum step_progress flag_progress(struct run *run)
{
	const struct sync *sync = run->sync;

	if (!sync->is_answered)
		return STEP_WAIT;
	if (sync_has_failed(run))
		return STEP_DONE;
	if (sync->watcher->view.was_expunged)
		return sync_fail_by_expunge(run);
	if (sync->watcher->view.is_flagged) {
		report_value(&run->report, METRIC_FLAGS,
			     clock_seconds(sync->watcher->view.flags_at - sync->sent_at));
		return STEP_DONE;
	}
	return sync_is_late(run) ? flag_was_not_told(run) : STEP_WAIT;
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

	sync_advance(run, wait, now, &progress);
	return flag_progress(run);
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
