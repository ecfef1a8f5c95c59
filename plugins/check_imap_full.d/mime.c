/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime.c - see mime.h. One pass from the top: the boundaries of the multiparts that are open stand
 * on a stack, so that depth costs nothing and no end is looked for before it comes.
 */
#include "mime.h"

#include <stdlib.h>
#include <string.h>

#include "charset.h"
#include "mime_type.h"
#include "mime_word.h"
#include "transfer.h"

enum { DEPTH = 8 }; /* a multipart deeper down is passed over like a picture */

struct reading {
	struct imap_span rest;
	char boundaries[DEPTH][MIME_BOUNDARY]; /* the outermost first */
	unsigned depth;
	struct charset charset;
	struct octets field;   /* the header field under way, unfolded */
	struct octets scratch; /* as long as the message */
};

/* --- boundaries ------------------------------------------------------------------------------ */

enum delimiter { NO_DELIMITER, OPENS_PART, CLOSES };

/* RFC 2046 section 5.1.1: blanks may follow. */
static enum delimiter compare(struct imap_span line, const char *boundary)
{
	size_t length = strlen(boundary);
	enum delimiter found = OPENS_PART;

	if (line.length < length + 2 || memcmp(line.at, "--", 2) != 0 ||
	    memcmp(line.at + 2, boundary, length) != 0)
		return NO_DELIMITER;
	length += 2;
	if (line.length >= length + 2 && memcmp(line.at + length, "--", 2) == 0) {
		found = CLOSES;
		length += 2;
	}
	while (length < line.length && (line.at[length] == ' ' || line.at[length] == '\t'))
		length++;
	return length == line.length ? found : NO_DELIMITER;
}

/* The innermost multipart counts, but that of an outer one ends those within: ends get lost. */
static enum delimiter find_delimiter(const struct reading *reading, struct imap_span line,
				     unsigned *level)
{
	enum delimiter found = NO_DELIMITER;

	for (*level = reading->depth; *level > 0 && found == NO_DELIMITER; --*level)
		found = compare(line, reading->boundaries[*level - 1]);
	return found;
}

static bool is_delimiter(const struct reading *reading, struct imap_span line)
{
	unsigned level;

	return find_delimiter(reading, line, &level) != NO_DELIMITER;
}

/* Goes behind the next line that opens a part. */
static bool skip_to_part(struct reading *reading)
{
	struct imap_span line;

	while (transfer_line(&reading->rest, &line)) {
		unsigned level;
		enum delimiter found = find_delimiter(reading, line, &level);

		if (found == CLOSES)
			reading->depth = level;
		if (found == OPENS_PART) {
			reading->depth = level + 1;
			return true;
		}
	}
	return false;
}

static bool enter_multipart(struct reading *reading, const struct mime_type *type)
{
	if (reading->depth == DEPTH || type->boundary[0] == '\0')
		return false;
	memcpy(reading->boundaries[reading->depth++], type->boundary, sizeof type->boundary);
	return true;
}

/* --- header ---------------------------------------------------------------------------------- */

static void end_field(struct reading *reading, struct mime_type *type, struct octets *lines)
{
	struct imap_span field = octets_span(&reading->field);

	mime_type_notice(type, field);
	if (lines && field.length > 0) {
		mime_words_decode(&reading->charset, field, &reading->scratch, lines);
		octets_add_one(lines, '\n');
	}
	reading->field.length = 0;
}

/* Up to behind the empty line, or to a delimiter where there is none. Unfolding takes the line end
   out and leaves the blanks (RFC 5322 section 2.2.3). `lines` may be NULL. */
static void read_header(struct reading *reading, struct mime_type *type, struct octets *lines)
{
	struct imap_span line, before = reading->rest;

	*type = (struct mime_type){.kind = MIME_TEXT};
	while (transfer_line(&reading->rest, &line) && line.length > 0) {
		if (is_delimiter(reading, line)) {
			reading->rest = before;
			break;
		}
		if (line.at[0] != ' ' && line.at[0] != '\t')
			end_field(reading, type, lines);
		octets_add(&reading->field, line);
		before = reading->rest;
	}
	end_field(reading, type, lines);
}

/* --- body ------------------------------------------------------------------------------------ */

static bool find_text(struct reading *reading, struct mime_type *type)
{
	while (type->kind != MIME_TEXT) {
		bool is_message = type->kind == MIME_MESSAGE && type->encoding == MIME_PLAIN;

		if (type->kind == MIME_MULTIPART)
			enter_multipart(reading, type);
		if (!is_message && !skip_to_part(reading))
			return false;
		read_header(reading, type, NULL);
	}
	return true;
}

static struct imap_span take_body(struct reading *reading)
{
	struct imap_span body = reading->rest, line;

	body.length = 0;
	while (transfer_line(&reading->rest, &line) && !is_delimiter(reading, line))
		body.length = (size_t)(reading->rest.at - body.at);
	return body;
}

static void read_text(struct reading *reading, const struct mime_type *type, struct octets *lines)
{
	struct imap_span body = take_body(reading);
	struct imap_span charset = {type->charset, strlen(type->charset)};

	reading->scratch.length = 0;
	if (type->encoding == MIME_BASE64)
		transfer_base64(body, &reading->scratch);
	if (type->encoding == MIME_QUOTED)
		transfer_quoted(body, &reading->scratch);
	if (type->encoding != MIME_PLAIN)
		body = octets_span(&reading->scratch);
	if (!charset_convert(&reading->charset, charset, body, lines))
		octets_add(lines, body);
}

bool mime_read(struct imap_span message, struct octets *fields, struct octets *text)
{
	struct reading reading = {.rest = message};
	struct mime_type type;
	char *room = malloc(2 * message.length + 1);

	if (!room)
		return false;
	reading.field = (struct octets){.at = room, .size = message.length};
	reading.scratch = (struct octets){.at = room + message.length, .size = message.length};
	charset_init(&reading.charset);
	read_header(&reading, &type, fields);
	if (find_text(&reading, &type))
		read_text(&reading, &type, text);
	charset_close(&reading.charset);
	free(room);
	return true;
}
