/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare.h - whether a message came back as it was stored. Some servers add header fields, or
   write the body in another transfer encoding; none may change what it says. */
#ifndef COMPARE_H
#define COMPARE_H

#include "imapcheck.h"

enum compare_result {
	COMPARE_SAME,	 /* octet for octet */
	COMPARE_ALTERED, /* header fields or the form of the body; not what the body says, nor the
			    mark */
	COMPARE_DAMAGED, /* the body's content, or the mark (mark.h) */
	COMPARE_NO_MEMORY
};

/* `words` (of `size` octets) tells what is different: "header Date changed, header X-Foo added".
   They may hold raw octets of the server. */
enum compare_result compare_messages(struct imap_span sent, struct imap_span got, char *words,
				     size_t size);

#endif
