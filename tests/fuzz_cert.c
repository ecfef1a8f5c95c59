/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_cert.c - certificates, as a server may send them: what is told of one is text that can be
   printed, and nothing of it takes the program down. */
#include <ctype.h>
#include <gnutls/gnutls.h>

#include "cert.h"
#include "der.h"
#include "fuzz.h"
#include "pem.h"
#include "staple.h"

enum { CHAIN = 4 };

static void check_text(const char *text, size_t size)
{
	check(memchr(text, '\0', size) != NULL, "a text ends");
	for (; *text; text++)
		check(isprint((unsigned char)*text) && !strchr("|`$<>", *text),
		      "what a certificate says can be printed");
}

static void check_path(const struct cert_path *path)
{
	check(path->count <= CERT_PATH_MAX, "a path is bounded");
	for (unsigned i = 0; i < path->count; i++) {
		const struct cert *cert = &path->certs[i];
		char what[400];

		check_text(cert->subject, sizeof(cert->subject));
		check_text(cert->issuer, sizeof(cert->issuer));
		check_text(cert->names, sizeof(cert->names));
		check_text(cert_describe(cert, what, sizeof(what)), sizeof(what));
		cert_days_left(cert, 1800000000);
	}
	if (!path->verified)
		check_text(path->fault.text, sizeof(path->fault.text));
}

static void try_chain(const gnutls_x509_crt_t *chain, unsigned count)
{
	static const struct cert_peer peer = {.name = "imap.example.org"};
	struct cert_path path = {.count = 0};
	struct pin_set pins = {.count = 0};
	gnutls_x509_trust_list_t anchors;
	struct staple staple;

	check(gnutls_x509_trust_list_init(&anchors, 0) == 0, "memory");
	cert_verify(&path, chain, count, anchors, &peer, GNUTLS_PROFILE_MEDIUM);
	check(!path.verified, "nothing is trusted by nobody");
	check_path(&path);
	cert_verify_pin(&path, chain, count, &pins);
	check(!path.verified, "no key is among none");
	check_path(&path);
	gnutls_x509_trust_list_deinit(anchors, 0);
	/* Any octets as a staple. */
	gnutls_datum_t octets = {NULL, 0};
	if (gnutls_x509_crt_export2(chain[0], GNUTLS_X509_FMT_DER, &octets) == 0)
		staple_read(&staple, &octets, chain[0], count > 1 ? chain[1] : NULL, 1800000000);
	gnutls_free(octets.data);
	staple_is_due(chain[0]);
}

static void try_der(const uint8_t *data, size_t size)
{
	struct der subject, key;
	struct der whole = {data, size};

	if (!der_certificate(whole, &subject, &key))
		return;
	check(subject.at >= data && subject.at + subject.length <= data + size, "it lies within");
	check(key.at >= data && key.at + key.length <= data + size, "it lies within");
}

static void try_pem(const uint8_t *data, size_t size)
{
	char *text = fuzz_string(data, size);
	struct pem pem;
	struct der der;

	pem_begin(&pem, text, size);
	while (pem_next(&pem, &der) == PEM_FOUND) {
		check((const char *)der.at >= text && der.length <= size, "it lies in the bundle");
		try_der(der.at, der.length);
	}
	free(text);
}

/* One certificate after the other, as DER; what is left over belongs to none. */
static unsigned read_chain(const uint8_t *data, size_t size, gnutls_x509_crt_t *chain)
{
	struct der rest = {data, size};
	struct der whole, content;
	unsigned count = 0;

	while (count < CHAIN && der_take(&rest, &whole, &content)) {
		gnutls_datum_t datum = {(unsigned char *)whole.at, (unsigned)whole.length};

		if (gnutls_x509_crt_init(&chain[count]) != 0)
			break;
		if (gnutls_x509_crt_import(chain[count++], &datum, GNUTLS_X509_FMT_DER) != 0) {
			gnutls_x509_crt_deinit(chain[--count]);
			break;
		}
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gnutls_x509_crt_t chain[CHAIN];
	unsigned count;

	if (size < 1)
		return 0;
	try_der(data, size);
	try_pem(data, size);
	count = read_chain(data, size, chain);
	if (count > 0)
		try_chain(chain, count);
	while (count > 0)
		gnutls_x509_crt_deinit(chain[--count]);
	return 0;
}
