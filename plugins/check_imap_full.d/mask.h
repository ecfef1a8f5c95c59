/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mask.h - takes a secret out of a text. */
#ifndef MASK_H
#define MASK_H

#include "imapcheck.h"

/* Replaces every occurrence of the secret in `text` (also quoted, in base64 as PLAIN and LOGIN
   carry it, as text_clean() leaves it, and cut off at the end) by "***". A secret of one or two
   octets only where it stands as a word of its own. */
void mask_secret(struct imap_span secret, char *text);

/* Copies foreign text into `to` as text_clean() does, and masks it before it is cut to `size`: half
   a secret would not be known in every place. */
void mask_foreign(struct imap_span secret, char *to, size_t size, struct imap_span foreign);

#endif
