/* SPDX-License-Identifier: GPL-3.0-or-later */
/* candidates.c - see candidates.h. Looks nothing up. */
#include "candidates.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add(struct candidates *candidates, const char *name, const char *domain)
{
	char **at = &candidates->names[candidates->count];

	if (asprintf(at, "%s%s%s", name, domain ? "." : "", domain ? domain : "") < 0)
		return false;
	candidates->count++;
	return true;
}

static unsigned count_dots(const char *name)
{
	unsigned dots = 0;

	for (; *name; name++)
		dots += *name == '.';
	return dots;
}

static bool add_domains(struct candidates *candidates, const char *name,
			const struct __res_state *system)
{
	for (int i = 0; i < MAXDNSRCH && system->dnsrch[i]; i++) {
		const char *domain = system->dnsrch[i];

		if (domain[0] != '\0' && strcmp(domain, ".") != 0 && !add(candidates, name, domain))
			return false;
	}
	return true;
}

/* As resolv.conf(5) says: a name with `ndots` dots is tried as it is first, another one last. What
   the file says is asked of the C library, for c-ares does not tell it in all its versions. */
bool candidates_list(struct candidates *candidates, const char *name)
{
	struct __res_state system = {.options = 0};
	size_t length = strlen(name);
	bool is_well;

	candidates->count = 0;
	if (length == 0 || name[length - 1] == '.' || res_ninit(&system) != 0)
		return add(candidates, name, NULL);
	if (count_dots(name) >= system.ndots)
		is_well = add(candidates, name, NULL) && add_domains(candidates, name, &system);
	else
		is_well = add_domains(candidates, name, &system) && add(candidates, name, NULL);
	res_nclose(&system);
	return is_well;
}

void candidates_clear(struct candidates *candidates)
{
	while (candidates->count > 0)
		free(candidates->names[--candidates->count]);
}
