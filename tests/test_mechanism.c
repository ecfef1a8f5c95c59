/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mechanism is chosen, and which class a refusal belongs to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mechanism.h"
#include "refusal.h"
#include "text.h"

static struct imap *session(const char *capabilities)
{
	struct imap *imap = imap_new(&imap_default_limits);
	struct imap_reply reply;
	char greeting[300];

	snprintf(greeting, sizeof greeting, "* OK [CAPABILITY IMAP4rev1 %s] hello\r\n",
		 capabilities);
	imap_feed(imap, greeting, strlen(greeting), 0);
	assert_int_equal(imap_next(imap, &reply), IMAP_GREETING);
	return imap;
}

static struct failure failure;

static const char *chosen(const char *capabilities, enum auth auth,
			  enum mechanism_shield shield, bool allow_cleartext)
{
	struct config config = {.auth = auth, .allow_cleartext = allow_cleartext};
	struct imap *imap = session(capabilities);
	const struct auth_spec *spec = mechanism_choose(&config, imap, shield, &failure);

	imap_free(imap);
	return spec ? spec->shown : "(none)";
}

static void over_verified_tls_auto_takes_plain(void **state)
{
	(void)state;
	assert_string_equal(chosen("AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN", AUTH_AUTO,
				   SHIELD_VERIFIED, false),
			    "PLAIN");
}

static void auto_falls_to_the_login_command_then_to_scram(void **state)
{
	(void)state;
	assert_string_equal(chosen("AUTH=SCRAM-SHA-1", AUTH_AUTO, SHIELD_VERIFIED, false),
			    "LOGIN");
	assert_string_equal(chosen("LOGINDISABLED AUTH=CRAM-MD5 AUTH=SCRAM-SHA-1", AUTH_AUTO,
				   SHIELD_VERIFIED, false),
			    "SCRAM-SHA-1");
}

static void in_clear_auto_reveals_nothing(void **state)
{
	(void)state;
	assert_string_equal(
		chosen("AUTH=PLAIN AUTH=CRAM-MD5", AUTH_AUTO, SHIELD_NONE, false),
		"CRAM-MD5");
	assert_string_equal(chosen("AUTH=PLAIN", AUTH_AUTO, SHIELD_NONE, false), "(none)");
	assert_int_equal(failure.class, CLASS_MISSING);
	assert_non_null(strstr(failure.text, "it offers AUTH=PLAIN"));
	assert_non_null(strstr(failure.text, "--tls=starttls"));
}

static void cleartext_is_allowed_last(void **state)
{
	(void)state;
	assert_string_equal(chosen("AUTH=PLAIN", AUTH_AUTO, SHIELD_NONE, true), "PLAIN");
	assert_string_equal(
		chosen("AUTH=PLAIN AUTH=SCRAM-SHA-256", AUTH_AUTO, SHIELD_NONE, true),
		"SCRAM-SHA-256");
}

static void an_unverified_server_is_given_a_proof_before_the_password(void **state)
{
	(void)state;
	assert_string_equal(
		chosen("AUTH=PLAIN AUTH=SCRAM-SHA-256", AUTH_AUTO, SHIELD_UNVERIFIED, false),
		"SCRAM-SHA-256");
	assert_string_equal(chosen("AUTH=PLAIN", AUTH_AUTO, SHIELD_UNVERIFIED, false),
			    "PLAIN");
}

static void nothing_unadvertised_is_used(void **state)
{
	(void)state;
	assert_string_equal(chosen("AUTH=LOGIN", AUTH_PLAIN, SHIELD_VERIFIED, false),
			    "(none)");
	assert_non_null(strstr(failure.text, "does not offer PLAIN; it offers AUTH=LOGIN"));
	assert_string_equal(chosen("LOGINDISABLED", AUTH_LOGIN, SHIELD_VERIFIED, false),
			    "(none)");
	assert_non_null(strstr(failure.text, "does not offer the LOGIN command"));
}

static enum failure_class refused(enum imap_status status, const char *code,
				  enum failure_class otherwise)
{
	struct imap_reply reply = {
		.status = status, .code = text_span(code), .text = text_span("so it is")};

	refusal_set(&failure, &reply, otherwise, "alice");
	return failure.class;
}

static void codes_of_the_service_are_unavailable(void **state)
{
	static const char *const codes[] = {"UNAVAILABLE", "LIMIT", "INUSE", "SERVERBUG",
					    "CONTACTADMIN"};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(refused(IMAP_NO, codes[i], CLASS_AUTH), CLASS_UNAVAILABLE);
	assert_string_equal(failure.code, "CONTACTADMIN");
}

static void a_plain_no_to_a_login_is_auth(void **state)
{
	(void)state;
	assert_int_equal(refused(IMAP_NO, "", CLASS_AUTH), CLASS_AUTH);
	assert_string_equal(failure.text, "server refused alice: so it is");
	assert_int_equal(refused(IMAP_NO, "AUTHENTICATIONFAILED", CLASS_AUTH), CLASS_AUTH);
	assert_string_equal(failure.text, "server refused alice: [AUTHENTICATIONFAILED] so it is");
}

static void a_bad_to_a_login_is_not_about_the_password(void **state)
{
	(void)state;
	assert_int_equal(refused(IMAP_BAD, "", CLASS_AUTH), CLASS_REFUSED);
	assert_int_equal(refused(IMAP_NO, "NONEXISTENT", CLASS_REFUSED), CLASS_REFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_verified_tls_auto_takes_plain),
		cmocka_unit_test(auto_falls_to_the_login_command_then_to_scram),
		cmocka_unit_test(in_clear_auto_reveals_nothing),
		cmocka_unit_test(cleartext_is_allowed_last),
		cmocka_unit_test(an_unverified_server_is_given_a_proof_before_the_password),
		cmocka_unit_test(nothing_unadvertised_is_used),
		cmocka_unit_test(codes_of_the_service_are_unavailable),
		cmocka_unit_test(a_plain_no_to_a_login_is_auth),
		cmocka_unit_test(a_bad_to_a_login_is_not_about_the_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
