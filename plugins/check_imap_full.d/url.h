/* SPDX-License-Identifier: GPL-3.0-or-later */
/* url.h - imap:// and imaps:// URLs (RFC 5092), taken apart. */
#ifndef URL_H
#define URL_H

#include "failure.h"

struct url {
	bool is_tls;	   /* imaps */
	char host[260];	   /* percent-decoded; an address literal in its brackets */
	unsigned port;	   /* 0 if none */
	char user[260];	   /* percent-decoded; "" if none */
	char auth[40];	   /* of ;AUTH=, "" if none or "*" */
	char mailbox[500]; /* percent-decoded UTF-8; "" if none */
};

bool url_is_one(const char *text); /* begins with imap: or imaps:, case does not matter */

/* False with *failure (class usage) when it is not well-formed, or says what this program does not
   do: a password, ;UID=, ;UIDVALIDITY=, a search. The failure never repeats any of the URL. */
bool url_parse(const char *text, struct url *url, struct failure *failure);

#endif
