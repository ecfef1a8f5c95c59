/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sasl_gnu.c - see sasl_gnu.h. Answers what GNU SASL asks for, no more, and judges in words what it
 * made of the server's challenges. Must not know where they come from.
 */
#include "sasl_gnu.h"

#include <stdlib.h>
#include <string.h>

#include "mask.h"
#include "sasl_library.h"

/* A server that challenges more often than any mechanism needs keeps us busy for nothing. */
enum { STEPS_MAX = 16 };

struct sasl_gnu {
	struct sasl_request request;
	struct sasl_library gsasl; /* its functions */
	Gsasl *context;
	Gsasl_session *session;
	char *response; /* the latest one, owned */
	size_t response_length;
	unsigned steps;
	bool is_content; /* the mechanism has said all and believed all */
	bool is_overrun; /* the server wanted more after that */
	int result;
	bool has_odd_iterations;
	unsigned long long iterations; /* of SCRAM, as the server wants them */
	char refusal[60];	       /* SCRAM's e= of the server, cleaned, the secret masked */
};

static bool is_scram(const struct sasl_gnu *gnu)
{
	return strncmp(gnu->request.spec->mechanism, "SCRAM", 5) == 0;
}

/* --- what GNU SASL asks for ------------------------------------------------------------------- */

/* The iterations are read before the secret is handed over: a server must neither make us work for
   seconds nor have a proof that is cheap to crack. */
static bool has_fair_iterations(struct sasl_gnu *gnu)
{
	const char *count = gnu->gsasl.property_fast(gnu->session, GSASL_SCRAM_ITER);

	gnu->iterations = count ? strtoull(count, NULL, 10) : 0;
	gnu->has_odd_iterations =
		gnu->iterations < SASL_ITERATIONS_MIN || gnu->iterations > SASL_ITERATIONS_MAX;
	return !gnu->has_odd_iterations;
}

static int give(struct sasl_gnu *gnu, Gsasl_property property, const char *text, int without)
{
	return text ? gnu->gsasl.property_set(gnu->session, property, text) : without;
}

static int give_password(struct sasl_gnu *gnu)
{
	const struct imap_span *secret = &gnu->request.secret;

	if (is_scram(gnu) && !has_fair_iterations(gnu))
		return GSASL_NO_PASSWORD;
	return gnu->gsasl.property_set_raw(gnu->session, GSASL_PASSWORD, secret->at,
					   secret->length);
}

/* It asks in plain SCRAM too, and an answer there would say "I could bind, but you do not offer
   it", which a server that does offer it must refuse (RFC 5802 section 6). */
static int give_binding(struct sasl_gnu *gnu, Gsasl_property property, enum tls_binding_kind kind)
{
	const struct tls_binding *binding = &gnu->request.binding;
	char *text = NULL;
	int result;

	if (!gnu->request.spec->binds || binding->kind != kind)
		return GSASL_NO_CALLBACK;
	result = gnu->gsasl.base64_to(binding->octets, binding->length, &text, NULL);
	if (result == GSASL_OK)
		result = gnu->gsasl.property_set(gnu->session, property, text);
	gnu->gsasl.free(text);
	return result;
}

/* ANONYMOUS logs a trace, not an identity (RFC 4505). */
static const char *trace_token(const struct sasl_request *request)
{
	return request->user ? request->user : "check_imap_full";
}

/* Who has no name beside an identity that the server takes from elsewhere (a certificate, a ticket)
   names with -u whom to be. */
static const char *authzid(const struct sasl_request *request)
{
	bool is_named_elsewhere = request->spec->secret == AUTH_SECRET_NONE;

	return request->authzid || !is_named_elsewhere ? request->authzid : request->user;
}

/* GNU SASL would keep a pointer for us, but its functions are found by that pointer only. So the
   exchange that calls it is kept here, for the length of a call and for one thread. */
static _Thread_local struct sasl_gnu *current;

