/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sasl_token.c - see sasl_token.h. A refusal has two parts: a challenge that holds JSON and wants
 * an empty word in answer, then the tagged NO, which is not seen here.
 */
#include "sasl_token.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mask.h"
#include "text.h"

#define SEPARATOR '\001' /* of key-value pairs */

struct sasl_token {
	struct sasl_request request;
	char *line; /* the initial response */
	size_t length;
	bool is_sent;
	bool is_refused; /* the server sent its error */
	bool is_overrun; /* and then wanted more */
	char hint[200];
};

/* --- what is sent ----------------------------------------------------------------------------- */

/* RFC 6750 section 2.1 has few characters; no token that is seen in the wild has others than these.
   A separator would let a token say more than a token may. */
static bool is_token(struct imap_span secret)
{
	for (size_t i = 0; i < secret.length; i++)
		if (secret.at[i] <= ' ' || secret.at[i] > '~')
			return false;
	return secret.length > 0;
}

static bool is_sound(const struct sasl_request *request, struct failure *failure)
{
	const char *names[] = {request->user, request->authzid};

	for (size_t i = 0; i < 2; i++)
		if (names[i] && strchr(names[i], SEPARATOR)) {
			failure_set(failure, CLASS_USAGE,
				    "a user name for %s cannot hold the control character 1",
				    request->spec->shown);
			return false;
		}
	if (is_token(request->secret))
		return true;
	failure_set(failure, CLASS_USAGE,
		    "the secret for %s is a token, and no token holds blanks, control characters "
		    "or characters beyond ASCII",
		    request->spec->shown);
	return false;
}

/* RFC 5801 section 4: saslname. */
static void write_saslname(FILE *to, const char *name)
{
	for (; *name; name++)
		if (*name == ',')
			fputs("=2C", to);
		else if (*name == '=')
			fputs("=3D", to);
		else
			putc(*name, to);
}

static void write_line(FILE *to, const struct sasl_request *request)
{
	if (request->spec == auth_spec(AUTH_XOAUTH2)) {
		fprintf(to, "user=%s%c", request->user, SEPARATOR);
	} else {
		fputs("n,a=", to);
		write_saslname(to, request->authzid ? request->authzid : request->user);
		fprintf(to, ",%chost=%s%cport=%u%c", SEPARATOR, request->host, SEPARATOR,
			request->port, SEPARATOR);
	}
	fputs("auth=Bearer ", to);
	fwrite(request->secret.at, 1, request->secret.length, to);
	fprintf(to, "%c%c", SEPARATOR, SEPARATOR);
}

/* Into room that is large enough from the start: a buffer that grows leaves copies behind. */
static bool make_line(struct sasl_token *token)
{
	const struct sasl_request *request = &token->request;
	const char *authzid = request->authzid ? request->authzid : request->user;
	size_t room = 100 + strlen(request->user) + 3 * strlen(authzid) + strlen(request->host) +
		      request->secret.length;
	FILE *to;

	token->line = malloc(room);
	to = token->line ? fmemopen(token->line, room, "w") : NULL;
	if (!to)
		return false;
	setvbuf(to, NULL, _IONBF, 0);
	write_line(to, request);
	token->length = (size_t)ftell(to);
	return fclose(to) == 0;
}

/* --- what the server says against it ---------------------------------------------------------- */

static const char *meaning(const char *status)
{
	static const struct {
		const char *status, *meaning;
	} meanings[] = {
		/* RFC 6750 section 3.1, RFC 7628 section 3.2.2; numbers as Gmail has them */
		{"invalid_token", "expired, revoked or not a token of this service"},
		{"insufficient_scope", "the token was made for something else"},
		{"invalid_request", "the request was not understood"},
		{"400", "expired, revoked or not a token of this service"},
		{"401", "not accepted"},
	};

	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
		if (strcmp(meanings[i].status, status) == 0)
			return meanings[i].meaning;
	return NULL;
}

static void add_member(struct sasl_token *token, const json_t *error, const char *name)
{
	const char *value = json_string_value(json_object_get(error, name));
	char words[64];

	if (!value || !value[0])
		return;
	mask_foreign(token->request.secret, words, sizeof words, text_span(value));
	text_add(token->hint, sizeof token->hint, "%s%s %s", token->hint[0] ? ", " : "", name,
		 words);
}

/* {"status":"invalid_token","scope":"mail","schemes":"bearer"} */
static void explain(struct sasl_token *token, const json_t *error)
{
	const char *status = json_string_value(json_object_get(error, "status"));
	const char *words = status ? meaning(status) : NULL;

	add_member(token, error, "status");
	if (words)
		text_add(token->hint, sizeof token->hint, " (%s)", words);
	add_member(token, error, "scope");
	add_member(token, error, "error_description");
}

static void keep_hint(struct sasl_token *token, struct imap_span challenge)
{
	json_error_t ignored;
	json_t *error = json_loadb(challenge.at, challenge.length, 0, &ignored);

	if (error)
		explain(token, error);
	else
		mask_foreign(token->request.secret, token->hint, sizeof token->hint, challenge);
	json_decref(error);
}

enum imap_sasl_result sasl_token_step(void *context, struct imap_span challenge,
				      struct imap_span *response)
{
	static const char end[] = {SEPARATOR};
	struct sasl_token *token = context;
	bool is_bearer = token->request.spec == auth_spec(AUTH_OAUTHBEARER);

	if (!token->is_sent) {
		token->is_sent = true;
		*response = (struct imap_span){token->line, token->length};
		return IMAP_SASL_DONE;
	}
	token->is_overrun = token->is_refused;
	if (token->is_overrun)
		return IMAP_SASL_FAILED;
	token->is_refused = true;
	keep_hint(token, challenge);
	*response = (struct imap_span){end, is_bearer ? 1 : 0};
	return IMAP_SASL_MORE;
}

/* --- life ------------------------------------------------------------------------------------- */

struct sasl_token *sasl_token_new(const struct sasl_request *request, struct failure *failure)
{
	struct sasl_token *token;

	if (!is_sound(request, failure))
		return NULL;
	token = calloc(1, sizeof *token);
	if (token) {
		token->request = *request;
		if (make_line(token))
			return token;
	}
	sasl_token_free(token);
	failure_set(failure, CLASS_INTERNAL, "out of memory");
	return NULL;
}

void sasl_token_free(struct sasl_token *token)
{
	if (!token)
		return;
	if (token->line)
		explicit_bzero(token->line, token->length);
	free(token->line);
	free(token);
}

void sasl_token_failure(const struct sasl_token *token, struct failure *failure)
{
	failure_set(failure, CLASS_PROTOCOL,
		    "the server asks for more than the mechanism has to say%s%s",
		    token->hint[0] ? "; its error said " : "", token->hint);
}

const char *sasl_token_hint(const struct sasl_token *token)
{
	return token->hint;
}
