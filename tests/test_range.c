/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_range.c - ranges as the Monitoring Plugins guidelines write them, and nothing but those. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "range.h"

static struct range parsed(const char *text)
{
	struct range range;
	memset(&range, 0xa5, sizeof(range));
	if (!range_parse(text, &range))
		fail_msg("\"%s\" was refused", text);
	return range;
}

/* --- what is read --------------------------------------------------------------------------- */

static bool alerts(const char *text, double value)
{
	struct range range = parsed(text);
	return range_alerts(&range, value);
}

static void a_number_alone_is_the_upper_bound_from_zero(void **state)
{
	(void)state;
	assert_true(alerts("10", -0.1));
	assert_true(alerts("10", 10.1));
	assert_true(alerts("10", 1e9));
	assert_false(alerts("10", 0));
	assert_false(alerts("10", 5));
	assert_false(alerts("10", 10));
	assert_true(alerts("0", -1));
	assert_true(alerts("0", 1));
	assert_false(alerts("0", 0));
	assert_true(alerts("1.5", 1.6));
	assert_true(alerts("1.5", 2));
	assert_false(alerts("1.5", 1.5));
	assert_false(alerts("1.5", 1));
	assert_true(alerts(".5", 0.6));
	assert_false(alerts(".5", 0.5));
}

static void an_open_upper_bound_alerts_below(void **state)
{
	(void)state;
	assert_true(alerts("10:", 9.99));
	assert_true(alerts("10:", 0));
	assert_true(alerts("10:", -5));
	assert_false(alerts("10:", 10));
	assert_false(alerts("10:", 11));
	assert_false(alerts("10:", 1e12));
	assert_true(alerts("-10:", -11));
	assert_false(alerts("-10:", -10));
	assert_false(alerts("-10:", 0));
	assert_false(alerts("-10:", 7));
}

static void an_open_lower_bound_alerts_above(void **state)
{
	(void)state;
	assert_true(alerts("~:10", 10.5));
	assert_true(alerts("~:10", 1e9));
	assert_false(alerts("~:10", 10));
	assert_false(alerts("~:10", 0));
	assert_false(alerts("~:10", -1e9));
	assert_true(alerts("~:-2", 0));
	assert_true(alerts("~:-2", -1));
	assert_false(alerts("~:-2", -2));
	assert_false(alerts("~:-2", -3));
}

static void a_missing_lower_bound_is_zero(void **state)
{
	(void)state;
	assert_true(alerts(":10", -1));
	assert_true(alerts(":10", 11));
	assert_false(alerts(":10", 0));
	assert_false(alerts(":10", 10));
}

static void both_bounds_are_inclusive(void **state)
{
	(void)state;
	assert_true(alerts("10:20", 9.9));
	assert_true(alerts("10:20", 20.1));
	assert_false(alerts("10:20", 10));
	assert_false(alerts("10:20", 15));
	assert_false(alerts("10:20", 20));
	assert_true(alerts("-20:-10", -21));
	assert_true(alerts("-20:-10", -9));
	assert_false(alerts("-20:-10", -20));
	assert_false(alerts("-20:-10", -10));
	assert_true(alerts("5:5", 4));
	assert_true(alerts("5:5", 6));
	assert_false(alerts("5:5", 5));
}

static void at_alerts_inside_and_on_the_bounds(void **state)
{
	(void)state;
	assert_true(alerts("@10:20", 10));
	assert_true(alerts("@10:20", 15));
	assert_true(alerts("@10:20", 20));
	assert_false(alerts("@10:20", 9.9));
	assert_false(alerts("@10:20", 20.1));
	assert_true(alerts("@10", 0));
	assert_true(alerts("@10", 10));
	assert_false(alerts("@10", -1));
	assert_false(alerts("@10", 11));
	assert_true(alerts("@~:0", 0));
	assert_true(alerts("@~:0", -5));
	assert_false(alerts("@~:0", 1));
	assert_true(alerts("@20:", 20));
	assert_true(alerts("@20:", 99));
	assert_false(alerts("@20:", 19));
}

