/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_type.c - see mime_type.h. Knows no bodies. */
#include "mime_type.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct imap_span skip(struct imap_span text, size_t length)
{
	return (struct imap_span){text.at + length, text.length - length};
}

static struct imap_span skip_blanks(struct imap_span text)
{
	while (text.length > 0 && is_blank(text.at[0]))
		text = skip(text, 1);
	return text;
}

static bool starts_with(struct imap_span text, const char *word)
{
	size_t length = strlen(word);

	return text.length >= length && strncasecmp(text.at, word, length) == 0;
}

/* The value of the field `name`; false if it is another one. */
static bool is_field(struct imap_span field, const char *name, struct imap_span *value)
{
	if (!starts_with(field, name))
		return false;
	field = skip_blanks(skip(field, strlen(name)));
	if (field.length == 0 || field.at[0] != ':')
		return false;
	*value = skip_blanks(skip(field, 1));
	return true;
}

/* --- parameters ------------------------------------------------------------------------------ */

static bool ends_token(char c)
{
	return is_blank(c) || c == ';' || c == '(' || c == '"';
}

/* A token or a quoted string off *rest into `to`: "" if there is no room. */
static void take_value(struct imap_span *rest, char *to, size_t size)
{
	bool is_quoted = rest->length > 0 && rest->at[0] == '"';
	size_t used = 0;

	if (is_quoted)
		*rest = skip(*rest, 1);
	while (rest->length > 0 && (is_quoted ? rest->at[0] != '"' : !ends_token(rest->at[0]))) {
		if (is_quoted && rest->at[0] == '\\' && rest->length > 1)
			*rest = skip(*rest, 1);
		if (used < size)
			to[used++] = rest->at[0];
		*rest = skip(*rest, 1);
	}
	to[used < size ? used : 0] = '\0';
}

/* Behind the next semicolon that stands in no quotes. */
static bool skip_to_parameter(struct imap_span *rest)
{
	bool is_quoted = false;

	while (rest->length > 0 && (is_quoted || rest->at[0] != ';')) {
		if (rest->at[0] == '"')
			is_quoted = !is_quoted;
		if (is_quoted && rest->at[0] == '\\' && rest->length > 1)
			*rest = skip(*rest, 1);
		*rest = skip(*rest, 1);
	}
	if (rest->length == 0)
		return false;
	*rest = skip_blanks(skip(*rest, 1));
	return true;
}

static void find_parameter(struct imap_span rest, const char *name, char *to, size_t size)
{
	while (skip_to_parameter(&rest)) {
		struct imap_span behind = starts_with(rest, name)
						  ? skip_blanks(skip(rest, strlen(name)))
						  : (struct imap_span){"", 0};

		if (behind.length == 0 || behind.at[0] != '=')
			continue;
		behind = skip_blanks(skip(behind, 1));
		take_value(&behind, to, size);
		return;
	}
}

/* --- fields ---------------------------------------------------------------------------------- */

/* What is no type at all is text (RFC 2045 section 5.2). */
static enum mime_kind kind_of(struct imap_span value)
{
	if (starts_with(value, "multipart/"))
		return MIME_MULTIPART;
	if (starts_with(value, "message/rfc822") || starts_with(value, "message/global"))
		return MIME_MESSAGE;
	if (starts_with(value, "text/") || !memchr(value.at, '/', value.length))
		return MIME_TEXT;
	return MIME_OTHER;
}

static enum mime_encoding encoding_of(struct imap_span value)
{
	if (starts_with(value, "base64"))
		return MIME_BASE64;
	return starts_with(value, "quoted-printable") ? MIME_QUOTED : MIME_PLAIN;
}

void mime_type_notice(struct mime_type *type, struct imap_span field)
{
	struct imap_span value;

	if (is_field(field, "Content-Transfer-Encoding", &value))
		type->encoding = encoding_of(value);
	if (!is_field(field, "Content-Type", &value) || type->is_said)
		return;
	type->is_said = true;
	type->kind = kind_of(value);
	find_parameter(value, "charset", type->charset, sizeof type->charset);
	find_parameter(value, "boundary", type->boundary, sizeof type->boundary);
}
