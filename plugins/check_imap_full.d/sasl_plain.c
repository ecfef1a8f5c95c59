/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl_plain.c - see sasl_plain.h. */
#include "sasl_plain.h"

#include <stdlib.h>
#include <string.h>

struct sasl_plain {
	bool is_sent;
	size_t length;
	char line[];
};

/* authzid NUL authcid NUL password */
static void write_line(struct sasl_plain *plain, const char *authzid,
		       const struct sasl_request *request)
{
	char *to = stpcpy(plain->line, authzid) + 1;

	to = stpcpy(to, request->user) + 1;
	to = mempcpy(to, request->secret.at, request->secret.length);
	plain->length = (size_t)(to - plain->line);
}

struct sasl_plain *sasl_plain_new(const struct sasl_request *request, struct failure *failure)
{
	const char *authzid = request->authzid ? request->authzid : "";
	struct sasl_plain *plain = malloc(sizeof *plain + strlen(authzid) + 1 +
					  strlen(request->user) + 1 + request->secret.length);

	if (!plain) {
		failure_set(failure, CLASS_INTERNAL, "out of memory");
		return NULL;
	}
	plain->is_sent = false;
	write_line(plain, authzid, request);
	return plain;
}

void sasl_plain_free(struct sasl_plain *plain)
{
	if (plain)
		explicit_bzero(plain->line, plain->length);
	free(plain);
}

enum imap_sasl_result sasl_plain_step(void *context, struct imap_span challenge,
				      struct imap_span *response)
{
	struct sasl_plain *plain = context;

	(void)challenge;
	if (plain->is_sent)
		return IMAP_SASL_FAILED;
	plain->is_sent = true;
	*response = (struct imap_span){plain->line, plain->length};
	return IMAP_SASL_DONE;
}

void sasl_plain_failure(const struct sasl_plain *plain, struct failure *failure)
{
	(void)plain;
	failure_set(failure, CLASS_PROTOCOL,
		    "the server asks for more than the mechanism has to say");
}
