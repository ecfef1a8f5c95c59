/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ascii.h - letters and digits as IMAP means them, whatever the locale. */
#ifndef ASCII_H
#define ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether `length` octets at `at` are the string `text`; case does not matter. */
static inline bool ascii_is(const char *at, size_t length, const char *text)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\0' || ascii_upper(at[i]) != ascii_upper(text[i]))
			return false;
	}
	return text[length] == '\0';
}

#endif
