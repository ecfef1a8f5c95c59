/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ocsp.c - see ocsp.h. RFC 6960 section 4.2.1, written down by hand: GnuTLS makes none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ocsp.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include "der.h"
#include "pki.h"

enum {
	ENUMERATED = 0x0a,
	BITS = 0x03,
	OCTETS = 0x04,
	OBJECT = 0x06,
	TIME = 0x18,
	SEQUENCE = 0x30,
};

/* Some DER under construction. */
struct blob {
	unsigned char at[4000];
	size_t length;
};

static void add(struct blob *blob, const void *octets, size_t length)
{
	assert_true(blob->length + length <= sizeof(blob->at));
	memcpy(blob->at + blob->length, octets, length);
	blob->length += length;
}

static void add_all(struct blob *blob, const struct blob *other)
{
	add(blob, other->at, other->length);
}

static void add_element(struct blob *blob, int tag, const void *octets, size_t length)
{
	const unsigned char head[] = {(unsigned char)tag, 0x82, (unsigned char)(length >> 8),
				      (unsigned char)length};
	const unsigned char short_head[] = {(unsigned char)tag, (unsigned char)length};

	if (length < 0x80)
		add(blob, short_head, sizeof(short_head));
	else if (length < 0x100)
		add(blob, (unsigned char[]){(unsigned char)tag, 0x81, (unsigned char)length}, 3);
	else
		add(blob, head, sizeof(head));
	add(blob, octets, length);
}

static void wrap(struct blob *blob, int tag)
{
	struct blob whole = {.length = 0};

	add_element(&whole, tag, blob->at, blob->length);
	*blob = whole;
}

static void add_time(struct blob *blob, time_t at)
{
	char text[20];
	struct tm utc;

	strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", gmtime_r(&at, &utc));
	add_element(blob, TIME, text, strlen(text));
}

/* --- parts -------------------------------------------------------------------------------------
 */

static gnutls_x509_crt_t certificate(const char *name)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain(name, chain);

	pki_free(chain + 1, count - 1);
	return chain[0];
}

static void add_sha1(struct blob *blob, const void *octets, size_t length)
{
	unsigned char hash[20];

	assert_int_equal(gnutls_hash_fast(GNUTLS_DIG_SHA1, octets, length, hash), 0);
	add_element(blob, OCTETS, hash, sizeof(hash));
}

static void add_key_hash(struct blob *blob, gnutls_x509_crt_t crt)
{
	struct der subject, key, whole, content, bits;
	gnutls_datum_t raw;

	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &raw), 0);
	assert_true(der_certificate((struct der){raw.data, raw.size}, &subject, &key));
	assert_true(der_take(&key, &whole, &content));
	assert_true(der_take(&content, &whole, &bits));
	assert_true(der_take(&content, &whole, &bits));
	add_sha1(blob, bits.at + 1, bits.length - 1);
	gnutls_free(raw.data);
}

static void add_cert_id(struct blob *blob, const struct ocsp_wish *wish)
{
	static const unsigned char sha1[] = {SEQUENCE, 9, OBJECT, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0};
	gnutls_x509_crt_t issuer = certificate(wish->issuer ? wish->issuer : "ca");
	gnutls_x509_crt_t about = certificate(wish->about);
	struct blob id = {.length = 0};
	unsigned char serial[40];
	size_t size = sizeof(serial);
	gnutls_datum_t dn;

	add(&id, sha1, sizeof(sha1));
	assert_int_equal(gnutls_x509_crt_get_raw_dn(issuer, &dn), 0);
	add_sha1(&id, dn.data, dn.size);
	gnutls_free(dn.data);
	add_key_hash(&id, issuer);
	assert_int_equal(gnutls_x509_crt_get_serial(about, serial, &size), 0);
	add_element(&id, 0x02, serial, size);
	wrap(&id, SEQUENCE);
	add_all(blob, &id);
	gnutls_x509_crt_deinit(issuer);
	gnutls_x509_crt_deinit(about);
}

static void add_answer(struct blob *blob, const struct ocsp_wish *wish)
{
	struct blob revoked = {.length = 0};
	const unsigned char reason[] = {0xa0, 3, ENUMERATED, 1, (unsigned char)wish->reason};

	if (wish->answer == OCSP_GOOD) {
		add_element(blob, 0x80, "", 0);
	} else if (wish->answer == OCSP_UNKNOWN) {
		add_element(blob, 0x82, "", 0);
	} else {
		add_time(&revoked, wish->revoked_at);
		if (wish->reason >= 0)
			add(&revoked, reason, sizeof(reason));
		wrap(&revoked, 0xa1);
		add_all(blob, &revoked);
	}
}

