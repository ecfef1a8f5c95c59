/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_capture.c - which expressions are taken, what is found in which line, what a number is, and
   what becomes of expressions that cost too much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "errand.h"
#include "pattern.h"
#include "text.h"

static struct failure failure;
static struct capture_finding finding;

/* --- the pattern ----------------------------------------------------------------------------- */

static void refused(const char *pattern, const char *because)
{
	assert_false(pattern_is_sound(pattern, &failure));
	assert_int_equal(failure.class, CLASS_USAGE);
	if (!strstr(failure.text, because))
		fail_msg("%s: \"%s\" does not say \"%s\"", pattern, failure.text, because);
}

static void taken(const char *pattern)
{
	if (!pattern_is_sound(pattern, &failure))
		fail_msg("%s: %s", pattern, failure.text);
}

static void expressions_with_a_group_are_taken(void **state)
{
	(void)state;
	taken("([0-9]+)");
	taken("^X-Size: (-?[0-9]+(\\.[0-9]+)?) MB$");
	taken("[[:space:]]([[:digit:]]{1,15})[]x]");
	taken("[^]]([0-9])");
	taken("\\(([0-9]+)\\)\\{\\\\");
	taken("\\w+\\s(.+)\\b");
	taken("(a|b){3}");
	taken("(\xc3\xa4+)");
}

static void back_references_are_refused(void **state)
{
	(void)state;
	refused("([0-9]+)\\1", "back-reference");
	refused("(a)\\\\\\9", "back-reference");
	refused("(a)[\\]\\1", "back-reference");
	refused("(a)[^]\\]\\1", "back-reference");
	refused("(a)[[:alpha:]\\]\\1", "back-reference");
	taken("(a)\\\\1");
	taken("(a)[\\1]");
	taken("(a)[]\\1]");
	taken("(a)[[.-.]\\1]");
}

static void an_expression_without_a_group_is_refused(void **state)
{
	(void)state;
	refused("[0-9]+", "group");
	refused("\\([0-9]+\\)", "group");
	refused("[(]a[)]", "group");
}

static void what_is_no_expression_is_refused_in_words(void **state)
{
	(void)state;
	refused("([0-9]+", "no POSIX extended regular expression: ");
	refused("([0-9+)", "no POSIX extended regular expression: ");
	refused("(a)\\", "no POSIX extended regular expression: ");
	refused("(a){2,1}", "no POSIX extended regular expression: ");
	refused("(?:a)", "no POSIX extended regular expression: ");
	refused("(a", "no POSIX extended regular expression: ");
	refused("(a)[", "no POSIX extended regular expression: ");
	refused("(a)[[:", "no POSIX extended regular expression: ");
}

static void what_other_dialects_write_is_refused(void **state)
{
	(void)state;
	refused("(\\d+)", "[0-9]");
	refused("\\t([0-9])", "not POSIX extended");
}

/* A hundred question marks in a row take the library seconds. */
static void a_repetition_behind_another_is_refused(void **state)
{
	(void)state;
	refused("(a.*?b)", "behind another");
	refused("(d++++++++++++++++++++++++++++)", "behind another");
	refused("(a){10}{10}", "behind another");
	refused("([0-9]{2}+)", "behind another");
	taken("(\\*+[*?]+\\?{2})");
	taken("((a?)+)*");
}

static void what_would_become_too_large_is_refused(void **state)
{
	char deep[200] = "";

	(void)state;
	refused("((((a{1,99}){1,99}){1,99}){1,99})", "too large");
	refused("(a){301}", "too large");
	refused("(a{32}){32}", "too large");
	refused("(((a){10}){10}){11}", "too large");
	refused("(a){99999999999999999999999999999999}", "too large");
	refused("((a*){500}){3,}", "too large");
	refused("((((((((((((a+)+)+)+)+)+)+)+)+)+)+)+)", "too large");
	taken("(([0-9]+)+)*");
	taken("(a){200}");
	taken("([0-9]{1,3}\\.){3}[0-9]{1,3}");
	for (int i = 0; i < 40; i++)
		strcat(deep, "(");
	refused(deep, "nested too deeply");
}

/* --- the number ------------------------------------------------------------------------------ */

