/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_tidy.c - which messages may go: those of this check, never another's, and of them never one
   too many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text.h"
#include "tidy.h"

enum { NOW = 1795660800 };

static const struct mark own = {
	.id = "0123456789abcdef0123456789abcdef",
	.run = "fedcba9876543210",
	.time = NOW,
};
static const char other_id[] = "0123456789abcdef0123456789abcdee";
static const char other_run[] = "fedcba9876543211";

static struct tidy tidy;

static int surplus_of_two(void **state)
{
	(void)state;
	tidy_begin(&tidy, TIDY_SURPLUS, &own, 2);
	return 0;
}

static void begin(enum tidy_rule rule)
{
	tidy_begin(&tidy, rule, &own, rule == TIDY_SURPLUS ? 0 : 9);
}

static const char *set_of(bool only_doomed)
{
	static char set[TIDY_SET];

	memset(set, 'x', sizeof set);
	tidy_write_set(&tidy, only_doomed, set);
	return set;
}

static void read_mark(uint64_t uid, const char *id, const char *run, int64_t time)
{
	char header[300];

	snprintf(header, sizeof header, "X-Check-Imap-Full: id=%s; time=%lld;\r\n run=%s\r\n\r\n",
		 id, (long long)time, run);
	tidy_read(&tidy, uid, text_span(header));
}

static void read_ours(uint64_t uid)
{
	read_mark(uid, own.id, other_run, NOW - 100);
}

static void propose(uint64_t first, uint64_t last)
{
	for (uint64_t uid = first; uid <= last; uid++)
		tidy_propose(&tidy, uid);
}

/* --- candidates -------------------------------------------------------------------------------
 */

static void candidates_are_put_in_order_and_kept_once(void **state)
{
	static const uint64_t uids[] = {7, 3, 9, 3, 1, 7, 9, 4294967295, 2, 1};

	(void)state;
	for (size_t i = 0; i < sizeof uids / sizeof *uids; i++)
		tidy_propose(&tidy, uids[i]);
	assert_string_equal(set_of(false), "1,2,3,7,9,4294967295");
	assert_int_equal(tidy.hits, 6);
}

static void what_is_no_uid_is_no_candidate(void **state)
{
	(void)state;
	tidy_propose(&tidy, 0);
	tidy_propose(&tidy, 4294967296);
	tidy_propose(&tidy, UINT64_MAX);
	assert_string_equal(set_of(false), "");
	assert_int_equal(tidy.hits, 0);
}

static void of_too_many_the_oldest_are_looked_at(void **state)
{
	(void)state;
	propose(1001, 1000 + TIDY_MAX);
	assert_int_equal(tidy.count, TIDY_MAX);
	tidy_propose(&tidy, 5000);
	tidy_propose(&tidy, 1);
	tidy_propose(&tidy, 1100);
	assert_int_equal(tidy.count, TIDY_MAX);
	assert_int_equal(tidy.hits, TIDY_MAX + 2);
	assert_memory_equal(set_of(false), "1,1001,1002,", 12);
	assert_null(strstr(set_of(false), "1200"));
	assert_non_null(strstr(set_of(false), ",1199"));
}

static void a_set_of_the_longest_uids_fits(void **state)
{
	(void)state;
	propose(4294967295 - TIDY_MAX, 4294967295);
	for (uint64_t uid = 4294967295 - TIDY_MAX; uid < 4294967295; uid++)
		read_ours(uid);
	assert_int_equal(strlen(set_of(false)), TIDY_SET - 2);
	assert_int_equal(strlen(set_of(true)), TIDY_SET - 2);
}

static void a_new_round_begins_with_nothing(void **state)
{
	(void)state;
	propose(1, 9);
	read_ours(5);
	tidy_begin_round(&tidy);
	assert_string_equal(set_of(false), "");
	propose(1, 9);
	assert_string_equal(set_of(true), "");
	assert_int_equal(tidy.rounds, 2);
	assert_int_equal(tidy.stage, TIDY_SEARCHING);
}

/* --- which may go -----------------------------------------------------------------------------
 */

static void what_was_not_read_stays(void **state)
{
	(void)state;
	propose(1, 9);
	read_ours(3);
	assert_string_equal(set_of(true), "3");
}

static void what_was_not_proposed_stays(void **state)
{
	(void)state;
	propose(1, 3);
	read_ours(4);
	read_ours(0);
	read_ours(4294967297);
	assert_string_equal(set_of(true), "");
}

static void what_bears_another_mark_or_none_stays(void **state)
{
	static const enum tidy_rule rules[] = {TIDY_SURPLUS, TIDY_LEFTOVERS, TIDY_THIS};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		begin(rules[i]);
		propose(1, 6);
		read_mark(1, other_id, own.run, NOW - 2 * TIDY_AGE);
		tidy_read(&tidy, 2, text_span("Subject: id=0123456789abcdef0123456789abcdef\r\n"));
		tidy_read(&tidy, 3, text_span(""));
		tidy_read(&tidy, 4, text_span("X-Check-Imap-Full: hello\r\n"));
		read_mark(5, "", own.run, NOW - 2 * TIDY_AGE);
		read_mark(6, own.id, "", NOW - 2 * TIDY_AGE);
		assert_int_equal(tidy_choose(&tidy), 0);
		assert_string_equal(set_of(true), "");
	}
}

