/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.h - an IMAP session on a connection: carries bytes between conn and libimapcheck. */
#ifndef SESSION_H
#define SESSION_H

#include "conn.h"

struct session {
	struct conn conn;
	struct imap *imap;
	bool is_unread; /* more may be there to read without poll() telling */
};

bool session_init(struct session *session); /* false when out of memory */
void session_free(struct session *session); /* closes */

/* Sends what can be sent, then tells the next event; reads only when the session has nothing left
   to tell, and not without end. IMAP_WAIT: nothing more without poll(). IMAP_FAILED: *failure is
   set, whichever of the two broke. */
enum imap_event session_next(struct session *session, struct imap_reply *reply,
			     struct failure *failure);

/* Between STARTTLS and the handshake: false, with *failure set, when bytes came already that have
   no business there. Reads nothing. */
bool session_may_secure(struct session *session, struct failure *failure);

void session_wait(const struct session *session, struct wait *wait);

#endif
