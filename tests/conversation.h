/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conversation.h - a scripted conversation between a server and a session: read from a file, played
 * to the library with the server's bytes cut anywhere. conversations/README.md has the format.
 */
#ifndef CONVERSATION_H
#define CONVERSATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct conversation;

enum { CONVERSATION_COMPLAINT = 2000 };

/* How the server's bytes reach the session. What the conversation lets come at once is never fed
   later than that, so only the cuts differ. */
struct conversation_cuts {
	size_t every; /* pieces of so many octets; 0: as long as can be */
	size_t at;    /* one more cut before this octet, counted over the whole file; 0: none */
};

/* NULL with a complaint that names the line. */
struct conversation *conversation_read(const char *path, char *complaint);
void conversation_free(struct conversation *conversation);

/* False with a complaint that names the line. */
bool conversation_run(struct conversation *conversation, struct conversation_cuts cuts,
		      char *complaint);

/* How many octets the server sends, and whether a cut at `at` is near to the edge of a line. */
size_t conversation_length(const struct conversation *conversation);
bool conversation_is_edge(const struct conversation *conversation, size_t at);

/* Writes an input for fuzz_session. */
void conversation_write_seed(const struct conversation *conversation, FILE *to);

#endif
