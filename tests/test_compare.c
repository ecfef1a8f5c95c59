/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_compare.c - a message that came back: the same, altered on the way, or damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "text.h"

#define HEADER_BEGIN                                                                               \
	"Date: Thu, 26 Nov 2026 03:00:00 +0000\r\nFrom: alice@example.org\r\n"                     \
	"Subject: test\r\n"
#define MARK                                                                                       \
	"X-Check-Imap-Full: id=0123456789abcdef0123456789abcdef; time=1795660800;\r\n"             \
	" run=0123456789abcdef; check=sync\r\n"
#define TYPE	    "Content-Type: text/plain; charset=utf-8\r\n"
#define ENCODING(e) "Content-Transfer-Encoding: " e "\r\n"
#define HEADER	    HEADER_BEGIN MARK TYPE ENCODING("7bit")
#define BODY	    "First line\r\n\r\nabc = xyz\r\nlast\r\n"
#define SENT	    HEADER "\r\n" BODY

static char words[300];

/* A copy of just its size, so that a sanitizer sees who reads beyond. */
static char *copy(struct imap_span span)
{
	char *own = malloc(span.length + !span.length);

	if (!own)
		abort();
	memcpy(own, span.at, span.length);
	return own;
}

static enum compare_result compare(struct imap_span sent, struct imap_span got)
{
	char *one = copy(sent), *other = copy(got);
	enum compare_result result;

	memset(words, 'x', sizeof words);
	result = compare_messages((struct imap_span){one, sent.length},
				  (struct imap_span){other, got.length}, words, sizeof words);
	assert_true(strlen(words) < sizeof words);
	free(one);
	free(other);
	return result;
}

static void assert_altered(const char *got, const char *expected)
{
	assert_int_equal(compare(text_span(SENT), text_span(got)), COMPARE_ALTERED);
	assert_string_equal(words, expected);
}

static void assert_damaged(const char *got, const char *expected)
{
	assert_int_equal(compare(text_span(SENT), text_span(got)), COMPARE_DAMAGED);
	assert_string_equal(words, expected);
}

/* --- the same --------------------------------------------------------------------------------- */

static void octet_for_octet_it_is_the_same(void **state)
{
	(void)state;
	assert_int_equal(compare(text_span(SENT), text_span(SENT)), COMPARE_SAME);
	assert_string_equal(words, "");
	assert_int_equal(compare(text_span(""), text_span("")), COMPARE_SAME);
}

/* --- altered ---------------------------------------------------------------------------------- */

static void a_field_that_was_added_is_named(void **state)
{
	(void)state;
	assert_altered("Received: from a\r\n\tby b\r\n" SENT, "header Received added");
	assert_altered(HEADER "X-Spam: no\r\n\r\n" BODY, "header X-Spam added");
	assert_altered("Return-Path: <>\r\n" HEADER "X-Spam: no\r\n\r\n" BODY,
		       "header Return-Path added, header X-Spam added");
}

static void a_second_field_of_a_name_of_ours_is_one_that_was_added(void **state)
{
	(void)state;
	assert_altered(HEADER "subject: buy\r\n\r\n" BODY, "header subject added");
	assert_altered(HEADER "Subject: test\r\n\r\n" BODY, "header Subject added");
	assert_altered("Subject: buy\r\n" SENT, "header Subject changed, header Subject added");
}

static void a_field_that_was_changed_is_named(void **state)
{
	(void)state;
	assert_altered("Date: Thu, 26 Nov 2026 03:00:00 GMT\r\nFrom: alice@example.org\r\n"
		       "Subject: [x] test\r\n" MARK TYPE ENCODING("7bit") "\r\n" BODY,
		       "header Date changed, header Subject changed");
}

static void a_field_that_was_cut_or_made_longer_is_changed(void **state)
{
	(void)state;
	assert_altered("Date: Thu, 26 Nov 2026\r\nFrom: alice@example.org\r\nSubject:\r\n" MARK TYPE
			       ENCODING("7bit") "\r\n" BODY,
		       "header Date changed, header Subject changed");
	assert_altered(HEADER_BEGIN MARK TYPE ENCODING("7bitten") "\r\n" BODY,
		       "header Content-Transfer-Encoding changed");
}

static void a_field_that_is_gone_is_named(void **state)
{
	(void)state;
	assert_altered(HEADER_BEGIN MARK TYPE "\r\n" BODY, "header Content-Transfer-Encoding gone");
	assert_altered(MARK TYPE ENCODING("7bit") "\r\n" BODY,
		       "header Date gone, header From gone, header Subject gone");
}

static void more_than_six_differences_are_counted(void **state)
{
	(void)state;
	assert_altered("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\n" SENT,
		       "header A added, header B added, header C added, header D added, header E "
		       "added, header F added");
	assert_altered("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\nG: 7\r\nH: 8\r\n" SENT,
		       "header A added, header B added, header C added, header D added, header E "
		       "added, header F added and 2 more");
}

