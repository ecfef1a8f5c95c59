/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - the one command in flight: its octets, how many of them left, and where it must wait
 * for the server.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include "buf.h"
#include "trace.h"

enum {
	COMMAND_MAX = 1024 * 1024, /* octets of one command */
	COMMAND_STOPS = 16,	   /* literals of one command that wait for a '+' */
};

enum command_kind {
	COMMAND_NONE, /* none is in flight */
	COMMAND_OTHER,
	COMMAND_LOGIN,
	COMMAND_AUTHENTICATE,
	COMMAND_STARTTLS,
	COMMAND_IDLE,
	COMMAND_LOGOUT
};

/* Why it cannot be sent. */
enum command_flaw {
	COMMAND_SOUND,
	COMMAND_NO_MEMORY,
	COMMAND_TOO_LONG, /* or too many literals */
	COMMAND_LINE_BREAK,
	COMMAND_BAD_MAILBOX
};

/* Lengths of `out` and `shown` up to which the command may be sent and shown. */
struct command_stop {
	size_t out;
	size_t shown;
};

struct command {
	enum command_kind kind;
	char tag[16];
	char name[32]; /* "LOGIN", "UID FETCH" */
	enum command_flaw flaw;

	struct buf out;	  /* octets to be sent ... */
	struct buf shown; /* ... and as the trace shows them, LF after each line */
	struct command_stop stops[COMMAND_STOPS];
	unsigned stop_count;
	unsigned stops_passed;
	size_t released; /* octets of `out` that may be sent now */
	size_t sent;	 /* octets of `out` that were sent */
	size_t traced;	 /* octets of `shown` that were shown */

	struct imap_times times;
	bool was_answered; /* times.first_at is of what was sent last */

	/* AUTHENTICATE */
	const struct imap_sasl *sasl;
	bool has_challenged; /* the server sent a '+' or the initial response was sent */
	bool is_content;     /* the mechanism is */

	/* IDLE */
	bool is_idling; /* the '+' came */
	bool is_ending; /* DONE is queued */
};

/* What decides on how strings are written. */
struct command_style {
	bool has_literal_plus;
	bool has_literal_minus;
	bool has_utf8; /* quoted strings may hold UTF-8, mailbox names are UTF-8 */
};

void command_init(struct command *command);
void command_free(struct command *command);  /* wipes */
void command_clear(struct command *command); /* none is in flight any more; wipes, keeps the room */

/* Building. A flaw makes the rest of it do nothing. */
void command_begin(struct command *command, enum command_kind kind, unsigned number, imap_time now);
void command_add(struct command *command, struct imap_span text); /* without CR, LF and NUL */
void command_add_secret(struct command *command, struct imap_span text);
void command_add_string(struct command *command, struct imap_span string, bool is_secret,
			const struct command_style *style);
void command_add_literal(struct command *command, struct imap_span octets, bool is_secret,
			 const struct command_style *style);
/* Adds CRLF and lets the octets go up to the first stop. */
void command_end(struct command *command, const struct trace *trace, imap_time now);

/* Sending. */
struct imap_span command_output(const struct command *command);
void command_sent(struct command *command, size_t length, imap_time now);
bool command_has_left(const struct command *command);	/* all that may be sent now */
bool command_is_stopped(const struct command *command); /* the rest waits for a '+' */
void command_go_on(struct command *command, const struct trace *trace, imap_time now);

#endif
