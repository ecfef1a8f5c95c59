/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync.c - see sync.h. */
#include "sync.h"

#include <inttypes.h>
#include <stdlib.h>

enum { SHARE = 5, LONGEST = 3 }; /* a fifth of the time, at most so many seconds, to remove it */

struct sync *sync_new(imap_time now, imap_time deadline)
{
	struct sync *sync = calloc(1, sizeof *sync);
	imap_time reserve = (deadline - now) / SHARE;

	if (!sync)
		return NULL;
	if (reserve > LONGEST * CLOCK_SECOND)
		reserve = LONGEST * CLOCK_SECOND;
	sync->give_up_at = deadline - reserve;
	return sync;
}

void sync_free(struct sync *sync)
{
	if (!sync)
		return;
	watcher_free(sync->watcher);
	free(sync);
}

/* --- what the steps have in common --------------------------------------------------------------
 */

bool sync_has_failed(const struct run *run)
{
	return run->pending.text[0] != '\0';
}

enum step_progress sync_fail(struct run *run, const struct failure *failure)
{
	if (!run->sync->is_asked) {
		run->failure = *failure;
		return STEP_FAILED;
	}
	if (!sync_has_failed(run))
		run->pending = *failure;
	return STEP_DONE;
}

bool sync_is_late(const struct run *run)
{
	return clock_now() >= run->sync->give_up_at;
}

void sync_look_last(struct run *run)
{
	imap_time now = clock_now();

	run->sync->is_last_look = true;
	run->sync->give_up_at = now + (run->deadline - now) / 2;
	watcher_fetch(run->sync->watcher, run->writing.uid, true);
}

double sync_seconds(const struct run *run)
{
	return clock_seconds(clock_now() - run->sync->sent_at);
}

const char *sync_way(const struct run *run)
{
	return run->sync->watcher->polls ? "NOOP" : "IDLE";
}

void sync_wait(const struct run *run, struct wait *wait, imap_time now)
{
	wait_until(wait, run->sync->give_up_at > now ? run->sync->give_up_at : run->deadline);
	watcher_wait(run->sync->watcher, wait, now);
}

bool sync_advance(struct run *run, const struct wait *wait, imap_time now,
		  enum step_progress *progress)
{
	struct failure failure;

	if (watcher_ready(run->sync->watcher, wait, now, &failure))
		return true;
	*progress = sync_fail(run, &failure);
	return false;
}

void sync_late(const struct run *run, struct failure *failure)
{
	failure_set(failure, CLASS_TIMEOUT, "second session: no %s came",
		    watcher_awaits(run->sync->watcher));
}

enum step_progress sync_fail_by_expunge(struct run *run)
{
	struct failure failure;

	failure_set(
		&failure, CLASS_PROTOCOL,
		"the message (UID %" PRIu64
		") was expunged by somebody else while the check looked at it: another client or a "
		"filter removes messages from %s",
		run->writing.uid, run->writing.mailbox);
	return sync_fail(run, &failure);
}

enum step_progress sync_fail_by_silence(struct run *run)
{
	struct failure failure;

	failure_set(&failure, CLASS_TIMEOUT, "second session: no %s came within %.3f s",
		    watcher_awaits(run->sync->watcher), sync_seconds(run));
	return sync_fail(run, &failure);
}
