/* SPDX-License-Identifier: GPL-3.0-or-later */
/* hits.h - what an IMAP search found, in whichever of its forms the server tells it: SEARCH and
   SORT number by number, or ESEARCH (RFC 4731, RFC 5267) in a few words. */
#ifndef HITS_H
#define HITS_H

#include "uid_set.h"
#include "imapcheck.h"

struct hits {
	uint64_t count;
	bool is_counted;     /* ESEARCH told the count, and the highest of what it counted */
	uint32_t highest;    /* 0 without hits */
	uint32_t first;	     /* in the order of the answer: the sort's first */
	uint32_t last;	     /* and its last */
	struct uid_set *set; /* keeps every hit; NULL: not wanted. Borrowed */
};

/* Takes what concerns a search from any reply; false when the set cannot hold more. */
bool hits_take(struct hits *hits, const struct imap_reply *reply);

#endif
