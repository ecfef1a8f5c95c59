/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mp.c - the one door to libmonitoringplug.
 *
 * Its headers want C17, their own folders (MP_CPPFLAGS) and these two headers before them; they
 * must not see our autoconf header, so the Makefile builds this file on its own.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include "utils_base.h"
#include "extra_opts.h"
#include "mp.h"

/* Both keep pointers to what they were given as plugin's name: it has to be writable and to stay.
 */
static char plugin_name[] = "check_imap_full";

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

char **mp_extra_opts(int *argc, char **argv)
{
	np_init(plugin_name, *argc, argv);
	return np_extra_opts(argc, argv, plugin_name);
}
