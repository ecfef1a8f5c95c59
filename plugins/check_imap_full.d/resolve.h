/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolve.h - a name lookup that respects a deadline and does not block, also for many at once.
 *
 * A and AAAA are two queries, as RFC 8305 section 3 wants: addresses appear as they come, and a
 * name server that drops one of the two cannot hold up the other. /etc/hosts goes before the name
 * servers, and the search domains of /etc/resolv.conf are tried, both as the system's own lookup
 * does. Knows no phases and no IMAP.
 */
#ifndef RESOLVE_H
#define RESOLVE_H

#include "address.h"
#include "failure.h"
#include "wait.h"

struct resolve;

/* Begins to look up `name` (A-labels, no trailing dot needed) for AF_INET, AF_INET6 or AF_UNSPEC
   (both). `nameserver` is ADDR[:PORT] or [ADDR]:PORT, and then it alone is asked, not /etc/hosts;
   or NULL for the system's. NULL with *failure set when that cannot be begun. The caller frees it.
 */
struct resolve *resolve_new(const char *name, int family, unsigned short port,
			    const char *nameserver, struct failure *failure);
void resolve_free(struct resolve *resolve); /* NULL is fine; ends what is under way */

void resolve_wait(const struct resolve *resolve, struct wait *wait);
void resolve_ready(struct resolve *resolve, const struct wait *wait, imap_time now);

/* What came so far; the list only grows. */
const struct address_list *resolve_addresses(const struct resolve *resolve);

/* Whether the race may begin: AAAA is there, or A is and AAAA had its 50 ms (RFC 8305 section 3),
   or nothing more will come. */
bool resolve_may_connect(const struct resolve *resolve, imap_time now);
bool resolve_finished(const struct resolve *resolve); /* nothing more will come */

/* Once finished without an address, or when time is up: why (class resolve), naming the name server
   that was asked where that is known, and telling "no such name" from "no address of this family"
   from "no answer". */
void resolve_failure(const struct resolve *resolve, struct failure *failure);

#endif
