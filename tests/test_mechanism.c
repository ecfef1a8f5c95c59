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

static const char *chosen(const char *capabilities, enum auth auth, enum mechanism_shield shield,
			  bool allow_cleartext)
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
	assert_string_equal(chosen("AUTH=SCRAM-SHA-1", AUTH_AUTO, SHIELD_VERIFIED, false), "LOGIN");
	assert_string_equal(chosen("LOGINDISABLED AUTH=CRAM-MD5 AUTH=SCRAM-SHA-1", AUTH_AUTO,
				   SHIELD_VERIFIED, false),
			    "SCRAM-SHA-1");
}

static void in_clear_auto_reveals_nothing(void **state)
{
	(void)state;
	assert_string_equal(chosen("AUTH=PLAIN AUTH=CRAM-MD5", AUTH_AUTO, SHIELD_NONE, false),
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
	assert_string_equal(chosen("AUTH=PLAIN AUTH=SCRAM-SHA-256", AUTH_AUTO, SHIELD_NONE, true),
			    "SCRAM-SHA-256");
}

static void an_unverified_server_is_given_a_proof_before_the_password(void **state)
{
	(void)state;
	assert_string_equal(
		chosen("AUTH=PLAIN AUTH=SCRAM-SHA-256", AUTH_AUTO, SHIELD_UNVERIFIED, false),
		"SCRAM-SHA-256");
	assert_string_equal(chosen("AUTH=PLAIN", AUTH_AUTO, SHIELD_UNVERIFIED, false), "PLAIN");
}

static void nothing_unadvertised_is_used(void **state)
{
	(void)state;
	assert_string_equal(chosen("AUTH=LOGIN", AUTH_PLAIN, SHIELD_VERIFIED, false), "(none)");
	assert_non_null(strstr(failure.text, "does not offer PLAIN; it offers AUTH=LOGIN"));
	assert_string_equal(chosen("LOGINDISABLED", AUTH_LOGIN, SHIELD_VERIFIED, false), "(none)");
	assert_non_null(strstr(failure.text, "allows no login here (LOGINDISABLED)"));
}

static void who_acts_as_another_gets_a_mechanism_that_can(void **state)
{
	struct config config = {.auth = AUTH_AUTO, .user = "alice", .authzid = "bob"};
	struct imap *imap = session("AUTH=CRAM-MD5 AUTH=SCRAM-SHA-1");

	(void)state;
	assert_ptr_equal(mechanism_choose(&config, imap, SHIELD_VERIFIED, &failure),
			 auth_spec(AUTH_SCRAM_SHA_1));
	imap_free(imap);
	imap = session("AUTH=CRAM-MD5");
	assert_null(mechanism_choose(&config, imap, SHIELD_VERIFIED, &failure));
	assert_int_equal(failure.class, CLASS_MISSING);
	assert_non_null(strstr(failure.text, "act as another (--authzid)"));
	imap_free(imap);
}

static void auto_never_takes_what_has_to_be_asked_for(void **state)
{
	static const char offers[] =
		"LOGINDISABLED AUTH=SCRAM-SHA-256-PLUS AUTH=LOGIN AUTH=XOAUTH2 "
		"AUTH=OAUTHBEARER AUTH=EXTERNAL AUTH=ANONYMOUS AUTH=GSSAPI";

	(void)state;
	assert_string_equal(chosen(offers, AUTH_AUTO, SHIELD_VERIFIED, true), "(none)");
	assert_string_equal(chosen(offers, AUTH_SASL_LOGIN, SHIELD_VERIFIED, false), "SASL LOGIN");
	assert_string_equal(chosen(offers, AUTH_GSSAPI, SHIELD_NONE, false), "GSSAPI");
	assert_string_equal(chosen(offers, AUTH_SCRAM_SHA_1_PLUS, SHIELD_VERIFIED, false),
			    "(none)");
	assert_non_null(strstr(failure.text, "does not offer SCRAM-SHA-1-PLUS"));
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

/* It is upper case by now: a secret in it could not be known again. */
static void a_code_that_nobody_registered_is_left_out(void **state)
{
	static const char *const codes[] = {"HUNTER2SECRET", "AGFSAWNLAGH1BNRLCJI=", "UNAVAILABLEX",
					    "0123456789012345678901234567890123456789HUNTER2"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(refused(IMAP_NO, codes[i], CLASS_AUTH), CLASS_AUTH);
		assert_string_equal(failure.text, "server refused alice: so it is");
		assert_string_equal(failure.code, "");
	}
	refused(IMAP_NO, "THROTTLED", CLASS_AUTH);
	assert_string_equal(failure.text, "server refused alice: [THROTTLED] so it is");
	assert_string_equal(failure.code, "THROTTLED");
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

/* --- what is said of a refused login ---------------------------------------------------------- */

static const char *login_refused(enum auth auth, enum imap_status status, const char *code,
				 const char *text, const char *told)
{
	struct imap_reply reply = {
		.status = status, .code = text_span(code), .text = text_span(text)};

	refusal_set_login(&failure, &reply, auth_spec(auth), "alice", told);
	return failure.text;
}

static void a_hint_follows_the_words_of_the_server(void **state)
{
	(void)state;
	assert_string_equal(
		login_refused(AUTH_PLAIN, IMAP_NO, "AUTHENTICATIONFAILED", "Failed.", ""),
		"server refused alice: [AUTHENTICATIONFAILED] Failed; wrong user name or "
		"password");
	assert_string_equal(login_refused(AUTH_XOAUTH2, IMAP_NO, "AUTHENTICATIONFAILED", "no", ""),
			    "server refused alice: [AUTHENTICATIONFAILED] no; wrong user name or "
			    "token");
	assert_string_equal(login_refused(AUTH_GSSAPI, IMAP_NO, "AUTHENTICATIONFAILED", "no.", ""),
			    "server refused alice: [AUTHENTICATIONFAILED] no");
	assert_string_equal(login_refused(AUTH_PLAIN, IMAP_NO, "", "so it is.", ""),
			    "server refused alice: so it is");
	assert_string_equal(
		login_refused(AUTH_XOAUTH2, IMAP_NO, "AUTHENTICATIONFAILED", "no.", "status 401"),
		"server refused alice: [AUTHENTICATIONFAILED] no; it told status 401");
	assert_non_null(strstr(login_refused(AUTH_EXTERNAL, IMAP_NO, "", "no", ""), "certificate"));
	assert_non_null(
		strstr(login_refused(AUTH_EXTERNAL, IMAP_NO, "UNAVAILABLE", "no", ""), "behind"));
	assert_int_equal(failure.class, CLASS_UNAVAILABLE);
}

static void exchange_is_known_by_its_few_words(void **state)
{
	(void)state;
	assert_non_null(strstr(login_refused(AUTH_LOGIN, IMAP_NO, "", "LOGIN failed.", ""),
			       "--auth=xoauth2"));
	assert_non_null(strstr(login_refused(AUTH_XOAUTH2, IMAP_NO, "", "AUTHENTICATE failed.", ""),
			       "the token may have expired"));
	/* Courier, Zimbra */
	assert_null(strchr(login_refused(AUTH_LOGIN, IMAP_NO, "", "Login failed.", ""), ';'));
	assert_null(strchr(login_refused(AUTH_LOGIN, IMAP_NO, "", "LOGIN failed", ""), ';'));
	refused(IMAP_BAD, "", CLASS_REFUSED);
	assert_null(strchr(failure.text, ';'));
	refusal_set(
		&failure,
		&(struct imap_reply){.status = IMAP_BAD,
				     .text = text_span("User is authenticated but not connected.")},
		CLASS_REFUSED, "INBOX");
	assert_non_null(strstr(failure.text, "does not open the mailbox"));
}

static void long_words_are_cut_and_foreign_ones_cleaned(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memcpy(text, "a|b`c\r\n", 7);
	login_refused(AUTH_PLAIN, IMAP_NO, "EXPIRED", text, "");
	assert_non_null(strstr(failure.text, "[EXPIRED] a?b?c x"));
	assert_non_null(strstr(failure.text, "x...; the password has expired"));
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
		cmocka_unit_test(who_acts_as_another_gets_a_mechanism_that_can),
		cmocka_unit_test(auto_never_takes_what_has_to_be_asked_for),
		cmocka_unit_test(a_hint_follows_the_words_of_the_server),
		cmocka_unit_test(exchange_is_known_by_its_few_words),
		cmocka_unit_test(long_words_are_cut_and_foreign_ones_cleaned),
		cmocka_unit_test(codes_of_the_service_are_unavailable),
		cmocka_unit_test(a_code_that_nobody_registered_is_left_out),
		cmocka_unit_test(a_plain_no_to_a_login_is_auth),
		cmocka_unit_test(a_bad_to_a_login_is_not_about_the_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
