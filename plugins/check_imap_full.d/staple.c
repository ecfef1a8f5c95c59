/* SPDX-License-Identifier: GPL-3.0-or-later */
/* staple.c - see staple.h. Says what a response says; what that is worth is another's affair. */
#include "staple.h"

#include <gnutls/ocsp.h>
#include <gnutls/x509-ext.h>
#include <stdio.h>
#include <string.h>

enum {
	ANSWERS_MAX = 20,	  /* looked through for the one about our certificate */
	AGE_MAX = 15 * 86400,	  /* of a response that does not say when it ends */
	CLOCK_TOLERANCE = 5 * 60, /* clocks differ */
	STATUS_REQUEST = 5,	  /* the TLS feature of RFC 7633 */
};

const char *staple_status_name(enum staple_status status)
{
	static const char *const names[] = {
		[STAPLE_NONE] = "none",	      [STAPLE_GOOD] = "good",
		[STAPLE_REVOKED] = "revoked", [STAPLE_UNKNOWN] = "unknown",
		[STAPLE_INVALID] = "invalid",
	};

	return names[status];
}

static const char *date_text(time_t at, char *text, size_t size)
{
	struct tm utc;

	if (at == 0 || !gmtime_r(&at, &utc) ||
	    strftime(text, size, "%Y-%m-%d %H:%M UTC", &utc) == 0)
		snprintf(text, size, "an unknown date");
	return text;
}

char *staple_describe(const struct staple *staple, char *text, size_t size)
{
	char date[40];

	switch (staple->status) {
	case STAPLE_NONE:
		snprintf(text, size, "the server stapled no OCSP response");
		break;
	case STAPLE_GOOD:
		snprintf(text, size, "the stapled OCSP response of %s says that it is good",
			 date_text(staple->this_update, date, sizeof(date)));
		break;
	case STAPLE_REVOKED:
		snprintf(text, size,
			 "the certificate was revoked on %s%s%s (stapled OCSP response)",
			 date_text(staple->revoked_at, date, sizeof(date)),
			 staple->why[0] ? ": " : "", staple->why);
		break;
	case STAPLE_UNKNOWN:
		snprintf(text, size,
			 "the stapled OCSP response says that the authority does not know the "
			 "certificate");
		break;
	case STAPLE_INVALID:
		snprintf(text, size, "the stapled OCSP response is of no use: %s", staple->why);
		break;
	}
	return text;
}

static bool distrust(struct staple *staple, const char *why)
{
	staple->status = STAPLE_INVALID;
	snprintf(staple->why, sizeof(staple->why), "%s", why);
	return false;
}

static const char *reason_text(unsigned reason)
{
	static const char *const reasons[] = {
		[1] = "key compromise",
		[2] = "authority's compromise",
		[3] = "affiliation changed",
		[4] = "superseded",
		[5] = "cessation of operation",
		[6] = "certificate hold",
		[8] = "removed from the list",
		[9] = "privilege withdrawn",
		[10] = "compromise of the attribute authority",
	};
	bool is_known = reason < sizeof(reasons) / sizeof(reasons[0]) && reasons[reason];

	return is_known ? reasons[reason] : "";
}

/* --- who says it -------------------------------------------------------------------------------
 */

static bool check_signer(struct staple *staple, gnutls_ocsp_resp_const_t response,
			 gnutls_x509_crt_t issuer)
{
	unsigned status = 0;

	if (!issuer)
		return distrust(staple,
				"the certificate of the authority is not there to judge it");
	if (gnutls_ocsp_resp_verify_direct(response, issuer, &status, 0) != 0)
		return distrust(staple, "its signature cannot be verified");
	if (status & (GNUTLS_OCSP_VERIFY_CERT_EXPIRED | GNUTLS_OCSP_VERIFY_CERT_NOT_ACTIVATED))
		return distrust(staple, "its signer's certificate is outside its dates");
	if (status != 0)
		return distrust(staple, "it is not signed by the certificate's authority");
	return true;
}

