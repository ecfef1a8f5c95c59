/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cert_fault.h - why a certificate is refused, in words for somebody who was woken by it. */
#ifndef CERT_FAULT_H
#define CERT_FAULT_H

#include "cert.h"

/* One step of a verification: a certificate against its issuer. */
struct cert_link {
	struct cert cert;
	struct cert issuer; /* valid if has_issuer */
	bool has_issuer;
	unsigned output; /* gnutls_certificate_status_t bits, 0: it holds */
};

enum { CERT_LINKS_MAX = 2 * CERT_PATH_MAX };

/* What a verification came to. */
struct cert_finding {
	const gnutls_x509_crt_t *chain; /* as sent, leaf first */
	unsigned length;
	const struct cert *certs; /* what is known of the first `cert_count` of them */
	unsigned cert_count;
	gnutls_certificate_verification_profiles_t profile; /* how strong it must be */
	unsigned status;				    /* gnutls_certificate_status_t bits */
	bool is_cn_only; /* the name was found, but not where it counts */
	struct cert_link links[CERT_LINKS_MAX];
	unsigned link_count;
};

/* Whether SAN holds a DNS name. */
bool cert_has_dns_name(gnutls_x509_crt_t crt);

/* Sets *failure (class certificate) for a finding that is a fault; `leaf` is chain[0]'s facts. */
void cert_fault(struct failure *failure, const struct cert_finding *finding,
		const struct cert *leaf, const struct cert_peer *peer, time_t now);

#endif
