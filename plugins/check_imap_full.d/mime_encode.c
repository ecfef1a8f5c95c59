/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_encode.c - see mime_encode.h. Knows no field's meaning. */
#include "mime_encode.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

enum {
	LINE = 76,	  /* columns of a folded line; RFC 2047 section 2 allows no more */
	WORD_OCTETS = 45, /* of UTF-8 in one encoded word, which has at most 75 columns then */
	LINE_MAX_7BIT = 998
};

static bool is_plain(const char *text)
{
	size_t run = 0; /* octets since the last place to fold at */

	if (strstr(text, "=?"))
		return false;
	for (; *text; text++) {
		run = *text == ' ' ? 0 : run + 1;
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f || run > LINE - 16)
			return false;
	}
	return true;
}

/* Base64 of `length` octets; GnuTLS adds a NUL, which is not written. */
static void write_base64(FILE *to, const char *octets, size_t length)
{
	gnutls_datum_t from = {(unsigned char *)octets, (unsigned)length}, base64;

	if (gnutls_base64_encode2(&from, &base64) != GNUTLS_E_SUCCESS)
		return; /* out of memory: whoever reads back what was written will see */
	fwrite(base64.data, 1, base64.size, to);
	gnutls_free(base64.data);
}

/* Whole characters, as many as one word holds. */
static size_t word_length(const char *text)
{
	size_t length = 0;

	while (text[length]) {
		size_t next = utf8_length(text + length);

		next = next ? next : 1;
		if (length + next > WORD_OCTETS)
			break;
		length += next;
	}
	return length;
}

/* Each on a line of its own: white space between two of them is no part of the text. */
static void write_words(FILE *to, const char *text)
{
	while (*text) {
		size_t length = word_length(text);

		fputs("=?UTF-8?B?", to);
		write_base64(to, text, length);
		fputs("?=", to);
		text += length;
		if (*text)
			fputs("\r\n ", to);
	}
}

/* Folds at blanks, which stay (RFC 5322 section 2.2.3). */
static void write_folded(FILE *to, size_t column, const char *text)
{
	while (*text) {
		size_t blanks = strspn(text, " ");
		size_t length = blanks + strcspn(text + blanks, " ");

		if (column > 1 && blanks > 0 && text[blanks] && column + length > LINE) {
			fputs("\r\n", to);
			column = 0;
		}
		fwrite(text, 1, length, to);
		column += length;
		text += length;
	}
}

void mime_encode_text_field(FILE *to, const char *name, const char *text)
{
	fprintf(to, "%s: ", name);
	if (is_plain(text))
		write_folded(to, strlen(name) + 2, text);
	else
		write_words(to, text);
	fputs("\r\n", to);
}

static bool is_atoms(const char *text)
{
	for (; *text; text++)
		if (strchr("()<>[]:;@\\,.\"", *text))
			return false;
	return true;
}

void mime_encode_phrase(FILE *to, const char *text)
{
	if (!is_plain(text)) {
		write_words(to, text);
	} else if (is_atoms(text)) {
		fputs(text, to);
	} else {
		putc('"', to);
		for (; *text; text++)
			fprintf(to, "%s%c", strchr("\"\\", *text) ? "\\" : "", *text);
		putc('"', to);
	}
}

/* --- body ------------------------------------------------------------------------------------ */

static bool is_7bit(const char *text)
{
	size_t column = 0;

	for (; *text; text++) {
		column = strchr("\r\n", *text) ? 0 : column + 1;
		if ((unsigned char)*text >= 0x80 || column > LINE_MAX_7BIT)
			return false;
	}
	return true;
}

/* The text with CRLF at the end of each line; NULL when out of memory. The caller frees it. */
static char *with_line_ends(const char *text)
{
	char *lines = malloc(2 * strlen(text) + 3), *at = lines;

	if (!lines)
		return NULL;
	while (*text) {
		size_t length = strcspn(text, "\r\n");

		memcpy(at, text, length);
		at = stpcpy(at + length, "\r\n");
		text += length;
		text += text[0] == '\r' && text[1] == '\n' ? 2 : *text ? 1 : 0;
	}
	*at = '\0';
	return lines;
}

static void write_base64_lines(FILE *to, const char *text)
{
	enum { OCTETS = LINE / 4 * 3 };
	size_t left = strlen(text);

	while (left > 0) {
		size_t length = left < OCTETS ? left : OCTETS;

		write_base64(to, text, length);
		fputs("\r\n", to);
		text += length;
		left -= length;
	}
}

void mime_encode_body(FILE *to, const char *text)
{
	char *lines = with_line_ends(text);
	bool is_plain_body = lines && is_7bit(lines);

	fprintf(to, "Content-Transfer-Encoding: %s\r\n\r\n", is_plain_body ? "7bit" : "base64");
	if (is_plain_body)
		fputs(lines, to);
	else if (lines)
		write_base64_lines(to, lines);
	free(lines);
}
