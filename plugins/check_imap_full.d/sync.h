/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync.h - what the steps of --sync share: the second session, and how far the message got. */
#ifndef SYNC_H
#define SYNC_H

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

#endif
