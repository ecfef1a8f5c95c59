/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cert.h - facts about a server's certificates: who, for which names, until when, and whether the
 * path to a trust anchor holds. No I/O, no opinion on how many days are few.
 */
#ifndef CERT_H
#define CERT_H

#include <gnutls/x509.h>
#include <time.h>
#include "failure.h"
#include "pin.h"

enum {
	CERT_PATH_MAX = 10,
	CERT_CHAIN_MAX = 20, /* a server that sends more is refused */
};

struct cert {
	char subject[160]; /* cleaned, RFC 4514 */
	char issuer[160];
	char names[300]; /* DNS names and IP addresses of the SAN, ", " between; cut with "..." */
	time_t not_before;
	time_t not_after;
	char sha256[65]; /* of the DER, lower case hex */
	bool is_anchor;	 /* it is a trust anchor's own certificate */
};

struct cert_path {
	struct cert certs[CERT_PATH_MAX]; /* leaf first */
	unsigned count;
	char pin[PIN_TEXT]; /* of the server's own key; "" if it cannot be told */
	bool verified;	    /* certs is the path that was verified; otherwise the chain as sent */
	bool is_pinned; /* verified by its key alone: certs is the server's own, whoever signed it
			 */
	struct failure
		fault; /* valid unless verified: what is wrong, in words (class certificate) */
};

/* What the certificate must cover. */
struct cert_peer {
	const char *name; /* DNS name in A-labels, or text of an IP address */
	bool is_address;
	unsigned char address[16]; /* is_address: network order */
	unsigned address_length;   /* 4 or 16 */
};

/* What was sent (leaf first), unverified. The fault is the caller's to tell. */
void cert_list(struct cert_path *path, const gnutls_x509_crt_t *chain, unsigned length);

/*
 * Verifies `chain` (leaf first, as the server sent it) against `anchors` for a TLS server named
 * `peer`, at the time gnutls believes in, and fills *path. Refused, each with its own sentence that
 * says what the certificate is (subject, dates, names): an untrusted, self-signed, expired or not
 * yet valid one, keys and signatures weaker than `profile` wants (MEDIUM: RSA under 2048 bits,
 * SHA-1, MD5), a certificate that is not meant for servers (extended key usage), another name, and
 * a name that stands in the CN only.
 */
void cert_verify(struct cert_path *path, const gnutls_x509_crt_t *chain, unsigned length,
		 gnutls_x509_trust_list_t anchors, const struct cert_peer *peer,
		 gnutls_certificate_verification_profiles_t profile);

/* Verified is what bears one of these keys; neither issuer nor dates nor names matter then. */
void cert_verify_pin(struct cert_path *path, const gnutls_x509_crt_t *chain, unsigned length,
		     const struct pin_set *pins);

/* What a certificate is: "CN=..., issued by ..., valid 2026-11-01 to 2027-01-30". */
char *cert_describe(const struct cert *cert, char *text, size_t size); /* returns `text` */

/* Days from `now` to the end of the certificate, negative after it. */
double cert_days_left(const struct cert *cert, time_t now);

#endif
