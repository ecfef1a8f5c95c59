/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arg.h - building the argument tree of a response (struct imap_arg) from its tokens, in order. */
#ifndef ARG_H
#define ARG_H

#include "arena.h"

struct arg_level;

struct arg_tree {
	struct arena *arena;	  /* where the nodes live; not owned */
	struct arg_level *levels; /* one for each open list, and one for the top */
	unsigned depth;
	const struct imap_arg *first;
};

/* `depth`: how many lists may be open at once. False when out of memory. */
bool arg_tree_init(struct arg_tree *tree, struct arena *arena, unsigned depth);
void arg_tree_free(struct arg_tree *tree);
void arg_tree_reset(struct arg_tree *tree); /* an empty tree */

/* Each adds a node at the end of the list that is open; NULL or false: the arena gave nothing.
   Opening more than `depth` lists, or closing one too many, is the caller's mistake. */
bool arg_tree_add(struct arg_tree *tree, enum imap_arg_type type, struct imap_span text);
char *arg_tree_add_literal(struct arg_tree *tree, size_t size); /* room for the caller to fill */
bool arg_tree_add_streamed(struct arg_tree *tree, uint64_t size);
bool arg_tree_open(struct arg_tree *tree);
void arg_tree_close(struct arg_tree *tree);

/* The node that was added last to the list that is open; NULL if it is empty. */
const struct imap_arg *arg_tree_last(const struct arg_tree *tree);

#endif
