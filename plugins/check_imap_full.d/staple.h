/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * staple.h - what an authority says of a certificate by an OCSP response (RFC 6960) that the server
 * sent along in the handshake. Nobody is asked over the network.
 */
#ifndef STAPLE_H
#define STAPLE_H

#include <gnutls/x509.h>
#include <stdbool.h>
#include <time.h>

enum staple_status {
	STAPLE_NONE, /* there was none */
	STAPLE_GOOD,
	STAPLE_REVOKED,
	STAPLE_UNKNOWN, /* the authority does not know the certificate */
	STAPLE_INVALID, /* not about it, not by its authority, outdated, or not well-formed */
};

struct staple {
	enum staple_status status;
	time_t this_update, next_update; /* when it was true; 0: not told */
	time_t revoked_at;		 /* REVOKED */
	char why[160];			 /* REVOKED: the reason, or ""; INVALID: what is wrong */
};

const char *staple_status_name(enum staple_status status); /* "good" */

/* In words, for a staple that is there: "the certificate was revoked on ... (key compromise)". */
char *staple_describe(const struct staple *staple, char *text, size_t size); /* returns `text` */

/* `response` as sent, empty for none. `issuer` is who signed `crt`, NULL if that is not known. */
void staple_read(struct staple *staple, const gnutls_datum_t *response, gnutls_x509_crt_t crt,
		 gnutls_x509_crt_t issuer, time_t now);

/* Whether the certificate must not be believed without a staple (RFC 7633). */
bool staple_is_due(gnutls_x509_crt_t crt);

#endif
