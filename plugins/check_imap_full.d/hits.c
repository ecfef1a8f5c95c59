/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hits.c - see hits.h. */
#include "hits.h"

static bool take_item(struct hits *hits, uint64_t number)
{
	if (number == 0 || number > UINT32_MAX)
		return true; /* no message has such a number */
	if (hits->count++ == 0)
		hits->first = (uint32_t)number;
	hits->last = (uint32_t)number;
	if (hits->highest < number)
		hits->highest = (uint32_t)number;
	return !hits->set || uid_set_add(hits->set, (uint32_t)number);
}

/* (TAG "A5") UID COUNT 3 MIN 5 MAX 9: pairs after what has no value. With SORT, MIN and MAX are the
   first and the last in its order. */
static void take_esearch(struct hits *hits, const struct imap_arg *args)
{
	uint64_t number;

	for (const struct imap_arg *arg = args; arg && arg->next; arg = arg->next) {
		if (arg->type != IMAP_ATOM || !imap_number(arg->next, &number))
			continue;
		if (number > UINT32_MAX)
			continue; /* there cannot be so many */
		if (imap_is(arg->text, "COUNT")) {
			hits->count = number;
			hits->is_counted = true;
		}
		if (imap_is(arg->text, "MIN"))
			hits->first = (uint32_t)number;
		if (imap_is(arg->text, "MAX"))
			hits->last = hits->highest = (uint32_t)number;
	}
}

bool hits_take(struct hits *hits, const struct imap_reply *reply)
{
	if (reply->event == IMAP_ITEM)
		return take_item(hits, reply->item);
	if (reply->event == IMAP_DATA && imap_is(reply->name, "ESEARCH"))
		take_esearch(hits, reply->args);
	return true;
}
