/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * write_letter.c - prints the message that --append would store, for letter.test to read.
 *
 *	write_letter HOST USER MAILBOX [--from=ADDRESS] [--to=ADDRESS] [--subject=TEXT] ...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "letter.h"
#include "settings.h"

struct option {
	const char *name;
	bool (*take)(struct config *config, char *value, struct failure *failure);
};

static const struct option options[] = {
	{"--from=", setting_from}, {"--to=", setting_to},     {"--cc=", setting_cc},
	{"--bcc=", setting_bcc},   {"--body=", setting_body}, {"--subject=", setting_subject},
};

static bool take(struct config *config, char *argument, struct failure *failure)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		size_t length = strlen(options[i].name);

		if (strncmp(argument, options[i].name, length) == 0)
			return options[i].take(config, argument + length, failure);
	}
	return false;
}

static bool print(const struct config *config, const char *mailbox)
{
	struct mark mark;
	size_t length = 0;
	bool is_printed;
	char *letter;

	if (!mark_make(&mark, MARK_APPEND, config, mailbox, time(NULL)))
		return false;
	letter = letter_write(config, MARK_APPEND, &mark, mailbox, &length);
	is_printed = letter && fwrite(letter, 1, length, stdout) == length && fflush(stdout) == 0;
	free(letter);
	return is_printed;
}

int main(int argc, char **argv)
{
	static struct config config;
	struct failure failure = {.text = "an argument is unknown"};

	if (argc < 4 || !host_parse(argv[1], &config.host, &failure))
		return 3;
	config.user = argv[2];
	for (int i = 4; i < argc; i++)
		if (!take(&config, argv[i], &failure)) {
			fprintf(stderr, "%s: %s\n", argv[i], failure.text);
			return 3;
		}
	return print(&config, argv[3]) ? 0 : 1;
}
