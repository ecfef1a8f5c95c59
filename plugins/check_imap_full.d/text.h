/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h - foreign text made safe to print: the one place where bytes of a server, a certificate or
   a name lookup become part of our output. */
#ifndef TEXT_H
#define TEXT_H

#include "imapcheck.h"

/* Copies `span` into `to` (at most size-1 octets, always NUL-terminated): control bytes and runs of
   white space become one space, | ` $ < > and each byte beyond ASCII become '?'. What did not fit
   ends in "...". Returns `to`. */
char *text_clean(char *to, size_t size, struct imap_span span);

/* The same for a string, in place. */
char *text_clean_in_place(char *text);

/* Appends formatted text at the end of the string in `to`; what does not fit is cut. */
__attribute__((format(printf, 3, 4))) void text_add(char *to, size_t size, const char *format, ...);

struct imap_span text_span(const char *string); /* a view of a C string */

#endif
