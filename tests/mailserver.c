/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailserver.c - see mailserver.h. As much of IMAP as --append and --sync speak, no more. */
#include "mailserver.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void add(struct mailserver_session *session, const char *octets, size_t length)
{
	assert(session->out_length + length <= sizeof session->out);
	memcpy(session->out + session->out_length, octets, length);
	session->out_length += length;
}

/* "$" is the tag. */
static void say(struct mailserver_session *session, const char *text)
{
	for (; *text; text++)
		if (*text == '$')
			add(session, session->tag, strlen(session->tag));
		else
			add(session, text, 1);
}

/* As much as there is room for at the other end. */
static void send_out(struct mailserver_session *session)
{
	ssize_t sent = session->fd < 0
			       ? (ssize_t)session->out_length
			       : send(session->fd, session->out, session->out_length, MSG_NOSIGNAL);

	if (sent <= 0)
		return;
	session->out_length -= (size_t)sent;
	memmove(session->out, session->out + sent, session->out_length);
}

static void close_session(struct mailserver_session *session)
{
	send_out(session);
	if (session->fd >= 0)
		close(session->fd);
	session->fd = -1;
}

static void flush(struct mailserver_session *session)
{
	say(session, session->pending);
	session->pending[0] = '\0';
}

/* To both: at once to one that idles, else with its next command. */
__attribute__((format(printf, 2, 3))) static void notify(struct mailserver *server,
							 const char *format, ...)
{
	char line[200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	for (int i = 0; i < 2; i++) {
		if (server->sessions[i].fd < 0)
			continue;
		strcat(server->sessions[i].pending, line);
		if (server->sessions[i].is_idle)
			flush(&server->sessions[i]);
	}
}

void mailserver_start(struct mailserver *server, int first, int second)
{
	char greeting[300];

	snprintf(greeting, sizeof greeting, "* OK [CAPABILITY IMAP4rev1 LITERAL+ %s] hello\r\n",
		 server->capabilities);
	server->sessions[0].fd = first;
	server->sessions[1].fd = second;
	for (int i = 0; i < 2; i++)
		if (server->sessions[i].fd >= 0)
			say(&server->sessions[i], greeting);
}

void mailserver_stop(struct mailserver *server)
{
	for (int i = 0; i < 2; i++)
		close_session(&server->sessions[i]);
	for (unsigned i = 0; i < server->count; i++)
		free(server->messages[i].text);
}

void mailserver_store(struct mailserver *server, const char *text)
{
	struct mailserver_message *message = &server->messages[server->count++];

	*message = (struct mailserver_message){.uid = ++server->next_uid, .text = strdup(text)};
}

/* --- commands --------------------------------------------------------------------------------- */

static void open_mailbox(struct mailserver *server, struct mailserver_session *session)
{
	char text[400];

	session->pending[0] = '\0';
	snprintf(text, sizeof text,
		 "* %u EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [PERMANENTFLAGS (%s)] x\r\n"
		 "$ OK [%s] done\r\n",
		 server->count, server->flags, server->opened);
	say(session, text);
}

static void search(struct mailserver *server, struct mailserver_session *session, const char *line)
{
	const char *sign = strstr(line, "id=");
	char id[100], text[40];

	snprintf(id, sizeof id, "%.35s", sign ? sign : "?");
	say(session, "* SEARCH");
	for (unsigned i = 0; i < server->count; i++) {
		if (!server->finds_everything && !strstr(server->messages[i].text, id))
			continue;
		snprintf(text, sizeof text, " %u", server->messages[i].uid);
		say(session, text);
	}
	say(session, "\r\n$ OK done\r\n");
}

/* Of "1,3,7", as the sets of ours are. */
static bool is_in(const char *set, uint32_t uid)
{
	while (*set >= '0' && *set <= '9') {
		if (strtoul(set, NULL, 10) == uid)
			return true;
		set += strspn(set, "0123456789");
		set += *set == ',';
	}
	return false;
}

static void expunge(struct mailserver *server, const char *set)
{
	for (unsigned i = server->count; i-- > 0;) {
		struct mailserver_message *message = &server->messages[i];

		if (!message->is_deleted || !is_in(set, message->uid))
			continue;
		free(message->text);
		memmove(message, message + 1, (--server->count - i) * sizeof *message);
		notify(server, "* %u EXPUNGE\r\n", i + 1);
	}
}

static void show(struct mailserver *server, struct mailserver_session *session, unsigned i,
		 bool only_header)
{
	const struct mailserver_message *message = &server->messages[i];
	char head[200];
	size_t length = strlen(message->text);

	if (only_header)
		length = (size_t)(strstr(message->text, "\r\n\r\n") + 4 - message->text);
	if (only_header && server->shows_no_header)
		length = 0;
	snprintf(head, sizeof head, "* %u FETCH (UID %u FLAGS (\\Seen) %s {%zu}\r\n", i + 1,
		 message->uid, only_header ? "BODY[HEADER.FIELDS (X-CHECK-IMAP-FULL)]" : "BODY[]",
		 length);
	say(session, head);
	add(session, message->text, length);
	say(session, ")\r\n");
}

static void fetch(struct mailserver *server, struct mailserver_session *session, const char *set)
{
	bool only_header = strstr(set, "HEADER") != NULL;

	for (unsigned i = 0; i < server->count; i++)
		if (is_in(set, server->messages[i].uid))
			show(server, session, i, only_header);
	say(session, "$ OK done\r\n");
	if (only_header || !server->expunges_after_fetch)
		return;
	for (unsigned i = 0; i < server->count; i++)
		server->messages[i].is_deleted |= is_in(set, server->messages[i].uid);
	expunge(server, set);
}

static void store_flag(struct mailserver *server, const char *set)
{
	bool is_flag = strstr(set, "\\Flagged") != NULL;

	for (unsigned i = 0; i < server->count; i++) {
		if (!is_in(set, server->messages[i].uid))
			continue;
		server->messages[i].is_flagged |= is_flag;
		server->messages[i].is_deleted |= !is_flag;
		if (is_flag && !server->keeps_flags)
			notify(server, "* %u FETCH (FLAGS (\\Seen \\Flagged))\r\n", i + 1);
	}
}

static void append(struct mailserver *server, struct mailserver_session *session,
		   const char *message, size_t length)
{
	char *text = malloc(length + 200);
	char code[60] = "";

	if (!text)
		abort();
	if (server->stores_another_first) {
		mailserver_store(server, "Subject: another\r\n\r\nx\r\n");
		notify(server, "* %u EXISTS\r\n", server->count);
	}
	sprintf(text, "%s%.*s", server->added ? server->added : "", (int)length, message);
	if (server->changes_body)
		strrchr(text, 'e')[0] = 'E';
	mailserver_store(server, text);
	free(text);
	if (!server->keeps_exists)
		notify(server, "* %u EXISTS\r\n", server->count);
	if (!server->keeps_uid)
		snprintf(code, sizeof code, "[APPENDUID %u %u] ", server->uidvalidity_of_append,
			 server->next_uid);
	if (server->closes_second_at_append) {
		close_session(&server->sessions[1]);
		session->held = 3;
	}
	flush(session);
	say(session, "$ OK ");
	say(session, code);
	say(session, "done\r\n");
}

/* --- turns ------------------------------------------------------------------------------------
 */

static void answer(struct mailserver *server, struct mailserver_session *session, const char *line,
		   const char *literal, size_t length)
{
	const char *verb = line + strcspn(line, " ") + 1;

	if (strncmp(verb, "SELECT", 6) == 0 || strncmp(verb, "EXAMINE", 7) == 0) {
		open_mailbox(server, session);
	} else if (strncmp(verb, "APPEND", 6) == 0) {
		append(server, session, literal, length);
	} else if (strncmp(verb, "UID SEARCH", 10) == 0) {
		search(server, session, verb);
	} else if (strncmp(verb, "UID FETCH ", 10) == 0) {
		fetch(server, session, verb + 10);
	} else if (strncmp(verb, "IDLE", 4) == 0) {
		say(session, "+ idling\r\n");
		flush(session);
		session->is_idle = true;
	} else if (strncmp(verb, "LOGOUT", 6) == 0) {
		say(session, "* BYE see you\r\n$ OK done\r\n");
	} else {
		if (strncmp(verb, "UID STORE ", 10) == 0)
			store_flag(server, verb + 10);
		if (strncmp(verb, "UID EXPUNGE ", 12) == 0)
			expunge(server, verb + 12);
		flush(session);
		say(session, "$ OK done\r\n");
	}
}

/* False: the command is not to be carried out. */
static bool does_well(struct mailserver_session *session)
{
	if (++session->commands != session->fails_at)
		return !session->is_silent;
	switch (session->fault) {
	case FAULT_NO:
		say(session, "$ NO not today\r\n");
		break;
	case FAULT_BYE:
		say(session, "* BYE going down\r\n");
		close_session(session);
		break;
	case FAULT_CLOSE:
		close_session(session);
		break;
	case FAULT_SILENCE:
		session->is_silent = true;
		break;
	default:
		return true;
	}
	return false;
}

/* Notes "UID-FETCH", and the tag for the answer. */
static void note(struct mailserver_session *session, const char *line)
{
	char first[20] = "", second[20] = "", third[20] = "";

	sscanf(line, "%19[^ \r] %19[^ \r] %19[^ \r]", first, second, third);
	if (second[0])
		memcpy(session->tag, first, sizeof session->tag);
	strcat(session->heard, second[0] ? second : first);
	if (strcmp(second, "UID") == 0)
		strcat(strcat(session->heard, "-"), third);
	strcat(session->heard, " ");
}

static void take_command(struct mailserver *server, struct mailserver_session *session,
			 const char *line, const char *literal, size_t length)
{
	note(session, line);
	if (!does_well(session))
		return;
	if (strncmp(line, "DONE", 4) == 0) {
		session->is_idle = false;
		say(session, "$ OK done\r\n");
	} else {
		answer(server, session, line, literal, length);
	}
}

/* One command, with its literal; false where there is no whole one. */
static bool take(struct mailserver *server, struct mailserver_session *session)
{
	char *end = memmem(session->in, session->length, "\r\n", 2), *brace;
	char line[4000];
	size_t literal = 0, used;

	if (!end)
		return false;
	snprintf(line, sizeof line, "%.*s", (int)(end - session->in), session->in);
	brace = strstr(line, "+}") ? strrchr(line, '{') : NULL;
	if (brace)
		literal = strtoul(brace + 1, NULL, 10);
	used = (size_t)(end + 2 - session->in) + (brace ? literal + 2 : 0);
	if (session->length < used)
		return false;
	take_command(server, session, line, end + 2, literal);
	session->length -= used;
	memmove(session->in, session->in + used, session->length);
	return true;
}

bool mailserver_turn(struct mailserver *server)
{
	bool was_busy = false;

	for (int i = 0; i < 2; i++) {
		struct mailserver_session *session = &server->sessions[i];
		ssize_t length = session->fd < 0 ? 0
						 : read(session->fd, session->in + session->length,
							sizeof session->in - session->length);

		if (length > 0)
			session->length += (size_t)length;
		while (session->fd >= 0 && take(server, session))
			was_busy = true;
		was_busy |= session->out_length > 0;
		if (session->held > 0)
			session->held--;
		else
			send_out(session);
	}
	return was_busy;
}
