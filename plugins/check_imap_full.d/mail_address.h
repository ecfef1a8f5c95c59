/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail_address.h - one address of a message's header (RFC 5322 section 3.4): "Alice
   <alice@example.org>" or the bare "alice@example.org". */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include "failure.h"

struct mail_address {
	char name[256]; /* before the angle bracket, in UTF-8, out of its quotes; "" for none */
	char spec[330]; /* local@domain in ASCII: the domain in A-labels */
};

/* One address, not a list. False with *failure (class usage): a local part beyond ASCII, a control
   character, no domain. */
bool mail_address_parse(const char *text, struct mail_address *address, struct failure *failure);

#endif
