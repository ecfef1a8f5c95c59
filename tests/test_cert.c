/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_cert.c - verification, the path that was verified, and the words for each fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509-ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cert.h"
#include "pki.h"

static const struct cert_peer usual = {.name = "imap.example.org"};

static gnutls_x509_trust_list_t anchors_of(const char *const *names)
{
	gnutls_x509_trust_list_t list;

	assert_int_equal(gnutls_x509_trust_list_init(&list, 0), 0);
	for (; *names; names++) {
		char file[100];

		snprintf(file, sizeof(file), "%s.pem", *names);
		assert_true(gnutls_x509_trust_list_add_trust_file(list, pki_path(file), NULL,
								  GNUTLS_X509_FMT_PEM, 0, 0) > 0);
	}
	return list;
}

static void verify_with(struct cert_path *path, const char *name, const char *const *trusted,
			const struct cert_peer *peer)
{
	gnutls_x509_trust_list_t anchors = anchors_of(trusted);
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain(name, chain);

	memset(path, 0x5a, sizeof(*path));
	cert_verify(path, chain, count, anchors, peer, GNUTLS_PROFILE_MEDIUM);
	pki_free(chain, count);
	gnutls_x509_trust_list_deinit(anchors, 1);
}

static void verify(struct cert_path *path, const char *name, const struct cert_peer *peer)
{
	static const char *const trusted[] = {"ca", NULL};

	verify_with(path, name, trusted, peer);
}

static void expect_fault(const struct cert_path *path, const char *part)
{
	assert_false(path->verified);
	assert_int_equal(path->fault.class, CLASS_CERTIFICATE);
	if (!strstr(path->fault.text, part))
		fail_msg("wanted ...%s..., got %s", part, path->fault.text);
	for (const char *at = path->fault.text; *at; at++)
		assert_true(isprint((unsigned char)*at) && !strchr("|`$<>", *at));
}

/* --- well -------------------------------------------------------------------------------- */

static void facts_are_those_of_the_certificate(void **state)
{
	struct cert_path path;
	const struct cert *leaf = &path.certs[0];

	(void)state;
	verify(&path, "good", &usual);
	assert_true(path.verified);
	assert_int_equal(path.count, 2);
	assert_string_equal(leaf->subject, "CN=imap.example.org");
	assert_string_equal(leaf->issuer, "CN=Test CA");
	assert_string_equal(leaf->names, "imap.example.org, localhost, 127.0.0.1, ::1");
	assert_int_equal(strlen(leaf->sha256), 64);
	assert_int_equal(leaf->not_after - leaf->not_before, 91 * 86400);
	assert_false(leaf->is_anchor);
	assert_true(path.certs[1].is_anchor);
	assert_string_equal(path.certs[1].subject, "CN=Test CA");
}

static void days_are_counted_to_the_end(void **state)
{
	struct cert cert = {.not_after = 1000000};

	(void)state;
	assert_float_equal(cert_days_left(&cert, 1000000 - 86400 * 5 / 2), 2.5, 1e-9);
	assert_float_equal(cert_days_left(&cert, 1000000 + 86400), -1.0, 1e-9);
}

static void an_address_must_stand_in_the_san(void **state)
{
	static const struct cert_peer loopback = {"127.0.0.1", true, {127, 0, 0, 1}, 4};
	static const struct cert_peer loopback6 = {"::1", true, {[15] = 1}, 16};
	static const struct cert_peer other = {"127.0.0.2", true, {127, 0, 0, 2}, 4};
	struct cert_path path;

	(void)state;
	verify(&path, "good", &loopback);
	assert_true(path.verified);
	verify(&path, "good", &loopback6);
	assert_true(path.verified);
	verify(&path, "good", &other);
	expect_fault(&path,
		     "does not cover the address 127.0.0.2: pass --sni=NAME with a name that it "
		     "covers: imap.example.org, localhost");
	verify(&path, "nameonly", &loopback);
	expect_fault(&path, "pass --sni=NAME");
	verify(&path, "cnonly", &loopback);
	expect_fault(&path, "does not cover 127.0.0.1");
}

static void a_wildcard_covers_one_label(void **state)
{
	static const struct cert_peer deep = {.name = "a.imap.example.org"};
	static const struct cert_peer bare = {.name = "example.org"};
	struct cert_path path;

	(void)state;
	verify(&path, "wildcard", &usual);
	assert_true(path.verified);
	verify(&path, "wildcard", &deep);
	expect_fault(&path, "does not cover a.imap.example.org, it covers *.example.org");
	verify(&path, "wildcard", &bare);
	expect_fault(&path, "does not cover example.org");
}

