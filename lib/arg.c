/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arg.c - the argument tree. Knows the order of tokens, not how they are written. */
#include "arg.h"

#include <assert.h>
#include <stdlib.h>

#include "ascii.h"

struct arg_level {
	const struct imap_arg **end; /* where the next node's address goes */
	const struct imap_arg *last; /* NULL while the list is empty */
};

bool arg_tree_init(struct arg_tree *tree, struct arena *arena, unsigned depth)
{
	*tree = (struct arg_tree){.arena = arena};
	tree->levels = calloc((size_t)depth + 1, sizeof(*tree->levels));
	if (!tree->levels)
		return false;
	arg_tree_reset(tree);
	return true;
}

void arg_tree_free(struct arg_tree *tree)
{
	free(tree->levels);
	*tree = (struct arg_tree){0};
}

void arg_tree_reset(struct arg_tree *tree)
{
	tree->first = NULL;
	tree->depth = 0;
	tree->levels[0] = (struct arg_level){.end = &tree->first};
}

static struct imap_arg *add(struct arg_tree *tree, enum imap_arg_type type)
{
	struct arg_level *level = &tree->levels[tree->depth];
	struct imap_arg *arg = arena_take(tree->arena, sizeof(*arg));

	if (!arg)
		return NULL;
	*arg = (struct imap_arg){.type = type, .text = {"", 0}};
	*level->end = arg;
	*level = (struct arg_level){.end = &arg->next, .last = arg};
	return arg;
}

bool arg_tree_add(struct arg_tree *tree, enum imap_arg_type type, struct imap_span text)
{
	if (type == IMAP_ATOM && ascii_is(text.at, text.length, "NIL"))
		return add(tree, IMAP_NIL) != NULL;

	struct imap_span copy = arena_copy(tree->arena, text);
	struct imap_arg *arg = copy.at ? add(tree, type) : NULL;

	if (arg)
		arg->text = copy;
	return arg != NULL;
}

char *arg_tree_add_literal(struct arg_tree *tree, size_t size)
{
	char *room = arena_take(tree->arena, size + 1);
	struct imap_arg *arg = room ? add(tree, IMAP_LITERAL) : NULL;

	if (!arg)
		return NULL;
	room[size] = '\0';
	arg->text = (struct imap_span){room, size};
	return room;
}

bool arg_tree_add_streamed(struct arg_tree *tree, uint64_t size)
{
	struct imap_arg *arg = add(tree, IMAP_STREAMED);

	if (arg)
		arg->size = size;
	return arg != NULL;
}

bool arg_tree_open(struct arg_tree *tree)
{
	struct imap_arg *arg = add(tree, IMAP_LIST);

	if (!arg)
		return false;
	tree->levels[++tree->depth] = (struct arg_level){.end = &arg->first};
	return true;
}

void arg_tree_close(struct arg_tree *tree)
{
	assert(tree->depth > 0);
	tree->depth--;
}

const struct imap_arg *arg_tree_last(const struct arg_tree *tree)
{
	return tree->levels[tree->depth].last;
}