static void all_open_never_alerts(void **state)
{
	(void)state;
	assert_false(alerts("~:", -1e15));
	assert_false(alerts("~:", 1e15));
}

/* --- what is refused ------------------------------------------------------------------------ */

static void garbage_is_refused(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"",	 "@",	  ":",	  "@:",	      "~",     "@~",  "abc",	"5s",	 "5 ",
		" 5",	 "5\n",	  "+5",	  "5.",	      ".",     "-",   "-.",	"--5",	 "1,5",
		"1.5.2", "1:2:3", "::",	  "1::",      "1:2:",  "1:~", "~:~",	"~5:6",	 "5~:6",
		"@@5",	 "5@",	  "1:@2", "1e3",      "0x10",  "inf", "nan",	"-inf:", "1:inf",
		"1: 2",	 "1 :2",  "1;2",  "10:5",     "-5:-6", "-1",  "@20:10", ":-1",	 "0:-0.1",
		"5m",	 "5%",	  "1_0",  "\xd9\xa3", /* an Arabic-Indic three */
	};
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct range range;
		if (range_parse(refused[i], &range))
			fail_msg("\"%s\" was accepted", refused[i]);
	}
}

static void numbers_longer_than_a_double_can_tell_are_refused(void **state)
{
	(void)state;
	struct range range;
	assert_true(range_parse("999999999999999", &range));
	assert_false(range_parse("9999999999999999", &range));
	assert_false(range_parse("1:9999999999999999", &range));
	assert_true(range_parse("0.123456789", &range));
	assert_false(range_parse("0.1234567890", &range));
	char many[5000];
	memset(many, '1', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	assert_false(range_parse(many, &range));
}

static void a_refused_range_leaves_the_old_one_alone(void **state)
{
	(void)state;
	struct range range = parsed("1:2");
	assert_false(range_parse("20:10", &range));
	assert_true(range.low == 1 && range.high == 2);
}

/* --- what is written ------------------------------------------------------------------------ */

static void assert_text(const char *given, const char *expected)
{
	char text[64];
	struct range range = parsed(given);
	assert_string_equal(range_text(&range, text, sizeof(text)), expected);
}

static void a_range_from_zero_is_written_short(void **state)
{
	(void)state;
	assert_text("0:10", "10");
	assert_text(":10", "10");
	assert_text("10", "10");
	assert_text("0:0", "0");
	assert_text("-0:3", "3");
	assert_text("@0:3", "@3");
}

static void other_ranges_keep_their_form(void **state)
{
	(void)state;
	assert_text("20:", "20:");
	assert_text("0:", "0:");
	assert_text("~:20", "~:20");
	assert_text("~:", "~:");
	assert_text("10:20", "10:20");
	assert_text("@10:20", "@10:20");
	assert_text("@~:0", "@~:0");
	assert_text("-5:5.50", "-5:5.5");
	assert_text(".25:0.75", "0.25:0.75");
}

static void the_longest_range_fits_its_buffer(void **state)
{
	(void)state;
	assert_text("@-999999999999999:999999999999999", "@-999999999999999:999999999999999");
	assert_text("-123456.123456789:123456.123456789", "-123456.123456789:123456.123456789");
	assert_text("12345678901.2345", "12345678901.2345");
}

static void what_was_written_reads_the_same(void **state)
{
	(void)state;
	static const char *const ranges[] = {"10",     "10:",  "~:10",	  ":7",	       "10:20",
					     "@10:20", "-3:4", "@~:-1.5", "0.001:0.2", "~:"};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		struct range one = parsed(ranges[i]);
		char text[64];
		struct range two = parsed(range_text(&one, text, sizeof(text)));
		assert_true(one.low_is_open == two.low_is_open);
		assert_true(one.high_is_open == two.high_is_open);
		assert_true(one.alerts_inside == two.alerts_inside);
		assert_true(one.low_is_open || one.low == two.low);
		assert_true(one.high_is_open || one.high == two.high);
	}
}

