/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steps_sync.c - the first and the last steps of --sync: opening a second session, letting it
 * watch, leaving. Between them one session stores a message (steps_sync_message.c) and sets a flag
 * (steps_sync_flag.c), and the other one is to be told of both.
 */
#include <time.h>

#include "steps.h"
#include "sync.h"

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

const struct step step_sync_begin = {
	.phase = PHASE_SYNC,
	.enter = begin_enter,
};

static enum step_progress fulfil(struct run *run, const struct wait *wait, imap_time now)
{
	enum step_progress progress;

	if (!sync_advance(run, wait, now, &progress))
		return progress;
	if (run->sync->watcher->is_fulfilled)
		return STEP_DONE;
	return run->sync->is_asked && sync_is_late(run) ? sync_fail_by_silence(run) : STEP_WAIT;
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

const struct step step_sync_open = {
	.phase = PHASE_SYNC,
	.awaits = "second session",
	.enter = open_enter,
	.wait = sync_wait,
	.ready = fulfil,
	.late = sync_late,
};

static enum step_progress watch_enter(struct run *run, imap_time now)
{
	struct wait nothing;

	if (sync_has_failed(run))
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
	.wait = sync_wait,
	.ready = fulfil,
	.late = sync_late,
};

/* --- the end ------------------------------------------------------------------------------------
 */

static const imap_time LEAVE_FOR = CLOCK_SECOND;

/* All is measured: a second session that will not go is left. */
static enum step_progress leave_ready(struct run *run, const struct wait *wait, imap_time now)
{
	struct failure ignored;

	if (!watcher_ready(run->sync->watcher, wait, now, &ignored) ||
	    run->sync->watcher->is_fulfilled)
		return STEP_DONE;
	if (!sync_is_late(run))
		return STEP_WAIT;
	report_note(&run->report, "the second session got no %s",
		    watcher_awaits(run->sync->watcher));
	return STEP_DONE;
}

static enum step_progress leave_enter(struct run *run, imap_time now)
{
	struct wait nothing;

	if (sync_has_failed(run)) {
		run->failure = run->pending;
		run->pending.text[0] = '\0';
		return STEP_FAILED;
	}
	if (run->sync->give_up_at > now + LEAVE_FOR)
		run->sync->give_up_at = now + LEAVE_FOR;
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
