/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mechanism.c - see mechanism.h. A pure choice: nothing is sent from here. */
#include "mechanism.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

static bool is_offered(const struct imap *imap, const struct auth_spec *spec)
{
	char capability[64];

	if (!spec->mechanism)
		return !imap_has(imap, "LOGINDISABLED");
	snprintf(capability, sizeof capability, "AUTH=%s", spec->mechanism);
	return imap_has(imap, capability);
}

static bool is_fit(const struct config *config, const struct auth_spec *spec)
{
	return !config->authzid || spec->takes_authzid;
}

/* What reveals the secret to whoever reads along comes last where somebody may. */
static const struct auth_spec *first_offered(const struct config *config, const struct imap *imap,
					     enum mechanism_shield shield)
{
	static const enum auth revealing[] = {AUTH_PLAIN, AUTH_LOGIN};
	static const enum auth hiding[] = {AUTH_SCRAM_SHA_256, AUTH_SCRAM_SHA_1, AUTH_CRAM_MD5};
	enum auth order[5];
	size_t count = 0;

	if (shield == SHIELD_VERIFIED)
		for (size_t i = 0; i < 2; i++)
			order[count++] = revealing[i];
	for (size_t i = 0; i < 3; i++)
		order[count++] = hiding[i];
	if (shield == SHIELD_UNVERIFIED || (shield == SHIELD_NONE && config->allow_cleartext))
		for (size_t i = 0; i < 2; i++)
			order[count++] = revealing[i];
	for (size_t i = 0; i < count; i++) {
		const struct auth_spec *spec = auth_spec(order[i]);

		if (is_fit(config, spec) && is_offered(imap, spec))
			return spec;
	}
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
	if (strcmp(offers, "LOGINDISABLED") == 0) {
		failure_set(failure, CLASS_MISSING, "server allows no login here (LOGINDISABLED)%s",
			    imap_has(imap, "STARTTLS") ? ": use --tls=starttls" : "");
		return;
	}
	failure_set(failure, CLASS_MISSING, "server does not offer %s; it offers %s%s", wanted,
		    offers[0] ? offers : "no mechanism at all", advice);
}

/* What auto looked for, and why it was not content with less. */
static void complain_of_auto(const struct config *config, const struct imap *imap,
			     enum mechanism_shield shield, struct failure *failure)
{
	const char *wanted = shield == SHIELD_NONE ? "a mechanism that is safe without TLS"
			     : config->authzid ? "a mechanism that can act as another (--authzid)"
					       : "a password mechanism known here";
	const char *advice = shield == SHIELD_NONE && !config->allow_cleartext
				     ? " (use --tls=starttls, or --allow-cleartext)"
				     : "";

	complain(imap, wanted, advice, failure);
}

const struct auth_spec *mechanism_choose(const struct config *config, const struct imap *imap,
					 enum mechanism_shield shield, struct failure *failure)
{
	const struct auth_spec *chosen = auth_spec(config->auth);

	if (config->auth == AUTH_AUTO) {
		chosen = first_offered(config, imap, shield);
		if (!chosen)
			complain_of_auto(config, imap, shield, failure);
		return chosen;
	}
	if (is_offered(imap, chosen))
		return chosen;
	complain(imap, config->auth == AUTH_LOGIN ? "the LOGIN command" : chosen->mechanism, "",
		 failure);
	return NULL;
}