/* --- paths ------------------------------------------------------------------------------- */

static void an_intermediate_is_part_of_the_path(void **state)
{
	struct cert_path path;

	(void)state;
	verify(&path, "intermediate", &usual);
	assert_true(path.verified);
	assert_int_equal(path.count, 3);
	assert_string_equal(path.certs[1].subject, "CN=Test Intermediate CA");
	assert_false(path.certs[1].is_anchor);
	assert_true(path.certs[2].is_anchor);
}

static void an_intermediate_that_is_trusted_ends_the_path(void **state)
{
	static const char *const trusted[] = {"sub-ca", NULL};
	struct cert_path path;

	(void)state;
	verify_with(&path, "intermediate", trusted, &usual);
	assert_true(path.verified);
	assert_int_equal(path.count, 2);
	assert_true(path.certs[1].is_anchor);
	assert_string_equal(path.certs[1].subject, "CN=Test Intermediate CA");
}

static void a_self_signed_server_that_is_trusted_is_its_own_anchor(void **state)
{
	static const char *const trusted[] = {"ca", "selfsigned", NULL};
	struct cert_path path;

	(void)state;
	verify_with(&path, "selfsigned", trusted, &usual);
	assert_true(path.verified);
	assert_int_equal(path.count, 1);
	assert_true(path.certs[0].is_anchor);
}

static void a_server_that_is_trusted_itself_needs_no_issuer(void **state)
{
	static const char *const trusted[] = {"unknown", NULL};
	struct cert_path path;

	(void)state;
	verify_with(&path, "unknown", trusted, &usual);
	assert_true(path.verified);
	assert_int_equal(path.count, 1);
	assert_true(path.certs[0].is_anchor);
}

static void a_short_lived_intermediate_shows_in_the_path(void **state)
{
	struct cert_path path;

	(void)state;
	verify(&path, "shortsub", &usual);
	assert_true(path.verified);
	assert_int_equal(path.count, 3);
	assert_true(cert_days_left(&path.certs[1], time(NULL)) < 4.1);
}

static void an_expired_cross_certificate_that_is_not_needed_does_no_harm(void **state)
{
	static const char *const trusted[] = {"new-root", NULL};
	static const char *const both[] = {"old-root", "new-root", NULL};
	const char *const *const sets[] = {trusted, both};

	(void)state;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct cert_path path;

		verify_with(&path, "crosssigned", sets[i], &usual);
		assert_true(path.verified);
		assert_int_equal(path.count, 2);
		assert_string_equal(path.certs[1].subject, "CN=Test New Root");
		assert_string_equal(path.certs[1].issuer, "CN=Test New Root");
		assert_true(path.certs[1].is_anchor);
	}
}

static void an_expired_cross_certificate_that_is_needed_is_told(void **state)
{
	static const char *const trusted[] = {"old-root", NULL};
	struct cert_path path;

	(void)state;
	verify_with(&path, "crosssigned", trusted, &usual);
	expect_fault(&path, "expired 20 days ago");
	expect_fault(&path, "issuing certificate");
}

/* --- faults ------------------------------------------------------------------------------ */

static void an_anchor_of_the_same_name_but_another_key_does_no_harm(void **state)
{
	static const char *const sets[][3] = {{"twin-ca", "ca"}, {"ca", "twin-ca"}};
	static const char *const twin[] = {"twin-ca", NULL};
	struct cert_path path, alone;

	(void)state;
	verify(&alone, "good", &usual);
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		verify_with(&path, "good", sets[i], &usual);
		assert_true(path.verified);
		assert_int_equal(path.count, 2);
		assert_string_equal(path.certs[1].sha256, alone.certs[1].sha256);
	}
	verify_with(&path, "good", twin, &usual);
	expect_fault(&path, "CN=Test CA");
}

