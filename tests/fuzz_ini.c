/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_ini.c - an ini file of --extra-opts, and the options that come of it.
 *
 * The file is one in memory (link with -Wl,--wrap=fopen). What the library takes for a mistake ends
 * the program, which no fuzzer could go on from: exit() is caught on its way (-Wl,--wrap=exit). A
 * few octets are lost then each time, so it wants memory when it runs for long.
 *
 * What must hold: an option's value is taken or refused in a sentence, whatever it is.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdio_ext.h>

#include "fuzz.h"
#include "mp.h"
#include "options.h"

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker gives these names. */
void __real_exit(int status) __attribute__((noreturn));
void __wrap_exit(int status) __attribute__((noreturn));

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);

static jmp_buf caught;
static bool is_catching;
static struct {
	const uint8_t *data;
	size_t size;
	FILE *file; /* while it is open */
} ini;

void __wrap_exit(int status)
{
	if (is_catching)
		longjmp(caught, 1 + (status & 1));
	__real_exit(status);
}

FILE *__wrap_fopen(const char *path, const char *mode)
{
	static char nothing[1] = "\n";

	if (!is_catching)
		return __real_fopen(path, mode);
	ini.file = fmemopen(ini.size ? (void *)ini.data : nothing, ini.size ? ini.size : 1, "r");
	return ini.file;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static void judge(int argc, char **argv)
{
	static struct config config;
	struct failure failure = {.text = ""};

	if (options_parse(argc, argv, &config, &failure) != OPTIONS_BAD)
		return;
	check(failure.text[0] != '\0', "a refusal has a sentence");
	for (const char *at = failure.text; *at; at++)
		check(isprint((unsigned char)*at) && !strchr("|`$<>", *at), "that can be printed");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[] = "check_imap_full";
	static char option[] = "--extra-opts=x@file";
	char *arguments[] = {name, option, NULL};
	int argc = 2;

	if (size > 2000)
		return 0;
	ini.data = data;
	ini.size = size;
	is_catching = true;
	if (setjmp(caught) == 0) {
		char **argv = mp_extra_opts(&argc, arguments);
		is_catching = false;
		judge(argc, argv);
		for (int i = 1; i < argc; i++)
			free(argv[i]);
		if (argv != arguments)
			free(argv);
	} else {
		fclose(ini.file);
	}
	is_catching = false;
	__fpurge(stdout);
	return 0;
}
