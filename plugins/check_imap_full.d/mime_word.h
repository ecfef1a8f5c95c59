/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_word.h - encoded words in headers (RFC 2047): =?UTF-8?Q?M=C3=BCller?= */
#ifndef MIME_WORD_H
#define MIME_WORD_H

#include "charset.h"

/*
 * Appends an unfolded header field with its encoded words in UTF-8. They are decoded wherever they
 * stand, as mail programs do. White space between two of them is dropped, and a character whose
 * octets are spread over two of them is put together. What is broken, or in an unknown charset, is
 * left as it is. A word cannot make a line end or a NUL.
 *
 * `scratch` is room for as many octets as the field has; what is in it does not matter.
 */
void mime_words_decode(struct charset *charset, struct imap_span field, struct octets *scratch,
		       struct octets *to);

#endif
