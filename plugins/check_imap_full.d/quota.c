/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quota.c - see quota.h. Reads replies, sends nothing. */
#include "quota.h"

enum { STORAGE_UNIT = 1024 }; /* RFC 9208 section 5.1: STORAGE counts in units of 1,024 octets */

double quota_percent(const struct quota_use *use)
{
	return 100 * use->used / use->limit;
}

static void take_use(struct quota_use *known, double used, double limit)
{
	struct quota_use use = {true, used, limit};

	if (limit <= 0)
		return; /* no limit at all, whatever is used */
	if (!known->is_known || quota_percent(&use) > quota_percent(known))
		*known = use;
}

/* * QUOTA "root" (STORAGE 10 512 MESSAGE 3 1000) */
void quota_take(struct quota *quota, const struct imap_arg *args)
{
	const struct imap_arg *list = args ? args->next : NULL;
	const struct imap_arg *name;

	if (!list || list->type != IMAP_LIST)
		return;
	for (name = list->first; name && name->next && name->next->next;
	     name = name->next->next->next) {
		uint64_t used, limit;

		if (!imap_number(name->next, &used) || !imap_number(name->next->next, &limit))
			return;
		if (imap_is(name->text, "STORAGE"))
			take_use(&quota->storage, (double)used * STORAGE_UNIT,
				 (double)limit * STORAGE_UNIT);
		if (imap_is(name->text, "MESSAGE"))
			take_use(&quota->messages, (double)used, (double)limit);
	}
}
