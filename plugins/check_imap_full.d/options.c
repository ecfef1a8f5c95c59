/* SPDX-License-Identifier: GPL-3.0-or-later */
/* options.c - see options.h: from the argument vector to the configuration. Must not know what any
   single option means; that is in option_specs.c and settings.c. */
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "arguments.h"

/* --- hiding secrets -------------------------------------------------------------------------- */

/* Vector and strings in one block. */
static char **copy_vector(int argc, char **argv)
{
	size_t head = ((size_t)argc + 1) * sizeof *argv;
	size_t size = head;

	for (int i = 0; i < argc; i++)
		size += strlen(argv[i]) + 1;

	char **copy = malloc(size);

	if (!copy)
		return NULL;

	char *to = (char *)copy + head;

	for (int i = 0; i < argc; i++) {
		copy[i] = to;
		to = stpcpy(to, argv[i]) + 1;
	}
	copy[argc] = NULL;
	return copy;
}

/* The kernel lays the arguments out one after the other; somebody else may not have. */
static bool is_contiguous(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (argv[i] != argv[i - 1] + strlen(argv[i - 1]) + 1)
			return false;
	return true;
}

/* Takes `value` out: what follows moves up over it, the room is left as NULs behind the last one.
 */
static void cut(int argc, char **argv, char *value)
{
	size_t length = strlen(value);

	if (!is_contiguous(argc, argv)) {
		explicit_bzero(value, length);
		return;
	}

	char *end = argv[argc - 1] + strlen(argv[argc - 1]) + 1;

	for (int i = 0; i < argc; i++)
		if (argv[i] > value)
			argv[i] -= length;
	memmove(value, value + length, (size_t)(end - value) - length);
	explicit_bzero(end - length, length);
}

char **options_hide_secrets(int argc, char **argv)
{
	char **copy = copy_vector(argc, argv);
	struct arguments arguments = {.argc = argc, .argv = argv, .next = 1};
	enum arguments_found what;

	do {
		struct argument found;
		struct failure ignored;

		what = arguments_next(&arguments, &found, &ignored);
		if (found.spec && found.spec->is_secret && found.value)
			cut(argc, argv, found.value);
	} while (what != ARGUMENTS_END);
	return copy;
}

/* --- parsing --------------------------------------------------------------------------------- */

static void put_label_before(const char *label, struct failure *failure)
{
	char text[sizeof failure->text];

	memcpy(text, failure->text, sizeof text);
	failure_set(failure, CLASS_USAGE, "%s: %s", label, text);
}

static enum options_answer apply(struct config *config, const struct argument *argument,
				 struct failure *failure)
{
	if (argument->spec->answer != OPTIONS_RUN)
		return argument->spec->answer;
	if (argument->spec->apply(config, argument->value, failure))
		return OPTIONS_RUN;
	put_label_before(argument->label, failure);
	return OPTIONS_BAD;
}

/* Whoever reads the output counts on its form, whatever else is wrong and wherever that stands. */
static enum options_answer refuse(struct arguments *arguments, struct config *config)
{
	enum arguments_found what;

	do {
		struct argument found;
		struct failure ignored;

		what = arguments_next(arguments, &found, &ignored);
		if (what == ARGUMENTS_OPTION && found.spec->tells_form)
			found.spec->apply(config, found.value, &ignored);
	} while (what != ARGUMENTS_END);
	return OPTIONS_BAD;
}

enum options_answer options_parse(int argc, char **argv, struct config *config,
				  struct failure *failure)
{
	struct arguments arguments = {.argc = argc, .argv = argv, .next = 1};
	enum arguments_found what;

	config_init(config);
	do {
		struct argument found;

		what = arguments_next(&arguments, &found, failure);
		if (what == ARGUMENTS_BAD)
			return refuse(&arguments, config);
		if (what == ARGUMENTS_OPTION) {
			enum options_answer answer = apply(config, &found, failure);

			if (answer != OPTIONS_RUN)
				return answer == OPTIONS_BAD ? refuse(&arguments, config) : answer;
		}
	} while (what != ARGUMENTS_END);
	return config_finish(config, failure) ? OPTIONS_RUN : OPTIONS_BAD;
}
