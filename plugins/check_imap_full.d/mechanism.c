/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mechanism.c - see mechanism.h. A pure choice: nothing is sent from here. */
#include "mechanism.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

static const char LOGIN[] = "LOGIN";

static bool is_offered(const struct imap *imap, const char *mechanism)
{
	char capability[64];

	if (mechanism == LOGIN)
		return !imap_has(imap, "LOGINDISABLED");
	snprintf(capability, sizeof capability, "AUTH=%s", mechanism);
	return imap_has(imap, capability);
}

/* What reveals the secret to whoever reads along comes last where somebody may. */
static const char *first_offered(const struct imap *imap, enum mechanism_shield shield,
				 bool allow_cleartext)
{
	static const char *const revealing[] = {"PLAIN", LOGIN};
	static const char *const hiding[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"};
	const char *order[5];
	size_t count = 0;

	if (shield == SHIELD_VERIFIED)
		for (size_t i = 0; i < 2; i++)
			order[count++] = revealing[i];
	for (size_t i = 0; i < 3; i++)
		order[count++] = hiding[i];
	if (shield == SHIELD_UNVERIFIED || (shield == SHIELD_NONE && allow_cleartext))
		for (size_t i = 0; i < 2; i++)
			order[count++] = revealing[i];
	for (size_t i = 0; i < count; i++)
		if (is_offered(imap, order[i]))
			return order[i];
	return NULL;
}

/* "AUTH=PLAIN AUTH=CRAM-MD5 LOGINDISABLED": what of the capabilities matters here. */
static void list_offers(const struct imap *imap, char *text, size_t size)
{
	struct imap_span all = imap_capabilities(imap);
	const char *end = all.at + all.length;

	text[0] = '\0';
	for (const char *at = all.at; at < end;) {
		const char *blank = memchr(at, ' ', (size_t)(end - at));
		struct imap_span word = {at, (size_t)((blank ? blank : end) - at)};

		if (imap_is(word, "LOGINDISABLED") ||
		    (word.length > 5 && imap_is((struct imap_span){at, 5}, "AUTH=")))
			text_add(text, size, "%s%.*s", text[0] ? " " : "", (int)word.length,
				 word.at);
		at = blank ? blank + 1 : end;
	}
}

static void complain(const struct imap *imap, const char *wanted, const char *advice,
		     struct failure *failure)
{
	char offers[300];

	list_offers(imap, offers, sizeof offers);
	failure_set(failure, CLASS_MISSING, "server does not offer %s; it offers %s%s", wanted,
		    offers[0] ? offers : "no mechanism at all", advice);
}

const char *mechanism_choose(const struct config *config, const struct imap *imap,
			     enum mechanism_shield shield, struct failure *failure)
{
	const char *asked = config->auth == CONFIG_AUTH_PLAIN   ? "PLAIN"
			    : config->auth == CONFIG_AUTH_LOGIN ? LOGIN
								: NULL;
	const char *chosen;

	if (asked) {
		if (is_offered(imap, asked))
			return asked;
		complain(imap, asked == LOGIN ? "the LOGIN command" : asked, "", failure);
		return NULL;
	}
	chosen = first_offered(imap, shield, config->allow_cleartext);
	if (!chosen && shield == SHIELD_NONE)
		complain(imap, "a mechanism that is safe without TLS",
			 " (use --tls=starttls, or --allow-cleartext)", failure);
	else if (!chosen)
		complain(imap, "a password mechanism known here", "", failure);
	return chosen;
}
