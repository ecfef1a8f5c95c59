/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cert.c - facts about certificates, and their verification. The words for faults are
 * cert_fault.c's. */
#include "cert.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "cert_fault.h"
#include "text.h"

enum { SHA256_LENGTH = 32 };

/* --- one certificate ------------------------------------------------------------------------ */

static void read_dn(char *to, size_t size, gnutls_x509_crt_t crt,
		    int (*get)(gnutls_x509_crt_t, gnutls_datum_t *, unsigned))
{
	gnutls_datum_t dn = {NULL, 0};

	to[0] = '\0';
	if (get(crt, &dn, 0) == 0)
		text_clean(to, size, (struct imap_span){(const char *)dn.data, dn.size});
	gnutls_free(dn.data);
}

static void read_sha256(char *to, gnutls_x509_crt_t crt)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[SHA256_LENGTH];
	size_t size = sizeof(digest);

	to[0] = '\0';
	if (gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, digest, &size) != 0)
		return;
	for (size_t i = 0; i < size; i++) {
		*to++ = hex[digest[i] >> 4];
		*to++ = hex[digest[i] & 15];
	}
	*to = '\0';
}

/* A name of the SAN as text; false for kinds that do not matter for servers. */
static bool name_text(char *to, size_t size, gnutls_x509_subject_alt_name_t type, const char *name,
		      size_t length)
{
	char address[INET6_ADDRSTRLEN];

	if (type == GNUTLS_SAN_DNSNAME) {
		text_clean(to, size, (struct imap_span){name, length});
		return true;
	}
	if (type != GNUTLS_SAN_IPADDRESS || (length != 4 && length != 16))
		return false;
	inet_ntop(length == 4 ? AF_INET : AF_INET6, name, address, sizeof(address));
	snprintf(to, size, "%s", address);
	return true;
}

/* False once the list is full. */
static bool add_name(char *list, size_t size, const char *name)
{
	static const char more[] = ", ...";

	if (strlen(list) + strlen(name) + 2 + sizeof(more) > size) {
		text_add(list, size, "%s", list[0] ? more : more + 2);
		return false;
	}
	text_add(list, size, "%s%s", list[0] ? ", " : "", name);
	return true;
}