static void each_fault_has_its_sentence(void **state)
{
	static const struct {
		const char *name, *part;
	} faults[] = {
		{"expired", "the certificate expired 12 days ago, on 20"},
		{"notyet", "the certificate is not valid before 20"},
		{"notyet", "in 3 days"},
		{"wrongname", "does not cover imap.example.org, it covers other.example.org"},
		{"cnonly", "common name (CN) only"},
		{"selfsigned", "self-signed and not among the trusted"},
		{"unknown", "the issuer CN=Other CA is not trusted"},
		{"missing",
		 "the issuer CN=Test Intermediate CA is not trusted, and the server sent 1 "
		 "certificate: maybe an intermediate is missing"},
		{"rsa1024", "too weak: RSA with 1024 bits, 2048 are needed"},
		{"sha1", "is signed with ECDSA-SHA1, which is too weak"},
		{"clientonly", "not meant for servers"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct cert_path path;

		verify(&path, faults[i].name, &usual);
		expect_fault(&path, faults[i].part);
		expect_fault(&path, "(CN=imap.example.org, issued by CN=");
	}
}

static void a_fault_shows_the_chain_as_it_was_sent(void **state)
{
	struct cert_path path;
	static const struct cert_peer wrong = {.name = "wrong.example.org"};

	(void)state;
	verify(&path, "intermediate", &wrong);
	expect_fault(&path, "does not cover wrong.example.org");
	assert_int_equal(path.count, 2);
	assert_false(path.certs[1].is_anchor);
}

static void several_faults_are_told_together(void **state)
{
	static const char *const trusted[] = {"other-ca", NULL};
	static const struct cert_peer wrong = {.name = "wrong.example.org"};
	struct cert_path path;

	(void)state;
	verify_with(&path, "expired", trusted, &wrong);
	expect_fault(&path, "expired 12 days ago");
	expect_fault(&path, "; the certificate does not cover wrong.example.org");
	expect_fault(&path, "; the issuer CN=Test CA is not trusted");
}

static void an_untrusted_root_that_is_sent_is_named(void **state)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	static const char *const trusted[] = {"ca", NULL};
	gnutls_x509_trust_list_t anchors = anchors_of(trusted);
	struct cert_path path;
	unsigned count = pki_chain("unknown", chain);

	(void)state;
	count += pki_chain("other-ca", chain + count);
	cert_verify(&path, chain, count, anchors, &usual, GNUTLS_PROFILE_MEDIUM);
	expect_fault(&path, "the 2 certificates sent end in CN=Other CA, which is not trusted");
	pki_free(chain, count);
	gnutls_x509_trust_list_deinit(anchors, 1);
}

static void no_anchors_at_all_is_no_crash(void **state)
{
	static const char *const none[] = {NULL};
	struct cert_path path;

	(void)state;
	verify_with(&path, "good", none, &usual);
	expect_fault(&path, "not trusted");
}

static void no_certificate_is_told(void **state)
{
	static const char *const none[] = {NULL};
	gnutls_x509_trust_list_t anchors = anchors_of(none);
	struct cert_path path;

	(void)state;
	cert_verify(&path, NULL, 0, anchors, &usual, GNUTLS_PROFILE_MEDIUM);
	expect_fault(&path, "the server sent no certificate");
	gnutls_x509_trust_list_deinit(anchors, 1);
}

/* --- hostile ones ------------------------------------------------------------------------ */

/* A self-signed certificate that `dress` has given its names. */
static gnutls_x509_crt_t forge(void (*dress)(gnutls_x509_crt_t))
{
	static const unsigned char serial[] = {1};
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(
		gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
					     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
		0);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_set_version(crt, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(crt, time(NULL) - 1000), 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 86400), 0);
	assert_int_equal(gnutls_x509_crt_set_key(crt, key), 0);
	dress(crt);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	gnutls_x509_privkey_deinit(key);
	return crt;
}

static void judge_forged(struct cert_path *path, void (*dress)(gnutls_x509_crt_t), bool trusted)
{
	gnutls_x509_trust_list_t anchors;
	gnutls_x509_crt_t crt = forge(dress);
	gnutls_x509_crt_t again;
	gnutls_datum_t der;

	/* As it arrives: from DER. */
	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der), 0);
	assert_int_equal(gnutls_x509_crt_init(&again), 0);
	assert_int_equal(gnutls_x509_crt_import(again, &der, GNUTLS_X509_FMT_DER), 0);
	gnutls_free(der.data);
	assert_int_equal(gnutls_x509_trust_list_init(&anchors, 0), 0);
	if (trusted)
		assert_int_equal(gnutls_x509_trust_list_add_cas(anchors, &again, 1, 0), 1);
	cert_verify(path, &again, 1, anchors, &usual, GNUTLS_PROFILE_MEDIUM);
	gnutls_x509_crt_deinit(again);
	gnutls_x509_trust_list_deinit(anchors, 0);
	gnutls_x509_crt_deinit(crt);
}

