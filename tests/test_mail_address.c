/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mail_address.c - which addresses --from and --to take, and what becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mail_address.h"

static struct mail_address address;
static struct failure failure;

static void assert_address(const char *text, const char *name, const char *spec)
{
	if (!mail_address_parse(text, &address, &failure))
		fail_msg("%s", failure.text);
	assert_string_equal(address.name, name);
	assert_string_equal(address.spec, spec);
}

static void assert_refused(const char *text, const char *why)
{
	if (mail_address_parse(text, &address, &failure))
		fail_msg("taken: %s", text);
	assert_int_equal(failure.class, CLASS_USAGE);
	if (!strstr(failure.text, why))
		fail_msg("\"%s\" says nothing of \"%s\"", failure.text, why);
}

static void a_bare_address_has_no_name(void **state)
{
	(void)state;
	assert_address("alice@example.org", "", "alice@example.org");
	assert_address("<alice@example.org>", "", "alice@example.org");
	assert_address(" <alice@example.org>", "", "alice@example.org");
}

static void a_name_stands_before_the_angle_bracket(void **state)
{
	(void)state;
	assert_address("Alice <alice@example.org>", "Alice", "alice@example.org");
	assert_address("  Alice  B.  <alice@example.org>", "Alice  B.", "alice@example.org");
	assert_address("Alice<alice@example.org>", "Alice", "alice@example.org");
	assert_address("Zo\xc3\xab <zoe@example.org>", "Zo\xc3\xab", "zoe@example.org");
}

static void quotes_around_a_name_are_not_part_of_it(void **state)
{
	(void)state;
	assert_address("\"B, Alice\" <a@example.org>", "B, Alice", "a@example.org");
	assert_address("\"A \\\"the\\\" \\\\B\" <a@example.org>", "A \"the\" \\B", "a@example.org");
	assert_address("\" A \" <a@example.org>", " A ", "a@example.org");
	assert_address("\"A\\\" <a@example.org>", "A\\", "a@example.org");
	assert_address("\"\" <a@example.org>", "", "a@example.org");
	assert_address("\" <a@example.org>", "\"", "a@example.org");
	assert_address("\"A <a@example.org>", "\"A", "a@example.org");
}

static void a_name_may_hold_angle_brackets_and_another_address(void **state)
{
	(void)state;
	assert_address("<b@example.net> <a@example.org>", "<b@example.net>", "a@example.org");
	assert_address("b@example.net <a@example.org>", "b@example.net", "a@example.org");
}

static void a_local_part_may_hold_what_an_atom_may(void **state)
{
	(void)state;
	assert_address("a.b+c_d-e!#$%&'*/=?^`{|}~@example.org", "",
		       "a.b+c_d-e!#$%&'*/=?^`{|}~@example.org");
	assert_address("1@example.org", "", "1@example.org");
}

static void a_domain_is_written_in_a_labels(void **state)
{
	(void)state;
	assert_address("a@b\xc3\xbc"
		       "cher.example",
		       "", "a@xn--bcher-kva.example");
	assert_address("a@example.org.", "", "a@example.org");
	assert_address("a@localhost", "", "a@localhost");
}

static void what_stands_before_the_at_is_looked_at(void **state)
{
	static const char *const broken[] = {
		"@example.org",	    "a b@example.org",	     "\"a b\"@example.org",
		"a@b@example.org",  "a,b@example.org",	     "a;b@example.org",
		"a(b)@example.org", "[a]@example.org",	     "a\\b@example.org",
		"a:b@example.org",  ".a@example.org",	     "a.@example.org",
		"a..b@example.org", ".@example.org",	     "<@example.org>",
		"< a@example.org>", "z\xc3\xbc@example.org",
	};

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		assert_refused(broken[i], "what stands before the @");
}

