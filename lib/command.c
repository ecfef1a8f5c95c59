/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.c - building and sending one command. Knows how strings are written, not what the
 * commands mean, and reads nothing of the server's.
 */
#include "command.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	LITERAL_MINUS_MAX = 4096, /* RFC 7888 section 5 */
	QUOTED_MAX = 4096,	  /* a longer string is sent as a literal: servers limit lines */
};

void command_init(struct command *command)
{
	*command = (struct command){.kind = COMMAND_NONE};
	buf_init(&command->out, COMMAND_MAX);
	buf_init(&command->shown, COMMAND_MAX);
}

void command_free(struct command *command)
{
	buf_free(&command->out);
	buf_free(&command->shown);
}

void command_clear(struct command *command)
{
	buf_clear(&command->out);
	buf_clear(&command->shown);
	*command = (struct command){.out = command->out, .shown = command->shown};
}

static void flaw(struct command *command, enum command_flaw which)
{
	if (command->flaw == COMMAND_SOUND)
		command->flaw = which;
}

static void append(struct command *command, struct buf *buf, struct imap_span octets)
{
	enum buf_result result = BUF_OK;

	if (command->flaw == COMMAND_SOUND)
		result = buf_add(buf, octets.at, octets.length);
	if (result != BUF_OK)
		flaw(command, result == BUF_FULL ? COMMAND_TOO_LONG : COMMAND_NO_MEMORY);
}

static void show(struct command *command, const char *text)
{
	append(command, &command->shown, (struct imap_span){text, strlen(text)});
}

static void send(struct command *command, const char *text)
{
	append(command, &command->out, (struct imap_span){text, strlen(text)});
}

void command_begin(struct command *command, enum command_kind kind, unsigned number, imap_time now)
{
	assert(command->kind == COMMAND_NONE);
	command->kind = kind;
	command->times.queued_at = now;
	snprintf(command->tag, sizeof(command->tag), "A%u", number);
	send(command, command->tag);
	send(command, " ");
	show(command, command->tag);
	show(command, " ");
}

static bool has_line_break(struct imap_span text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '\r' || text.at[i] == '\n' || text.at[i] == '\0')
			return true;
	}
	return false;
}

void command_add(struct command *command, struct imap_span text)
{
	if (has_line_break(text))
		flaw(command, COMMAND_LINE_BREAK);
	append(command, &command->out, text);
	append(command, &command->shown, text);
}

void command_add_secret(struct command *command, struct imap_span text)
{
	append(command, &command->out, text);
	show(command, "***");
}

static bool can_be_quoted(struct imap_span string, const struct command_style *style)
{
	if (string.length > QUOTED_MAX || has_line_break(string))
		return false;
	for (size_t i = 0; i < string.length && !style->has_utf8; i++) {
		if ((unsigned char)string.at[i] >= 0x80)
			return false;
	}
	return true;
}

static void quote(struct command *command, struct buf *buf, struct imap_span string)
{
	append(command, buf, (struct imap_span){"\"", 1});
	for (size_t i = 0; i < string.length; i++) {
		if (string.at[i] == '"' || string.at[i] == '\\')
			append(command, buf, (struct imap_span){"\\", 1});
		append(command, buf, (struct imap_span){string.at + i, 1});
	}
	append(command, buf, (struct imap_span){"\"", 1});
}

void command_add_string(struct command *command, struct imap_span string, bool is_secret,
			const struct command_style *style)
{
	if (!can_be_quoted(string, style)) {
		command_add_literal(command, string, is_secret, style);
		return;
	}
	quote(command, &command->out, string);
	if (is_secret)
		show(command, "***");
	else
		quote(command, &command->shown, string);
}

static bool may_go_at_once(size_t length, const struct command_style *style)
{
	return style->has_literal_plus || (style->has_literal_minus && length <= LITERAL_MINUS_MAX);
}

static void add_stop(struct command *command)
{
	if (command->stop_count == COMMAND_STOPS) {
		flaw(command, COMMAND_TOO_LONG);
		return;
	}
	command->stops[command->stop_count++] =
		(struct command_stop){command->out.length, command->shown.length};
}

void command_add_literal(struct command *command, struct imap_span octets, bool is_secret,
			 const struct command_style *style)
{
	bool at_once = may_go_at_once(octets.length, style);
	const char *plus = at_once ? "+" : "";
	char text[48];

	snprintf(text, sizeof(text), "{%zu%s}\r\n", octets.length, plus);
	send(command, text);
	if (is_secret)
		snprintf(text, sizeof(text), "{***%s}\n***", plus);
	else
		snprintf(text, sizeof(text), "{%zu%s}\n(%zu octets)", octets.length, plus,
			 octets.length);

	char *contents = strchr(text, '\n') + 1;
	append(command, &command->shown, (struct imap_span){text, (size_t)(contents - text)});
	if (!at_once)
		add_stop(command);
	append(command, &command->out, octets);
	show(command, contents);
}

/* Shows the lines that go, each without its line end. */
static void trace_up_to(struct command *command, size_t end, const struct trace *trace,
			imap_time now)
{
	while (command->traced < end) {
		const char *line = command->shown.at + command->traced;
		size_t length = strcspn(line, "\n");

		trace_sent(trace, (struct imap_span){line, length}, now);
		command->traced += length + 1;
	}
}

static void release(struct command *command, const struct trace *trace, imap_time now)
{
	struct command_stop stop = {command->out.length, command->shown.length};

	if (command_is_stopped(command))
		stop = command->stops[command->stops_passed];
	command->released = stop.out;
	trace_up_to(command, stop.shown, trace, now);
}

/* "A1 UID FETCH 1 (FLAGS)": the command's name is its first word, after UID the first two. */
static void find_name(struct command *command)
{
	const char *from = command->out.at + strlen(command->tag) + 1;
	size_t length = strcspn(from, " \r");

	if (imap_is((struct imap_span){from, length}, "UID") && from[length] == ' ')
		length += 1 + strcspn(from + length + 1, " \r");
	snprintf(command->name, sizeof(command->name), "%.*s", (int)length, from);
}

void command_end(struct command *command, const struct trace *trace, imap_time now)
{
	send(command, "\r\n");
	show(command, "\n");
	if (command->flaw != COMMAND_SOUND)
		return;
	if (command->name[0] == '\0')
		find_name(command);
	release(command, trace, now);
}

struct imap_span command_output(const struct command *command)
{
	if (command_has_left(command))
		return (struct imap_span){"", 0};
	return (struct imap_span){command->out.at + command->sent,
				  command->released - command->sent};
}

bool command_has_left(const struct command *command)
{
	return command->sent == command->released;
}

bool command_is_stopped(const struct command *command)
{
	return command->stops_passed < command->stop_count;
}

void command_sent(struct command *command, size_t length, imap_time now)
{
	assert(length <= command->released - command->sent);
	command->sent += length;
	if (!command_has_left(command))
		return;
	command->times.sent_at = now;
	command->was_answered = false;
	if (command_is_stopped(command))
		return;
	buf_clear(&command->out);
	buf_clear(&command->shown);
	command->released = command->sent = command->traced = 0;
}

void command_go_on(struct command *command, const struct trace *trace, imap_time now)
{
	command->stops_passed++;
	release(command, trace, now);
}