static void what_was_read_last_counts(void **state)
{
	(void)state;
	begin(TIDY_SURPLUS);
	propose(1, 2);
	read_ours(1);
	read_mark(1, other_id, own.run, NOW);
	assert_int_equal(tidy_choose(&tidy), 0);
}

static void the_newest_of_ours_are_spared(void **state)
{
	(void)state;
	propose(1, 9);
	for (uint64_t uid = 9; uid >= 4; uid--)
		read_ours(uid);
	read_mark(8, other_id, other_run, NOW);
	assert_int_equal(tidy_choose(&tidy), 3);
	assert_string_equal(set_of(true), "4,5,6");
}

static void fewer_than_are_to_be_kept_all_stay(void **state)
{
	(void)state;
	propose(1, 2);
	read_ours(1);
	read_ours(2);
	assert_int_equal(tidy_choose(&tidy), 0);
	assert_false(tidy_end_round(&tidy));
}

static void leftovers_go_when_they_are_old_by_their_own_header(void **state)
{
	(void)state;
	begin(TIDY_LEFTOVERS);
	propose(1, 6);
	read_mark(1, own.id, other_run, NOW - TIDY_AGE - 1);
	read_mark(2, own.id, other_run, NOW - TIDY_AGE);
	read_mark(3, own.id, other_run, NOW);
	read_mark(4, own.id, other_run, NOW + 10 * TIDY_AGE);
	read_mark(5, own.id, other_run, 0);
	read_mark(6, other_id, other_run, 0);
	assert_int_equal(tidy_choose(&tidy), 2);
	assert_string_equal(set_of(true), "1,5");
}

static void the_message_of_this_run_is_known_by_its_run(void **state)
{
	(void)state;
	begin(TIDY_THIS);
	propose(1, 4);
	read_mark(1, own.id, own.run, NOW);
	read_mark(2, own.id, other_run, NOW);
	read_mark(3, other_id, own.run, NOW);
	read_mark(4, own.id, own.run, 0);
	assert_int_equal(tidy_choose(&tidy), 2);
	assert_string_equal(set_of(true), "1,4");
}

/* --- rounds -----------------------------------------------------------------------------------
 */

static void another_round_is_for_more_hits_than_were_looked_at(void **state)
{
	(void)state;
	propose(1, TIDY_MAX);
	read_ours(1);
	read_ours(2);
	read_ours(3);
	assert_int_equal(tidy_choose(&tidy), 1);
	assert_false(tidy_end_round(&tidy));
	tidy_begin_round(&tidy);
	propose(2, TIDY_MAX + 2);
	for (uint64_t uid = 2; uid <= 4; uid++)
		read_ours(uid);
	assert_int_equal(tidy_choose(&tidy), 1);
	assert_true(tidy_end_round(&tidy));
}

static void a_round_that_removed_nothing_is_the_last(void **state)
{
	(void)state;
	propose(1, 2 * TIDY_MAX);
	assert_int_equal(tidy_choose(&tidy), 0);
	assert_false(tidy_end_round(&tidy));
}

static void rounds_come_to_an_end(void **state)
{
	unsigned rounds = 1;

	(void)state;
	for (;; rounds++) {
		propose(1, 2 * TIDY_MAX);
		for (uint64_t uid = 1; uid <= TIDY_MAX; uid++)
			read_ours(uid);
		tidy_choose(&tidy);
		if (!tidy_end_round(&tidy))
			break;
		tidy_begin_round(&tidy);
	}
	assert_int_equal(rounds, TIDY_ROUNDS);
}

/* A server may match loosely: what it found beyond those that are looked at need not be ours. */
static void hits_that_were_not_looked_at_spare_none_of_ours(void **state)
{
	(void)state;
	propose(1, 2 * TIDY_MAX);
	read_ours(1);
	read_ours(2);
	assert_int_equal(tidy_choose(&tidy), 0);
	tidy_begin_round(&tidy);
	propose(1, 2 * TIDY_MAX);
	for (uint64_t uid = 7; uid <= 9; uid++)
		read_ours(uid);
	assert_int_equal(tidy_choose(&tidy), 1);
	assert_string_equal(set_of(true), "7");
}

static void not_even_where_all_that_were_looked_at_are_ours(void **state)
{
	(void)state;
	propose(1, 2 * TIDY_MAX);
	for (uint64_t uid = 1; uid <= TIDY_MAX; uid++)
		read_ours(uid);
	assert_int_equal(tidy_choose(&tidy), TIDY_MAX - 2);
	assert_null(strstr(set_of(true), "199"));
}

/* --- a mailbox and its server -----------------------------------------------------------------
 */

enum { MAILBOX = 1500 };

static struct {
	bool is_there, is_ours;
} mailbox[MAILBOX];

static void fill(int share_of_ours)
{
	memset(mailbox, 0, sizeof mailbox);
	for (int i = 1; i < MAILBOX; i++) {
		mailbox[i].is_there = rand() % 3 > 0;
		mailbox[i].is_ours = mailbox[i].is_there && rand() % 100 < share_of_ours;
	}
}

