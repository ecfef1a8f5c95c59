/* SPDX-License-Identifier: GPL-3.0-or-later */
/* writing.c - see writing.h. */
#include "writing.h"

#include <inttypes.h>
#include <stdlib.h>

void writing_free(struct writing *writing)
{
	free(writing->letter);
	writing->letter = NULL;
}

bool writing_begin(struct writing *writing, enum mark_kind kind, const struct config *config,
		   const char *mailbox, int64_t now, struct failure *failure)
{
	writing_free(writing);
	*writing = (struct writing){.mailbox = mailbox};
	if (mark_make(&writing->mark, kind, config, mailbox, now))
		writing->letter = letter_write(config, kind, &writing->mark, mailbox,
					       &writing->letter_length);
	if (!writing->letter)
		failure_set(failure, CLASS_INTERNAL, "out of memory for a message");
	return writing->letter != NULL;
}

bool writing_is_safe(const struct imap *imap, struct failure *failure)
{
	if (imap_has(imap, "UIDPLUS") || imap_has(imap, "IMAP4rev2"))
		return true;
	failure_set(
		failure, CLASS_MISSING,
		"server does not offer UIDPLUS (RFC 4315), without which a message of ours could "
		"not be removed without touching others: nothing is written");
	return false;
}

bool writing_take_uid(struct writing *writing, const struct imap_reply *reply,
		      struct failure *failure)
{
	const struct imap_arg *args = reply->code_args;
	uint64_t uidvalidity, uid;

	if (!imap_is(reply->code, "APPENDUID") || !imap_number(args, &uidvalidity) ||
	    !imap_number(args->next, &uid) || uid == 0 || uid > UINT32_MAX)
		return true;
	if (writing->uidvalidity > 0 && uidvalidity != writing->uidvalidity) {
		failure_set(failure, CLASS_PROTOCOL,
			    "mailbox %s was replaced meanwhile: UIDVALIDITY was %" PRIu64
			    " when it was opened and is %" PRIu64 " in the answer to APPEND",
			    writing->mailbox, writing->uidvalidity, uidvalidity);
		return false;
	}
	writing->uidvalidity = uidvalidity;
	writing->uid = uid;
	return true;
}