static void a_domain_has_to_be_a_name(void **state)
{
	(void)state;
	assert_refused("a@192.0.2.1", "a name has to stand behind the @");
	assert_refused("a@[::1]", "a name has to stand behind the @");
	assert_refused("a@", "empty");
	assert_refused("a@b..example", "two dots in a row");
	assert_refused("a@-b.example", "hyphen");
	assert_refused("a@b.example:25", "port");
	assert_refused("a@b c.example", "white space");
	assert_refused("a@b.example>", "no host");
	assert_refused("a@b,c@d.example", "what stands before the @");
}

static void without_an_at_it_is_no_address(void **state)
{
	static const char *const broken[] = {"", "alice", "<>", "Alice <>", "Alice <alice>"};

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		assert_refused(broken[i], "there is no @ in it");
}

static void the_bracket_has_to_be_closed_at_the_end(void **state)
{
	static const char *const broken[] = {"<", "Alice <a@example.org", "<a@example.org> Alice",
					     "Alice <a@example.org> ", "<a@example.org>,"};

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
		assert_refused(broken[i], "bracket is not closed");
}

static void no_control_character_comes_through(void **state)
{
	char text[] = "A?B <a@example.org>", spec[] = "a?@example.org";

	(void)state;
	for (int c = 1; c < ' '; c++) {
		text[1] = spec[1] = (char)c;
		assert_refused(text, "control character");
		assert_refused(spec, "control character");
	}
	text[1] = 0x7f;
	assert_refused(text, "control character");
	assert_refused("A\r\nBcc: b@example.org\r\n <a@example.org>", "control character");
}

static void what_is_no_utf8_is_refused(void **state)
{
	(void)state;
	assert_refused("Zo\xeb <zoe@example.org>", "UTF-8");
	assert_refused("A\xc3 <a@example.org>", "UTF-8");
	assert_refused("\xed\xa0\x80 <a@example.org>", "UTF-8");
}

static void what_is_too_long_is_refused_and_not_cut(void **state)
{
	char text[700];

	(void)state;
	snprintf(text, sizeof text, "%0255d <a@example.org>", 0);
	assert_refused(text, "too long");
	text[255] = '<';
	strcpy(text + 256, "a@example.org>");
	assert_true(mail_address_parse(text, &address, &failure));
	assert_int_equal(strlen(address.name), 255);
	snprintf(text, sizeof text, "%064d@example.org", 0);
	assert_true(mail_address_parse(text, &address, &failure));
	snprintf(text, sizeof text, "%065d@example.org", 0);
	assert_refused(text, "more than 64 octets");
	snprintf(text, sizeof text, "a@%0400d", 0);
	assert_refused(text, "too long");
	snprintf(text, sizeof text, "<a@%0400d>", 0);
	assert_refused(text, "too long");
}

static void the_longest_domain_fits(void **state)
{
	char text[400];

	(void)state;
	snprintf(text, sizeof text, "%064d@%061d.%063d.%063d.%059dxx", 0, 0, 0, 0, 0);
	assert_true(strlen(text) > 300);
	assert_address(text, "", text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bare_address_has_no_name),
		cmocka_unit_test(a_name_stands_before_the_angle_bracket),
		cmocka_unit_test(quotes_around_a_name_are_not_part_of_it),
		cmocka_unit_test(a_name_may_hold_angle_brackets_and_another_address),
		cmocka_unit_test(a_local_part_may_hold_what_an_atom_may),
		cmocka_unit_test(a_domain_is_written_in_a_labels),
		cmocka_unit_test(what_stands_before_the_at_is_looked_at),
		cmocka_unit_test(a_domain_has_to_be_a_name),
		cmocka_unit_test(without_an_at_it_is_no_address),
		cmocka_unit_test(the_bracket_has_to_be_closed_at_the_end),
		cmocka_unit_test(no_control_character_comes_through),
		cmocka_unit_test(what_is_no_utf8_is_refused),
		cmocka_unit_test(what_is_too_long_is_refused_and_not_cut),
		cmocka_unit_test(the_longest_domain_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