static void a_number_is_digits_with_sign_and_point(void **state)
{
	static const struct {
		const char *text;
		double number;
	} numbers[] = {
		{"0", 0},
		{"7", 7},
		{"007", 7},
		{"-7", -7},
		{"+7", 7},
		{"12.5", 12.5},
		{"-0.25", -0.25},
		{"-0", 0},
		{"0.1", 0.1},
		{"123456789012345", 123456789012345.0},
		{"0.30000000000000004", 0.3},
		{"00000000000000000000000000000012", 12},
		{"-123456789012345.75", -123456789012345.0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		double number = 99;

		assert_true(capture_number(text_span(numbers[i].text), &number));
		assert_true(number == numbers[i].number);
		assert_true(!signbit(number) == (number >= 0)); /* there is no -0 */
	}
}

static void anything_else_is_none(void **state)
{
	static const char *const others[] = {
		"",    "-",   "+",     ".",	   "-.5",
		".5",  "5.",  "1e3",   "0x1",	   "inf",
		"nan", "1,5", "1.2.3", " 1",	   "1 ",
		"--1", "1-",  "1 000", "\xd9\xa1", "1234567890123456",
	};
	double number;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(capture_number(text_span(others[i]), &number));
	assert_false(capture_number((struct imap_span){"1\0", 2}, &number));
}

static void ever_so_many_decimals_are_fine(void **state)
{
	static char text[2000];
	double number = 99;

	(void)state;
	memset(text, '0', sizeof text - 1);
	text[1] = '.';
	text[sizeof text - 2] = '7';
	assert_true(capture_number(text_span(text), &number));
	assert_true(number == 0);
	memset(text + 2, '3', sizeof text - 3);
	assert_true(capture_number(text_span(text), &number));
	assert_true(number > 0.3333 && number < 0.3334);
}

/* --- the message ----------------------------------------------------------------------------- */

static enum capture_outcome find(const char *pattern, const char *message)
{
	taken(pattern);
	capture_find(pattern, text_span(message), &finding);
	return finding.outcome;
}

static void found(const char *pattern, const char *message, double number)
{
	assert_int_equal(find(pattern, message), CAPTURE_NUMBER);
	assert_true(finding.number == number);
}

static void header_and_text_are_searched_in_order(void **state)
{
	static const char message[] =
		"X-Count: 3\r\nSubject: =?UTF-8?Q?Gr=C3=B6=C3=9Fe=3A_5?=\r\n\r\n"
		"Count: 7\r\nCount: 8\r\n";

	(void)state;
	found("Count: ([0-9]+)", message, 3);
	found("^Count: ([0-9]+)$", message, 7);
	found("Gr\xc3\xb6\xc3\x9f"
	      "e: (.*)$",
	      message, 5);
}

static void a_group_that_took_no_part_is_no_number(void **state)
{
	(void)state;
	assert_int_equal(find("(7)|8", "\r\n8"), CAPTURE_NO_NUMBER);
	assert_string_equal(finding.text, "");
}

static void the_first_line_that_matches_decides(void **state)
{
	(void)state;
	assert_int_equal(find("Size: (.*)", "\r\nSize: many\r\nSize: 7\r\n"), CAPTURE_NO_NUMBER);
	assert_string_equal(finding.text, "many");
}

static void what_is_told_of_a_message_is_clean_and_short(void **state)
{
	char message[400];

	(void)state;
	memset(message, 'x', sizeof message);
	memcpy(message, "\r\n\033|`$<>\xc3", 9);
	message[sizeof message - 1] = '\0';
	assert_int_equal(find("(.*)", message), CAPTURE_NO_NUMBER);
	assert_memory_equal(finding.text, "???????", 6);
	assert_string_equal(finding.text + strlen(finding.text) - 4, "x...");
}

static void a_match_does_not_reach_over_a_line_end(void **state)
{
	(void)state;
	assert_int_equal(find("a.*([0-9])", "\r\na\r\n1\ra\n2"), CAPTURE_NO_LINE);
	assert_int_equal(find("a[^x]*([0-9])", "\r\na\r\n1"), CAPTURE_NO_LINE);
}

static void nul_octets_do_not_end_a_line(void **state)
{
	(void)state;
	taken("a.b([0-9])$");
	capture_find("a[^x]b([0-9])$", (struct imap_span){"\r\na\0b7\r\n", 8}, &finding);
	assert_int_equal(finding.outcome, CAPTURE_NUMBER);
}

static void of_a_line_2_kib_are_matched(void **state)
{
	static char message[5000];

	(void)state;
	memset(message, 'x', sizeof message - 1);
	message[0] = '\n';
	message[1 + CAPTURE_LINE - 1] = '7';
	message[1 + CAPTURE_LINE] = '8';
	found("([0-9]+)", message, 7);
	message[1 + CAPTURE_LINE - 1] = 'x';
	assert_int_equal(find("([0-9]+)", message), CAPTURE_NO_LINE);
}

static void of_a_message_64_kib_are_matched(void **state)
{
	static char message[CAPTURE_OCTETS + 10];

	(void)state;
	memset(message, '\n', sizeof message - 1);
	message[CAPTURE_OCTETS - 1] = '7';
	found("([0-9]+)", message, 7);
	message[CAPTURE_OCTETS - 1] = '\n';
	message[CAPTURE_OCTETS] = '7';
	assert_int_equal(find("([0-9]+)", message), CAPTURE_NO_LINE);
}

static void an_empty_message_has_no_line_that_matches(void **state)
{
	(void)state;
	assert_int_equal(find("(.*)", ""), CAPTURE_NO_LINE);
}

/* --- what it costs --------------------------------------------------------------------------- */

static void work(const void *task, void *result)
{
	const char *const *texts = task;

	capture_find(texts[0], text_span(texts[1]), result);
}

static void await(struct errand *errand)
{
	enum errand_progress progress;
	struct wait wait;

	do {
		wait_clear(&wait);
		errand_wait(errand, &wait);
		poll(wait.fds, wait.count, -1);
		progress = errand_ready(errand);
	} while (progress == ERRAND_WAIT);
	finding.outcome = CAPTURE_TOO_COSTLY; /* whoever died did so of that */
	if (progress == ERRAND_READY)
		memcpy(&finding, errand->result, sizeof finding);
}

/* Alone on 64 KiB in one line this takes a quarter of a minute. */
static void lines_bound_what_a_quadratic_expression_costs(void **state)
{
	static char message[CAPTURE_OCTETS + 1];

	(void)state;
	memset(message, 'a', CAPTURE_OCTETS);
	for (int i = CAPTURE_LINE; i < CAPTURE_OCTETS; i += CAPTURE_LINE)
		message[i] = '\n';
	message[0] = '\n';
	assert_int_equal(find("(a|aa)*([0-9]+)", message), CAPTURE_NO_LINE);
}

/* Where nobody limits it this takes seconds and 200 MiB for each line. */
static void an_expression_that_eats_memory_is_stopped(void **state)
{
	static char message[CAPTURE_OCTETS / 2 + 1];
	const char *texts[] = {".*a.{80}([0-9]+)", message};
	struct errand errand;
	unsigned random = 1;

	(void)state;
	if (getenv("MEMCHECK"))
		skip(); /* valgrind does not keep the limit: that takes for ever */
	message[0] = '\n';
	for (int i = 1; i < CAPTURE_OCTETS / 2; i++) {
		random = random * 1103515245 + 12345;
		message[i] = i % CAPTURE_LINE == 0 ? '\n' : "ab"[random >> 16 & 1];
	}
	errand_init(&errand);
	assert_true(errand_start(&errand, work, texts, sizeof finding, &failure));
	await(&errand);
	assert_int_equal(finding.outcome, CAPTURE_TOO_COSTLY);
	errand_close(&errand);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_with_a_group_are_taken),
		cmocka_unit_test(back_references_are_refused),
		cmocka_unit_test(an_expression_without_a_group_is_refused),
		cmocka_unit_test(what_is_no_expression_is_refused_in_words),
		cmocka_unit_test(what_other_dialects_write_is_refused),
		cmocka_unit_test(a_repetition_behind_another_is_refused),
		cmocka_unit_test(what_would_become_too_large_is_refused),
		cmocka_unit_test(a_number_is_digits_with_sign_and_point),
		cmocka_unit_test(anything_else_is_none),
		cmocka_unit_test(ever_so_many_decimals_are_fine),
		cmocka_unit_test(header_and_text_are_searched_in_order),
		cmocka_unit_test(a_group_that_took_no_part_is_no_number),
		cmocka_unit_test(the_first_line_that_matches_decides),
		cmocka_unit_test(what_is_told_of_a_message_is_clean_and_short),
		cmocka_unit_test(a_match_does_not_reach_over_a_line_end),
		cmocka_unit_test(nul_octets_do_not_end_a_line),
		cmocka_unit_test(of_a_line_2_kib_are_matched),
		cmocka_unit_test(of_a_message_64_kib_are_matched),
		cmocka_unit_test(an_empty_message_has_no_line_that_matches),
		cmocka_unit_test(lines_bound_what_a_quadratic_expression_costs),
		cmocka_unit_test(an_expression_that_eats_memory_is_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
