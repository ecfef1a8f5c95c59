/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_pin.c - keys told by their hash, and certificates that are accepted for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gnutls/gnutls.h>
#include <string.h>
#include "cert.h"
#include "der.h"
#include "pki.h"

/* The SHA-256 of nothing. */
static const char EMPTY[] = "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

static void a_pin_is_written_as_it_is_read(void **state)
{
	struct pin pin;
	char text[PIN_TEXT];

	(void)state;
	assert_true(pin_parse(&pin, EMPTY));
	assert_memory_equal(pin.hash, "\xe3\xb0\xc4\x42\x98\xfc\x1c\x14", 8);
	assert_string_equal(pin_write(&pin, text), EMPTY);
}

static void what_is_no_pin_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"sha256//",
		"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"sha1//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"SHA256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
		"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU==",
		"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFUA",
		"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
		"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSu==",
		"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NM JWZG3hSuFU=",
		"sha256//47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
		"sha256//========================================u=U=",
	};
	struct pin pin;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (pin_parse(&pin, texts[i]))
			fail_msg("%s", texts[i]);
}

static void the_pin_is_that_of_the_public_key(void **state)
{
	static const char *const names[] = {"good", "rsa2048", "ca", "selfsigned"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
		unsigned count = pki_chain(names[i], chain);
		unsigned char expected[PIN_LENGTH];
		size_t size = sizeof(expected);
		struct pin pin;

		assert_int_equal(gnutls_x509_crt_get_key_id(chain[0], GNUTLS_KEYID_USE_SHA256,
							    expected, &size),
				 0);
		assert_true(pin_of(&pin, chain[0]));
		assert_memory_equal(pin.hash, expected, PIN_LENGTH);
		pki_free(chain, count);
	}
}

/* --- verification ------------------------------------------------------------------------------
 */

static void pin_from(struct pin *pin, const char *name)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain(name, chain);

	assert_true(pin_of(pin, chain[0]));
	pki_free(chain, count);
}

static void verify(struct cert_path *path, const char *name, const struct pin_set *pins)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain(name, chain);

	memset(path, 0x5a, sizeof(*path));
	cert_verify_pin(path, chain, count, pins);
	pki_free(chain, count);
}

static void the_right_key_makes_any_certificate_good(void **state)
{
	static const char *const names[] = {"good",    "selfsigned", "expired",	    "notyet",
					    "rsa1024", "wrongname",  "intermediate"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct pin_set pins = {.count = 1};
		struct cert_path path;
		char text[PIN_TEXT];

		pin_from(&pins.items[0], names[i]);
		verify(&path, names[i], &pins);
		assert_true(path.verified && path.is_pinned);
		assert_int_equal(path.count, 1);
		assert_false(path.certs[0].is_anchor);
		assert_string_equal(path.pin, pin_write(&pins.items[0], text));
	}
}

static void one_of_several_keys_is_enough(void **state)
{
	struct pin_set pins = {.count = 3};
	struct cert_path path;

	(void)state;
	pin_from(&pins.items[0], "ca");
	pin_from(&pins.items[1], "soon");
	pin_from(&pins.items[2], "good");
	verify(&path, "good", &pins);
	assert_true(path.verified);
	pins.count = 2;
	verify(&path, "good", &pins);
	assert_false(path.verified);
	assert_non_null(strstr(path.fault.text, "not one of those pinned"));
}

/* The key of who signed it is not the server's. */
static void another_key_is_told_with_what_is_there(void **state)
{
	struct pin_set pins = {.count = 1};
	struct cert_path path;
	struct pin other;
	char text[PIN_TEXT];

	(void)state;
	pin_from(&pins.items[0], "sub-ca");
	pin_from(&other, "intermediate");
	verify(&path, "intermediate", &pins);
	assert_false(path.verified || path.is_pinned);
	assert_int_equal(path.count, 2);
	assert_int_equal(path.fault.class, CLASS_CERTIFICATE);
	assert_non_null(strstr(path.fault.text, "the server's key is not the pinned one: it has"));
	assert_non_null(strstr(path.fault.text, pin_write(&other, text)));
	assert_non_null(strstr(path.fault.text, "issued by CN=Test Intermediate CA"));
}

static void no_certificate_has_no_key(void **state)
{
	struct pin_set pins = {.count = 1};
	struct cert_path path;

	(void)state;
	cert_verify_pin(&path, NULL, 0, &pins);
	assert_false(path.verified);
	assert_string_equal(path.pin, "");
	assert_string_equal(path.fault.text, "the server sent no certificate");
}

/* --- where a key stands ------------------------------------------------------------------------
 */

static void a_cut_certificate_has_neither_name_nor_key(void **state)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain("good", chain);
	struct der subject, key;
	gnutls_datum_t raw;

	(void)state;
	assert_int_equal(gnutls_x509_crt_export2(chain[0], GNUTLS_X509_FMT_DER, &raw), 0);
	for (unsigned cut = 0; cut < raw.size; cut++)
		assert_false(der_certificate((struct der){raw.data, cut}, &subject, &key));
	assert_true(der_certificate((struct der){raw.data, raw.size}, &subject, &key));
	assert_true(key.at > subject.at && key.at + key.length < raw.data + raw.size);
	gnutls_free(raw.data);
	pki_free(chain, count);
}

static void lengths_that_lie_are_not_believed(void **state)
{
	static const unsigned char lies[][6] = {
		{0x30, 0x05, 0, 0, 0, 0},	{0x30, 0x80, 0, 0, 0, 0},
		{0x30, 0x84, 0, 0, 0, 1},	{0x30, 0x83, 0xff, 0xff, 0xff, 0},
		{0x30, 0x82, 0xff, 0xff, 0, 0}, {0x30, 0xff, 0xff, 0xff, 0xff, 0xff},
	};
	struct der whole, content;

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct der rest = {lies[i], sizeof(lies[i])};

		assert_false(der_take(&rest, &whole, &content));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pin_is_written_as_it_is_read),
		cmocka_unit_test(what_is_no_pin_is_refused),
		cmocka_unit_test(the_pin_is_that_of_the_public_key),
		cmocka_unit_test(the_right_key_makes_any_certificate_good),
		cmocka_unit_test(one_of_several_keys_is_enough),
		cmocka_unit_test(another_key_is_told_with_what_is_there),
		cmocka_unit_test(no_certificate_has_no_key),
		cmocka_unit_test(a_cut_certificate_has_neither_name_nor_key),
		cmocka_unit_test(lengths_that_lie_are_not_believed),
	};

	return cmocka_run_group_tests(tests, pki_make, pki_remove);
}
