/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_priority.c - see tls_priority.h. */
#include "tls_priority.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char PROFILE[] = "%PROFILE_";

static const char *of_version(enum tls_version min)
{
	switch (min) {
	case TLS_1_0:
		return "SECURE128:+VERS-TLS1.0:+VERS-TLS1.1:%PROFILE_MEDIUM";
	case TLS_1_1:
		return "SECURE128:-VERS-TLS1.0:+VERS-TLS1.1:%PROFILE_MEDIUM";
	case TLS_1_2:
		return "SECURE128:-VERS-TLS1.0:-VERS-TLS1.1:%PROFILE_MEDIUM";
	case TLS_1_3:
		break;
	}
	return "SECURE128:-VERS-ALL:+VERS-TLS1.3:%PROFILE_MEDIUM";
}

bool tls_priority_fits(const char *text, struct failure *failure)
{
	gnutls_priority_t parsed;
	const char *rest = text;
	int error = gnutls_priority_init(&parsed, text, &rest);

	if (error == 0) {
		gnutls_priority_deinit(parsed);
		return true;
	}
	if (error == GNUTLS_E_INVALID_REQUEST && rest && *rest)
		failure_set(failure, CLASS_USAGE,
			    "\"%s\" is no priority string of GnuTLS, from character %zu on: \"%s\"",
			    text, (size_t)(rest - text) + 1, rest);
	else
		failure_set(failure, CLASS_USAGE, "\"%s\" is no priority string of GnuTLS: %s",
			    text, gnutls_strerror(error));
	return false;
}

/* The last one counts, as in GnuTLS. */
static const char *find_profile(const char *text)
{
	const char *found = NULL;

	while (text && (text = strcasestr(text, PROFILE))) {
		text += sizeof(PROFILE) - 1;
		found = text;
	}
	return found;
}

/* A string that says nothing of strength asks for the usual one, as without it. */
int tls_priority_set(gnutls_session_t session, const char *text, enum tls_version min)
{
	char *whole;
	int error;

	if (!text || find_profile(text))
		return gnutls_priority_set_direct(session, text ? text : of_version(min), NULL);
	if (asprintf(&whole, "%s:%sMEDIUM", text, PROFILE) < 0)
		return GNUTLS_E_MEMORY_ERROR;
	error = gnutls_priority_set_direct(session, whole, NULL);
	free(whole);
	return error;
}

gnutls_certificate_verification_profiles_t tls_priority_profile(const char *text)
{
	const char *found = find_profile(text);
	gnutls_certificate_verification_profiles_t profile = GNUTLS_PROFILE_UNKNOWN;
	char name[16];

	if (found) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(found, ":"), found);
		profile = gnutls_certificate_verification_profile_get_id(name);
	}
	return profile == GNUTLS_PROFILE_UNKNOWN ? GNUTLS_PROFILE_MEDIUM : profile;
}
