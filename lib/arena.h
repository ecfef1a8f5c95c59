/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena.h - memory of one response: taken piece by piece, given back at once, bounded. */
#ifndef ARENA_H
#define ARENA_H

#include "imapcheck.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* the newest first */
	size_t used;		    /* octets handed out since the last reset */
	size_t max;
	bool has_failed; /* arena_take() gave NULL since the last reset ... */
	bool is_full;	 /* ... because of the maximum, not of the memory */
};

void arena_init(struct arena *arena, size_t max);
void arena_free(struct arena *arena);
void arena_reset(struct arena *arena);

/* Aligned for any object; NULL when beyond the maximum or out of memory. Pieces never move. */
void *arena_take(struct arena *arena, size_t size);

/* A copy with a NUL behind it that is not counted; `at` is NULL where arena_take() gives NULL. */
struct imap_span arena_copy(struct arena *arena, struct imap_span span);

#endif
