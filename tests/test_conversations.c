/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_conversations.c - plays every conversation to the library: whole, byte by byte, and cut at
 * every single place. Each must tell the same events.
 *
 * Usage: test_conversations [FOLDER or FILE ...]; default $srcdir/tests/conversations.
 *	  test_conversations --seeds=FOLDER [...]: writes inputs for fuzz_session instead
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fts.h>

#include "conversation.h"
#include "conversation_steps.h"

enum { FILES = 1000, LONG = 6000, STRIDE = 1009 };

static char *paths[FILES];
static struct CMUnitTest tests[FILES];
static size_t count;

static void run(struct conversation *conversation, size_t every, size_t at)
{
	char complaint[CONVERSATION_COMPLAINT] = "";
	struct conversation_cuts cuts = {.every = every, .at = at};

	if (!conversation_run(conversation, cuts, complaint))
		fail_msg("%s", complaint);
}

/* Of a long one not every cut is tried, but all near the edges of lines. */
static bool is_worth_a_cut(const struct conversation *conversation, size_t at)
{
	return conversation_length(conversation) <= LONG ||
	       conversation_is_edge(conversation, at) || at % STRIDE == 0;
}

static void plays_the_same_at_every_cut(void **state)
{
	char complaint[CONVERSATION_COMPLAINT] = "";
	struct conversation *conversation = conversation_read(*state, complaint);

	if (!conversation)
		fail_msg("%s", complaint);
	run(conversation, 0, 0);
	run(conversation, 1, 0);
	run(conversation, 7, 0);
	for (size_t at = 1; at < conversation_length(conversation); at++) {
		if (is_worth_a_cut(conversation, at))
			run(conversation, 0, at);
	}
	conversation_free(conversation);
}

static bool is_conversation(const FTSENT *entry)
{
	size_t length = strlen(entry->fts_name);

	return entry->fts_info == FTS_F && length > 4 &&
	       strcmp(entry->fts_name + length - 4, ".txt") == 0;
}

static int by_name(const FTSENT **one, const FTSENT **other)
{
	return strcmp((*one)->fts_name, (*other)->fts_name);
}

/* What follows the folder of them all. */
static const char *short_name(const char *path)
{
	static const char folder[] = "/conversations/";
	const char *found = strstr(path, folder);

	return found ? found + strlen(folder) : path;
}

/* Without a call or an event there is nothing in it for the library: the live tests take care. */
static bool is_for_the_library(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	bool is_so = !file;

	while (!is_so && getline(&line, &room, file) >= 0)
		is_so = line[0] == '>' || strncmp(line, "E:", 2) == 0;
	free(line);
	if (file)
		fclose(file);
	return is_so;
}

static void find_files(char **roots)
{
	FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
	FTSENT *entry;

	while (tree && (entry = fts_read(tree))) {
		if (!is_conversation(entry) || count == FILES ||
		    !is_for_the_library(entry->fts_path))
			continue;
		paths[count] = must(strdup(entry->fts_path));
		tests[count] = (struct CMUnitTest){.name = short_name(paths[count]),
						   .test_func = plays_the_same_at_every_cut,
						   .initial_state = paths[count]};
		count++;
	}
	if (tree)
		fts_close(tree);
}

static int write_seeds(const char *folder)
{
	for (size_t i = 0; i < count; i++) {
		char complaint[CONVERSATION_COMPLAINT];
		char path[4096];
		struct conversation *conversation = conversation_read(paths[i], complaint);
		snprintf(path, sizeof(path), "%s/%zu", folder, i);
		FILE *file = conversation ? fopen(path, "w") : NULL;
		if (!file)
			return 1;
		conversation_write_seed(conversation, file);
		fclose(file);
		conversation_free(conversation);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const char seeds[] = "--seeds=";
	bool wants_seeds = argc > 1 && strncmp(argv[1], seeds, strlen(seeds)) == 0;
	const char *source = getenv("srcdir");
	char folder[4096];
	char *defaults[] = {folder, NULL};
	char **roots = argv + 1 + wants_seeds;

	snprintf(folder, sizeof(folder), "%s/tests/conversations", source ? source : ".");
	find_files(*roots ? roots : defaults);
	int result = 1;
	if (count == 0)
		fprintf(stderr, "no conversation was found\n");
	else if (wants_seeds)
		result = write_seeds(argv[1] + strlen(seeds));
	else
		result = _cmocka_run_group_tests("conversations", tests, count, NULL, NULL);
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	return result;
}
