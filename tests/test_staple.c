/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_staple.c - what is made of stapled OCSP responses, whoever wrote them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include "ocsp.h"
#include "pki.h"
#include "staple.h"

enum { HOUR = 3600, DAY = 24 * HOUR };

static gnutls_x509_crt_t certificate(const char *name)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain(name, chain);

	pki_free(chain + 1, count - 1);
	return chain[0];
}

/* A good one, made an hour ago for a week. */
static struct ocsp_wish usual(void)
{
	time_t now = time(NULL);

	return (struct ocsp_wish){.about = "good",
				  .reason = -1,
				  .this_update = now - HOUR,
				  .next_update = now + 7 * DAY,
				  .revoked_at = 1700000000};
}

static void read_by(struct staple *staple, const gnutls_datum_t *response, const char *issuer)
{
	gnutls_x509_crt_t crt = certificate("good");
	gnutls_x509_crt_t authority = issuer ? certificate(issuer) : NULL;

	memset(staple, 0x5a, sizeof(*staple));
	staple_read(staple, response, crt, authority, time(NULL));
	gnutls_x509_crt_deinit(crt);
	if (authority)
		gnutls_x509_crt_deinit(authority);
}

static void read_wish(struct staple *staple, const struct ocsp_wish *wish)
{
	gnutls_datum_t response = ocsp_make(wish);

	read_by(staple, &response, "ca");
	gnutls_free(response.data);
}

static void expect(const struct staple *staple, enum staple_status status, const char *why)
{
	if (staple->status != status || !strstr(staple->why, why))
		fail_msg("wanted %s: %s, got %s: %s", staple_status_name(status), why,
			 staple_status_name(staple->status), staple->why);
}

static void expect_invalid(const struct ocsp_wish *wish, const char *why)
{
	struct staple staple;

	read_wish(&staple, wish);
	expect(&staple, STAPLE_INVALID, why);
}

/* --- what it says ------------------------------------------------------------------------------
 */

static void none_is_none(void **state)
{
	const gnutls_datum_t nothing = {NULL, 0};
	struct staple staple;

	(void)state;
	read_by(&staple, &nothing, "ca");
	expect(&staple, STAPLE_NONE, "");
	read_by(&staple, &nothing, NULL);
	expect(&staple, STAPLE_NONE, "");
}

static void a_good_one_is_good_and_dated(void **state)
{
	struct ocsp_wish wish = usual();
	struct staple staple;

	(void)state;
	read_wish(&staple, &wish);
	expect(&staple, STAPLE_GOOD, "");
	assert_int_equal(staple.this_update, wish.this_update);
	assert_int_equal(staple.next_update, wish.next_update);
	assert_int_equal(staple.revoked_at, 0);
}

static void a_revocation_has_its_time_and_reason(void **state)
{
	struct ocsp_wish wish = usual();
	struct staple staple;
	char text[250];

	(void)state;
	wish.answer = OCSP_REVOKED;
	wish.reason = 1;
	read_wish(&staple, &wish);
	expect(&staple, STAPLE_REVOKED, "key compromise");
	assert_int_equal(staple.revoked_at, 1700000000);
	assert_string_equal(staple_describe(&staple, text, sizeof(text)),
			    "the certificate was revoked on 2023-11-14 22:13 UTC: key compromise "
			    "(stapled OCSP response)");
}

static void a_revocation_needs_no_reason_that_is_known(void **state)
{
	static const int reasons[] = {-1, 0, 7, 99};
	struct ocsp_wish wish = usual();
	struct staple staple;
	char text[250];

	(void)state;
	wish.answer = OCSP_REVOKED;
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		wish.reason = reasons[i];
		read_wish(&staple, &wish);
		expect(&staple, STAPLE_REVOKED, "");
		assert_string_equal(staple.why, "");
		assert_non_null(
			strstr(staple_describe(&staple, text, sizeof(text)), "UTC (stapled"));
	}
}

static void a_certificate_may_be_unknown_to_its_authority(void **state)
{
	struct ocsp_wish wish = usual();
	struct staple staple;
	char text[250];

	(void)state;
	wish.answer = OCSP_UNKNOWN;
	read_wish(&staple, &wish);
	expect(&staple, STAPLE_UNKNOWN, "");
	assert_non_null(strstr(staple_describe(&staple, text, sizeof(text)), "does not know"));
}

/* --- when --------------------------------------------------------------------------------------
 */

static void an_outdated_one_is_of_no_use(void **state)
{
	struct ocsp_wish wish = usual();
	struct staple staple;

	(void)state;
	wish.next_update = time(NULL) - HOUR;
	wish.this_update = time(NULL) - DAY;
	expect_invalid(&wish, "outdated");
	wish.answer = OCSP_REVOKED;
	expect_invalid(&wish, "outdated");
	wish.next_update = time(NULL) - 60; /* clocks differ */
	read_wish(&staple, &wish);
	expect(&staple, STAPLE_REVOKED, "");
}

static void one_without_an_end_lasts_two_weeks(void **state)
{
	struct ocsp_wish wish = usual();
	struct staple staple;

	(void)state;
	wish.next_update = 0;
	wish.this_update = time(NULL) - 14 * DAY;
	read_wish(&staple, &wish);
	expect(&staple, STAPLE_GOOD, "");
	assert_int_equal(staple.next_update, 0);
	wish.this_update = time(NULL) - 16 * DAY;
	expect_invalid(&wish, "outdated");
}

