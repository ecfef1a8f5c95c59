/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host.h - what -H (or --sni) names: a DNS name or an address literal, in the forms that each
 * reader needs. */
#ifndef HOST_H
#define HOST_H

#include "address.h"
#include "failure.h"

struct host {
	char shown[260];  /* for the output, ":PORT" may follow: as the user wrote it, but IPv6
			     literals  always in brackets, an IDN in A-labels */
	char lookup[260]; /* A-labels, for the lookup; a trailing dot is kept here */
	char name[260]; /* for SNI and verification: A-labels or the literal; no brackets, zone, dot
			 */
	bool is_address;
	struct address address; /* is_address: with zone; port not set */
};

/* Takes a name, an IPv4 or IPv6 literal, with or without brackets and zone. An IDN becomes
   A-labels. False with *failure (class usage). */
bool host_parse(const char *text, struct host *host, struct failure *failure);

#endif
