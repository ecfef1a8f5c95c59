/* SPDX-License-Identifier: GPL-3.0-or-later */
/* machine.h - what struct imap is made of, for the files that make up the session. */
#ifndef MACHINE_H
#define MACHINE_H

#include "caps.h"
#include "command.h"
#include "reader.h"

enum machine_state {
	MACHINE_GREETING, /* awaits it */
	MACHINE_READY,	  /* a command is in flight, or could be */
	MACHINE_HANDOVER, /* STARTTLS was accepted, TLS is not up yet: no byte may come */
	MACHINE_LEAVING,  /* LOGOUT was answered: nothing that comes matters */
	MACHINE_CLOSED,	  /* the server closed after LOGOUT */
	MACHINE_FAILED
};

enum { MACHINE_FEED_MAX = 65536 };

struct imap {
	struct imap_limits limits;
	enum machine_state state;
	struct trace trace;

	struct buf input;
	size_t input_read; /* octets of it that were read */
	uint64_t received; /* octets fed in all */
	imap_time fed_at;  /* when the last ones came */
	bool has_ended;	   /* the server closed */
	struct reader reader;
	uint64_t begun_at; /* how many octets came before the response that is being read */

	struct command command;
	unsigned commands;     /* how many there were: the tag's number */
	uint64_t sent_after;   /* how many octets had come when the command's last one left */
	char last_command[32]; /* name of the command before, "" for none */

	struct caps caps;
	bool caps_came; /* since the command in flight was queued */
	bool has_utf8;	/* UTF8=ACCEPT is enabled */

	struct imap_failure failure;
};

/* --- fault.c -------------------------------------------------------------------------------- */

/* The first failure stays. Wipes what was queued; returns IMAP_FAILED. */
__attribute__((format(printf, 3, 4))) enum imap_event
machine_fail(struct imap *imap, enum imap_fault fault, const char *format, ...);

/* As above: a sentence on what the server did, to which is added when it did so and its line. */
enum imap_event machine_reject(struct imap *imap, const char *sentence);

/* The reader could not go on. */
enum imap_event machine_fail_to_read(struct imap *imap);
/* The server closed, and not after LOGOUT. */
enum imap_event machine_fail_by_close(struct imap *imap);
/* The server said BYE, and not after LOGOUT. */
enum imap_event machine_fail_by_bye(struct imap *imap, const struct response *response);

/* The server sent bytes between its OK to STARTTLS and TLS. */
enum imap_event machine_fail_by_injection(struct imap *imap);

/* --- dialogue.c ----------------------------------------------------------------------------- */

/* What a complete response means now; IMAP_WAIT if nothing is to be told. */
enum imap_event dialogue_take(struct imap *imap, const struct response *response,
			      struct imap_reply *reply);

/* --- verbs.c -------------------------------------------------------------------------------- */

struct command_style machine_style(const struct imap *imap);

/* False: the session failed before and no command may be built. */
bool machine_begin(struct imap *imap, enum command_kind kind, imap_time now);
/* Lets the command go that was built; its flaw fails the session. */
void machine_end(struct imap *imap, imap_time now);

/* --- exchange.c ---------------------------------------------------------------------------------
 */

/* Takes a '+' of the server's to AUTHENTICATE. */
enum imap_event exchange_challenge(struct imap *imap, struct imap_span text);

#endif
