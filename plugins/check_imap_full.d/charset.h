/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * charset.h - text in any charset that the C library knows, to UTF-8.
 *
 * Names and text are the sender's choice. A name is taken only if it looks like one, and only a few
 * different ones per message, for each may load a module.
 */
#ifndef CHARSET_H
#define CHARSET_H

#include <iconv.h>
#include "octets.h"

enum { CHARSET_NAME = 48, CHARSET_OPENINGS = 16 };

struct charset {
	char name[CHARSET_NAME]; /* the one that is open, or "" */
	iconv_t converter;	 /* valid while name is not "" */
	unsigned openings;
};

void charset_init(struct charset *charset);
void charset_close(struct charset *charset);

/* Whether charset_convert() would: the name is known. "" is US-ASCII. */
bool charset_knows(struct charset *charset, struct imap_span name);

/* Appends `from` in UTF-8; a '?' stands where it is not well-formed. ASCII and UTF-8 are taken as
   they are. False, with nothing added, if the name is not known. */
bool charset_convert(struct charset *charset, struct imap_span name, struct imap_span from,
		     struct octets *to);

#endif
