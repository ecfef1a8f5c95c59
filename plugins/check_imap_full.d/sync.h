/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync.h - what the steps of --sync share: the second session, and how far the message got. */
#ifndef SYNC_H
#define SYNC_H

#include "steps.h"
#include "watcher.h"

struct sync {
	struct watcher *watcher; /* the second session; NULL before it is opened */
	bool is_asked;	  /* APPEND was given: from here on a message may have to be removed */
	bool is_answered; /* the command of the first session that is watched: APPEND, then STORE */
	uint32_t
		messages_before; /* in the mailbox, as the first session knew when it gave APPEND */
	imap_time sent_at;	 /* when its last octet left */
	imap_time give_up_at; /* what was not told by then is not waited for: there has to be time
				 to remove the message */
	bool is_last_look;    /* time is up; whether the message is there is worth knowing */
};

/* NULL when out of memory. `now` to `deadline` is the time for all of it. */
struct sync *sync_new(imap_time now, imap_time deadline);
void sync_free(struct sync *sync); /* closes the second session; NULL is fine */

/* --- what its steps have in common; run->sync is there ---------------------------------------- */

/* Why --sync has failed is kept in run->pending until the message is removed. */
bool sync_has_failed(const struct run *run);

/* Before there is a message this ends the run, from then on only the waiting: the first failure
   stays, and the step is done. */
enum step_progress sync_fail(struct run *run, const struct failure *failure);
enum step_progress sync_fail_by_expunge(struct run *run);
enum step_progress sync_fail_by_silence(struct run *run); /* of the second session */

/* Lets the second session go on; false when the step is over by that. */
bool sync_advance(struct run *run, const struct wait *wait, imap_time now,
		  enum step_progress *progress);

/* Time is up: lets the second session look for the message, for the failure to be told. What is
   begun late gets half of the time that is left: the message has still to be removed. */
void sync_look_last(struct run *run);

bool sync_is_late(const struct run *run);    /* past give_up_at */
double sync_seconds(const struct run *run);  /* since sent_at */
const char *sync_way(const struct run *run); /* how the second session watches */

/* For a step's `wait` and `late`. */
void sync_wait(const struct run *run, struct wait *wait, imap_time now);
void sync_late(const struct run *run, struct failure *failure);

#endif