static struct blob response_data(const struct ocsp_wish *wish, gnutls_x509_crt_t signer)
{
	struct blob data = {.length = 0}, single = {.length = 0}, next = {.length = 0};

	add_cert_id(&single, wish);
	add_answer(&single, wish);
	add_time(&single, wish->this_update);
	if (wish->next_update) {
		add_time(&next, wish->next_update);
		wrap(&next, 0xa0);
		add_all(&single, &next);
	}
	wrap(&single, SEQUENCE);
	wrap(&single, SEQUENCE);
	add_key_hash(&data, signer);
	wrap(&data, 0xa2);
	add_time(&data, wish->this_update);
	add_all(&data, &single);
	wrap(&data, SEQUENCE);
	return data;
}

static void add_signature(struct blob *blob, const struct blob *data, const char *signer)
{
	static const unsigned char ecdsa_sha256[] = {SEQUENCE, 10,   OBJECT, 8, 0x2a, 0x86,
						     0x48,     0xce, 0x3d,   4, 3,    2};
	const gnutls_datum_t octets = {(unsigned char *)data->at, (unsigned)data->length};
	gnutls_datum_t pem, signature;
	gnutls_privkey_t key;
	struct blob bits = {.at = {0}, .length = 1};
	char file[100];

	snprintf(file, sizeof(file), "%s.key", signer);
	assert_int_equal(gnutls_load_file(pki_path(file), &pem), 0);
	assert_int_equal(gnutls_privkey_init(&key), 0);
	assert_int_equal(gnutls_privkey_import_x509_raw(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0),
			 0);
	assert_int_equal(gnutls_privkey_sign_data(key, GNUTLS_DIG_SHA256, 0, &octets, &signature),
			 0);
	gnutls_privkey_deinit(key);
	gnutls_free(pem.data);
	add(blob, ecdsa_sha256, sizeof(ecdsa_sha256));
	add(&bits, signature.data, signature.size);
	wrap(&bits, BITS);
	add_all(blob, &bits);
	gnutls_free(signature.data);
}

/* --- the whole ---------------------------------------------------------------------------------
 */

static void add_certificate(struct blob *blob, gnutls_x509_crt_t crt)
{
	struct blob certs = {.length = 0};
	gnutls_datum_t raw;

	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &raw), 0);
	add(&certs, raw.data, raw.size);
	gnutls_free(raw.data);
	wrap(&certs, SEQUENCE);
	wrap(&certs, 0xa0);
	add_all(blob, &certs);
}

static struct blob basic_response(const struct ocsp_wish *wish)
{
	const char *issuer = wish->issuer ? wish->issuer : "ca";
	const char *name = wish->signer ? wish->signer : issuer;
	gnutls_x509_crt_t signer = certificate(name);
	struct blob data = response_data(wish, signer), basic = data;

	add_signature(&basic, &data, name);
	if (wish->signer)
		add_certificate(&basic, signer);
	wrap(&basic, SEQUENCE);
	gnutls_x509_crt_deinit(signer);
	return basic;
}

gnutls_datum_t ocsp_make(const struct ocsp_wish *wish)
{
	static const unsigned char basic_type[] = {OBJECT, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1};
	const unsigned char status[] = {ENUMERATED, 1, (unsigned char)wish->response_status};
	struct blob whole = {.length = 0}, bytes = {.length = 0}, basic;
	gnutls_datum_t made;

	add(&whole, status, sizeof(status));
	if (wish->response_status == 0) {
		basic = basic_response(wish);
		wrap(&basic, OCTETS);
		add(&bytes, basic_type, sizeof(basic_type));
		add_all(&bytes, &basic);
		wrap(&bytes, SEQUENCE);
		wrap(&bytes, 0xa0);
		add_all(&whole, &bytes);
	}
	wrap(&whole, SEQUENCE);
	made.data = gnutls_malloc(whole.length);
	assert_non_null(made.data);
	memcpy(made.data, whole.at, whole.length);
	made.size = (unsigned)whole.length;
	return made;
}