static void name_subject(gnutls_x509_crt_t crt, const char *cn, size_t length)
{
	assert_int_equal(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, cn,
						       (unsigned)length),
			 0);
}

static void add_dns(gnutls_x509_crt_t crt, const char *name, size_t length)
{
	assert_int_equal(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name,
							      (unsigned)length, GNUTLS_FSAN_APPEND),
			 0);
}

static void dress_with_nul(gnutls_x509_crt_t crt)
{
	/* As DER, for GnuTLS's own function would cut it at the NUL. */
	static const char names[] = "\x30\x20\x82\x1eimap.example.org\0.evil.example";

	name_subject(crt, "nul", 3);
	assert_int_equal(gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_SAN, names,
							      sizeof(names) - 1, 0),
			 0);
}

static void a_nul_in_a_name_does_not_end_it(void **state)
{
	struct cert_path path;

	(void)state;
	judge_forged(&path, dress_with_nul, true);
	expect_fault(&path, "does not cover imap.example.org");
	expect_fault(&path, "evil.example");
}

static void dress_with_controls(gnutls_x509_crt_t crt)
{
	static const char cn[] = "a\r\nIMAP OK - fine |total=0s `$(reboot)` <b>\x1b[2J\xff";

	name_subject(crt, cn, sizeof(cn) - 1);
	add_dns(crt, "x\r\n|y`$<>\x1b[m", 12);
}

static void control_bytes_reach_no_sentence(void **state)
{
	struct cert_path path;

	(void)state;
	judge_forged(&path, dress_with_controls, false);
	expect_fault(&path, "does not cover");
	for (const char *at = path.certs[0].names; *at; at++)
		assert_true(isprint((unsigned char)*at) && !strchr("|`$<>", *at));
	for (const char *at = path.certs[0].subject; *at; at++)
		assert_true(isprint((unsigned char)*at) && !strchr("|`$<>", *at));
}

static void dress_with_thousand_names(gnutls_x509_crt_t crt)
{
	gnutls_subject_alt_names_t names;
	gnutls_datum_t der;

	assert_int_equal(gnutls_subject_alt_names_init(&names), 0);
	for (int i = 0; i < 1000; i++) {
		char text[100];
		gnutls_datum_t name = {(unsigned char *)text, 0};

		name.size = (unsigned)snprintf(text, sizeof(text), "host-%d.example.org", i);
		assert_int_equal(
			gnutls_subject_alt_names_set(names, GNUTLS_SAN_DNSNAME, &name, NULL), 0);
	}
	assert_int_equal(gnutls_x509_ext_export_subject_alt_names(names, &der), 0);
	assert_int_equal(gnutls_x509_crt_set_extension_by_oid(crt, GNUTLS_X509EXT_OID_SAN, der.data,
							      der.size, 0),
			 0);
	gnutls_free(der.data);
	gnutls_subject_alt_names_deinit(names);
}

static void a_thousand_names_are_cut_short(void **state)
{
	struct cert_path path;

	(void)state;
	judge_forged(&path, dress_with_thousand_names, true);
	expect_fault(&path, "host-0.example.org, host-1.example.org");
	assert_string_equal(path.certs[0].names + strlen(path.certs[0].names) - 5, ", ...");
	assert_non_null(strstr(path.fault.text, "valid 20"));
}

static void dress_with_nothing(gnutls_x509_crt_t crt)
{
	(void)crt;
}

static void an_empty_subject_is_told(void **state)
{
	struct cert_path path;

	(void)state;
	judge_forged(&path, dress_with_nothing, true);
	expect_fault(&path, "does not cover imap.example.org: it has no subject alternative name");
	expect_fault(&path, "(no subject, issued by");
}

static void dress_as_expired(gnutls_x509_crt_t crt)
{
	name_subject(crt, "old", 3);
	add_dns(crt, "imap.example.org", 16);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(crt, time(NULL) - 3 * 86400), 0);
}

static void a_self_signed_one_that_expired_is_told_so(void **state)
{
	struct cert_path path;

	(void)state;
	judge_forged(&path, dress_as_expired, false);
	expect_fault(&path, "expired 3 days ago");
	expect_fault(&path, "self-signed");
}

