/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watcher.h - a second session of the same user, which watches a mailbox and tells what it is told:
 * by IDLE (RFC 2177), or by NOOP every 250 ms where the server has no IDLE.
 *
 * It has one wish at a time and does whatever leads there: watch, look at a message, leave. Nothing
 * in the mailbox changes by it: EXAMINE and BODY.PEEK.
 */
#ifndef WATCHER_H
#define WATCHER_H

#include "journey.h"

enum { WATCHER_ARRIVALS = 16, WATCHER_OCTETS = 64 * 1024 };

enum watcher_wish { WATCHER_TO_OPEN, WATCHER_TO_WATCH, WATCHER_TO_FETCH, WATCHER_TO_LEAVE };

enum watcher_doing {
	WATCHER_UNOPENED,
	WATCHER_OPENING, /* its journey up to the login */
	WATCHER_NOTHING, /* no command is in flight */
	WATCHER_EXAMINING,
	WATCHER_IDLE_ASKED,
	WATCHER_IDLING,
	WATCHER_IDLE_ENDING,
	WATCHER_POLLING, /* NOOP is in flight */
	WATCHER_FETCHING,
	WATCHER_LEAVING
};

/* An EXISTS that told of more messages than there were. */
struct watcher_arrival {
	uint32_t number; /* of the newest message; kept true when others are expunged */
	imap_time at;
};

struct watcher {
	struct journey journey;
	const char *mailbox; /* UTF-8; borrowed */
	enum watcher_wish wish;
	bool is_fulfilled;
	enum watcher_doing doing;
	bool polls;
	imap_time poll_at; /* the next NOOP */

	uint32_t messages;				   /* in the mailbox */
	struct watcher_arrival arrivals[WATCHER_ARRIVALS]; /* not looked at yet, in their order */
	unsigned arrival_count;
	unsigned looked_at; /* how many there were when the fetch began that is under way */

	/* the message that is looked for */
	uint64_t uid;
	uint32_t number;       /* its sequence number, 0: not in the mailbox */
	bool was_expunged;     /* it was there, and is no more */
	bool is_flagged;       /* what was last told of it */
	imap_time flags_at;    /* when that was told last, 0: never since it was fetched */
	struct octets message; /* as it was fetched, its beginning */
	bool has_message;

	bool is_gone; /* it failed or left: it does nothing more */
};

/* NULL when out of memory. `first` is logged in; it must outlive the watcher, as must `mailbox`. */
struct watcher *watcher_new(struct run *first, const char *mailbox);
void watcher_free(struct watcher *watcher);

/* Each sets the wish. Fulfilled is: the mailbox is open (the first wish); IDLE was answered or NOOP
   once; the fetch was answered, whether the message was there or not; gone. */
void watcher_watch(struct watcher *watcher);
void watcher_fetch(struct watcher *watcher, uint64_t uid);
void watcher_leave(struct watcher *watcher);

/* What was told of the message's flags so far does not count. */
void watcher_forget_flags(struct watcher *watcher);

/* As wait.h says. False: it failed, *failure says why; it is gone then. */
void watcher_wait(const struct watcher *watcher, struct wait *wait, imap_time now);
bool watcher_ready(struct watcher *watcher, const struct wait *wait, imap_time now,
		   struct failure *failure);

/* What it waits for, in words that end "no ... within 3 s". */
const char *watcher_awaits(const struct watcher *watcher);

/* When the EXISTS came that told of the message that was fetched; 0 if none did. */
imap_time watcher_arrived_at(const struct watcher *watcher);

#endif