static int count_ours(int from)
{
	int count = 0;

	for (int i = from; i < MAILBOX; i++)
		count += mailbox[i].is_there && mailbox[i].is_ours;
	return count;
}

static void read_back(int uid)
{
	static const char *const forged[] = {
		"X-Check-Imap-Full: id=0123456789abcdef0123456789abcdee; time=1; run=1\r\n",
		"X-Check-Imap-Full: id=0123456789abcdef0123456789abcdef\r\n",
		"Subject: X-Check-Imap-Full: id=0123456789abcdef0123456789abcdef\r\n",
		"",
		"\r\n",
	};

	if (mailbox[uid].is_ours)
		read_ours((uint64_t)uid);
	else
		tidy_read(&tidy, (uint64_t)uid, text_span(forged[(unsigned)rand() % 5]));
}

/* As a server answers that matches loosely: in any order, some twice, others' too. */
static void search_and_read(bool is_loose)
{
	int shift = rand() % MAILBOX;

	for (int i = 0; i < MAILBOX; i++) {
		int uid = (i * 7 + shift) % MAILBOX;

		if (uid > 0 && mailbox[uid].is_there && (mailbox[uid].is_ours || is_loose))
			tidy_propose(&tidy, (uint64_t)uid);
		if (uid > 0 && mailbox[uid].is_ours && mailbox[uid].is_there && is_loose)
			tidy_propose(&tidy, (uint64_t)uid);
	}
	for (unsigned i = tidy.count; i-- > 0;)
		read_back((int)tidy.uids[i]);
	read_back(1 + rand() % (MAILBOX - 1));
}

static void remove_doomed(void)
{
	for (unsigned i = 0; i < tidy.count; i++) {
		if (!tidy.is_doomed[i])
			continue;
		assert_true(mailbox[tidy.uids[i]].is_there && mailbox[tidy.uids[i]].is_ours);
		mailbox[tidy.uids[i]].is_there = false;
	}
}

static void tidy_up(bool is_loose)
{
	bool goes_on;

	do {
		search_and_read(is_loose);
		tidy_choose(&tidy);
		remove_doomed();
		goes_on = tidy_end_round(&tidy);
		if (goes_on)
			tidy_begin_round(&tidy);
	} while (goes_on);
}

static int newest_but(int keep)
{
	int uid = MAILBOX, left = keep;

	while (uid > 1 && left > 0)
		left -= mailbox[--uid].is_ours;
	return uid;
}

/* Whatever else is there: no other message goes, and of ours never one of the newest. */
static void of_ours_the_newest_remain(void **state)
{
	(void)state;
	srand(3);
	for (int round = 0; round < 300; round++) {
		int keep = rand() % (round % 2 ? 1000 : TIDY_MAX), from, before;
		bool is_loose = rand() % 2;

		fill(rand() % 90);
		from = newest_but(keep);
		before = count_ours(from);
		tidy_begin(&tidy, TIDY_SURPLUS, &own, (unsigned)keep);
		tidy_up(is_loose);
		if (count_ours(from) != before)
			fail_msg("%d of %d remain", count_ours(from), before);
		if (!is_loose && keep < TIDY_MAX / 2)
			assert_int_equal(count_ours(0), before);
	}
}

static void many_are_kept_where_the_search_is_exact(void **state)
{
	(void)state;
	srand(4);
	for (int round = 0; round < 100; round++) {
		int keep = rand() % 1000, before, from;

		fill(100);
		from = newest_but(keep);
		before = count_ours(from);
		tidy_begin(&tidy, TIDY_SURPLUS, &own, (unsigned)keep);
		tidy_up(false);
		assert_int_equal(count_ours(from), before);
		if (keep >= TIDY_MAX)
			assert_int_equal(count_ours(0), before);
	}
}

#define TEST(name_) cmocka_unit_test_setup(name_, surplus_of_two)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(candidates_are_put_in_order_and_kept_once),
		TEST(what_is_no_uid_is_no_candidate),
		TEST(of_too_many_the_oldest_are_looked_at),
		TEST(a_set_of_the_longest_uids_fits),
		TEST(a_new_round_begins_with_nothing),
		TEST(what_was_not_read_stays),
		TEST(what_was_not_proposed_stays),
		TEST(what_bears_another_mark_or_none_stays),
		TEST(what_was_read_last_counts),
		TEST(the_newest_of_ours_are_spared),
		TEST(fewer_than_are_to_be_kept_all_stay),
		TEST(leftovers_go_when_they_are_old_by_their_own_header),
		TEST(the_message_of_this_run_is_known_by_its_run),
		TEST(another_round_is_for_more_hits_than_were_looked_at),
		TEST(a_round_that_removed_nothing_is_the_last),
		TEST(rounds_come_to_an_end),
		TEST(hits_that_were_not_looked_at_spare_none_of_ours),
		TEST(not_even_where_all_that_were_looked_at_are_ours),
		TEST(of_ours_the_newest_remain),
		TEST(many_are_kept_where_the_search_is_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
