/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_encode.c - see mime_encode.h. Knows no field's meaning. */
#include "mime_encode.h"

#include <assert.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

#define WORD_BEGIN "=?UTF-8?B?"
#define WORD_END   "?="

enum { LINE = MIME_ENCODE_LINE, WORD_FRAME = sizeof WORD_BEGIN WORD_END - 1, LINE_MAX_7BIT = 998 };

/* Blanks at either end would get lost. */
static bool is_plain(const char *text)
{
	size_t run = 0; /* octets since the last place to fold at: where a word ends */
	bool ends_in_blank = false;

	if (strstr(text, "=?") || *text == ' ')
		return false;
	for (; *text; text++) {
		run = *text != ' ' && text[1] == ' ' ? 0 : run + 1;
		ends_in_blank = *text == ' ';
		if ((unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f || run > LINE - 16)
			return false;
	}
	return !ends_in_blank;
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

/* Whole characters, as many as a word of so many columns holds. */
static size_t word_length(const char *text, size_t columns)
{
	size_t length = 0, room = (columns - WORD_FRAME) / 4 * 3;

	while (text[length]) {
		size_t next = utf8_length(text + length);

		next = next ? next : 1;
		if (length + next > room)
			break;
		length += next;
	}
	return length;
}

/* Each on a line of its own: white space between two of them is no part of the text. Returns the
   column behind the last. */
static size_t write_words(FILE *to, size_t column, const char *text)
{
	while (*text) {
		size_t length = word_length(text, LINE - column);

		fputs(WORD_BEGIN, to);
		write_base64(to, text, length);
		fputs(WORD_END, to);
		text += length;
		column += WORD_FRAME + (length + 2) / 3 * 4;
		if (*text) {
			fputs("\r\n ", to);
			column = 1;
		}
	}
	return column;
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
	size_t column = (size_t)fprintf(to, "%s: ", name);

	assert(column <= MIME_ENCODE_BEGIN);
	if (is_plain(text))
		write_folded(to, column, text);
	else
		write_words(to, column, text);
	fputs("\r\n", to);
}

static bool is_atoms(const char *text)
{
	for (; *text; text++)
		if (strchr("()<>[]:;@\\,.\"", *text))
			return false;
	return true;
}

static size_t quoted_length(const char *text)
{
	size_t length = 2;

	for (; *text; text++)
		length += strchr("\"\\", *text) ? 2 : 1;
	return length;
}

size_t mime_encode_phrase(FILE *to, size_t column, const char *text)
{
	assert(column <= MIME_ENCODE_BEGIN);
	if (!is_plain(text) || column + quoted_length(text) > LINE)
		return write_words(to, column, text);
	if (is_atoms(text)) {
		fputs(text, to);
		return column + strlen(text);
	}
	column += quoted_length(text);
	putc('"', to);
	for (; *text; text++)
		fprintf(to, "%s%c", strchr("\"\\", *text) ? "\\" : "", *text);
	putc('"', to);
	return column;
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
