/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl.c - see sasl.h. Knows no IMAP commands and chooses no mechanism. */
#include "sasl.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

struct sasl {
	Gsasl *library;
	Gsasl_session *session;
	struct imap_sasl face;
	char *response; /* the latest one, owned */
	size_t response_length;
	bool is_content; /* the mechanism has said all and believed all */
	int result;
};

static void forget_response(struct sasl *sasl)
{
	if (sasl->response)
		explicit_bzero(sasl->response, sasl->response_length);
	gsasl_free(sasl->response);
	sasl->response = NULL;
	sasl->response_length = 0;
}

static enum imap_sasl_result step(void *context, struct imap_span challenge,
				  struct imap_span *response)
{
	struct sasl *sasl = context;

	if (sasl->is_content) {
		sasl->result = GSASL_MECHANISM_PARSE_ERROR;
		return IMAP_SASL_FAILED;
	}
	forget_response(sasl);
	sasl->result = gsasl_step(sasl->session, challenge.at, challenge.length, &sasl->response,
				  &sasl->response_length);
	*response = (struct imap_span){sasl->response, sasl->response_length};
	sasl->is_content = sasl->result == GSASL_OK;
	if (sasl->result == GSASL_NEEDS_MORE)
		return IMAP_SASL_MORE;
	return sasl->is_content ? IMAP_SASL_DONE : IMAP_SASL_FAILED;
}

static bool begin(struct sasl *sasl, const char *mechanism, const char *user,
		  struct imap_span secret)
{
	sasl->result = gsasl_init(&sasl->library);
	if (sasl->result == GSASL_OK)
		sasl->result = gsasl_client_start(sasl->library, mechanism, &sasl->session);
	if (sasl->result == GSASL_OK)
		sasl->result = gsasl_property_set(sasl->session, GSASL_AUTHID, user);
	if (sasl->result == GSASL_OK)
		sasl->result = gsasl_property_set_raw(sasl->session, GSASL_PASSWORD, secret.at,
						      secret.length);
	return sasl->result == GSASL_OK;
}

struct sasl *sasl_new(const char *mechanism, const char *user, struct imap_span secret,
		      struct failure *failure)
{
	struct sasl *sasl = calloc(1, sizeof *sasl);

	if (!sasl) {
		failure_set(failure, CLASS_INTERNAL, "out of memory");
		return NULL;
	}
	sasl->face = (struct imap_sasl){mechanism, true, step, sasl};
	if (begin(sasl, mechanism, user, secret))
		return sasl;
	failure_set(failure, CLASS_INTERNAL, "%s cannot be begun: %s", mechanism,
		    sasl_reason(sasl));
	sasl_free(sasl);
	return NULL;
}

void sasl_free(struct sasl *sasl)
{
	if (!sasl)
		return;
	forget_response(sasl);
	gsasl_finish(sasl->session);
	gsasl_done(sasl->library);
	free(sasl);
}

const struct imap_sasl *sasl_imap(const struct sasl *sasl)
{
	return &sasl->face;
}

const char *sasl_reason(const struct sasl *sasl)
{
	if (sasl->is_content)
		return "the server asked for more than the mechanism has to say";
	return gsasl_strerror(sasl->result);
}
