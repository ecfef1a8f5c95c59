/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Search keys on their way to the server, and the dates that come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imapcheck.h"

/* What "UID SEARCH %k" sends to a server with these capabilities. */
static const char *sent(const char *capabilities, const char *format, const char *keys)
{
	static char text[600];
	struct imap *imap = imap_new(&imap_default_limits);
	char greeting[200] = "* OK [CAPABILITY IMAP4rev1 ";
	struct imap_reply reply;
	struct imap_span output;

	strcat(strcat(greeting, capabilities), "] hello\r\n");
	imap_feed(imap, greeting, strlen(greeting), 0);
	assert_int_equal(imap_next(imap, &reply), IMAP_GREETING);
	imap_command(imap, 0, format, keys);
	output = imap_output(imap);
	assert_true(output.length < sizeof text);
	memcpy(text, output.at, output.length);
	text[output.length] = '\0';
	imap_free(imap);
	return text;
}

static void plain_keys_go_as_they_are(void **state)
{
	(void)state;
	assert_string_equal(sent("", "UID SEARCH %k", "OR (FROM a) UNSEEN SINCE 1-Nov-2026"),
			    "A1 UID SEARCH OR (FROM a) UNSEEN SINCE 1-Nov-2026\r\n");
}

static void quotes_and_escapes_survive(void **state)
{
	(void)state;
	assert_string_equal(sent("", "UID SEARCH %k", "SUBJECT \"a \\\"b\\\" c\" TEXT \"\""),
			    "A1 UID SEARCH SUBJECT \"a \\\"b\\\" c\" TEXT \"\"\r\n");
	assert_string_equal(sent("", "UID SEARCH %k", "SUBJECT \"a\\\"\" UNSEEN"),
			    "A1 UID SEARCH SUBJECT \"a\\\"\" UNSEEN\r\n");
}

static void what_is_not_ascii_becomes_a_literal_with_a_charset(void **state)
{
	(void)state;
	assert_string_equal(
		sent("LITERAL+", "UID SEARCH %k", "SUBJECT \"gr\xc3\xbc\xc3\x9f\x65\" UNSEEN"),
		"A1 UID SEARCH CHARSET UTF-8 SUBJECT {7+}\r\ngr\xc3\xbc\xc3\x9f\x65 UNSEEN\r\n");
	assert_string_equal(sent("", "UID SEARCH %k", "SUBJECT \"\xc3\xbc\""),
			    "A1 UID SEARCH CHARSET UTF-8 SUBJECT {2}\r\n");
}

static void an_unquoted_word_that_is_not_ascii_becomes_a_literal_too(void **state)
{
	(void)state;
	assert_string_equal(sent("LITERAL+", "UID SORT (ARRIVAL) UTF-8 %K", "(SUBJECT \xc3\xbc)"),
			    "A1 UID SORT (ARRIVAL) UTF-8 (SUBJECT {2+}\r\n\xc3\xbc)\r\n");
}

static void flaws_are_told_in_words(void **state)
{
	static const struct {
		const char *keys, *words;
	} cases[] = {
		{"SUBJECT \"open", "has no end"},
		{"SUBJECT \"open\\\"", "has no end"},
		{"(UNSEEN", "not closed"},
		{"UNSEEN)", "not open"},
		{"a\r\nA2 DELETE INBOX", "control"},
		{"TEXT {3}", "braces"},
		{"  ", "no search key"},
		{"FROM a\\b", "backslashes"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_non_null(imap_search_flaw(cases[i].keys));
		assert_non_null(strstr(imap_search_flaw(cases[i].keys), cases[i].words));
	}
	assert_null(imap_search_flaw("OR (FROM \"a{b\") NOT SEEN"));
	assert_null(imap_search_flaw("\"\""));
	assert_null(imap_search_flaw("(UNSEEN)"));
}

static bool reads(const char *text, int64_t expected)
{
	struct imap_span span = {text, strlen(text)};
	int64_t at = -1;

	return imap_date_time(span, &at) && at == expected;
}

static void dates_are_read_with_their_zone(void **state)
{
	(void)state;
	assert_true(reads(" 1-Jan-1970 00:00:00 +0000", 0));
	assert_true(reads("17-Jul-1996 02:44:25 -0700", 837596665));
	assert_true(reads("29-Feb-2024 23:59:59 +0545", 1709230499));
	assert_true(reads("01-mar-2026 00:00:00 +0100", 1772319600));
	assert_true(reads("31-Dec-1969 23:59:59 +0000", -1));
	assert_true(reads("31-Dec-2016 23:59:60 +0000", 1483228800));
	assert_true(reads("09-Sep-2001 01:46:40 +0000", 1000000000));
	assert_true(reads("19-Jan-2038 09:14:08 +0600", INT64_C(2147483648)));
}

static void what_is_no_date_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"1-Jan-1970 00:00:00 +0000",
		" 1-Jan-1970 00:00:00 +000",
		" 1-Jax-1970 00:00:00 +0000",
		"32-Jan-1970 00:00:00 +0000",
		" 0-Jan-1970 00:00:00 +0000",
		" 1-Jan-1970 24:00:00 +0000",
		" 1-Jan-1970 00:60:00 +0000",
		" 1-Jan-1970 00:00:00  0000",
		" 1-Jan-1970 00:00:00 +0060",
		" 1/Jan/1970 00:00:00 +0000",
		"-1-Jan-1970 00:00:00 +0000",
		"1:-Jan-1970 00:00:00 +0000",
		"1/-Jan-1970 00:00:00 +0000",
		" 1-Jan-19:0 00:00:00 +0000",
		" 1-Jan- 970 00:00:00 +0000",
		" 1-Jan-1970  0:00:00 +0000",
		" 1-Jan-1970 00:0/:00 +0000",
		" 1-Jan-1970 00:00:61 +0000",
		" 1-Jan-1970 00:00:0: +0000",
		" 1-Jan-1970 00:00:00 +/000",
		" 1-Jan-1970 00:00:00+ 0000",
		" 1-Jan-1970_00:00:00 +0000",
		" 1-Jan-1970 00.00:00 +0000",
		" 1-Jan-1970 00:00:00 +00000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t at;

		assert_false(imap_date_time((struct imap_span){cases[i], strlen(cases[i])}, &at));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_keys_go_as_they_are),
		cmocka_unit_test(quotes_and_escapes_survive),
		cmocka_unit_test(what_is_not_ascii_becomes_a_literal_with_a_charset),
		cmocka_unit_test(an_unquoted_word_that_is_not_ascii_becomes_a_literal_too),
		cmocka_unit_test(flaws_are_told_in_words),
		cmocka_unit_test(dates_are_read_with_their_zone),
		cmocka_unit_test(what_is_no_date_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
