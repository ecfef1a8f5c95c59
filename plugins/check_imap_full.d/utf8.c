/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8.c - see utf8.h. */
#include "utf8.h"

#include <stdbool.h>

/* The rows of RFC 3629 section 4: what may lead, and what may follow at once. The octets behind
   that are 80 to BF. Surrogates, overlong forms and what is beyond U+10FFFF are in no row. */
static const struct row {
	unsigned char lead_from, lead_to, next_from, next_to;
	size_t length;
} rows[] = {
	{0x01, 0x7f, 0, 0, 1},	     {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool is_within(unsigned char octet, unsigned char from, unsigned char to)
{
	return octet >= from && octet <= to;
}

static bool is_followed(const unsigned char *at, const struct row *row)
{
	if (row->length > 1 && !is_within(at[1], row->next_from, row->next_to))
		return false;
	for (size_t i = 2; i < row->length; i++)
		if (!is_within(at[i], 0x80, 0xbf))
			return false;
	return true;
}

size_t utf8_length(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (is_within(at[0], rows[i].lead_from, rows[i].lead_to))
			return is_followed(at, &rows[i]) ? rows[i].length : 0;
	return 0;
}