/* --- what it says ------------------------------------------------------------------------------
 */

static bool find_answer(struct staple *staple, gnutls_ocsp_resp_const_t response,
			gnutls_x509_crt_t crt, unsigned *index)
{
	for (*index = 0; *index < ANSWERS_MAX; ++*index) {
		int got = gnutls_ocsp_resp_check_crt(response, *index, crt);

		if (got == 0)
			return true;
		if (got == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
	}
	return distrust(staple, "it is about another certificate");
}

static bool check_dates(struct staple *staple, time_t now)
{
	time_t end = staple->next_update ? staple->next_update : staple->this_update + AGE_MAX;

	if (staple->this_update > now + CLOCK_TOLERANCE)
		return distrust(staple, "it is dated in the future");
	return end >= now - CLOCK_TOLERANCE || distrust(staple, "it is outdated");
}

static bool read_answer(struct staple *staple, gnutls_ocsp_resp_const_t response, unsigned index,
			time_t now)
{
	time_t this_update, next_update, revoked_at;
	unsigned status = 0, reason = 0;

	if (gnutls_ocsp_resp_get_single(response, index, NULL, NULL, NULL, NULL, &status,
					&this_update, &next_update, &revoked_at, &reason) != 0)
		return distrust(staple, "it is not well-formed");
	staple->this_update = this_update == (time_t)-1 ? 0 : this_update;
	staple->next_update = next_update == (time_t)-1 ? 0 : next_update;
	if (!check_dates(staple, now))
		return false;
	if (status == GNUTLS_OCSP_CERT_GOOD) {
		staple->status = STAPLE_GOOD;
	} else if (status == GNUTLS_OCSP_CERT_REVOKED) {
		staple->status = STAPLE_REVOKED;
		staple->revoked_at = revoked_at == (time_t)-1 ? 0 : revoked_at;
		snprintf(staple->why, sizeof(staple->why), "%s", reason_text(reason));
	} else {
		staple->status = STAPLE_UNKNOWN;
	}
	return true;
}

static bool read_response(struct staple *staple, gnutls_ocsp_resp_t response,
			  const gnutls_datum_t *octets, gnutls_x509_crt_t crt,
			  gnutls_x509_crt_t issuer, time_t now)
{
	unsigned index;

	if (gnutls_ocsp_resp_import(response, octets) != 0)
		return distrust(staple, "it is not well-formed");
	if (gnutls_ocsp_resp_get_status(response) != GNUTLS_OCSP_RESP_SUCCESSFUL)
		return distrust(staple, "it says that the authority could not answer");
	return find_answer(staple, response, crt, &index) &&
	       check_signer(staple, response, issuer) && read_answer(staple, response, index, now);
}

void staple_read(struct staple *staple, const gnutls_datum_t *response, gnutls_x509_crt_t crt,
		 gnutls_x509_crt_t issuer, time_t now)
{
	gnutls_ocsp_resp_t parsed;

	*staple = (struct staple){.status = STAPLE_NONE};
	if (response->size == 0)
		return;
	if (gnutls_ocsp_resp_init(&parsed) != 0) {
		distrust(staple, "memory is short");
		return;
	}
	read_response(staple, parsed, response, crt, issuer, now);
	gnutls_ocsp_resp_deinit(parsed);
}

bool staple_is_due(gnutls_x509_crt_t crt)
{
	gnutls_x509_tlsfeatures_t features;
	unsigned feature;
	bool is_due = false;

	if (gnutls_x509_tlsfeatures_init(&features) != 0)
		return false;
	if (gnutls_x509_crt_get_tlsfeatures(crt, features, 0, NULL) == 0)
		for (unsigned i = 0; gnutls_x509_tlsfeatures_get(features, i, &feature) == 0; i++)
			is_due |= feature == STATUS_REQUEST;
	gnutls_x509_tlsfeatures_deinit(features);
	return is_due;
}
