/* SPDX-License-Identifier: GPL-3.0-or-later */
/* uid_set.h - message numbers as they come from a search, kept as ranges, written as a sequence set
   (RFC 9051 section 9, sequence-set) piece by piece. */
#ifndef UID_SET_H
#define UID_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UID_SET_RANGES_MAX = 1000000 }; /* 8 MiB: what a server may make us keep */

struct uid_range {
	uint32_t from, to;
};

struct uid_set {
	struct uid_range *ranges;
	size_t count, room;
	size_t written; /* ranges that uid_set_write() has given out */
};

void uid_set_free(struct uid_set *set);

/* Ascending numbers grow a range; any order is fine. False: no memory, or too many ranges. */
bool uid_set_add(struct uid_set *set, uint32_t uid);

/* Writes the next ranges that fit into `size` octets, "1:4,7"; false when none are left. */
bool uid_set_write(struct uid_set *set, char *text, size_t size);

#endif
