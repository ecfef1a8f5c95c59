/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8.h - well-formed UTF-8 (RFC 3629), for texts that a user wrote and nobody has cleaned. */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/* What stands for an octet that belongs to no character: U+FFFD. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Octets, 1 to 4, of the character that the string begins with; 0 at its end, and where no
   well-formed one begins. */
size_t utf8_length(const char *text);

#endif