static void one_from_the_future_is_of_no_use(void **state)
{
	struct ocsp_wish wish = usual();
	struct staple staple;

	(void)state;
	wish.this_update = time(NULL) + HOUR;
	expect_invalid(&wish, "future");
	wish.this_update = time(NULL) + 60;
	read_wish(&staple, &wish);
	expect(&staple, STAPLE_GOOD, "");
}

/* --- who ---------------------------------------------------------------------------------------
 */

static void the_authority_may_let_another_sign(void **state)
{
	struct ocsp_wish wish = usual();
	struct staple staple;

	(void)state;
	wish.signer = "responder";
	read_wish(&staple, &wish);
	expect(&staple, STAPLE_GOOD, "");
}

static void nobody_else_may_sign(void **state)
{
	static const char *const signers[] = {"other-ca", "twin-ca", "soon", "selfsigned"};
	struct ocsp_wish wish = usual();

	(void)state;
	for (size_t i = 0; i < sizeof(signers) / sizeof(signers[0]); i++) {
		wish.signer = signers[i];
		expect_invalid(&wish, "not signed by");
	}
}

static void an_unknown_authority_cannot_be_judged(void **state)
{
	struct ocsp_wish wish = usual();
	gnutls_datum_t response = ocsp_make(&wish);
	struct staple staple;

	(void)state;
	read_by(&staple, &response, NULL);
	expect(&staple, STAPLE_INVALID, "not there");
	read_by(&staple, &response, "other-ca");
	expect(&staple, STAPLE_INVALID, "not signed by");
	gnutls_free(response.data);
}

static void one_about_another_certificate_is_of_no_use(void **state)
{
	struct ocsp_wish wish = usual();

	(void)state;
	wish.about = "soon";
	expect_invalid(&wish, "about another certificate");
	wish.about = "good";
	wish.issuer = "other-ca";
	expect_invalid(&wish, "about another certificate");
}

/* --- form --------------------------------------------------------------------------------------
 */

static void an_authority_may_have_no_answer(void **state)
{
	struct ocsp_wish wish = usual();

	(void)state;
	for (int status = 1; status < 7; status++) {
		wish.response_status = status;
		expect_invalid(&wish, "could not answer");
	}
}

static void garbage_is_not_well_formed(void **state)
{
	const gnutls_datum_t garbage = {(unsigned char *)"garbage", 7};
	struct staple staple;
	char text[250];

	(void)state;
	read_by(&staple, &garbage, "ca");
	expect(&staple, STAPLE_INVALID, "not well-formed");
	assert_string_equal(staple_describe(&staple, text, sizeof(text)),
			    "the stapled OCSP response is of no use: it is not well-formed");
}

/* Whatever is found, it is not good, and nothing is read beyond the end. */
static void damaged_ones_are_never_good(void **state)
{
	struct ocsp_wish wish = usual();
	gnutls_datum_t response = ocsp_make(&wish);
	struct staple staple;

	(void)state;
	for (unsigned cut = 1; cut < response.size; cut++) {
		gnutls_datum_t part = {malloc(cut), cut};

		assert_non_null(part.data);
		memcpy(part.data, response.data, cut);
		read_by(&staple, &part, "ca");
		expect(&staple, STAPLE_INVALID, "");
		free(part.data);
	}
	for (unsigned i = 0; i < response.size; i += 3) {
		response.data[i] ^= 0x55;
		read_by(&staple, &response, "ca");
		response.data[i] ^= 0x55;
		assert_int_not_equal(staple.status, STAPLE_GOOD);
	}
	gnutls_free(response.data);
}

/* --- must-staple -------------------------------------------------------------------------------
 */

static void a_certificate_says_whether_a_staple_is_due(void **state)
{
	gnutls_x509_crt_t due = certificate("muststaple"), free_of_it = certificate("good");

	(void)state;
	assert_true(staple_is_due(due));
	assert_false(staple_is_due(free_of_it));
	gnutls_x509_crt_deinit(due);
	gnutls_x509_crt_deinit(free_of_it);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_none),
		cmocka_unit_test(a_good_one_is_good_and_dated),
		cmocka_unit_test(a_revocation_has_its_time_and_reason),
		cmocka_unit_test(a_revocation_needs_no_reason_that_is_known),
		cmocka_unit_test(a_certificate_may_be_unknown_to_its_authority),
		cmocka_unit_test(an_outdated_one_is_of_no_use),
		cmocka_unit_test(one_without_an_end_lasts_two_weeks),
		cmocka_unit_test(one_from_the_future_is_of_no_use),
		cmocka_unit_test(the_authority_may_let_another_sign),
		cmocka_unit_test(nobody_else_may_sign),
		cmocka_unit_test(an_unknown_authority_cannot_be_judged),
		cmocka_unit_test(one_about_another_certificate_is_of_no_use),
		cmocka_unit_test(an_authority_may_have_no_answer),
		cmocka_unit_test(garbage_is_not_well_formed),
		cmocka_unit_test(damaged_ones_are_never_good),
		cmocka_unit_test(a_certificate_says_whether_a_staple_is_due),
	};

	return cmocka_run_group_tests(tests, pki_make, pki_remove);
}