static void dress_with_long_name(gnutls_x509_crt_t crt)
{
	static char name[5000];

	name_subject(crt, "long", 4);
	memset(name, 'a', sizeof(name));
	add_dns(crt, name, sizeof(name));
	add_dns(crt, "imap.example.org", 16);
}

static void a_name_that_is_too_long_is_passed_over(void **state)
{
	struct cert_path path;

	(void)state;
	judge_forged(&path, dress_with_long_name, true);
	assert_true(path.verified);
	assert_string_equal(path.certs[0].names, "imap.example.org");
}

static void a_chain_without_end_is_refused(void **state)
{
	gnutls_x509_trust_list_t anchors;
	gnutls_x509_crt_t chain[100];
	gnutls_x509_crt_t one[PKI_CHAIN_MAX];
	struct cert_path path;
	static const char *const trusted[] = {"ca", NULL};

	(void)state;
	anchors = anchors_of(trusted);
	assert_int_equal(pki_chain("good", one), 1);
	for (int i = 0; i < 100; i++)
		chain[i] = one[0];
	cert_verify(&path, chain, 100, anchors, &usual, GNUTLS_PROFILE_MEDIUM);
	expect_fault(&path, "more than 20 certificates");
	assert_int_equal(path.count, CERT_PATH_MAX);
	pki_free(one, 1);
	gnutls_x509_trust_list_deinit(anchors, 1);
}

static void chains_up_to_the_limit_are_judged(void **state)
{
	gnutls_x509_trust_list_t anchors;
	gnutls_x509_crt_t chain[CERT_CHAIN_MAX];
	gnutls_x509_crt_t leaf[PKI_CHAIN_MAX], other[PKI_CHAIN_MAX];
	static const char *const trusted[] = {"ca", NULL};

	(void)state;
	anchors = anchors_of(trusted);
	pki_chain("good", leaf);
	pki_chain("other-ca", other);
	chain[0] = leaf[0];
	for (unsigned length = 1; length <= CERT_CHAIN_MAX; length++) {
		struct cert_path path;

		if (length > 1)
			chain[length - 1] = other[0];
		cert_verify(&path, chain, length, anchors, &usual, GNUTLS_PROFILE_MEDIUM);
		if (!path.verified)
			fail_msg("%u: %s", length, path.fault.text);
	}
	pki_free(leaf, 1);
	pki_free(other, 1);
	gnutls_x509_trust_list_deinit(anchors, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_those_of_the_certificate),
		cmocka_unit_test(days_are_counted_to_the_end),
		cmocka_unit_test(an_address_must_stand_in_the_san),
		cmocka_unit_test(a_wildcard_covers_one_label),
		cmocka_unit_test(an_intermediate_is_part_of_the_path),
		cmocka_unit_test(an_intermediate_that_is_trusted_ends_the_path),
		cmocka_unit_test(a_self_signed_server_that_is_trusted_is_its_own_anchor),
		cmocka_unit_test(a_server_that_is_trusted_itself_needs_no_issuer),
		cmocka_unit_test(a_short_lived_intermediate_shows_in_the_path),
		cmocka_unit_test(an_expired_cross_certificate_that_is_not_needed_does_no_harm),
		cmocka_unit_test(an_expired_cross_certificate_that_is_needed_is_told),
		cmocka_unit_test(an_anchor_of_the_same_name_but_another_key_does_no_harm),
		cmocka_unit_test(each_fault_has_its_sentence),
		cmocka_unit_test(a_fault_shows_the_chain_as_it_was_sent),
		cmocka_unit_test(several_faults_are_told_together),
		cmocka_unit_test(an_untrusted_root_that_is_sent_is_named),
		cmocka_unit_test(no_anchors_at_all_is_no_crash),
		cmocka_unit_test(no_certificate_is_told),
		cmocka_unit_test(a_nul_in_a_name_does_not_end_it),
		cmocka_unit_test(control_bytes_reach_no_sentence),
		cmocka_unit_test(a_thousand_names_are_cut_short),
		cmocka_unit_test(an_empty_subject_is_told),
		cmocka_unit_test(a_self_signed_one_that_expired_is_told_so),
		cmocka_unit_test(a_name_that_is_too_long_is_passed_over),
		cmocka_unit_test(a_chain_without_end_is_refused),
		cmocka_unit_test(chains_up_to_the_limit_are_judged),
	};

	return cmocka_run_group_tests(tests, pki_make, pki_remove);
}
