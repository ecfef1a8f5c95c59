/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refusal.h - what a server's NO or BAD means: the account's fault, the service's, or neither. */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "failure.h"

/* Sets class, code and sentence from a tagged NO or BAD: "server refused WHAT: [CODE] text". `otherwise`
   is the class when the response code does not speak of the service (RFC 5530): auth for a login,
   refused for anything else. */
void refusal_set(struct failure *failure, const struct imap_reply *reply,
		 enum failure_class otherwise, const char *what);

#endif
