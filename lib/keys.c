/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keys.c - see keys.h. Knows no single search key: the server does. */
#include "keys.h"

#include <string.h>

static bool has_high_octet(struct imap_span text)
{
	for (size_t i = 0; i < text.length; i++)
		if ((unsigned char)text.at[i] >= 0x80)
			return true;
	return false;
}

static enum keys_part flaw(struct keys *keys, const char *sentence)
{
	keys->sentence = sentence;
	return KEYS_FLAW;
}

static enum keys_part quoted(struct keys *keys, struct imap_span *part)
{
	const char *end = ++keys->at;

	while (*end && *end != '"')
		end += end[0] == '\\' && end[1] ? 2 : 1;
	if (!*end)
		return flaw(keys, "a quoted string has no end");
	*part = (struct imap_span){keys->at, (size_t)(end - keys->at)};
	keys->at = end + 1;
	return KEYS_STRING;
}

enum keys_part keys_next(struct keys *keys, struct imap_span *part)
{
	static const char stops[] = " ()\"";
	size_t length = strspn(keys->at, " ()");

	if (*keys->at == '\0')
		return KEYS_END;
	if (*keys->at == '"')
		return quoted(keys, part);
	if (length == 0)
		length = strcspn(keys->at, stops);
	*part = (struct imap_span){keys->at, length};
	keys->at += length;
	return has_high_octet(*part) ? KEYS_STRING : KEYS_PLAIN;
}

size_t keys_unescape(struct imap_span string, char *to)
{
	size_t length = 0;

	for (size_t i = 0; i < string.length; i++) {
		if (string.at[i] == '\\' && i + 1 < string.length)
			i++;
		to[length++] = string.at[i];
	}
	return length;
}

/* --- what the configuration wants to know ----------------------------------------------------- */

static const char *flaw_of_plain(struct imap_span part, int *depth)
{
	for (size_t i = 0; i < part.length; i++) {
		*depth += part.at[i] == '(' ? 1 : part.at[i] == ')' ? -1 : 0;
		if (*depth < 0)
			return "a parenthesis is closed that was not open";
		if (part.at[i] == '{' || part.at[i] == '\\')
			return "braces and backslashes must stand in quotes";
	}
	return NULL;
}

const char *imap_search_flaw(const char *text)
{
	struct keys keys = {.at = text};
	struct imap_span part = {"", 0};
	bool has_word = false;
	int depth = 0;

	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return "control characters cannot be searched for";
	for (;;) {
		enum keys_part kind = keys_next(&keys, &part);
		const char *sentence = NULL;

		if (kind == KEYS_FLAW)
			return keys.sentence;
		if (kind == KEYS_END)
			break;
		has_word = has_word || part.at[0] != ' ';
		if (kind == KEYS_PLAIN)
			sentence = flaw_of_plain(part, &depth);
		if (sentence)
			return sentence;
	}
	if (depth > 0)
		return "a parenthesis is not closed";
	return has_word ? NULL : "there is no search key";
}
