/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conversation.c - reading a conversation's file: lines become steps, escapes become bytes.
 *
 * What a step does to a session is the affair of conversation_run.c.
 */
#include "conversation.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conversation_steps.h"

/* One octet after a backslash; its length in the file, 0 if it is no escape. */
static size_t take_escape(const char *from, char *octet)
{
	static const char names[] = "rnt0\\\"";
	static const char octets[] = "\r\n\t\0\\\"";
	const char *name = from[0] ? strchr(names, from[0]) : NULL;
	unsigned value;

	if (name) {
		*octet = octets[name - names];
		return 1;
	}
	if (from[0] != 'x' || !isxdigit((unsigned char)from[1]) ||
	    !isxdigit((unsigned char)from[2]))
		return 0;
	sscanf(from + 1, "%2x", &value);
	*octet = (char)value;
	return 3;
}

bool conversation_unescape(struct arena *arena, const char *from, size_t length, struct bytes *to)
{
	to->at = must(arena_take(arena, length + 3));
	to->length = 0;
	for (size_t i = 0; i < length; i++) {
		char octet = from[i];
		if (octet == '\\') {
			size_t taken = take_escape(from + i + 1, &octet);
			if (taken == 0)
				return false;
			i += taken;
		}
		to->at[to->length++] = octet;
	}
	to->at[to->length] = '\0';
	return true;
}

static void add_line_end(struct bytes *bytes)
{
	memcpy(bytes->at + bytes->length, "\r\n", 2);
	bytes->length += 2;
}

static bool repeat(struct arena *arena, struct bytes *bytes, const char *text)
{
	char *rest;
	size_t times = strtoul(text, &rest, 10);
	struct bytes one;

	if (*rest != ' ' || !conversation_unescape(arena, rest + 1, strlen(rest + 1), &one))
		return false;
	*bytes = (struct bytes){.at = must(arena_take(arena, times * one.length + 1))};
	for (size_t i = 0; i < times; i++, bytes->length += one.length)
		memcpy(bytes->at + bytes->length, one.at, one.length);
	return true;
}

static const struct prefix {
	const char *text;
	enum step_kind kind;
} prefixes[] = {
	{"S:", STEP_SERVER}, {"S-", STEP_SERVER}, {"S*", STEP_SERVER},	    {"C:", STEP_CLIENT},
	{">", STEP_CALL},    {"E:", STEP_EVENT},  {"?", STEP_CAPABILITIES}, {"X:", STEP_CLOSE},
	{"H:", STEP_SECURE}, {"T:", STEP_TIME},	  {"$", STEP_NOTHING},	    {"=", STEP_NOTHING},
	{"#", STEP_NOTHING}, {"!", STEP_NOTHING},
};

static bool read_bytes(struct arena *arena, struct step *step, const char *prefix)
{
	if (strcmp(prefix, "S*") == 0)
		return repeat(arena, &step->bytes, step->text);
	if (!conversation_unescape(arena, step->text, strlen(step->text), &step->bytes))
		return false;
	if (strcmp(prefix, "S-") != 0)
		add_line_end(&step->bytes);
	return true;
}

static bool read_step(struct arena *arena, struct step *step, const char *line)
{
	const struct prefix *prefix = prefixes;
	const struct prefix *end = prefixes + sizeof(prefixes) / sizeof(prefixes[0]);

	while (prefix < end && strncmp(line, prefix->text, strlen(prefix->text)) != 0)
		prefix++;
	if (prefix == end)
		return line[0] == '\0';
	line += strlen(prefix->text);
	step->kind = prefix->kind;
	line += *line == ' ';
	step->text = arena_copy(arena, (struct imap_span){line, strlen(line)}).at;
	if (!step->text)
		abort();
	if (step->kind == STEP_SERVER || step->kind == STEP_CLIENT)
		return read_bytes(arena, step, prefix->text);
	return true;
}

static bool add_step(struct conversation *conversation, const char *line, unsigned number)
{
	if (conversation->count == CONVERSATION_STEPS_MAX)
		return false;
	struct step step = {.kind = STEP_NOTHING, .line = number};
	bool is_good = read_step(&conversation->arena, &step, line);
	conversation->steps[conversation->count++] = step;
	return is_good;
}

struct conversation *conversation_read(const char *path, char *complaint)
{
	struct conversation *conversation = must(calloc(1, sizeof(*conversation)));
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	unsigned number = 0;
	bool is_good = file != NULL;

	arena_init(&conversation->arena, CONVERSATION_TEXT_MAX);
	while (is_good && getline(&line, &room, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		is_good = add_step(conversation, line, ++number);
	}
	free(line);
	if (file)
		fclose(file);
	if (is_good)
		return conversation;
	snprintf(complaint, CONVERSATION_COMPLAINT, "%s:%u: cannot be read", path, number);
	conversation_free(conversation);
	return NULL;
}

void conversation_free(struct conversation *conversation)
{
	arena_free(&conversation->arena);
	free(conversation->failure);
	free(conversation);
}

size_t conversation_length(const struct conversation *conversation)
{
	size_t length = 0;

	for (size_t i = 0; i < conversation->count; i++) {
		if (conversation->steps[i].kind == STEP_SERVER)
			length += conversation->steps[i].bytes.length;
	}
	return length;
}

bool conversation_is_edge(const struct conversation *conversation, size_t at)
{
	enum { NEAR = 150 };

	for (size_t i = 0; i < conversation->count; i++) {
		size_t length = conversation->steps[i].bytes.length;
		if (conversation->steps[i].kind != STEP_SERVER)
			continue;
		if (at <= length)
			return at <= NEAR || length - at <= NEAR;
		at -= length;
	}
	return false;
}

/* --- seeds: see fuzz_session.c for what its input looks like --------------------------------- */

static char code_of_call(const char *call)
{
	static const char *const verbs[] = {"command", "login",	 "authenticate", "starttls",
					    "idle",    "logout", "fetch",	 "search",
					    "enable",  "append"};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strncmp(call, verbs[i], strlen(verbs[i])) == 0)
			return (char)i;
	}
	return 0;
}

static bool is_command(const struct step *step)
{
	return step->kind == STEP_CALL && strncmp(step->text, "idle-done", 9) != 0 &&
	       strncmp(step->text, "limits", 6) != 0;
}

void conversation_write_seed(const struct conversation *conversation, FILE *to)
{
	char head[10] = {0};
	unsigned commands = 0;

	for (size_t i = 0; i < conversation->count && commands < 8; i++) {
		const struct step *step = &conversation->steps[i];
		if (is_command(step))
			head[2 + commands++] = code_of_call(step->text);
	}
	fwrite(head, 1, sizeof(head), to);
	for (size_t i = 0; i < conversation->count; i++) {
		const struct step *step = &conversation->steps[i];
		if (step->kind == STEP_SERVER && step->bytes.length < 4096)
			fwrite(step->bytes.at, 1, step->bytes.length, to);
		if (step->kind == STEP_CALL || step->kind == STEP_SECURE)
			fputc(0xff, to);
	}
}
