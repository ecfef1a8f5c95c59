/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_sync.c - --sync from its first step to its last against a server of a few lines: what is
 * found well, what is told of the failures, and that nothing of ours is left behind and nothing of
 * others' touched. No network, and no time goes by but what somebody waits for.
 *
 * Linked with -Wl,--wrap=clock_now -Wl,--wrap=plan_make -Wl,--wrap=plan_make_second.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "check.h"
#include "judge.h"
#include "mailserver.h"
#include "sync.h"

static imap_time now;
static int client[2]; /* our ends */

static enum step_progress connect_enter(struct run *run, imap_time at)
{
	(void)at;
	conn_open(&run->session.conn, client[run->first ? 1 : 0]);
	return STEP_DONE;
}

static enum step_progress no_reply(struct run *run, const struct imap_reply *reply)
{
	(void)run;
	(void)reply;
	return STEP_DONE;
}

static const struct step step_pair = {
	.phase = PHASE_CONNECT, .awaits = "nothing", .enter = connect_enter, .reply = no_reply};

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker gives these names. */
imap_time __wrap_clock_now(void);
void __real_plan_make(struct plan *plan, const struct config *config);
void __wrap_plan_make(struct plan *plan, const struct config *config);
void __wrap_plan_make_second(struct plan *plan, const struct config *config);

imap_time __wrap_clock_now(void)
{
	return now;
}

/* Of the journey what comes after the login. */
void __wrap_plan_make(struct plan *plan, const struct config *config)
{
	struct plan whole;

	__real_plan_make(&whole, config);
	*plan = (struct plan){.steps = {&step_pair, &step_greeting}, .count = 2};
	for (unsigned i = 0; i < whole.count; i++)
		if (whole.steps[i]->phase >= PHASE_APPEND)
			plan->steps[plan->count++] = whole.steps[i];
}

void __wrap_plan_make_second(struct plan *plan, const struct config *config)
{
	(void)config;
	*plan = (struct plan){.steps = {&step_pair, &step_greeting}, .count = 2};
}
/* NOLINTEND(bugprone-reserved-identifier) */

static struct config config;
static struct check check;
static struct mailserver server;
static struct verdict verdict;

static const char foreign[] = "Subject: somebody's\r\n\r\nx\r\n";

static int alice(void **state)
{
	(void)state;
	now = 1000 * CLOCK_SECOND;
	memset(&config, 0, sizeof config);
	strcpy(config.host.name, "imap.example.org");
	config.user = "alice";
	config.mailbox = "INBOX";
	config.sync = "Test";
	config.timeout = 30 * CLOCK_SECOND;
	for (int i = 0; i < CLASS_COUNT; i++)
		config.class_state[i] = STATE_CRITICAL;
	config.class_state[CLASS_ALTERED] = STATE_WARNING;
	memset(&server, 0, sizeof server);
	server.capabilities = "UIDPLUS IDLE";
	server.flags = "\\Seen \\Deleted \\Flagged";
	server.opened = "READ-WRITE";
	server.uidvalidity_of_append = 7;
	server.next_uid = 40;
	mailserver_store(&server, foreign);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	check_free(&check);
	mailserver_stop(&server);
	return 0;
}

static void open_pairs(void)
{
	int first[2], second[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, first), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, second), 0);
	client[0] = first[0];
	client[1] = second[0];
	mailserver_start(&server, first[1], second[1]);
}

/* Until the run is over; the clock goes on only when nobody has anything to do. */
static void run_it(void)
{
	open_pairs();
	assert_true(check_start(&check, &config, now));
	while (!check.is_over) {
		struct wait wait;

		now += CLOCK_MILLISECOND;
		wait_clear(&wait);
		if (!mailserver_turn(&server)) {
			check_wait(&check, &wait, now);
			now = wait.until > now ? wait.until : now;
		}
		wait_clear(&wait);
		check_ready(&check, &wait, now);
	}
	if (!check.journey.run.sync || !check.journey.run.sync->watcher)
		close(client[1]);
	judge(&config, check_report(&check), time(NULL), &verdict);
}

/* Runs it once more, with nothing changed but what the server holds. */
static void forget_run(void)
{
	check_free(&check);
	mailserver_stop(&server);
}

static unsigned problems(void)
{
	return check_report(&check)->problem_count;
}

static const struct failure *problem(unsigned i)
{
	return &check_report(&check)->problems[i].failure;
}

