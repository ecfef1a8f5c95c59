/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * view.h - what one session was told of a mailbox: how many messages there are, which are new, and
 * how the one fares that is looked for. No session in here, so that every order of things can be
 * tested.
 */
#ifndef VIEW_H
#define VIEW_H

#include "octets.h"

enum { VIEW_ARRIVALS = 16 };

/* An EXISTS that told of more messages than there were. */
struct view_arrival {
	uint32_t number; /* of the newest message; kept true when others are expunged */
	imap_time at;
};

struct view {
	uint32_t messages;			     /* in the mailbox */
	struct view_arrival arrivals[VIEW_ARRIVALS]; /* not looked at yet, in their order */
	unsigned arrival_count;
	unsigned looked_at; /* how many there were when the fetch began that is under way */

	/* the message that is looked for */
	uint64_t uid;
	bool is_fetching;
	uint32_t number;       /* its sequence number, 0: it was not seen */
	bool was_expunged;     /* it was there, and is no more */
	bool is_flagged;       /* \Flagged, as it was last told */
	imap_time flags_at;    /* when its flags were last told unasked, 0: never */
	bool has_message;      /* it was fetched */
	bool has_flag;	       /* \Flagged, when it was fetched */
	struct octets message; /* its beginning; the room is the owner's */
};

/* Takes what concerns the mailbox from any untagged response. */
void view_take(struct view *view, const struct imap_reply *reply, imap_time now);

/* The mailbox was opened: what it holds by now is not new. */
void view_begin(struct view *view);

/* Between these two a FETCH of the message with this UID, by its BODY[], is answered. If it was not
   there, or no arrival told of it, those before it told of others and are forgotten. */
void view_begin_fetch(struct view *view, uint64_t uid);
void view_end_fetch(struct view *view);

/* What was told of the message's flags so far does not count. */
void view_forget_flags(struct view *view);

/* When the EXISTS came that told of the message that was fetched; 0 if none did. */
imap_time view_arrived_at(const struct view *view);

#endif
