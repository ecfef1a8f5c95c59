/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_address.c - addresses as text and in lists, and what a job waits for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include "address.h"
#include "clock.h"
#include "wait.h"

static void literals_keep_their_text(void **state)
{
	static const char *const texts[] = {"192.0.2.1", "::1", "2001:db8::1", "fe80::1%lo"};
	char text[ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct address address;

		assert_true(address_parse(texts[i], 993, &address));
		assert_int_equal(address_port(&address), 993);
		assert_string_equal(address_text(&address, text), texts[i]);
	}
}

static void what_is_no_literal_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"imap.example.org",
		"192.0.2",
		"192.0.2.1.5",
		"010.0.0.1",
		"[::1]",
		"::1%",
		"::1%nowhere",
		"::g",
		"1:2:3:4:5:6:7:8:9",
		"::1 ",
		"192.0.2.1%lo",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct address address;

		if (address_parse(texts[i], 1, &address))
			fail_msg("%s", texts[i]);
	}
}

static void a_port_may_follow(void **state)
{
	static const struct {
		const char *text, *address;
		unsigned port;
	} well[] = {
		{"192.0.2.1", "192.0.2.1", 53},
		{"192.0.2.1:5353", "192.0.2.1", 5353},
		{"::1", "::1", 53},
		{"[::1]", "::1", 53},
		{"[::1]:65535", "::1", 65535},
		{"2001:db8::1:53", "2001:db8::1:53", 53},
	};
	static const char *const bad[] = {"",
					  ":53",
					  "192.0.2.1:",
					  "192.0.2.1:0",
					  "192.0.2.1:65536",
					  "192.0.2.1:5x",
					  "[::1",
					  "[::1]53",
					  "[::1]:",
					  "::1]:53",
					  "192.0.2.1:-1",
					  "[]:53",
					  "name:53",
					  "192.0.2.1:99999999999999999999"};
	struct address address;
	char text[ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(well) / sizeof(well[0]); i++) {
		assert_true(address_parse_with_port(well[i].text, 53, &address));
		assert_string_equal(address_text(&address, text), well[i].address);
		assert_int_equal(address_port(&address), well[i].port);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (address_parse_with_port(bad[i], 53, &address))
			fail_msg("%s", bad[i]);
}

static void a_list_holds_each_address_once(void **state)
{
	struct address_list list = {.count = 0};
	struct address address;

	(void)state;
	address_parse("192.0.2.1", 993, &address);
	assert_true(address_list_add(&list, &address));
	assert_false(address_list_add(&list, &address));
	address_set_port(&address, 143);
	assert_true(address_list_add(&list, &address));
	address_parse("::1", 993, &address);
	assert_true(address_list_add(&list, &address));
	assert_false(address_list_add(&list, &address));
	address_parse("::1%lo", 993, &address);
	assert_true(address_list_add(&list, &address));
	assert_int_equal(list.count, 4);
}

static void a_full_list_takes_no_more(void **state)
{
	struct address_list list = {.count = 0};
	struct address address;
	char text[20];

	(void)state;
	for (int i = 0; i < ADDRESS_MAX; i++) {
		snprintf(text, sizeof(text), "192.0.2.%d", i);
		address_parse(text, 993, &address);
		assert_true(address_list_add(&list, &address));
	}
	address_parse("::1", 993, &address);
	assert_false(address_list_add(&list, &address));
}

static void the_earliest_moment_counts(void **state)
{
	struct wait wait;

	(void)state;
	wait_clear(&wait);
	assert_true(wait.until == CLOCK_NEVER);
	wait_until(&wait, 20);
	wait_until(&wait, 30);
	assert_true(wait.until == 20);
}

static void a_wait_has_an_end_of_its_room(void **state)
{
	struct wait wait;

	(void)state;
	wait_clear(&wait);
	wait_fd(&wait, -1, POLLIN);
	assert_int_equal(wait.count, 0);
	for (int i = 0; i < WAIT_MAX + 5; i++)
		wait_fd(&wait, i, POLLIN);
	assert_int_equal(wait.count, WAIT_MAX);
	wait.fds[3].revents = POLLIN;
	assert_int_equal(wait_got(&wait, 3), POLLIN);
	assert_int_equal(wait_got(&wait, 4), 0);
	assert_int_equal(wait_got(&wait, 1000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(literals_keep_their_text),
		cmocka_unit_test(what_is_no_literal_is_refused),
		cmocka_unit_test(a_port_may_follow),
		cmocka_unit_test(a_list_holds_each_address_once),
		cmocka_unit_test(a_full_list_takes_no_more),
		cmocka_unit_test(the_earliest_moment_counts),
		cmocka_unit_test(a_wait_has_an_end_of_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