static void assert_problem(enum failure_class class, const char *words)
{
	assert_int_equal(problems(), 1);
	assert_int_equal(problem(0)->class, class);
	assert_int_equal(check_report(&check)->problems[0].phase, PHASE_SYNC);
	if (!strstr(problem(0)->text, words))
		fail_msg("%s", problem(0)->text);
}

static void assert_well(void)
{
	if (problems() > 0)
		fail_msg("%s", problem(0)->text);
	assert_true(report_knows(check_report(&check), METRIC_IDLE));
	assert_true(report_knows(check_report(&check), METRIC_FLAGS));
}

/* Each foreign message is there as it was, and no other. */
static void assert_mailbox(unsigned count)
{
	assert_int_equal(server.count, count);
	for (unsigned i = 0; i < server.count; i++) {
		assert_null(strstr(server.messages[i].text, "X-Check-Imap-Full: id="));
		assert_false(server.messages[i].is_deleted || server.messages[i].is_flagged);
	}
	assert_string_equal(server.messages[0].text, foreign);
}

static bool noted(const char *words)
{
	for (unsigned i = 0; i < check_report(&check)->note_count; i++)
		if (strstr(check_report(&check)->notes[i], words))
			return true;
	return false;
}

/* --- well ------------------------------------------------------------------------------------- */

static void a_message_is_seen_compared_flagged_and_removed(void **state)
{
	(void)state;
	run_it();
	assert_well();
	assert_mailbox(1);
	assert_string_equal(server.sessions[0].heard, "SELECT UID-SEARCH APPEND UID-STORE UID-FETCH"
						      " UID-STORE UID-EXPUNGE LOGOUT ");
	assert_string_equal(server.sessions[1].heard,
			    "EXAMINE IDLE DONE UID-FETCH IDLE DONE LOGOUT ");
	assert_int_equal(verdict.state, STATE_OK);
}

static void without_idle_it_is_polled_and_said(void **state)
{
	(void)state;
	server.capabilities = "UIDPLUS";
	run_it();
	assert_well();
	assert_mailbox(1);
	assert_null(strstr(server.sessions[1].heard, "IDLE"));
	assert_true(noted("polled"));
}

static void another_message_that_comes_first_is_not_taken_for_it(void **state)
{
	(void)state;
	server.stores_another_first = true;
	run_it();
	assert_well();
	assert_mailbox(2);
}

static void what_a_killed_run_left_is_removed_when_it_is_old(void **state)
{
	struct mark old, young, other;
	char text[400];

	(void)state;
	assert_true(mark_make(&old, MARK_SYNC, &config, "Test", time(NULL) - 2 * TIDY_AGE));
	assert_true(mark_make(&young, MARK_SYNC, &config, "Test", time(NULL) - TIDY_AGE / 2));
	assert_true(mark_make(&other, MARK_SYNC, &config, "Tess", time(NULL) - 2 * TIDY_AGE));
	for (int i = 0; i < 3; i++) {
		const struct mark *mark = i == 0 ? &old : i == 1 ? &young : &other;

		snprintf(text, sizeof text,
			 "Subject: %d\r\nX-Check-Imap-Full: id=%s; time=%lld; run=%s\r\n\r\n", i,
			 mark->id, (long long)mark->time, mark->run);
		mailserver_store(&server, text);
	}
	run_it();
	assert_well();
	assert_int_equal(server.count, 3);
	assert_non_null(strstr(server.messages[1].text, "Subject: 1"));
	assert_non_null(strstr(server.messages[2].text, "Subject: 2"));
}

static void a_search_that_finds_too_much_costs_nothing(void **state)
{
	(void)state;
	server.finds_everything = true;
	mailserver_store(&server, "X-Check-Imap-Full: id=1; time=1; run=1\r\n\r\n");
	run_it();
	assert_well();
	assert_int_equal(server.count, 2);
}

/* --- altered, damaged, gone -------------------------------------------------------------------
 */

static void a_field_that_was_added_is_a_warning_and_it_goes_on(void **state)
{
	(void)state;
	server.added = "X-Added: yes\r\n";
	run_it();
	assert_problem(CLASS_ALTERED, "came back altered: header X-Added added");
	assert_true(report_knows(check_report(&check), METRIC_FLAGS));
	assert_int_equal(verdict.state, STATE_WARNING);
	assert_mailbox(1);
}

static void a_body_that_was_changed_is_damage(void **state)
{
	(void)state;
	server.changes_body = true;
	run_it();
	assert_problem(CLASS_PROTOCOL, "came back damaged: its body is another one");
	assert_false(report_knows(check_report(&check), METRIC_FLAGS));
	assert_mailbox(1);
}

