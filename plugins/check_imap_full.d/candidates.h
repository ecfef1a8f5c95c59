/* SPDX-License-Identifier: GPL-3.0-or-later */
/* candidates.h - the names to look up for a name that may be short: resolv.conf's search domains.
 */
#ifndef CANDIDATES_H
#define CANDIDATES_H

#include <resolv.h>
#include <stdbool.h>

struct candidates {
	char *names[MAXDNSRCH + 1]; /* in the order to be tried */
	unsigned count;
};

/* Fills *candidates with at least `name` itself; false when out of memory. In both cases
   candidates_clear() frees what is in it. A trailing dot means: no search domains. */
bool candidates_list(struct candidates *candidates, const char *name);
void candidates_clear(struct candidates *candidates);

#endif