static int answer(Gsasl *context, Gsasl_session *session, Gsasl_property property)
{
	struct sasl_gnu *gnu = current;
	const struct sasl_request *request = &gnu->request;

	(void)context;
	gnu->session = session; /* some ask while they are being started */
	switch (property) {
	case GSASL_AUTHID:
		return give(gnu, property, request->user, GSASL_NO_AUTHID);
	case GSASL_AUTHZID:
		return give(gnu, property, authzid(request), GSASL_NO_AUTHZID);
	case GSASL_PASSWORD:
		return give_password(gnu);
	case GSASL_SERVICE:
		return give(gnu, property, "imap", GSASL_NO_SERVICE);
	case GSASL_HOSTNAME:
		return give(gnu, property, request->host, GSASL_NO_HOSTNAME);
	case GSASL_ANONYMOUS_TOKEN:
		return give(gnu, property, trace_token(request), GSASL_NO_ANONYMOUS_TOKEN);
	case GSASL_CB_TLS_UNIQUE:
		return give_binding(gnu, property, TLS_BINDING_UNIQUE);
	case GSASL_CB_TLS_EXPORTER:
		return give_binding(gnu, property, TLS_BINDING_EXPORTER);
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* --- the exchange ----------------------------------------------------------------------------- */

static void forget_response(struct sasl_gnu *gnu)
{
	if (gnu->response)
		explicit_bzero(gnu->response, gnu->response_length);
	gnu->gsasl.free(gnu->response);
	gnu->response = NULL;
	gnu->response_length = 0;
}

/* RFC 5802 section 7: server-error, in place of a signature. */
static void keep_refusal(struct sasl_gnu *gnu, struct imap_span challenge)
{
	struct imap_span error = {challenge.at + 2, challenge.length - 2};

	if (challenge.length > 2 && memcmp(challenge.at, "e=", 2) == 0)
		mask_foreign(gnu->request.secret, gnu->refusal, sizeof gnu->refusal, error);
}

/* RFC 5802 section 5.1: the server continues our nonce by its own. GNU SASL is content where it
   adds nothing. */
static bool has_own_nonce(const struct sasl_gnu *gnu, struct imap_span challenge)
{
	const char *ours =
		gnu->response ? memmem(gnu->response, gnu->response_length, ",r=", 3) : NULL;
	size_t length;

	if (!ours)
		return true;
	ours++;
	length = gnu->response_length - (size_t)(ours - gnu->response);
	return challenge.length <= length || memcmp(challenge.at, ours, length) != 0 ||
	       challenge.at[length] != ',';
}

static int step(struct sasl_gnu *gnu, struct imap_span challenge)
{
	if (is_scram(gnu)) {
		keep_refusal(gnu, challenge);
		if (gnu->steps == 2 && !has_own_nonce(gnu, challenge))
			return GSASL_AUTHENTICATION_ERROR;
	}
	forget_response(gnu);
	current = gnu;
	return gnu->gsasl.step(gnu->session, challenge.at, challenge.length, &gnu->response,
			       &gnu->response_length);
}

enum imap_sasl_result sasl_gnu_step(void *context, struct imap_span challenge,
				    struct imap_span *response)
{
	struct sasl_gnu *gnu = context;

	gnu->is_overrun = gnu->is_content || gnu->steps == STEPS_MAX;
	if (gnu->is_overrun)
		return IMAP_SASL_FAILED;
	gnu->steps++;
	gnu->result = step(gnu, challenge);
	*response = (struct imap_span){gnu->response, gnu->response_length};
	gnu->is_content = gnu->result == GSASL_OK;
	if (gnu->result == GSASL_NEEDS_MORE)
		return IMAP_SASL_MORE;
	return gnu->is_content ? IMAP_SASL_DONE : IMAP_SASL_FAILED;
}

/* --- life ------------------------------------------------------------------------------------- */

static bool begin(struct sasl_gnu *gnu)
{
	gnu->result = gnu->gsasl.init(&gnu->context);
	if (gnu->result != GSASL_OK)
		return false;
	gnu->gsasl.callback_set(gnu->context, answer);
	current = gnu;
	gnu->result =
		gnu->gsasl.client_start(gnu->context, gnu->request.spec->mechanism, &gnu->session);
	if (gnu->result != GSASL_OK)
		gnu->session = NULL;
	return gnu->result == GSASL_OK;
}

struct sasl_gnu *sasl_gnu_new(const struct sasl_request *request, struct failure *failure)
{
	struct sasl_gnu *gnu = calloc(1, sizeof *gnu);

	if (!gnu) {
		failure_set(failure, CLASS_INTERNAL, "out of memory");
		return NULL;
	}
	gnu->request = *request;
	if (sasl_library_open(&gnu->gsasl, GSASL_SONAME, failure)) {
		if (begin(gnu))
			return gnu;
		failure_set(failure, CLASS_INTERNAL, "%s cannot be begun here: %s",
			    request->spec->shown, gnu->gsasl.strerror(gnu->result));
	}
	sasl_gnu_free(gnu);
	return NULL;
}

/* GNU SASL frees its copies as they are. */
static void wipe(const struct sasl_gnu *gnu)
{
	static const Gsasl_property secrets[] = {GSASL_PASSWORD, GSASL_SCRAM_SALTED_PASSWORD};

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		char *copy = (char *)gnu->gsasl.property_fast(gnu->session, secrets[i]);

		if (copy)
			explicit_bzero(copy, strlen(copy));
	}
}

void sasl_gnu_free(struct sasl_gnu *gnu)
{
	if (!gnu)
		return;
	if (gnu->gsasl.handle) {
		forget_response(gnu);
		if (gnu->session)
			wipe(gnu);
		gnu->gsasl.finish(gnu->session);
		gnu->gsasl.done(gnu->context);
		sasl_library_close(&gnu->gsasl);
	}
	free(gnu);
}

/* --- why it gave up --------------------------------------------------------------------------- */

static void blame_iterations(const struct sasl_gnu *gnu, struct failure *failure)
{
	bool is_low = gnu->iterations < SASL_ITERATIONS_MIN;

	failure_set(failure, CLASS_PROTOCOL,
		    "the server asks for %llu SCRAM iterations, and %s than %d are refused: %s",
		    gnu->iterations, is_low ? "fewer" : "more",
		    is_low ? SASL_ITERATIONS_MIN : SASL_ITERATIONS_MAX,
		    is_low ? "they would not protect the password" : "they take too long");
}

/* Its second challenge is the last: it holds the server's own proof. */
static void blame_scram(const struct sasl_gnu *gnu, struct failure *failure)
{
	if (gnu->steps == 2)
		failure_set(failure, CLASS_PROTOCOL,
			    "the server's first message does not continue the nonce that was sent");
	else
		failure_set(failure, CLASS_AUTH,
			    "the server's signature is wrong: it does not know the password, so it "
			    "may not be the server that it says it is");
}

/* The library keeps the Kerberos library's own words to itself. */
static void blame_kerberos(const struct sasl_gnu *gnu, struct failure *failure)
{
	if (gnu->steps == 1)
		failure_set(failure, CLASS_AUTH,
			    "the Kerberos library gives no ticket for imap/%s (see klist, kvno, "
			    "KRB5CCNAME and KRB5_CONFIG as the monitoring user has them)",
			    gnu->request.host);
	else
		failure_set(failure, CLASS_AUTH,
			    "the Kerberos library does not accept the server's answer: %s",
			    gnu->gsasl.strerror(gnu->result));
}

static bool is_about_kerberos(int result)
{
	return result >= GSASL_GSSAPI_RELEASE_BUFFER_ERROR &&
	       result <= GSASL_GSSAPI_UNSUPPORTED_PROTECTION_ERROR;
}

static void blame_result(const struct sasl_gnu *gnu, struct failure *failure)
{
	switch (gnu->result) {
	case GSASL_AUTHENTICATION_ERROR:
		blame_scram(gnu, failure);
		break;
	case GSASL_MECHANISM_PARSE_ERROR:
	case GSASL_BASE64_ERROR:
		failure_set(failure, CLASS_PROTOCOL,
			    "the server sent a challenge that is not of this mechanism");
		break;
	case GSASL_SASLPREP_ERROR:
		failure_set(failure, CLASS_USAGE,
			    "user name or password are not UTF-8, or hold characters that SASLprep "
			    "(RFC 4013) forbids");
		break;
	case GSASL_NO_CB_TLS_UNIQUE:
	case GSASL_NO_CB_TLS_EXPORTER:
		failure_set(failure, CLASS_MISSING,
			    "this connection has nothing to bind the login to");
		break;
	default:
		failure_set(failure, CLASS_INTERNAL, "%s", gnu->gsasl.strerror(gnu->result));
	}
}

void sasl_gnu_failure(const struct sasl_gnu *gnu, struct failure *failure)
{
	if (gnu->is_overrun)
		failure_set(failure, CLASS_PROTOCOL,
			    "the server asks for more than the mechanism has to say");
	else if (gnu->has_odd_iterations)
		blame_iterations(gnu, failure);
	else if (gnu->refusal[0])
		failure_set(failure, CLASS_AUTH, "the server refused the proof: %s", gnu->refusal);
	else if (is_about_kerberos(gnu->result))
		blame_kerberos(gnu, failure);
	else
		blame_result(gnu, failure);
}