static void who_expunges_it_meanwhile_is_somebody_else(void **state)
{
	(void)state;
	server.expunges_after_fetch = true;
	run_it();
	assert_problem(CLASS_PROTOCOL, "was expunged by somebody else");
	assert_mailbox(1);
}

/* --- not told ---------------------------------------------------------------------------------
 */

static void a_message_that_is_not_told_of_is_removed_in_time(void **state)
{
	(void)state;
	server.keeps_exists = true;
	run_it();
	assert_problem(CLASS_TIMEOUT, "no EXISTS by IDLE within 2");
	assert_non_null(strstr(problem(0)->text, "looked for by its UID, the message is there"));
	assert_true(now < 1030 * CLOCK_SECOND);
	assert_false(report_knows(check_report(&check), METRIC_IDLE));
	assert_mailbox(1);
}

static void a_flag_that_is_not_told_of_is_a_failure(void **state)
{
	(void)state;
	server.keeps_flags = true;
	run_it();
	assert_problem(CLASS_TIMEOUT, "changed flag: no FETCH came by IDLE within 2");
	assert_true(report_knows(check_report(&check), METRIC_IDLE));
	assert_mailbox(1);
}

/* It is found by its header then. */
static void a_uid_that_is_not_told_is_a_failure_and_no_hindrance(void **state)
{
	(void)state;
	server.keeps_uid = true;
	run_it();
	assert_problem(CLASS_PROTOCOL, "did not tell the UID");
	assert_mailbox(1);
}

/* --- not allowed ------------------------------------------------------------------------------
 */

static void assert_nothing_was_written(void)
{
	assert_null(strstr(server.sessions[0].heard, "APPEND"));
	assert_null(strstr(server.sessions[0].heard, "STORE"));
	assert_null(strstr(server.sessions[0].heard, "EXPUNGE"));
	assert_mailbox(1);
}

static void without_uidplus_nothing_is_written(void **state)
{
	(void)state;
	server.capabilities = "IDLE";
	run_it();
	assert_problem(CLASS_MISSING, "does not offer UIDPLUS");
	assert_nothing_was_written();
}

static void into_a_mailbox_that_is_read_only_nothing_is_written(void **state)
{
	(void)state;
	server.opened = "READ-ONLY";
	run_it();
	assert_problem(CLASS_REFUSED, "read-only");
	assert_nothing_was_written();
}

static void where_flags_are_not_kept_nothing_is_written(void **state)
{
	(void)state;
	server.flags = "\\Seen \\Flagged";
	run_it();
	assert_problem(CLASS_REFUSED, "\\Deleted");
	assert_nothing_was_written();
	forget_run();
	alice(state);
	server.flags = "\\Seen \\Deleted";
	run_it();
	assert_problem(CLASS_REFUSED, "\\Flagged");
	assert_nothing_was_written();
}

static void in_a_mailbox_that_was_replaced_nothing_is_touched(void **state)
{
	(void)state;
	server.uidvalidity_of_append = 8;
	run_it();
	assert_problem(CLASS_PROTOCOL, "was replaced meanwhile");
	assert_null(strstr(server.sessions[0].heard, "STORE"));
}

/* Without its header it is not known for ours: it is let be. */
static void what_cannot_be_read_is_not_removed(void **state)
{
	(void)state;
	server.shows_no_header = true;
	run_it();
	assert_int_equal(server.count, 2);
	assert_null(strstr(server.sessions[0].heard, "EXPUNGE"));
}

/* --- failing at each point --------------------------------------------------------------------
 */

static void fail_at(unsigned session, unsigned command, enum mailserver_fault fault)
{
	forget_run();
	alice(NULL);
	server.sessions[session].fails_at = command;
	server.sessions[session].fault = fault;
	run_it();
}

/* Whatever becomes of the second session, the first one removes the message. From its last DONE on
   it only leaves. */
static void a_second_session_may_fail_anywhere(void **state)
{
	enum { IDLE = 2, LAST_DONE = 6, LOGOUT = 7 };

	(void)state;
	run_it();
	assert_int_equal(server.sessions[1].commands, LOGOUT);
	for (unsigned i = 1; i <= LOGOUT; i++)
		for (int fault = FAULT_NO; fault < FAULT_COUNT; fault++) {
			fail_at(1, i, (enum mailserver_fault)fault);
			assert_mailbox(1);
			assert_true(now < 1030 * CLOCK_SECOND || i <= IDLE);
			assert_int_equal(problems(), i < LAST_DONE ? 1 : 0);
			if (i >= LAST_DONE)
				continue;
			if (!strstr(problem(0)->text, "second session"))
				fail_msg("%u, %d: %s", i, fault, problem(0)->text);
			assert_int_equal(check_report(&check)->problems[0].phase, PHASE_SYNC);
		}
}

