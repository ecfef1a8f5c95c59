/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search.h - the names to look up for a name that may be short: resolv.conf's search domains. */
#ifndef SEARCH_H
#define SEARCH_H

#include <resolv.h>
#include <stdbool.h>

struct search {
	char *names[MAXDNSRCH + 1]; /* in the order to be tried */
	unsigned count;
};

/* Fills *search with at least `name` itself; false when out of memory. In both cases search_clear()
   frees what is in it. A trailing dot means: no search domains. */
bool search_list(struct search *search, const char *name);
void search_clear(struct search *search);

#endif
