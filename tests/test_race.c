/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_race.c - which address is tried when, without any socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include "race.h"

#define MS CLOCK_MILLISECOND

static void add(struct race *race, const char *text)
{
	struct address address;

	assert_true(address_parse(text, 993, &address));
	race_add(race, &address);
}

static void expect_start(struct race *race, imap_time now, unsigned lane)
{
	struct race_move move = race_next(race, now);

	assert_int_equal(move.verb, RACE_START);
	assert_int_equal(move.lane, lane);
	race_started(race, lane, now);
}

static void expect_wait(const struct race *race, imap_time now, imap_time until)
{
	struct race_move move = race_next(race, now);

	assert_int_equal(move.verb, RACE_WAIT);
	assert_true(move.until == until);
}

static void an_empty_race_waits_while_more_may_come(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	expect_wait(&race, 0, CLOCK_NEVER);
	race.more_to_come = false;
	assert_int_equal(race_next(&race, 0).verb, RACE_LOST);
}

static void families_take_turns_and_ipv6_begins(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	add(&race, "192.0.2.1");
	add(&race, "192.0.2.2");
	add(&race, "2001:db8::1");
	add(&race, "2001:db8::2");
	add(&race, "2001:db8::3");
	race.more_to_come = false;
	expect_start(&race, 0, 2);
	expect_start(&race, 250 * MS, 0);
	expect_start(&race, 500 * MS, 3);
	expect_start(&race, 750 * MS, 1);
	expect_start(&race, 1000 * MS, 4);
	expect_wait(&race, 1000 * MS, CLOCK_NEVER);
}

static void starts_are_a_quarter_of_a_second_apart(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	add(&race, "192.0.2.1");
	add(&race, "192.0.2.2");
	expect_start(&race, 100 * MS, 0);
	expect_wait(&race, 100 * MS, 350 * MS);
	expect_wait(&race, 350 * MS - 1, 350 * MS);
	expect_start(&race, 350 * MS, 1);
}

static void a_failure_starts_the_next_at_once(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	add(&race, "192.0.2.1");
	add(&race, "192.0.2.2");
	add(&race, "192.0.2.3");
	expect_start(&race, 0, 0);
	race_failed(&race, 0, ECONNREFUSED, 10 * MS);
	expect_start(&race, 10 * MS, 1);
	expect_wait(&race, 10 * MS, 260 * MS);
}

static void a_failure_makes_room_for_one_start_only(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	for (int i = 1; i <= 4; i++) {
		char text[20];

		snprintf(text, sizeof(text), "192.0.2.%d", i);
		add(&race, text);
	}
	expect_start(&race, 0, 0);
	expect_start(&race, 250 * MS, 1);
	race_failed(&race, 0, ECONNREFUSED, 260 * MS);
	expect_start(&race, 260 * MS, 2);
	expect_wait(&race, 261 * MS, 510 * MS);
}

static void an_attempt_that_fails_as_it_starts_is_followed_at_once(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	add(&race, "2001:db8::1");
	add(&race, "2001:db8::2");
	add(&race, "192.0.2.1");
	race.more_to_come = false;
	expect_start(&race, 0, 0);
	race_failed(&race, 0, ENETUNREACH, 0);
	expect_start(&race, 0, 2);
	race_failed(&race, 2, ENETUNREACH, 0);
	expect_start(&race, 0, 1);
	race_failed(&race, 1, ENETUNREACH, 0);
	assert_int_equal(race_next(&race, 0).verb, RACE_LOST);
}

static void addresses_may_come_in_mid_race(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	add(&race, "192.0.2.1");
	expect_start(&race, 0, 0);
	expect_wait(&race, 0, CLOCK_NEVER);
	add(&race, "2001:db8::1");
	expect_wait(&race, 100 * MS, 250 * MS);
	expect_start(&race, 300 * MS, 1);
}

static void an_address_that_comes_after_all_failed_starts_at_once(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	add(&race, "192.0.2.1");
	expect_start(&race, 0, 0);
	race_failed(&race, 0, ECONNREFUSED, 1 * MS);
	expect_wait(&race, 1 * MS, CLOCK_NEVER);
	add(&race, "2001:db8::1");
	expect_start(&race, 5 * MS, 1);
}

static void the_first_to_be_up_wins(void **state)
{
	struct race race;
	struct race_move move;

	(void)state;
	race_init(&race);
	add(&race, "192.0.2.1");
	add(&race, "192.0.2.2");
	add(&race, "192.0.2.3");
	expect_start(&race, 0, 0);
	expect_start(&race, 250 * MS, 1);
	race_won(&race, 0, 300 * MS);
	move = race_next(&race, 1000 * MS);
	assert_int_equal(move.verb, RACE_OVER);
	assert_int_equal(move.lane, 0);
}

static void a_full_race_takes_no_more(void **state)
{
	struct race race;

	(void)state;
	race_init(&race);
	for (int i = 0; i < ADDRESS_MAX + 5; i++) {
		char text[20];

		snprintf(text, sizeof(text), "192.0.2.%d", i);
		add(&race, text);
	}
	assert_int_equal(race.count, ADDRESS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_race_waits_while_more_may_come),
		cmocka_unit_test(families_take_turns_and_ipv6_begins),
		cmocka_unit_test(starts_are_a_quarter_of_a_second_apart),
		cmocka_unit_test(a_failure_starts_the_next_at_once),
		cmocka_unit_test(a_failure_makes_room_for_one_start_only),
		cmocka_unit_test(an_attempt_that_fails_as_it_starts_is_followed_at_once),
		cmocka_unit_test(addresses_may_come_in_mid_race),
		cmocka_unit_test(an_address_that_comes_after_all_failed_starts_at_once),
		cmocka_unit_test(the_first_to_be_up_wins),
		cmocka_unit_test(a_full_race_takes_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