/* A run that cannot go on says so; what it touched is its own. */
static void a_first_session_may_fail_anywhere(void **state)
{
	unsigned count;

	(void)state;
	run_it();
	count = server.sessions[0].commands;
	assert_int_equal(count, 8);
	for (unsigned i = 1; i < count; i++)
		for (int fault = FAULT_NO; fault < FAULT_COUNT; fault++) {
			fail_at(0, i, (enum mailserver_fault)fault);
			assert_true(problems() >= 1);
			assert_true(now <= 1031 * CLOCK_SECOND);
			assert_string_equal(server.messages[0].text, foreign);
			assert_false(server.messages[0].is_deleted ||
				     server.messages[0].is_flagged);
			assert_true(server.count <= 2);
		}
}

/* A flag that cannot be set is no reason to leave the message. */
static void a_store_that_is_refused_is_told_once_the_message_is_gone(void **state)
{
	(void)state;
	server.sessions[0].fails_at = 4;
	server.sessions[0].fault = FAULT_NO;
	run_it();
	assert_problem(CLASS_REFUSED, "to set the flag");
	assert_mailbox(1);
}

/* --- the order of what is told ----------------------------------------------------------------
 */

static void what_failed_first_is_told_before_a_failed_removal(void **state)
{
	(void)state;
	server.keeps_flags = true;
	server.sessions[0].fails_at = 7;
	server.sessions[0].fault = FAULT_NO;
	run_it();
	assert_int_equal(problems(), 2);
	assert_non_null(strstr(problem(0)->text, "was not told of the changed flag"));
	assert_non_null(strstr(problem(1)->text, "to expunge messages of this check"));
	assert_int_equal(verdict.count, 2);
	assert_string_equal(verdict.items[0].text, problem(0)->text);
	assert_string_equal(verdict.items[0].phase, "sync");
}

static void what_fails_later_does_not_hide_it(void **state)
{
	(void)state;
	server.closes_second_at_append = true;
	server.keeps_uid = true;
	run_it();
	assert_problem(CLASS_UNAVAILABLE, "second session: ");
	assert_mailbox(1);
}

static void a_removal_that_is_not_answered_is_told_behind_it_too(void **state)
{
	(void)state;
	server.changes_body = true;
	server.sessions[0].fails_at = 6;
	server.sessions[0].fault = FAULT_SILENCE;
	run_it();
	assert_int_equal(problems(), 2);
	assert_int_equal(problem(0)->class, CLASS_PROTOCOL);
	assert_int_equal(problem(1)->class, CLASS_TIMEOUT);
	assert_non_null(strstr(problem(1)->text, "to expunge messages of this check"));
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, alice, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_seen_compared_flagged_and_removed),
		TEST(without_idle_it_is_polled_and_said),
		TEST(another_message_that_comes_first_is_not_taken_for_it),
		TEST(what_a_killed_run_left_is_removed_when_it_is_old),
		TEST(a_search_that_finds_too_much_costs_nothing),
		TEST(a_field_that_was_added_is_a_warning_and_it_goes_on),
		TEST(a_body_that_was_changed_is_damage),
		TEST(who_expunges_it_meanwhile_is_somebody_else),
		TEST(a_message_that_is_not_told_of_is_removed_in_time),
		TEST(a_flag_that_is_not_told_of_is_a_failure),
		TEST(a_uid_that_is_not_told_is_a_failure_and_no_hindrance),
		TEST(without_uidplus_nothing_is_written),
		TEST(into_a_mailbox_that_is_read_only_nothing_is_written),
		TEST(where_flags_are_not_kept_nothing_is_written),
		TEST(in_a_mailbox_that_was_replaced_nothing_is_touched),
		TEST(what_cannot_be_read_is_not_removed),
		TEST(a_second_session_may_fail_anywhere),
		TEST(a_first_session_may_fail_anywhere),
		TEST(a_store_that_is_refused_is_told_once_the_message_is_gone),
		TEST(what_failed_first_is_told_before_a_failed_removal),
		TEST(what_fails_later_does_not_hide_it),
		TEST(a_removal_that_is_not_answered_is_told_behind_it_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
