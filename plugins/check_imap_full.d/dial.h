/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dial.h - the race of race.h with real sockets: non-blocking connects, the first to be up wins. */
#ifndef DIAL_H
#define DIAL_H

#include "failure.h"
#include "race.h"
#include "wait.h"

struct dial {
	struct race race;
	int fds[ADDRESS_MAX]; /* -1 where none is open */
	int winner;	      /* its descriptor, -1 until then; the caller takes and closes it */
};

enum dial_progress { DIAL_WAIT, DIAL_UP, DIAL_LOST };

void dial_init(struct dial *dial);
void dial_close(struct dial *dial); /* closes all but a taken winner */

/* Adds what is new in `list` to the race; `more` says whether more may come. */
void dial_add(struct dial *dial, const struct address_list *list, bool more);

void dial_wait(const struct dial *dial, struct wait *wait, imap_time now);
enum dial_progress dial_ready(struct dial *dial, imap_time now);

/* After DIAL_UP: the connected descriptor, non-blocking, TCP_NODELAY, close-on-exec; the dial
 * forgets it. */
int dial_take(struct dial *dial, struct address *winner);

enum { DIAL_LANE_TEXT = 160 };

/* How one address fared: "192.0.2.1 port 993: Connection refused". `text` has DIAL_LANE_TEXT
 * octets. */
const char *dial_lane_text(const struct race_lane *lane, char *text);

/* After DIAL_LOST, or when time is up: one sentence: "192.0.2.1 port 993: Connection refused", or
   how many addresses failed and how (class connect). */
void dial_failure(const struct dial *dial, struct failure *failure);

#endif
