/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failure.h"
#include "text.h"

static void control_bytes_become_one_blank(void **state)
{
	char to[64];

	(void)state;
	text_clean(to, sizeof to, text_span("a\r\n\t b\033[31mc\177 "));
	assert_string_equal(to, "a b [31mc");
}

static void what_engines_and_shells_interpret_is_replaced(void **state)
{
	char to[64];

	(void)state;
	text_clean(to, sizeof to, text_span("x|y`z$(w)<b>\xc3\xa4"));
	assert_string_equal(to, "x?y?z?(w)?b???");
}

static void a_nul_inside_does_not_end_the_text(void **state)
{
	char to[64];

	(void)state;
	text_clean(to, sizeof to, (struct imap_span){"a\0b", 3});
	assert_string_equal(to, "a b");
}

static void what_does_not_fit_ends_in_dots(void **state)
{
	char to[8];

	(void)state;
	text_clean(to, sizeof to, text_span("1234567"));
	assert_string_equal(to, "1234567");
	text_clean(to, sizeof to, text_span("12345678"));
	assert_string_equal(to, "1234...");
}

static void blanks_at_the_end_do_not_count_as_too_long(void **state)
{
	char to[4];

	(void)state;
	text_clean(to, sizeof to, text_span("  abc"));
	assert_string_equal(to, "abc");
	text_clean(to, 1, text_span("abc"));
	assert_string_equal(to, "");
}

static void adding_stops_at_the_end_of_the_room(void **state)
{
	char to[8] = "abc";

	(void)state;
	text_add(to, sizeof to, "%s", "defghij");
	assert_string_equal(to, "abcdefg");
	text_add(to, sizeof to, "x");
	assert_string_equal(to, "abcdefg");
}

/* Also where blanks made it too long, which are gone afterwards: a mask looks for the dots. */
static void a_failure_that_is_cut_says_so(void **state)
{
	struct failure failure;

	(void)state;
	failure_set(&failure, CLASS_TLS, "it said %588s%s", "x", "hunter2");
	assert_string_equal(failure.text, "it said x...");
	failure_set(&failure, CLASS_TLS, "%0599d", 0);
	assert_int_equal(failure.text[598], '0');
}

static void a_failure_holds_only_clean_text(void **state)
{
	struct failure failure = {.code = "OLD"};

	(void)state;
	failure_set(&failure, CLASS_TLS, "it said %s", "OK|x=1\nIMAP OK");
	assert_int_equal(failure.class, CLASS_TLS);
	assert_string_equal(failure.text, "it said OK?x=1 IMAP OK");
	assert_string_equal(failure.code, "");
}

static void every_class_is_found_by_its_name(void **state)
{
	(void)state;
	for (int i = 0; i < CLASS_COUNT; i++) {
		enum failure_class found = CLASS_COUNT;

		assert_true(failure_class_find(failure_class_name((enum failure_class)i), &found));
		assert_int_equal(found, i);
	}
	assert_false(failure_class_find("nonsense", &(enum failure_class){CLASS_TLS}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control_bytes_become_one_blank),
		cmocka_unit_test(what_engines_and_shells_interpret_is_replaced),
		cmocka_unit_test(a_nul_inside_does_not_end_the_text),
		cmocka_unit_test(what_does_not_fit_ends_in_dots),
		cmocka_unit_test(blanks_at_the_end_do_not_count_as_too_long),
		cmocka_unit_test(adding_stops_at_the_end_of_the_room),
		cmocka_unit_test(a_failure_holds_only_clean_text),
		cmocka_unit_test(a_failure_that_is_cut_says_so),
		cmocka_unit_test(every_class_is_found_by_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
