/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl.c - see sasl.h: which of the three kinds of mechanism does the work. Knows no IMAP commands
   and chooses no mechanism. */
#include "sasl.h"

#include <stdlib.h>

#include "sasl_gnu.h"
#include "sasl_plain.h"
#include "sasl_token.h"

struct sasl {
	struct imap_sasl face;
	/* One of them, the others are NULL. */
	struct sasl_gnu *gnu;
	struct sasl_plain *plain;
	struct sasl_token *token;
};

static bool begin(struct sasl *sasl, const struct sasl_request *request, struct failure *failure)
{
	sasl->face = (struct imap_sasl){
		.mechanism = request->spec->mechanism,
		.client_first = !request->spec->server_first,
	};
	if (request->spec->secret == AUTH_SECRET_TOKEN) {
		sasl->face.context = sasl->token = sasl_token_new(request, failure);
		sasl->face.step = sasl_token_step;
	} else if (request->spec == auth_spec(AUTH_PLAIN)) {
		sasl->face.context = sasl->plain = sasl_plain_new(request, failure);
		sasl->face.step = sasl_plain_step;
	} else {
		sasl->face.context = sasl->gnu = sasl_gnu_new(request, failure);
		sasl->face.step = sasl_gnu_step;
	}
	return sasl->face.context != NULL;
}

struct sasl *sasl_new(const struct sasl_request *request, struct failure *failure)
{
	struct sasl *sasl = calloc(1, sizeof *sasl);

	if (!sasl) {
		failure_set(failure, CLASS_INTERNAL, "out of memory");
		return NULL;
	}
	if (begin(sasl, request, failure))
		return sasl;
	sasl_free(sasl);
	return NULL;
}

void sasl_free(struct sasl *sasl)
{
	if (!sasl)
		return;
	sasl_gnu_free(sasl->gnu);
	sasl_plain_free(sasl->plain);
	sasl_token_free(sasl->token);
	free(sasl);
}

const struct imap_sasl *sasl_imap(const struct sasl *sasl)
{
	return &sasl->face;
}

void sasl_failure(const struct sasl *sasl, struct failure *failure)
{
	if (sasl->token)
		sasl_token_failure(sasl->token, failure);
	else if (sasl->plain)
		sasl_plain_failure(sasl->plain, failure);
	else
		sasl_gnu_failure(sasl->gnu, failure);
}

const char *sasl_hint(const struct sasl *sasl)
{
	return sasl->token ? sasl_token_hint(sasl->token) : "";
}
