/* SPDX-License-Identifier: GPL-3.0-or-later */
/* refusal.c - see refusal.h. Adds a hint only where the server's words are known to mean it. */
#include "refusal.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* What is kept of the server's words. */
enum { WORDS = 300 };

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

/* A BAD is about our grammar, not about the password: do not send anybody to reset it. */
static enum failure_class class_of(const struct imap_reply *reply, enum failure_class otherwise)
{
	if (blames_the_service(reply->code))
		return CLASS_UNAVAILABLE;
	if (reply->status == IMAP_BAD && otherwise == CLASS_AUTH && reply->code.length == 0)
		return CLASS_REFUSED;
	return otherwise;
}

/* --- hints ------------------------------------------------------------------------------------ */

struct hint {
	const char *sign; /* a code, or a part of the text */
	const char *hint;
};

/* RFC 5530, RFC 9051 section 7.1, RFC 2221 */
static const struct hint code_hints[] = {
	{"UNAVAILABLE", "something behind the server (LDAP, SQL, storage) does not answer it"},
	{"CONTACTADMIN", "the account needs its administrator"},
	{"SERVERBUG", "a fault within the server"},
	{"CLIENTBUG", "the server takes the command for a mistake"},
	{"INUSE", "another session holds it"},
	{"LIMIT", "a limit of the server is reached"},
	{"OVERQUOTA", "the account is over its quota"},
	{"NOPERM", "the user is known but may not do this"},
	{"PRIVACYREQUIRED", "the server wants TLS first: --tls=starttls or --tls=implicit"},
	{"CORRUPTION", "the server found damaged data"},
	{NULL, NULL},
};

static const struct hint login_code_hints[] = {
	{"AUTHORIZATIONFAILED", "the credentials are right, but may not act as this user"},
	{"EXPIRED", "the password has expired"},
	{"REFERRAL", "the account is on another server"},
	{NULL, NULL},
};

/* The words of Gmail, of Microsoft 365 and of those who follow them. */
static const struct hint login_text_hints[] = {
	{"application-specific password", "an app password is needed, or --auth=xoauth2"},
	{"app-specific password", "an app password is needed, or --auth=xoauth2"},
	{"app password", "an app password is needed, or --auth=xoauth2"},
	{"basic authentication is disabled", "only a token logs in: --auth=xoauth2"},
	{"BasicAuthBlocked", "basic authentication is off, only a token logs in: --auth=xoauth2"},
	{"log in via your web browser", "the provider wants a person to log in once"},
	{NULL, NULL},
};

static const struct hint text_hints[] = {
	{"User is authenticated but not connected",
	 "Exchange took the login but does not open the mailbox: look at its permissions, its "
	 "licence and the scope of the token"},
	{NULL, NULL},
};

/* All that Exchange says, whatever the reason. */
static bool is_tight_lipped(struct imap_span text)
{
	static const char *const texts[] = {"LOGIN failed.", "AUTHENTICATE failed."};

	for (size_t i = 0; i < 2; i++)
		if (text.length == strlen(texts[i]) && memcmp(text.at, texts[i], text.length) == 0)
			return true;
	return false;
}

static const char *hint_of_code(const struct hint *hints, struct imap_span code)
{
	for (; hints->sign; hints++)
		if (imap_is(code, hints->sign))
			return hints->hint;
	return NULL;
}

static const char *hint_of_text(const struct hint *hints, struct imap_span text)
{
	char words[WORDS];

	text_clean(words, sizeof words, text);
	for (; hints->sign; hints++)
		if (strcasestr(words, hints->sign))
			return hints->hint;
	return NULL;
}

/* What the mechanism makes likely where the server says next to nothing. */
static const char *hint_of_mechanism(const struct imap_reply *reply, const struct auth_spec *spec)
{
	bool is_token = spec->secret == AUTH_SECRET_TOKEN;

	if (spec == auth_spec(AUTH_EXTERNAL))
		return "EXTERNAL rests on the client certificate";
	if (spec->secret == AUTH_SECRET_NONE)
		return NULL;
	if (is_tight_lipped(reply->text))
		return is_token ? "Exchange says no more; the token may have expired or lack the "
				  "scope for IMAP, or IMAP is off for this mailbox"
				: "Exchange says no more, also where basic authentication is off "
				  "and only --auth=xoauth2 logs in";
	if (!imap_is(reply->code, "AUTHENTICATIONFAILED"))
		return NULL;
	return is_token ? "wrong user name or token" : "wrong user name or password";
}

static const char *hint_of_login(const struct imap_reply *reply, const struct auth_spec *spec)
{
	const char *hint = hint_of_text(login_text_hints, reply->text);

	if (!hint)
		hint = hint_of_code(login_code_hints, reply->code);
	if (!hint)
		hint = hint_of_code(code_hints, reply->code);
	return hint ? hint : hint_of_mechanism(reply, spec);
}

/* --- the sentence ----------------------------------------------------------------------------- */

/* Dovecot ends its answers with "(0.001 + 0.000 secs).": the report's own times are better. */
static void cut_seconds(char *words)
{
	char *open = strrchr(words, '(');

	if (open && open > words && strcmp(open + strcspn(open, "s"), "secs).") == 0 &&
	    open[1] >= '0' && open[1] <= '9')
		open[open[-1] == ' ' ? -1 : 0] = '\0';
}

/* One, not the dots of a text that was cut off. */
static void cut_full_stop(char *words)
{
	size_t length = strlen(words);

	if (length > 1 && words[length - 1] == '.' && words[length - 2] != '.')
		words[length - 1] = '\0';
}

static const char *end_of_code(const char *words)
{
	return words[0] ? "] " : "]";
}

static void set(struct failure *failure, const struct imap_reply *reply, enum failure_class class,
		const char *what, const char *told, const char *hint)
{
	const char *code = imap_known_code(reply->code);
	char words[WORDS];
	bool is_mute;

	text_clean(words, sizeof words, reply->text);
	cut_seconds(words);
	cut_full_stop(words);
	is_mute = !code && !words[0];
	failure_set(failure, class, "server refused %.200s%s%s%s%s%s%s%s%s%s%s", what,
		    is_mute ? ", without saying why" : ": ", code ? "[" : "", code ? code : "",
		    code ? end_of_code(words) : "", words,
		    reply->status == IMAP_BAD ? " (BAD)" : "", told[0] ? "; it told " : "", told,
		    hint ? "; " : "", hint ? hint : "");
	snprintf(failure->code, sizeof failure->code, "%s", code ? code : "");
}

void refusal_set(struct failure *failure, const struct imap_reply *reply,
		 enum failure_class otherwise, const char *what)
{
	const char *hint = hint_of_code(code_hints, reply->code);

	set(failure, reply, class_of(reply, otherwise), what, "",
	    hint ? hint : hint_of_text(text_hints, reply->text));
}

void refusal_set_login(struct failure *failure, const struct imap_reply *reply,
		       const struct auth_spec *spec, const char *what, const char *told)
{
	const char *hint = told[0] ? NULL : hint_of_login(reply, spec);

	set(failure, reply, class_of(reply, CLASS_AUTH), what, told, hint);
}
