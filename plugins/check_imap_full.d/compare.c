/* SPDX-License-Identifier: GPL-3.0-or-later */
/* compare.c - see compare.h. Two passes over the header: what became of each field of ours, and
   which ones are not ours. */
#include "compare.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mark.h"
#include "mime.h"
#include "text.h"
#include "transfer.h"

enum { NAMED = 6 }; /* differences that are named; the rest is counted */

struct field {
	struct imap_span name;
	struct imap_span value; /* as it stands, folded */
};

struct differences {
	char *words;
	size_t size;
	unsigned count;
};

static void note(struct differences *differences, struct imap_span field, const char *what)
{
	if (differences->count++ < NAMED)
		text_add(differences->words, differences->size, "%sheader %.*s %s",
			 differences->count > 1 ? ", " : "",
			 (int)(field.length < 40 ? field.length : 40), field.at, what);
}

/* --- header ----------------------------------------------------------------------------------- */

static bool is_folded(struct imap_span rest)
{
	return rest.length > 0 && (rest.at[0] == ' ' || rest.at[0] == '\t');
}

/* Takes the next field off *rest; false at the header's end. What has no colon is a field with a
   name only. */
static bool next_field(struct imap_span *rest, struct field *field)
{
	struct imap_span line;
	const char *colon, *end;

	if (!transfer_line(rest, &line) || line.length == 0)
		return false;
	end = line.at + line.length;
	colon = memchr(line.at, ':', line.length);
	field->name = (struct imap_span){line.at, colon ? (size_t)(colon - line.at) : line.length};
	while (is_folded(*rest) && transfer_line(rest, &line))
		end = line.at + line.length;
	field->value.at = colon ? colon + 1 : end;
	field->value.length = (size_t)(end - field->value.at);
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The same but for white space: a field may be folded elsewhere. */
static bool is_same_value(struct imap_span one, struct imap_span other)
{
	size_t i = 0, j = 0;

	for (;;) {
		while (i < one.length && is_blank(one.at[i]))
			i++;
		while (j < other.length && is_blank(other.at[j]))
			j++;
		if (i == one.length || j == other.length)
			return i == one.length && j == other.length;
		if (one.at[i++] != other.at[j++])
			return false;
	}
}

static bool is_same_name(struct imap_span one, struct imap_span other)
{
	return one.length == other.length && strncasecmp(one.at, other.at, one.length) == 0;
}

/* The first field of that name; false if there is none. */
static bool find_field(struct imap_span header, struct imap_span name, struct field *field)
{
	while (next_field(&header, field))
		if (is_same_name(field->name, name))
			return true;
	return false;
}

/* What became of each of ours; false where that is the mark. */
static bool compare_ours(struct imap_span sent, struct imap_span got,
			 struct differences *differences)
{
	struct field ours, theirs;

	while (next_field(&sent, &ours)) {
		bool is_there = find_field(got, ours.name, &theirs);

		if (is_there && is_same_value(ours.value, theirs.value))
			continue;
		if (imap_is(ours.name, MARK_FIELD))
			return false;
		note(differences, ours.name, is_there ? "changed" : "gone");
	}
	return true;
}

static void find_added(struct imap_span sent, struct imap_span got, struct differences *differences)
{
	struct field ours, theirs;

	while (next_field(&got, &theirs))
		if (!find_field(sent, theirs.name, &ours))
			note(differences, theirs.name, "added");
}

/* Ours has each name once: a second one of that name was added. */
static void find_doubled(struct imap_span sent, struct imap_span got,
			 struct differences *differences)
{
	struct field ours, theirs;

	while (next_field(&sent, &ours)) {
		struct imap_span rest = got;
		bool is_second = false;

		while (next_field(&rest, &theirs)) {
			if (!is_same_name(theirs.name, ours.name))
				continue;
			if (is_second)
				note(differences, theirs.name, "added");
			is_second = true;
		}
	}
}

/* --- body ------------------------------------------------------------------------------------- */

/* The number of the first line that is different, 0 if none is. Line ends do not count, nor do
   empty lines at the end. */
static unsigned first_difference(struct imap_span sent, struct imap_span got)
{
	for (unsigned line = 1;; line++) {
		struct imap_span ours = {"", 0}, theirs = {"", 0};
		bool is_left = transfer_line(&sent, &ours);

		is_left = transfer_line(&got, &theirs) || is_left;
		if (!is_left)
			return 0;
		if (ours.length != theirs.length || memcmp(ours.at, theirs.at, ours.length) != 0)
			return line;
	}
}

static bool read_body(struct imap_span message, struct octets *text)
{
	struct octets fields = {.size = 0}; /* the header is compared as it stands */

	text->at = fields.at = malloc(message.length + 1);
	text->size = text->at ? message.length : 0;
	return text->at && mime_read(message, &fields, text);
}

static enum compare_result compare_bodies(struct imap_span sent, struct imap_span got,
					  struct differences *differences)
{
	struct octets ours = {.at = NULL}, theirs = {.at = NULL};
	enum compare_result result = COMPARE_NO_MEMORY;

	if (read_body(sent, &ours) && read_body(got, &theirs)) {
		unsigned line = first_difference(octets_span(&ours), octets_span(&theirs));

		result = line > 0 ? COMPARE_DAMAGED : COMPARE_ALTERED;
		if (line > 0)
			text_add(differences->words, differences->size,
				 "its body is another one from line %u on", line);
	}
	free(ours.at);
	free(theirs.at);
	return result;
}

enum compare_result compare_messages(struct imap_span sent, struct imap_span got, char *words,
				     size_t size)
{
	struct differences differences = {.words = words, .size = size};
	enum compare_result result;

	words[0] = '\0';
	if (sent.length == got.length && memcmp(sent.at, got.at, sent.length) == 0)
		return COMPARE_SAME;
	result = compare_bodies(sent, got, &differences);
	if (result != COMPARE_ALTERED)
		return result;
	if (!compare_ours(sent, got, &differences)) {
		words[0] = '\0';
		text_add(words, size, "its header field " MARK_FIELD " is gone or another one");
		return COMPARE_DAMAGED;
	}
	find_added(sent, got, &differences);
	find_doubled(sent, got, &differences);
	if (differences.count > NAMED)
		text_add(words, size, " and %u more", differences.count - NAMED);
	if (differences.count == 0)
		text_add(words, size, "white space or line ends changed");
	return COMPARE_ALTERED;
}
