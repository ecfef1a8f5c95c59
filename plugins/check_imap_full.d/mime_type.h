/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_type.h - what the header of a message or a part says of its content (RFC 2045). */
#ifndef MIME_TYPE_H
#define MIME_TYPE_H

#include "imapcheck.h"

enum mime_kind { MIME_TEXT, MIME_MULTIPART, MIME_MESSAGE, MIME_OTHER };
enum mime_encoding { MIME_PLAIN, MIME_BASE64, MIME_QUOTED };

/* RFC 2046 section 5.1.1: a boundary has at most 70 octets. */
enum { MIME_CHARSET = 48, MIME_BOUNDARY = 72 };

struct mime_type {
	enum mime_kind kind; /* without a word about it: text */
	enum mime_encoding encoding;
	char charset[MIME_CHARSET];   /* "" if none is named */
	char boundary[MIME_BOUNDARY]; /* "" if none is named, or too long */
	bool is_said;		      /* the kind: the first field that tells it counts */
};

/* Notes what an unfolded header field says of it; most say nothing. */
void mime_type_notice(struct mime_type *type, struct imap_span field);

#endif
