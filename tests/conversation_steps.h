/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conversation_steps.h - what a conversation is made of, for the files that read and run it. */
#ifndef CONVERSATION_STEPS_H
#define CONVERSATION_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "arena.h"

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
	const char *text;   /* behind the prefix, as it stands */
	struct bytes bytes; /* SERVER, CLIENT */
};

enum { CONVERSATION_STEPS_MAX = 500, CONVERSATION_TEXT_MAX = 16 * 1024 * 1024 };

struct conversation {
	struct step steps[CONVERSATION_STEPS_MAX];
	size_t count;
	struct arena arena; /* where their text lives */
	char *failure;	    /* the failure of the first run: it must be the same in all */
};

/* A test without memory is no test. */
static inline void *must(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

/* Fills *to, with two octets of room behind it; false at an escape that is none. */
bool conversation_unescape(struct arena *arena, const char *from, size_t length, struct bytes *to);

#endif
