/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arena.c - blocks of memory, handed out from front to back. Knows nothing of IMAP. */
#include "arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096, ALIGNMENT = alignof(max_align_t) };

struct arena_block {
	struct arena_block *next;
	size_t room;
	size_t used;
	max_align_t bytes[];
};

void arena_init(struct arena *arena, size_t max)
{
	*arena = (struct arena){.max = max};
}

static void free_from(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;
		free(block);
		block = next;
	}
}

void arena_free(struct arena *arena)
{
	free_from(arena->blocks);
	arena_init(arena, arena->max);
}

/* Keeps one ordinary block: most responses need no more, and so no malloc(). */
void arena_reset(struct arena *arena)
{
	struct arena_block *kept = arena->blocks;

	if (kept && kept->room == BLOCK) {
		free_from(kept->next);
		kept->next = NULL;
		kept->used = 0;
	} else {
		free_from(kept);
		arena->blocks = NULL;
	}
	arena->used = 0;
	arena->has_failed = false;
	arena->is_full = false;
}

static bool add_block(struct arena *arena, size_t size)
{
	size_t room = size > BLOCK ? size : BLOCK;
	struct arena_block *block = malloc(sizeof(*block) + room);

	if (!block)
		return false;
	*block = (struct arena_block){.next = arena->blocks, .room = room};
	arena->blocks = block;
	return true;
}

static void *refuse(struct arena *arena, bool is_full)
{
	arena->has_failed = true;
	arena->is_full = is_full;
	return NULL;
}

void *arena_take(struct arena *arena, size_t size)
{
	if (size > arena->max || arena->used > arena->max - size)
		return refuse(arena, true);

	size_t step = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	struct arena_block *block = arena->blocks;
	if ((!block || step > block->room - block->used) && !add_block(arena, step))
		return refuse(arena, false);
	block = arena->blocks;
	void *piece = (char *)block->bytes + block->used;
	block->used += step;
	arena->used += step;
	return piece;
}

struct imap_span arena_copy(struct arena *arena, struct imap_span span)
{
	char *copy = arena_take(arena, span.length + 1);

	if (!copy)
		return (struct imap_span){0};
	if (span.length)
		memcpy(copy, span.at, span.length);
	copy[span.length] = '\0';
	return (struct imap_span){copy, span.length};
}
