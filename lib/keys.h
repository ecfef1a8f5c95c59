/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.h - a user's search keys (RFC 9051 section 6.4.4) taken apart: what goes as it is, and what
   is a string whose form on the wire depends on its octets. */
#ifndef KEYS_H
#define KEYS_H

#include "imapcheck.h"

enum { KEYS_STRING_MAX = 4096 };

enum keys_part {
	KEYS_END,
	KEYS_PLAIN,  /* atoms, blanks, parentheses */
	KEYS_STRING, /* quoted, escapes still in it; or an atom that has to become a string */
	KEYS_FLAW,   /* `sentence` says what is wrong */
};

struct keys {
	const char *at; /* of the NUL-terminated text, moves on */
	const char *sentence;
};

/* `part`: without the quotes of a string. */
enum keys_part keys_next(struct keys *keys, struct imap_span *part);

/* Takes the backslashes out; `to` needs string.length octets. Returns how many were written. */
size_t keys_unescape(struct imap_span string, char *to);

#endif