static void folding_order_and_capitals_are_only_white_space(void **state)
{
	static const char unchanged[] = "white space or line ends changed";

	(void)state;
	assert_altered("Date: Thu, 26 Nov\r\n 2026 03:00:00 +0000\r\nFROM:alice@example.org\r\n"
		       "Subject:\r\n\ttest \r\n"
		       "X-CHECK-IMAP-FULL: id=0123456789abcdef0123456789abcdef;\r\n"
		       " time=1795660800; run=0123456789abcdef;\r\n\tcheck=sync\r\n" TYPE ENCODING(
			       "7bit") "\r\n" BODY,
		       unchanged);
	assert_altered(ENCODING("7bit") TYPE MARK HEADER_BEGIN "\r\n" BODY, unchanged);
}

static void line_ends_and_blank_lines_at_the_end_are_no_matter(void **state)
{
	char unix_ends[sizeof SENT];
	size_t used = 0;

	(void)state;
	for (const char *at = SENT; *at; at++)
		if (*at != '\r')
			unix_ends[used++] = *at;
	unix_ends[used] = '\0';
	assert_altered(unix_ends, "white space or line ends changed");
	assert_altered(SENT "\r\n", "white space or line ends changed");
	assert_altered(SENT "\r\n\r\n\n\n", "white space or line ends changed");
	unix_ends[used - 1] = '\0';
	assert_altered(unix_ends, "white space or line ends changed");
}

static void another_transfer_encoding_says_the_same(void **state)
{
	static const char changed[] = "header Content-Transfer-Encoding changed";

	(void)state;
	assert_altered(
		HEADER_BEGIN MARK TYPE ENCODING(
			"quoted-printable") "\r\n"
					    "First=20li=\r\nne\r\n\r\nabc =3D xyz\r\nl=61st\r\n",
		changed);
	assert_altered(HEADER_BEGIN MARK TYPE ENCODING(
			       "base64") "\r\n"
					 "Rmlyc3QgbGluZQ0KDQphYmMg\r\nPSB4eXoNCmxhc3QNCg==\r\n",
		       changed);
	assert_altered(HEADER_BEGIN MARK TYPE ENCODING("8bit") "\r\n" BODY, changed);
}

static void a_list_may_wrap_it_into_a_multipart(void **state)
{
	(void)state;
	assert_altered(HEADER_BEGIN MARK "Content-Type: multipart/mixed; boundary=b\r\n"
					 "\r\n--b\r\n" TYPE ENCODING("7bit") "\r\n" BODY
									     "--b--\r\n",
		       "header Content-Type changed, header Content-Transfer-Encoding gone");
}

/* --- damaged ---------------------------------------------------------------------------------- */

static void the_line_is_told_from_which_it_differs(void **state)
{
	(void)state;
	assert_damaged(HEADER "\r\nFirst line\r\n\r\nabc = xyz\r\nLast\r\n",
		       "its body is another one from line 4 on");
	assert_damaged(HEADER "\r\nFirst line\r\nabc = xyz\r\nlast\r\n",
		       "its body is another one from line 2 on");
	assert_damaged(HEADER "\r\n" BODY "more\r\n", "its body is another one from line 5 on");
	assert_damaged(HEADER "\r\nFirst line\r\n", "its body is another one from line 3 on");
	assert_damaged(HEADER "\r\n", "its body is another one from line 1 on");
	assert_damaged(HEADER, "its body is another one from line 1 on");
}

/* The last line's end may be another one: then nothing that the message says is different. */
static bool is_last_line_end(size_t at, char octet)
{
	return at >= sizeof SENT - 3 && (octet == '\r' || octet == '\n');
}

static void one_octet_anywhere_in_the_body_is_noticed(void **state)
{
	char got[] = SENT;

	(void)state;
	for (size_t at = strlen(HEADER "\r\n"); at < strlen(SENT); at++) {
		for (int octet = 0; octet < 256; octet++) {
			got[at] = (char)octet;
			if (got[at] == SENT[at] || is_last_line_end(at, got[at]))
				continue;
			if (compare(text_span(SENT), (struct imap_span){got, strlen(SENT)}) !=
			    COMPARE_DAMAGED)
				fail_msg("octet %zu may be %d", at, octet);
		}
		got[at] = SENT[at];
	}
}

static void one_octet_more_or_less_is_noticed(void **state)
{
	char got[sizeof SENT + 1];

	(void)state;
	for (size_t at = strlen(HEADER "\r\n"); at < strlen(SENT) - 2; at++) {
		memcpy(got, SENT, at);
		strcpy(got + at, &SENT[at + 1]);
		if (strchr("\r\n", SENT[at]) == NULL)
			assert_int_equal(compare(text_span(SENT), text_span(got)), COMPARE_DAMAGED);
		got[at] = '?';
		strcpy(got + at + 1, &SENT[at]);
		assert_int_equal(compare(text_span(SENT), text_span(got)), COMPARE_DAMAGED);
	}
}

static void one_octet_of_the_mark_is_noticed(void **state)
{
	static const size_t begin = sizeof HEADER_BEGIN - 1, end = sizeof HEADER_BEGIN MARK - 3;
	char got[] = SENT;

	(void)state;
	for (size_t at = begin; at < end; at++) {
		if (strchr(" \r\n\t", got[at]))
			continue;
		got[at] = '#';
		assert_damaged(got, "its header field X-Check-Imap-Full is gone or another one");
		got[at] = SENT[at];
	}
}

