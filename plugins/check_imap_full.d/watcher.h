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
#include "view.h"

enum { WATCHER_OCTETS = 64 * 1024 }; /* kept of a message */

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

struct watcher {
	struct journey journey;
	const char *mailbox; /* UTF-8; borrowed */
	enum watcher_wish wish;
	bool is_fulfilled;
	enum watcher_doing doing;
	bool polls;
	imap_time poll_at; /* the next NOOP */

	struct view view;
	uint64_t uid;	/* of the message to be fetched */
	bool refreshes; /* NOOP comes before the fetch */

	bool is_gone; /* it failed or left: it does nothing more */
};

/* NULL when out of memory. `first` is logged in; it must outlive the watcher, as must `mailbox`. */
struct watcher *watcher_new(struct run *first, const char *mailbox);
void watcher_free(struct watcher *watcher);

/* Each sets the wish. Fulfilled is: the mailbox is open (the first wish); IDLE was answered or NOOP
   once; the fetch was answered, whether the message was there or not; gone. */
void watcher_watch(struct watcher *watcher);
/* `refresh`: by NOOP the server is made to look first what is new. Dovecot does not find what it
   has not told yet. */
void watcher_fetch(struct watcher *watcher, uint64_t uid, bool refresh);
void watcher_leave(struct watcher *watcher);

/* As wait.h says. False: it failed, *failure says why; it is gone then. */
void watcher_wait(const struct watcher *watcher, struct wait *wait, imap_time now);
bool watcher_ready(struct watcher *watcher, const struct wait *wait, imap_time now,
		   struct failure *failure);

/* What it waits for, in words that end "no ... within 3 s". */
const char *watcher_awaits(const struct watcher *watcher);

#endif
