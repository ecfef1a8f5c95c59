/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_append.c - --append from its first step to its last against a server of a few lines: a
 * message is stored, the newest of ours are kept, and nothing of others' is touched, whatever the
 * server finds and wherever it fails.
 *
 * Linked with -Wl,--wrap=clock_now -Wl,--wrap=plan_make.
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

#include <cmocka.h>

#include "check.h"
#include "mailserver.h"

static imap_time now;
static int client;

static enum step_progress connect_enter(struct run *run, imap_time at)
{
	(void)at;
	conn_open(&run->session.conn, client);
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
/* NOLINTEND(bugprone-reserved-identifier) */

static struct config config;
static struct check check;
static struct mailserver server;

static const char foreign[] = "Subject: somebody's\r\n\r\nx\r\n";

static int alice(void **state)
{
	(void)state;
	now = 1000 * CLOCK_SECOND;
	memset(&config, 0, sizeof config);
	strcpy(config.host.name, "imap.example.org");
	config.user = "alice";
	config.mailbox = "INBOX";
	config.append.is_asked = true;
	config.append.mailbox = "Archive";
	config.append.keep = 3;
	config.timeout = 10 * CLOCK_SECOND;
	memset(&server, 0, sizeof server);
	server.capabilities = "UIDPLUS";
	server.flags = "\\Seen \\Deleted";
	server.opened = "READ-WRITE";
	server.uidvalidity_of_append = 7;
	mailserver_store(&server, foreign);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	mailserver_stop(&server);
	return 0;
}

/* Messages as earlier runs stored them: "Subject: first" and so on, or of a check of another name.
 */
static void store_ours(const char *mailbox, int first, int last)
{
	for (int i = first; i <= last; i++) {
		struct mark mark;
		char text[400];

		assert_true(mark_make(&mark, MARK_APPEND, &config, mailbox, time(NULL)));
		snprintf(text, sizeof text,
			 "Subject: %d\r\nX-Check-Imap-Full: id=%s; time=%lld;\r\n run=%s\r\n\r\n",
			 i, mark.id, (long long)mark.time, mark.run);
		mailserver_store(&server, text);
	}
}

/* Until the run is over; the clock goes on only when nobody has anything to do. The failure's
   sentence, "" without one. */
static const char *run_it(void)
{
	static char sentence[600];
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	client = pair[0];
	mailserver_start(&server, pair[1], -1);
	assert_true(check_start(&check, &config, now));
	while (!check.is_over) {
		struct wait wait;

		now += CLOCK_MILLISECOND;
		wait_clear(&wait);
		if (!mailserver_turn(&server)) {
			check_wait(&check, &wait, now);
			now = wait.until > now ? wait.until : now;
		}
		check_ready(&check, &wait, now);
	}
	strcpy(sentence, check_report(&check)->problem_count > 0
				 ? check_report(&check)->problems[0].failure.text
				 : "");
	check_free(&check);
	return sentence;
}

static void assert_fails(const char *words)
{
	const char *sentence = run_it();

	if (!sentence[0] || !strstr(sentence, words))
		fail_msg("%s", sentence);
}

static unsigned count_with(const char *words)
{
	unsigned count = 0;

	for (unsigned i = 0; i < server.count; i++)
		count += strstr(server.messages[i].text, words) != NULL;
	return count;
}

static unsigned count_ours(void)
{
	return count_with("X-Check-Imap-Full: id=");
}

static void assert_foreign_untouched(void)
{
	assert_int_equal(count_with(foreign), 1);
	assert_string_equal(server.messages[0].text, foreign);
	assert_false(server.messages[0].is_deleted);
}

/* --- well ------------------------------------------------------------------------------------- */

static void a_message_is_stored(void **state)
{
	(void)state;
	assert_string_equal(run_it(), "");
	assert_int_equal(server.count, 2);
	assert_non_null(strstr(server.messages[1].text, "check=append"));
	assert_string_equal(server.sessions[0].heard, "SELECT UID-SEARCH APPEND LOGOUT ");
	assert_foreign_untouched();
}

static void the_newest_are_kept_the_new_one_among_them(void **state)
{
	(void)state;
	store_ours("Archive", 1, 5);
	assert_string_equal(run_it(), "");
	assert_int_equal(count_ours(), 3);
	assert_int_equal(count_with("Subject: 4\r\n") + count_with("Subject: 5\r\n"), 2);
	assert_foreign_untouched();
}

static void one_that_is_to_be_kept_is_the_new_one(void **state)
{
	(void)state;
	config.append.keep = 1;
	store_ours("Archive", 1, 5);
	assert_string_equal(run_it(), "");
	assert_int_equal(count_ours(), 1);
	assert_int_equal(count_with("check=append"), 1);
}

static void those_of_another_check_are_not_counted(void **state)
{
	(void)state;
	store_ours("Elsewhere", 101, 109);
	store_ours("Archive", 1, 2);
	server.finds_everything = true;
	assert_string_equal(run_it(), "");
	assert_int_equal(server.count, 1 + 9 + 3);
	assert_foreign_untouched();
}

static void many_are_removed_in_rounds(void **state)
{
	(void)state;
	store_ours("Archive", 1, 450);
	assert_string_equal(run_it(), "");
	assert_int_equal(count_ours(), 3);
	assert_int_equal(count_with("Subject: 449\r\n") + count_with("Subject: 450\r\n"), 2);
	assert_foreign_untouched();
}

/* The oldest 200 are looked at; those of others' among them count for nothing. */
static void many_of_others_do_not_cost_ours(void **state)
{
	(void)state;
	store_ours("Archive", 1, 2);
	store_ours("Elsewhere", 101, 400);
	server.finds_everything = true;
	assert_string_equal(run_it(), "");
	assert_int_equal(server.count, 1 + 300 + 3);
	assert_foreign_untouched();
}

static void a_uid_that_is_not_told_is_no_failure(void **state)
{
	(void)state;
	server.keeps_uid = true;
	assert_string_equal(run_it(), "");
	assert_int_equal(count_ours(), 1);
}

/* --- not well ---------------------------------------------------------------------------------
 */

static void without_uidplus_nothing_is_stored(void **state)
{
	(void)state;
	server.capabilities = "IDLE";
	assert_fails("does not offer UIDPLUS");
	assert_string_equal(server.sessions[0].heard, "");
}

static void into_a_mailbox_that_is_read_only_nothing_is_stored(void **state)
{
	(void)state;
	server.opened = "READ-ONLY";
	store_ours("Archive", 1, 5);
	assert_fails("read-only");
	assert_int_equal(count_ours(), 5);
}

static void where_nothing_can_be_removed_nothing_is_stored(void **state)
{
	(void)state;
	server.flags = "\\Seen";
	assert_fails("\\Deleted");
	assert_int_equal(server.count, 1);
}

static void headers_that_are_not_shown_remove_nothing(void **state)
{
	(void)state;
	store_ours("Archive", 1, 9);
	server.shows_no_header = true;
	assert_string_equal(run_it(), "");
	assert_int_equal(count_ours(), 10);
}

static void a_mailbox_that_was_replaced_is_told(void **state)
{
	(void)state;
	server.uidvalidity_of_append = 8;
	assert_fails("was replaced meanwhile");
}

/* At most one message more than there was, never a foreign one less, and it says what failed. */
static void it_may_fail_anywhere(void **state)
{
	enum { APPEND = 6, LOGOUT = 7 };

	(void)state;
	for (unsigned i = 1; i < LOGOUT; i++)
		for (int fault = FAULT_NO; fault < FAULT_COUNT; fault++) {
			mailserver_stop(&server);
			alice(state);
			store_ours("Archive", 1, 5);
			server.sessions[0].fails_at = i;
			server.sessions[0].fault = (enum mailserver_fault)fault;
			assert_string_not_equal(run_it(), "");
			assert_int_equal(server.sessions[0].commands, i);
			assert_int_equal(count_ours(), i < APPEND ? 5 : 2);
			assert_foreign_untouched();
		}
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, alice, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_message_is_stored),
		TEST(the_newest_are_kept_the_new_one_among_them),
		TEST(one_that_is_to_be_kept_is_the_new_one),
		TEST(those_of_another_check_are_not_counted),
		TEST(many_are_removed_in_rounds),
		TEST(many_of_others_do_not_cost_ours),
		TEST(a_uid_that_is_not_told_is_no_failure),
		TEST(without_uidplus_nothing_is_stored),
		TEST(into_a_mailbox_that_is_read_only_nothing_is_stored),
		TEST(where_nothing_can_be_removed_nothing_is_stored),
		TEST(headers_that_are_not_shown_remove_nothing),
		TEST(a_mailbox_that_was_replaced_is_told),
		TEST(it_may_fail_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
