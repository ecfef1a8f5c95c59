/* SPDX-License-Identifier: GPL-3.0-or-later */
/* search.c - see search.h. Looks nothing up. */
#include "search.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add(struct search *search, const char *name, const char *domain)
{
	char **at = &search->names[search->count];

	if (asprintf(at, "%s%s%s", name, domain ? "." : "", domain ? domain : "") < 0)
		return false;
	search->count++;
	return true;
}

static unsigned count_dots(const char *name)
{
	unsigned dots = 0;

	for (; *name; name++)
		dots += *name == '.';
	return dots;
}

static bool add_domains(struct search *search, const char *name, const struct __res_state *system)
{
	for (int i = 0; i < MAXDNSRCH && system->dnsrch[i]; i++) {
		const char *domain = system->dnsrch[i];

		if (domain[0] != '\0' && strcmp(domain, ".") != 0 && !add(search, name, domain))
			return false;
	}
	return true;
}

/* As resolv.conf(5) says: a name with `ndots` dots is tried as it is first, another one last. What
   the file says is asked of the C library, for c-ares does not tell it in all its versions. */
bool search_list(struct search *search, const char *name)
{
	struct __res_state system = {.options = 0};
	size_t length = strlen(name);
	bool is_well;

	search->count = 0;
	if (length == 0 || name[length - 1] == '.' || res_ninit(&system) != 0)
		return add(search, name, NULL);
	if (count_dots(name) >= system.ndots)
		is_well = add(search, name, NULL) && add_domains(search, name, &system);
	else
		is_well = add_domains(search, name, &system) && add(search, name, NULL);
	res_nclose(&system);
	return is_well;
}

void search_clear(struct search *search)
{
	while (search->count > 0)
		free(search->names[--search->count]);
}
