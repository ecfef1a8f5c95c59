/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mp.c - the one door to libmonitoringplug.
 *
 * Its headers want C17, their own folders (MP_CPPFLAGS) and these two headers before them; they
 * must not see our autoconf header, so the Makefile builds this file on its own.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "utils_base.h"
#include "extra_opts.h"
#include "mp.h"

/* The library keeps a pointer to its name, which it wants writable; the program keeps the
 * arguments. */
static char plugin_name[] = "check_imap_full";
static char **spliced;

bool mp_range_parse(const char *text, struct mp_range *range)
{
	struct range_struct *parsed = parse_range_string((char *)text);
	if (!parsed)
		return false;
	*range = (struct mp_range){
		.start = parsed->start,
		.end = parsed->end,
		.start_infinity = parsed->start_infinity,
		.end_infinity = parsed->end_infinity,
		.alert_inside = parsed->alert_on,
	};
#ifdef MP_RANGE_HAS_TEXT
	free(parsed->text);
#endif
	free(parsed);
	return true;
}

/* Only then is there anything for the library to do. */
static bool names_extra_opts(int argc, char **argv)
{
	static const char name[] = "--extra-opts";

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], name, sizeof name - 1) == 0)
			return true;
	return false;
}

char **mp_extra_opts(int *argc, char **argv)
{
	if (!names_extra_opts(*argc, argv))
		return argv;
	/* What the library complains about lacks the state: it waits in the buffer, in case. */
	fputs("IMAP UNKNOWN - --extra-opts: ", stdout);
	np_init(plugin_name, *argc, argv);
	spliced = np_extra_opts(argc, argv, plugin_name);
	__fpurge(stdout);
	return spliced;
}
