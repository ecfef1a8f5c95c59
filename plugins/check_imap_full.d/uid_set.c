/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uid_set.c - see uid_set.h. */
#include "uid_set.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { RANGE_TEXT = 2 * 10 + 3 }; /* "4294967295:4294967295," and a NUL */

void uid_set_free(struct uid_set *set)
{
	free(set->ranges);
	*set = (struct uid_set){0};
}

static bool grow(struct uid_set *set)
{
	size_t room = set->room ? 2 * set->room : 64;
	struct uid_range *ranges;

	if (set->count < set->room)
		return true;
	if (set->count >= UID_SET_RANGES_MAX)
		return false;
	ranges = realloc(set->ranges, room * sizeof *ranges);
	if (!ranges)
		return false;
	set->ranges = ranges;
	set->room = room;
	return true;
}

static bool follows_last(const struct uid_set *set, uint32_t uid)
{
	return set->count > 0 && uid > 0 && set->ranges[set->count - 1].to == uid - 1;
}

bool uid_set_add(struct uid_set *set, uint32_t uid)
{
	if (follows_last(set, uid)) {
		set->ranges[set->count - 1].to = uid;
		return true;
	}
	if (!grow(set))
		return false;
	set->ranges[set->count++] = (struct uid_range){uid, uid};
	return true;
}

bool uid_set_write(struct uid_set *set, char *text, size_t size)
{
	size_t used = 0;

	while (set->written < set->count && used + RANGE_TEXT <= size) {
		const struct uid_range *range = &set->ranges[set->written++];

		if (used > 0)
			text[used++] = ',';
		used += (size_t)snprintf(text + used, size - used, "%" PRIu32, range->from);
		if (range->to > range->from)
			used += (size_t)snprintf(text + used, size - used, ":%" PRIu32, range->to);
	}
	return used > 0;
}
