/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conversation_steps.h - what a conversation is made of, for the files that read and run it. */
#ifndef CONVERSATION_STEPS_H
#define CONVERSATION_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

enum step_kind {
	STEP_NOTHING,
	STEP_SERVER,
	STEP_CLIENT,
	STEP_CALL,
	STEP_EVENT,
	STEP_CAPABILITIES,
	STEP_CLOSE,
	STEP_SECURE,
	STEP_TIME
};

struct bytes {
	char *at;
	size_t length;
	size_t room; /* 0: it does not grow */
};

struct step {
	enum step_kind kind;
	unsigned line;	    /* of the file */
	char *text;	    /* behind the prefix, as it stands */
	struct bytes bytes; /* SERVER, CLIENT */
};

struct conversation {
	struct step *steps;
	size_t count;
	char *failure; /* the failure of the first run: it must be the same in all */
};

/* A test without memory is no test. */
static inline void *must(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

/* Fills *to, which the caller frees in any case; false at an escape that is none. */
bool conversation_unescape(const char *from, size_t length, struct bytes *to);

#endif
