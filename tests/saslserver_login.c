/* SPDX-License-Identifier: GPL-3.0-or-later */
/* saslserver_login.c - the test server's side of a login: GNU SASL's mechanisms, the two that carry
   a token, and the LOGIN command. */
#include "saslserver.h"

#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- what is told ----------------------------------------------------------------------------- */

/* One write, so that lines of several connections do not mix. */
static void note(const char *mechanism, const char *user, const char *authzid, const char *outcome)
{
	printf("login %s user=%s authzid=%s %s\n", mechanism, user ? user : "",
	       authzid ? authzid : "", outcome);
	fflush(stdout);
}

static bool answer(struct link *link, const char *tag, bool is_right)
{
	const char *refusal = link->settings->refusal;

	if (is_right)
		link_say(link, "%s OK welcome", tag);
	else
		link_say(link, "%s %s", tag,
			 refusal ? refusal : "NO [AUTHENTICATIONFAILED] no, not you");
	return is_right;
}

/* --- GNU SASL --------------------------------------------------------------------------------- */

static bool may_act_as(const struct settings *settings, const char *authzid)
{
	return !authzid || !authzid[0] || strcmp(authzid, settings->user) == 0 ||
	       strcmp(authzid, settings->authzid) == 0;
}

static int give_binding(const struct link *link, Gsasl_session *session, Gsasl_property property)
{
	static const char label[] = "EXPORTER-Channel-Binding";
	gnutls_datum_t unique = {NULL, 0};
	char octets[32], *text = NULL;

	if (!link->tls || !strcasestr(link->settings->mechanisms, "-PLUS"))
		return GSASL_NO_CALLBACK;
	if (property == GSASL_CB_TLS_EXPORTER) {
		gnutls_prf_rfc5705(link->tls, sizeof label - 1, label, 0, "", sizeof octets,
				   octets);
		gsasl_base64_to(octets, sizeof octets, &text, NULL);
	} else {
		gnutls_session_channel_binding(link->tls, GNUTLS_CB_TLS_UNIQUE, &unique);
		gsasl_base64_to((char *)unique.data, unique.size, &text, NULL);
	}
	gsasl_property_set(session, property, text);
	gsasl_free(text);
	return GSASL_OK;
}

static int give_password(const struct settings *settings, Gsasl_session *session)
{
	const char *user = gsasl_property_fast(session, GSASL_AUTHID);

	if (!user || strcmp(user, settings->user) != 0 ||
	    !may_act_as(settings, gsasl_property_fast(session, GSASL_AUTHZID)))
		return GSASL_NO_PASSWORD;
	return gsasl_property_set(session, GSASL_PASSWORD, settings->password);
}

static int callback(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	struct link *link = gsasl_session_hook_get(session);
	const struct settings *settings = link->settings;
	const char *authzid = gsasl_property_fast(session, GSASL_AUTHZID);

	(void)library;
	switch (property) {
	case GSASL_PASSWORD:
		return give_password(settings, session);
	case GSASL_SCRAM_ITER:
		return gsasl_property_set(session, property, settings->iterations);
	case GSASL_CB_TLS_UNIQUE:
	case GSASL_CB_TLS_EXPORTER:
		return give_binding(link, session, property);
	case GSASL_SERVICE:
		return gsasl_property_set(session, property, "imap");
	case GSASL_HOSTNAME:
		return gsasl_property_set(session, property, settings->host);
	case GSASL_VALIDATE_EXTERNAL:
		return link->has_client_certificate && may_act_as(settings, authzid)
			       ? GSASL_OK
			       : GSASL_AUTHENTICATION_ERROR;
	case GSASL_VALIDATE_GSSAPI:
		return may_act_as(settings, authzid) ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
	case GSASL_VALIDATE_ANONYMOUS:
		return GSASL_OK;
	default:
		return GSASL_NO_CALLBACK;
	}
}

/* What the client sent last, decoded; no octets: it has sent none. */
struct response {
	char *octets;
	size_t length;
};

