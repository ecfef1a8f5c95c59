/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refusal.c - see refusal.h. */
#include "refusal.h"

#include <string.h>

/* RFC 5530: codes by which the server says that the service is to blame. */
static bool blames_the_service(struct imap_span code)
{
	static const char *const codes[] = {"UNAVAILABLE", "LIMIT", "INUSE", "SERVERBUG",
					    "CONTACTADMIN"};

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (imap_is(code, codes[i]))
			return true;
	return false;
}

static void copy_code(struct failure *failure, struct imap_span code)
{
	size_t length = code.length < sizeof failure->code ? code.length : 0;

	if (length > 0)
		memcpy(failure->code, code.at, length);
	failure->code[length] = '\0';
}

void refusal_set(struct failure *failure, const struct imap_reply *reply,
		 enum failure_class otherwise, const char *what)
{
	bool has_code = reply->code.length > 0;
	enum failure_class class = blames_the_service(reply->code) ? CLASS_UNAVAILABLE : otherwise;

	/* A BAD is about our grammar, not about the password: do not send anybody to reset it. */
	if (reply->status == IMAP_BAD && class == CLASS_AUTH && !has_code)
		class = CLASS_REFUSED;
	failure_set(failure, class, "server refused %s: %s%.*s%s%.*s%s", what, has_code ? "[" : "",
		    (int)reply->code.length, reply->code.at, has_code ? "] " : "",
		    (int)(reply->text.length < 300 ? reply->text.length : 300), reply->text.at,
		    reply->status == IMAP_BAD ? " (BAD)" : "");
	copy_code(failure, reply->code);
}
