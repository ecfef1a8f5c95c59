/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_encode.h - what a message of ours needs of MIME: header fields and a body that hold any
   UTF-8 (RFC 2045, RFC 2047). Line ends are CRLF. The counterpart of mime_word.h and transfer.h. */
#ifndef MIME_ENCODE_H
#define MIME_ENCODE_H

#include <stdbool.h>
#include <stdio.h>

enum {
	MIME_ENCODE_LINE = 76, /* columns of a folded line; RFC 2047 section 2 allows no more */
	MIME_ENCODE_BEGIN = 20 /* the column at which a text begins at the latest */
};

/* "Name: text" and CRLF, folded: as it stands where it is plain ASCII, else in encoded words.
   `text` is well-formed UTF-8 without control characters. */
void mime_encode_text_field(FILE *to, const char *name, const char *text);

/* A display name of an address, as a phrase (RFC 5322 section 3.2.5): atoms, a quoted string or
   encoded words. Begins at `column` and returns the one behind it. */
size_t mime_encode_phrase(FILE *to, size_t column, const char *text);

/* Content-Transfer-Encoding, the empty line, and the body: as it is where it is ASCII in lines of
   at most 998 octets, else in base64. LF, CR and CRLF become CRLF, and so does the end. */
void mime_encode_body(FILE *to, const char *text);

#endif