static void assert_number(double value, int decimals, const char *expected)
{
	char text[64];
	assert_string_equal(range_number(value, decimals, text, sizeof(text)), expected);
}

static void numbers_have_no_trailing_zeros(void **state)
{
	(void)state;
	assert_number(0, 6, "0");
	assert_number(1, 6, "1");
	assert_number(10, 0, "10");
	assert_number(100, 3, "100");
	assert_number(0.5, 6, "0.5");
	assert_number(0.085, 3, "0.085");
	assert_number(1.20, 3, "1.2");
	assert_number(-2.50, 3, "-2.5");
}

static void numbers_have_at_most_the_decimals_asked_for(void **state)
{
	(void)state;
	assert_number(0.123456789, 3, "0.123");
	assert_number(0.0009, 3, "0.001");
	assert_number(61.96, 1, "62");
	assert_number(0.1 + 0.2, 9, "0.3");
}

static void numbers_have_no_exponent(void **state)
{
	(void)state;
	assert_number(1e-7, 6, "0");
	assert_number(1e6, 6, "1000000");
	assert_number(4294967295.0, 0, "4294967295");
	assert_number(18446744073709551616.0, 0, "18446744073709551616");
}

static void numbers_have_no_negative_zero(void **state)
{
	(void)state;
	assert_number(-0.0, 3, "0");
	assert_number(-0.0001, 3, "0");
}

static void numbers_do_not_show_digits_a_double_does_not_have(void **state)
{
	(void)state;
	assert_number(12345678901.2, 9, "12345678901.2");
	assert_number(99999999.9, 9, "99999999.9");
}

/* --- whatever the locale -------------------------------------------------------------------- */

static const char *use_comma_locale(void)
{
	static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8",
					    "test_comma"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (setlocale(LC_ALL, names[i]))
			return names[i];
	return NULL;
}

static void a_locale_with_a_decimal_comma_changes_nothing(void **state)
{
	(void)state;
	if (!use_comma_locale()) {
		print_message("# no locale with a decimal comma on this machine: not tried\n");
		return;
	}
	char comma[16];
	snprintf(comma, sizeof(comma), "%.1f", 1.5);
	assert_string_equal(comma, "1,5");

	struct range range;
	assert_true(alerts("1.5", 1.6));
	assert_false(alerts("1.5", 1.4));
	assert_false(alerts("1.5", 1.5));
	assert_text("0.25:1.75", "0.25:1.75");
	assert_number(0.085, 3, "0.085");
	assert_false(range_parse("1,5", &range));

	snprintf(comma, sizeof(comma), "%.1f", 1.5);
	assert_string_equal(comma, "1,5"); /* the caller's locale is as before */
	setlocale(LC_ALL, "C");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_alone_is_the_upper_bound_from_zero),
		cmocka_unit_test(an_open_upper_bound_alerts_below),
		cmocka_unit_test(an_open_lower_bound_alerts_above),
		cmocka_unit_test(a_missing_lower_bound_is_zero),
		cmocka_unit_test(both_bounds_are_inclusive),
		cmocka_unit_test(at_alerts_inside_and_on_the_bounds),
		cmocka_unit_test(all_open_never_alerts),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(numbers_longer_than_a_double_can_tell_are_refused),
		cmocka_unit_test(a_refused_range_leaves_the_old_one_alone),
		cmocka_unit_test(a_range_from_zero_is_written_short),
		cmocka_unit_test(other_ranges_keep_their_form),
		cmocka_unit_test(the_longest_range_fits_its_buffer),
		cmocka_unit_test(what_was_written_reads_the_same),
		cmocka_unit_test(numbers_have_no_trailing_zeros),
		cmocka_unit_test(numbers_have_at_most_the_decimals_asked_for),
		cmocka_unit_test(numbers_have_no_exponent),
		cmocka_unit_test(numbers_have_no_negative_zero),
		cmocka_unit_test(numbers_do_not_show_digits_a_double_does_not_have),
		cmocka_unit_test(a_locale_with_a_decimal_comma_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