static bool decode(const char *text, struct response *response)
{
	return gsasl_base64_from(text, strlen(text), &response->octets, &response->length) ==
	       GSASL_OK;
}

static void drop(struct response *response)
{
	gsasl_free(response->octets);
	*response = (struct response){NULL, 0};
}

/* Takes the place of the one before; false when the client gave up or went away. */
static bool read_response(struct link *link, struct response *response)
{
	drop(response);
	return link_read_line(link) && strcmp(link->line, "*") != 0 && decode(link->line, response);
}

static bool challenge(struct link *link, const char *octets, size_t length,
		      struct response *response)
{
	char *text = NULL;

	gsasl_base64_to(octets, length, &text, NULL);
	link_say(link, "+ %s", text ? text : "");
	gsasl_free(text);
	return read_response(link, response);
}

/* A signature that is not the server's. */
static void spoil(const struct settings *settings, char *output, size_t length)
{
	if (strcmp(settings->fault, "signature") == 0 && length > 3 && memcmp(output, "v=", 2) == 0)
		output[2] = output[2] == 'A' ? 'B' : 'A';
}

/* The result of GNU SASL's last step, or GSASL_NO_CALLBACK when the client gave up. */
static int converse(struct link *link, Gsasl_session *session, struct response *response)
{
	const struct settings *settings = link->settings;
	int result = GSASL_NEEDS_MORE;

	/* A client that speaks first is told to go on by an empty challenge. */
	for (;;) {
		char *output = NULL;
		size_t output_length = 0;
		bool goes_on;

		result = gsasl_step(session, response->octets, response->length, &output,
				    &output_length);
		if (result != GSASL_NEEDS_MORE && (result != GSASL_OK || output_length == 0))
			return result;
		if (result == GSASL_OK && strcmp(settings->fault, "early") == 0)
			return result;
		spoil(settings, output, output_length);
		goes_on = challenge(link, output, output_length, response);
		gsasl_free(output);
		if (!goes_on)
			return GSASL_NO_CALLBACK;
		if (result == GSASL_OK)
			return result;
	}
}

static bool authenticate(struct link *link, const char *tag, const char *mechanism,
			 struct response *response)
{
	Gsasl *library;
	Gsasl_session *session;
	const char *user;
	int result;

	if (gsasl_init(&library) != GSASL_OK)
		return false;
	gsasl_callback_set(library, callback);
	if (gsasl_server_start(library, mechanism, &session) != GSASL_OK)
		return answer(link, tag, false);
	gsasl_session_hook_set(session, link);
	result = converse(link, session, response);
	user = gsasl_property_fast(session, GSASL_AUTHID);
	if (!user)
		user = gsasl_property_fast(session, GSASL_ANONYMOUS_TOKEN);
	if (!user)
		user = gsasl_property_fast(session, GSASL_GSSAPI_DISPLAY_NAME);
	note(mechanism, user, gsasl_property_fast(session, GSASL_AUTHZID),
	     result == GSASL_OK ? "right" : gsasl_strerror_name(result));
	if (result == GSASL_OK && strcmp(link->settings->fault, "more") == 0)
		challenge(link, "more", 4, response);
	return answer(link, tag, result == GSASL_OK);
}

/* --- tokens ----------------------------------------------------------------------------------- */

static const char ERROR[] =
	"{\"status\":\"invalid_token\",\"schemes\":\"bearer\",\"scope\":\"mail\"}";

/* As sent, with its separators made visible. */
static void wanted_line(const struct settings *settings, const char *mechanism, char *text,
			size_t size)
{
	if (strcasecmp(mechanism, "XOAUTH2") == 0)
		snprintf(text, size, "user=%s^auth=Bearer %s^^", settings->user,
			 settings->password);
	else
		snprintf(text, size, "n,a=%s,^host=%s^port=*^auth=Bearer %s^^", settings->user,
			 settings->host, settings->password);
}

