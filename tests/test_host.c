/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_host.c - names and address literals in the forms that each reader needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "host.h"

#define LABEL_61 "b123456789b123456789b123456789b123456789b123456789b123456789b"
#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 "." LABEL_61

struct reading {
	const char *text, *shown, *lookup, *name;
	bool is_address;
};

static const struct reading readings[] = {
	{"imap.example.org", "imap.example.org", "imap.example.org", "imap.example.org", false},
	{"localhost", "localhost", "localhost", "localhost", false},
	{"Imap.Example.ORG.", "Imap.Example.ORG.", "Imap.Example.ORG.", "Imap.Example.ORG", false},
	{"_imap.under_score.example", "_imap.under_score.example", "_imap.under_score.example",
	 "_imap.under_score.example", false},
	{"1st.example", "1st.example", "1st.example", "1st.example", false},
	{LABEL_63 ".x", LABEL_63 ".x", LABEL_63 ".x", LABEL_63 ".x", false},
	{"b\xc3\xbc"
	 "cher.example",
	 "xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example", false},
	{"B\xc3\x9c"
	 "CHER.example.",
	 "xn--bcher-kva.example.", "xn--bcher-kva.example.", "xn--bcher-kva.example", false},
	{"xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example",
	 "xn--bcher-kva.example", false},
	{"192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.1", true},
	{"::1", "[::1]", "::1", "::1", true},
	{"[2001:DB8::0001]", "[2001:db8::1]", "2001:db8::1", "2001:db8::1", true},
	{"fe80::1%lo", "[fe80::1%lo]", "fe80::1%lo", "fe80::1", true},
	{"[fe80::1%lo]", "[fe80::1%lo]", "fe80::1%lo", "fe80::1", true},
	{"::ffff:192.0.2.1", "[::ffff:192.0.2.1]", "::ffff:192.0.2.1", "::ffff:192.0.2.1", true},
};

static void names_and_literals_come_in_the_form_each_reader_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
		struct host host;
		struct failure failure;

		if (!host_parse(readings[i].text, &host, &failure))
			fail_msg("%s: %s", readings[i].text, failure.text);
		assert_string_equal(host.shown, readings[i].shown);
		assert_string_equal(host.lookup, readings[i].lookup);
		assert_string_equal(host.name, readings[i].name);
		assert_int_equal(host.is_address, readings[i].is_address);
	}
}

static void a_zone_stays_in_the_address(void **state)
{
	struct host host;
	struct failure failure;

	(void)state;
	assert_true(host_parse("fe80::1%lo", &host, &failure));
	assert_int_equal(host.address.sa.sa_family, AF_INET6);
	assert_int_not_equal(host.address.in6.sin6_scope_id, 0);
}

struct refusal {
	const char *text, *why;
};

static const struct refusal refusals[] = {
	{"", "empty"},
	{" ", "white space"},
	{"a b", "white space"},
	{"a\nb", "control"},
	{"a\tb", "control"},
	{"a\x1b[31m", "control"},
	{"a\x7f", "control"},
	{".", "dots"},
	{"..", "dots"},
	{".a", "dot"},
	{"a..b", "dots"},
	{"a.b..", "dots"},
	{"-a.example", "hyphen"},
	{"a-.example", "hyphen"},
	{"a,b", "character"},
	{"a/b", "character"},
	{"a|b", "character"},
	{"*.example.org", "character"},
	{"user@example.org", "character"},
	{"a%lo", "character"},
	{"300.1.1.1", "neither a name nor an IP address"},
	{"127.1", "neither"},
	{"1", "neither"},
	{"a.1.", "neither"},
	{LABEL_63 "x.example", "63"},
	{NAME_253 "x", "253"},
	{"a:993", "-p"},
	{"::1:x", "-p"},
	{"[::1]:993", "-p"},
	{"[::1", "bracket is missing"},
	{"[]", "no IPv6"},
	{"[127.0.0.1]", "no IPv6"},
	{"[a]", "no IPv6"},
	{"[::1%nosuchinterface]", "no IPv6"},
	{"\xff.example", "internationalized"},
	{"b\xc3\xbc"
	 "cher..example",
	 "two dots"},
	{"\xe2\x80\xae"
	 "a.example",
	 "internationalized"},
};

static void what_is_no_host_is_refused_and_told_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		struct host host;
		struct failure failure;

		if (host_parse(refusals[i].text, &host, &failure))
			fail_msg("row %zu is accepted: %s", i, host.shown);
		assert_int_equal(failure.class, CLASS_USAGE);
		if (!strstr(failure.text, refusals[i].why))
			fail_msg("row %zu: %s", i, failure.text);
	}
}

static void the_longest_name_is_taken_and_one_more_is_not(void **state)
{
	struct host host;
	struct failure failure;

	(void)state;
	assert_int_equal(strlen(NAME_253), 253);
	assert_false(host_parse(NAME_253, &host, &failure) && strlen(host.name) != 253);
	assert_true(host_parse(NAME_253, &host, &failure));
	assert_true(host_parse(NAME_253 ".", &host, &failure));
	assert_int_equal(strlen(host.name), 253);
}

static void any_length_of_any_byte_is_survived(void **state)
{
	static const char bytes[] = "a.1:[%-\xc3\xff";
	char text[1000];

	(void)state;
	for (size_t byte = 0; byte < sizeof bytes - 1; byte++)
		for (size_t length = 1; length < sizeof text; length += 1 + length / 9) {
			struct host host;
			struct failure failure;

			memset(text, bytes[byte], length);
			text[length] = '\0';
			if (host_parse(text, &host, &failure))
				assert_true(strlen(host.name) <= 253);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_literals_come_in_the_form_each_reader_needs),
		cmocka_unit_test(a_zone_stays_in_the_address),
		cmocka_unit_test(what_is_no_host_is_refused_and_told_why),
		cmocka_unit_test(the_longest_name_is_taken_and_one_more_is_not),
		cmocka_unit_test(any_length_of_any_byte_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