/* Stops as soon as the list is full, so thousands of names cost no more than dozens. */
static void add_names(struct cert *cert, gnutls_x509_crt_t crt,
		      gnutls_x509_subject_alt_name_t wanted)
{
	char name[300], text[300];
	unsigned type;

	for (unsigned i = 0;; i++) {
		size_t length = sizeof(name);
		int got = gnutls_x509_crt_get_subject_alt_name2(crt, i, name, &length, &type, NULL);

		if (got == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue;
		if (got < 0)
			return;
		if (type == wanted && name_text(text, sizeof(text), type, name, length) &&
		    !add_name(cert->names, sizeof(cert->names), text))
			return;
	}
}

static void read_cert(struct cert *cert, gnutls_x509_crt_t crt)
{
	*cert = (struct cert){.is_anchor = false};
	read_dn(cert->subject, sizeof(cert->subject), crt, gnutls_x509_crt_get_dn3);
	read_dn(cert->issuer, sizeof(cert->issuer), crt, gnutls_x509_crt_get_issuer_dn3);
	read_sha256(cert->sha256, crt);
	add_names(cert, crt, GNUTLS_SAN_DNSNAME);
	add_names(cert, crt, GNUTLS_SAN_IPADDRESS);
	cert->not_before = gnutls_x509_crt_get_activation_time(crt);
	cert->not_after = gnutls_x509_crt_get_expiration_time(crt);
}

double cert_days_left(const struct cert *cert, time_t now)
{
	return difftime(cert->not_after, now) / 86400.0;
}

/* --- a chain --------------------------------------------------------------------------------- */

/*
 * GnuTLS tells each link that it tries to a function, but hands it no context. So the finding that
 * is being made is kept here, for the length of one call and for one thread.
 */
static _Thread_local struct cert_finding *current;

/* What was sent has been read already, and to read costs: GnuTLS encodes a certificate anew for its
   fingerprint. */
static void recall_cert(struct cert *cert, gnutls_x509_crt_t crt)
{
	for (unsigned i = 0; i < current->cert_count; i++)
		if (current->chain[i] == crt) {
			*cert = current->certs[i];
			return;
		}
	read_cert(cert, crt);
}

static int note_link(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, gnutls_x509_crl_t crl,
		     unsigned output)
{
	struct cert_link *link;

	if (crl || !crt || current->link_count == CERT_LINKS_MAX)
		return 0;
	link = &current->links[current->link_count++];
	link->output = output;
	link->has_issuer = issuer != NULL;
	recall_cert(&link->cert, crt);
	if (issuer)
		recall_cert(&link->issuer, issuer);
	return 0;
}

static gnutls_typed_vdata_st name_wanted(const struct cert_peer *peer)
{
	gnutls_typed_vdata_st wanted = {.type = GNUTLS_DT_DNS_HOSTNAME};

	if (peer->is_address) {
		wanted.type = GNUTLS_DT_IP_ADDRESS;
		wanted.data = (unsigned char *)peer->address;
		wanted.size = peer->address_length;
	} else {
		wanted.data = (unsigned char *)peer->name;
		wanted.size = (unsigned)strlen(peer->name);
	}
	return wanted;
}

/* 0, or an error of GnuTLS when it could not even be tried. */
static int verify(struct cert_finding *finding, gnutls_x509_trust_list_t anchors,
		  const struct cert_peer *peer)
{
	unsigned flags = GNUTLS_PROFILE_TO_VFLAGS(finding->profile);
	/* GnuTLS reads from both arrays only, but does not say so in its types. */
	gnutls_typed_vdata_st wanted[2] = {
		name_wanted(peer),
		{.type = GNUTLS_DT_KEY_PURPOSE_OID,
		 .data = (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER},
	};
	gnutls_x509_crt_t chain[CERT_CHAIN_MAX];
	int result;

	memcpy(chain, finding->chain, finding->length * sizeof(chain[0]));
	current = finding;
	result = gnutls_x509_trust_list_verify_crt2(anchors, chain, finding->length, wanted, 2,
						    flags, &finding->status, note_link);
	current = NULL;
	return result < 0 ? result : 0;
}

/* The issuer in a link that held. */
static const struct cert *find_issuer(const struct cert_finding *finding, const struct cert *cert)
{
	for (unsigned i = 0; i < finding->link_count; i++) {
		const struct cert_link *link = &finding->links[i];

		if (link->output == 0 && link->has_issuer &&
		    strcmp(link->cert.sha256, cert->sha256) == 0)
			return &link->issuer;
	}
	return NULL;
}

/* From the leaf up to the anchor, as it was verified and not as it was sent. */
static void follow_links(struct cert_path *path, const struct cert_finding *finding)
{
	const struct cert *last = &path->certs[0];
	const struct cert *issuer = find_issuer(finding, last);

	path->count = 1;
	while (issuer && strcmp(issuer->sha256, last->sha256) != 0 && path->count < CERT_PATH_MAX) {
		last = &path->certs[path->count];
		path->certs[path->count++] = *issuer;
		issuer = find_issuer(finding, last);
	}
	path->certs[path->count - 1].is_anchor =
		!issuer || strcmp(issuer->sha256, last->sha256) == 0;
}

void cert_list(struct cert_path *path, const gnutls_x509_crt_t *chain, unsigned length)
{
	struct pin pin;

	path->verified = path->is_pinned = false;
	path->pin[0] = '\0';
	path->count = length < CERT_PATH_MAX ? length : CERT_PATH_MAX;
	for (unsigned i = 0; i < path->count; i++)
		read_cert(&path->certs[i], chain[i]);
	if (length > 0 && pin_of(&pin, chain[0]))
		pin_write(&pin, path->pin);
}

/* False if there is nothing to verify, or too much; the fault is told then. */
static bool begin(struct cert_path *path, const gnutls_x509_crt_t *chain, unsigned length)
{
	cert_list(path, chain, length);
	if (length == 0)
		failure_set(&path->fault, CLASS_CERTIFICATE, "the server sent no certificate");
	else if (length > CERT_CHAIN_MAX)
		failure_set(&path->fault, CLASS_CERTIFICATE,
			    "the server sent more than %d certificates", (int)CERT_CHAIN_MAX);
	else
		return true;
	return false;
}

void cert_verify(struct cert_path *path, const gnutls_x509_crt_t *chain, unsigned length,
		 gnutls_x509_trust_list_t anchors, const struct cert_peer *peer,
		 gnutls_certificate_verification_profiles_t profile)
{
	struct cert_finding finding = {
		.chain = chain, .length = length, .certs = path->certs, .profile = profile};
	int error;

	if (!begin(path, chain, length))
		return;
	finding.cert_count = path->count;
	error = verify(&finding, anchors, peer);
	if (error != 0) {
		failure_set(&path->fault, CLASS_CERTIFICATE,
			    "the certificate cannot be verified: %s", gnutls_strerror(error));
		return;
	}
	finding.is_cn_only = !peer->is_address && !cert_has_dns_name(chain[0]) &&
			     !(finding.status & GNUTLS_CERT_UNEXPECTED_OWNER);
	if (finding.status == 0 && !finding.is_cn_only) {
		path->verified = true;
		follow_links(path, &finding);
		return;
	}
	cert_fault(&path->fault, &finding, &path->certs[0], peer, time(NULL));
}

void cert_verify_pin(struct cert_path *path, const gnutls_x509_crt_t *chain, unsigned length,
		     const struct pin_set *pins)
{
	char what[400];
	struct pin pin;

	if (!begin(path, chain, length))
		return;
	if (pin_of(&pin, chain[0]) && pin_is_among(pins, &pin)) {
		path->verified = path->is_pinned = true;
		path->count = 1;
		return;
	}
	failure_set(&path->fault, CLASS_CERTIFICATE, "the server's key is not %s: it has %s (%s)",
		    pins->count == 1 ? "the pinned one" : "one of those pinned",
		    path->pin[0] ? path->pin : "one that cannot be told",
		    cert_describe(&path->certs[0], what, sizeof(what)));
}