/* Whatever the port is. */
static bool is_same(const char *wanted, const char *got)
{
	for (; *wanted && *got; wanted++)
		if (*wanted == '*')
			got += strspn(got, "0123456789");
		else if (*wanted != *got++)
			return false;
	return *wanted == *got;
}

static bool take_token(struct link *link, const char *tag, const char *mechanism,
		       struct response *response)
{
	const struct settings *settings = link->settings;
	char got[LINE], wanted[LINE], outcome[100] = "right";
	const char *error = settings->error ? settings->error : ERROR;
	bool is_right;

	if (!response->octets && !challenge(link, "", 0, response))
		return false;
	snprintf(got, sizeof got, "%.*s", (int)response->length, response->octets);
	for (char *at = got; *at; at++)
		*at = *at == '\001' ? '^' : *at;
	wanted_line(settings, mechanism, wanted, sizeof wanted);
	is_right = is_same(wanted, got);
	if (!is_right) {
		if (!challenge(link, error, strlen(error), response))
			return false;
		snprintf(outcome, sizeof outcome, "wrong, then %zu octets", response->length);
	}
	got[strcspn(got, "^")] = '\0';
	note(mechanism, got, NULL, outcome);
	return answer(link, tag, is_right);
}

/* What stands behind the mechanism, "=" for an empty one. */
static bool take_initial(const char *text, struct response *response)
{
	return decode(strcmp(text, "=") == 0 ? "" : text, response);
}

bool login_authenticate(struct link *link, const char *tag, char *rest)
{
	char mechanism[40];
	char *word = strsep(&rest, " ");
	struct response response = {NULL, 0};
	bool is_in;

	snprintf(mechanism, sizeof mechanism, "%s", word);
	if (!is_listed(link->settings->mechanisms, mechanism) ||
	    (rest && !link->settings->has_sasl_ir)) {
		note(mechanism, NULL, NULL, "was not offered");
		return answer(link, tag, false);
	}
	if (rest && !take_initial(rest, &response))
		return answer(link, tag, false);
	if (strcasecmp(mechanism, "XOAUTH2") == 0 || strcasecmp(mechanism, "OAUTHBEARER") == 0)
		is_in = take_token(link, tag, mechanism, &response);
	else
		is_in = authenticate(link, tag, mechanism, &response);
	drop(&response);
	return is_in;
}

/* --- the LOGIN command ------------------------------------------------------------------------ */

/* An atom, a quoted string or a literal; *at moves behind it and its blank. */
static bool read_string(struct link *link, char **at, char *to, size_t size)
{
	size_t used = 0;
	char *from = *at;

	if (*from == '{') {
		size_t length = strtoul(from + 1, NULL, 10);

		if (length >= size)
			return false;
		if (!strchr(from, '+'))
			link_say(link, "+ go on");
		if (!link_read(link, to, length) || !link_read_line(link))
			return false;
		to[length] = '\0';
		*at = link->line + (link->line[0] == ' ');
		return true;
	}
	bool is_quoted = *from == '"';

	for (from += is_quoted; *from && *from != (is_quoted ? '"' : ' '); from++) {
		from += is_quoted && *from == '\\';
		if (used + 1 < size)
			to[used++] = *from;
	}
	to[used] = '\0';
	from += is_quoted && *from;
	*at = from + (*from == ' ');
	return true;
}

bool login_command(struct link *link, const char *tag, char *rest)
{
	static char user[LINE], password[LINE];
	const struct settings *settings = link->settings;
	bool is_right;

	if (!is_listed(settings->mechanisms, "COMMAND") ||
	    !read_string(link, &rest, user, sizeof user) ||
	    !read_string(link, &rest, password, sizeof password)) {
		note("LOGIN-command", NULL, NULL, "was not offered");
		return answer(link, tag, false);
	}
	is_right = strcmp(user, settings->user) == 0 && strcmp(password, settings->password) == 0;
	note("LOGIN-command", user, NULL, is_right ? "right" : "wrong");
	return answer(link, tag, is_right);
}
