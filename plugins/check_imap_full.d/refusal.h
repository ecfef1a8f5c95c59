/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refusal.h - what a server's NO or BAD means: the account's fault, the service's, or neither. */
#ifndef REFUSAL_H
#define REFUSAL_H

#include "auth.h"
#include "failure.h"

/* Sets class, code (if imap_known_code() knows it) and sentence from a tagged NO or BAD: "server
   refused WHAT: [CODE] text", and a hint for codes and texts that are known to mean more.
   `otherwise` is the class when the response code does not speak of the service (RFC 5530): auth
   for a login, refused for anything else. */
void refusal_set(struct failure *failure, const struct imap_reply *reply,
		 enum failure_class otherwise, const char *what);

/* The same for a login by `spec`. `told` is what the server said of it before, or "". */
void refusal_set_login(struct failure *failure, const struct imap_reply *reply,
		       const struct auth_spec *spec, const char *what, const char *told);

#endif
