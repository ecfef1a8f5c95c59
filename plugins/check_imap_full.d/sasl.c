/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl.c - see sasl.h: which of the two kinds of mechanism does the work. Knows no IMAP commands
   and chooses no mechanism. */
#include "sasl.h"

#include <stdlib.h>

#include "sasl_gnu.h"
#include "sasl_token.h"

struct sasl {
	struct imap_sasl face;
	struct sasl_gnu *gnu;	  /* either this ... */
	struct sasl_token *token; /* ... or this, the other is NULL */
};

static bool begin(struct sasl *sasl, const struct sasl_request *request, struct failure *failure)
{
	bool is_token = request->spec->secret == AUTH_SECRET_TOKEN;

	if (is_token)
		sasl->token = sasl_token_new(request, failure);
	else
		sasl->gnu = sasl_gnu_new(request, failure);
	sasl->face = (struct imap_sasl){
		.mechanism = request->spec->mechanism,
		.client_first = !request->spec->server_first,
		.step = is_token ? sasl_token_step : sasl_gnu_step,
		.context = is_token ? (void *)sasl->token : (void *)sasl->gnu,
	};
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
	else
		sasl_gnu_failure(sasl->gnu, failure);
}

const char *sasl_hint(const struct sasl *sasl)
{
	return sasl->token ? sasl_token_hint(sasl->token) : "";
}