static void without_its_mark_it_is_damaged_whatever_else_changed(void **state)
{
	(void)state;
	assert_damaged(HEADER_BEGIN TYPE ENCODING("7bit") "\r\n" BODY,
		       "its header field X-Check-Imap-Full is gone or another one");
	assert_damaged("X-Spam: no\r\nSubject: changed\r\n" TYPE "\r\n" BODY,
		       "its header field X-Check-Imap-Full is gone or another one");
	assert_damaged(HEADER_BEGIN TYPE ENCODING("7bit") "\r\n" MARK "\r\n" BODY,
		       "its body is another one from line 1 on");
}

/* A header may lose nothing and gain nothing without being told: no change is "the same". */
static void one_octet_anywhere_in_the_header_is_noticed(void **state)
{
	char got[] = SENT;

	(void)state;
	for (size_t at = 0; at < strlen(HEADER "\r\n"); at++) {
		got[at] = '#';
		assert_int_not_equal(compare(text_span(SENT), text_span(got)), COMPARE_SAME);
		assert_true(words[0] != '\0');
		got[at] = SENT[at];
	}
}

/* --- what is no message at all ----------------------------------------------------------------
 */

static void a_message_that_was_cut_is_never_the_same(void **state)
{
	(void)state;
	for (size_t length = 0; length < strlen(SENT); length++) {
		enum compare_result result =
			compare(text_span(SENT), (struct imap_span){SENT, length});

		if (length < strlen(SENT) - 2)
			assert_int_equal(result, COMPARE_DAMAGED);
		else
			assert_int_equal(result, COMPARE_ALTERED);
		compare((struct imap_span){SENT, length}, text_span(SENT));
	}
}

static void garbage_is_damaged(void **state)
{
	static const char *const garbage[] = {
		"",	    "\r\n",	     "\n",	    ":", ":\r\n:\r\n\r\n", " ", "\r",
		"\xff\xfe", "x: =?UTF-8?B?", "\r\n\r\n\r\n"};

	(void)state;
	for (size_t i = 0; i < sizeof garbage / sizeof *garbage; i++)
		assert_int_equal(compare(text_span(SENT), text_span(garbage[i])), COMPARE_DAMAGED);
}

static void random_changes_do_no_harm(void **state)
{
	char got[2 * sizeof SENT];

	(void)state;
	srand(5);
	for (int round = 0; round < 20000; round++) {
		size_t length = (unsigned)rand() % sizeof got;

		for (size_t i = 0; i < length; i++)
			got[i] = rand() % 40 ? SENT[i % (sizeof SENT - 1)] : (char)rand();
		compare(text_span(SENT), (struct imap_span){got, length});
		compare((struct imap_span){got, length}, text_span(SENT));
	}
}

static void words_of_a_server_fit_whatever_their_length(void **state)
{
	static char got[20000];

	(void)state;
	for (int i = 0; i < 20; i++)
		sprintf(got + strlen(got), "%0500d: 1\r\n", i);
	strcat(got, SENT);
	assert_int_equal(compare(text_span(SENT), text_span(got)), COMPARE_ALTERED);
	assert_int_equal(compare_messages(text_span(SENT), text_span(got), words, 20),
			 COMPARE_ALTERED);
	assert_int_equal(strlen(words), 19);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octet_for_octet_it_is_the_same),
		cmocka_unit_test(a_field_that_was_added_is_named),
		cmocka_unit_test(a_second_field_of_a_name_of_ours_is_one_that_was_added),
		cmocka_unit_test(a_field_that_was_changed_is_named),
		cmocka_unit_test(a_field_that_was_cut_or_made_longer_is_changed),
		cmocka_unit_test(a_field_that_is_gone_is_named),
		cmocka_unit_test(more_than_six_differences_are_counted),
		cmocka_unit_test(folding_order_and_capitals_are_only_white_space),
		cmocka_unit_test(line_ends_and_blank_lines_at_the_end_are_no_matter),
		cmocka_unit_test(another_transfer_encoding_says_the_same),
		cmocka_unit_test(a_list_may_wrap_it_into_a_multipart),
		cmocka_unit_test(the_line_is_told_from_which_it_differs),
		cmocka_unit_test(one_octet_anywhere_in_the_body_is_noticed),
		cmocka_unit_test(one_octet_more_or_less_is_noticed),
		cmocka_unit_test(one_octet_of_the_mark_is_noticed),
		cmocka_unit_test(without_its_mark_it_is_damaged_whatever_else_changed),
		cmocka_unit_test(one_octet_anywhere_in_the_header_is_noticed),
		cmocka_unit_test(a_message_that_was_cut_is_never_the_same),
		cmocka_unit_test(garbage_is_damaged),
		cmocka_unit_test(random_changes_do_no_harm),
		cmocka_unit_test(words_of_a_server_fit_whatever_their_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
