/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mp.h - the one door to libmonitoringplug: no other file may include its headers.
 */
#ifndef MP_H
#define MP_H

#include <stdbool.h>

struct mp_range {
	double start, end;
	bool start_infinity, end_infinity;
	bool alert_inside;
};

/* The range grammar. Takes garbage for numbers: validate before. */
bool mp_range_parse(const char *text, struct mp_range *range);

/* Replaces --extra-opts=[SECTION][@FILE] in the arguments by the options of that ini section, which
   come before the others. Nothing may have been printed before. On a missing section or file the
   library prints the line (after "IMAP UNKNOWN - ") and exits 3 by itself. The new vector lives
   until the end of the program; argv's own strings stay where they are. */
char **mp_extra_opts(int *argc, char **argv);

#endif
