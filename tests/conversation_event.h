/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conversation_event.h - what a session told, as the text that a conversation's E: line holds. */
#ifndef CONVERSATION_EVENT_H
#define CONVERSATION_EVENT_H

#include <stdio.h>
#include "imapcheck.h"

/* One event but CHUNK, ITEM and WAIT. */
void event_write(FILE *to, const struct imap *imap, const struct imap_reply *reply);

/* "text" with C escapes; the middle of a long one is left out and its length added. */
void event_write_text(FILE *to, struct imap_span text);

/* All of it as it stands; what cannot be seen as C escapes. */
void event_write_atom(FILE *to, struct imap_span text);

/* `3 FETCH`, `SEARCH`, `OK`: what a response begins with. */
void event_write_name(FILE *to, const struct imap_reply *reply);

const char *event_fault_name(enum imap_fault fault);

#endif
