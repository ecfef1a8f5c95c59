/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mailserver.h - one mailbox and its two sessions, within the test's own process: it answers what
   came whenever it is given a turn, and fails where it is told to. */
#ifndef MAILSERVER_H
#define MAILSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAILSERVER_MESSAGES = 600, MAILSERVER_ROOM = 256 * 1024 };

enum mailserver_fault { FAULT_NONE, FAULT_NO, FAULT_BYE, FAULT_CLOSE, FAULT_SILENCE, FAULT_COUNT };

struct mailserver_session {
	int fd; /* -1: closed */
	char in[MAILSERVER_ROOM];
	size_t length;
	char out[MAILSERVER_ROOM]; /* not sent yet */
	size_t out_length;
	char pending[16000]; /* what it is to be told of when it listens */
	char tag[20];
	bool is_idle;
	char heard[4000]; /* the verbs so far: "SELECT UID-SEARCH APPEND " */
	unsigned commands;

	unsigned fails_at; /* the command, counted from 1; 0: never */
	enum mailserver_fault fault;
	bool is_silent;
	unsigned held; /* turns in which nothing is sent */
};

struct mailserver_message {
	uint32_t uid;
	bool is_deleted, is_flagged;
	char *text;
};

struct mailserver {
	struct mailserver_session sessions[2];
	struct mailserver_message messages[MAILSERVER_MESSAGES];
	unsigned count;
	uint32_t next_uid;

	/* its ways */
	const char *capabilities; /* beside IMAP4rev1 and LITERAL+ */
	const char *flags;	  /* of PERMANENTFLAGS */
	const char *opened;	  /* the code in the answer to SELECT */
	const char *added;	  /* a field before those of a message that is stored */
	bool keeps_exists, keeps_flags, keeps_uid; /* to itself */
	bool finds_everything;			   /* whatever is searched for */
	bool shows_no_header;
	bool stores_another_first; /* just before one that is stored */
	bool expunges_after_fetch;
	bool changes_body;
	bool closes_second_at_append; /* and answers a little later */
	unsigned uidvalidity_of_append;
};

/* Takes both ends, -1 for one that is not there; says the greetings. */
void mailserver_start(struct mailserver *server, int first, int second);
void mailserver_stop(struct mailserver *server);

/* A message that is there already. */
void mailserver_store(struct mailserver *server, const char *text);

/* Answers what came; false if nothing did. */
bool mailserver_turn(struct mailserver *server);

#endif
