/* SPDX-License-Identifier: GPL-3.0-or-later */
/* writing.h - what one phase that writes puts where: mailbox, mark, message, and what the server
   said of it. */
#ifndef WRITING_H
#define WRITING_H

#include "letter.h"
#include "tidy.h"

struct writing {
	const char *mailbox; /* UTF-8; borrowed */
	struct mark mark;
	char *letter; /* the message, in memory of ours */
	size_t letter_length;
	uint64_t uidvalidity; /* of the mailbox as it was opened; 0: the server did not tell */
	uint64_t uid;	      /* of the message, by APPENDUID; 0: not told */
	bool may_be_left;     /* it is to be removed, and was not yet */
	struct tidy tidy;
};

/* Makes mark and message; forgets what was written before. `now` is the wall clock. False with
 *failure. */
bool writing_begin(struct writing *writing, enum mark_kind kind, const struct config *config,
		   const char *mailbox, int64_t now, struct failure *failure);
void writing_free(struct writing *writing);

/* Whether messages of ours can be removed here without touching others: by UID EXPUNGE. False with
 *failure: then nothing must be written. */
bool writing_is_safe(const struct imap *imap, struct failure *failure);

/* Takes [APPENDUID uidvalidity uid] (RFC 9051 section 7.1) from the answer to APPEND. False with
   *failure when the mailbox is not the one that was opened: there is another one by that name now,
   in which nothing may be touched. */
bool writing_take_uid(struct writing *writing, const struct imap_reply *reply,
		      struct failure *failure);

#endif
