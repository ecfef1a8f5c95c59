/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_watcher.c - the second session of --sync, told line by line what a server says. No network:
 * a pair of sockets; no time goes by but what a test says: the clock is ours.
 *
 * Linked with -Wl,--wrap=clock_now.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "watcher.h"

static imap_time now, tick;

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker gives this name. */
imap_time __wrap_clock_now(void);

imap_time __wrap_clock_now(void)
{
	return now += tick;
}
/* NOLINTEND(bugprone-reserved-identifier) */

static struct config config;
static struct run first;
static struct watcher *watcher;
static struct failure failure;

static int server = -1, client = -1;
static char tag[20]; /* of the command that was read last */

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

static int connected(void **state)
{
	int pair[2];

	(void)state;
	now = 1000 * CLOCK_SECOND;
	memset(&config, 0, sizeof config);
	memset(&first, 0, sizeof first);
	first.config = &config;
	first.deadline = now + 30 * CLOCK_SECOND;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0)
		return -1;
	client = pair[0];
	server = pair[1];
	watcher = watcher_new(&first, "Test");
	assert_non_null(watcher);
	watcher->journey.plan = (struct plan){.steps = {&step_pair, &step_greeting}, .count = 2};
	return 0;
}

static int close_both(void **state)
{
	(void)state;
	watcher_free(watcher);
	if (server >= 0)
		close(server);
	return 0;
}

/* --- the server ------------------------------------------------------------------------------- */

static bool go(void)
{
	struct wait nothing;

	wait_clear(&nothing);
	return watcher_ready(watcher, &nothing, now, &failure);
}

/* Says it, "$" being the tag of the command that was read last; the watcher takes it in. */
static bool say(const char *text)
{
	for (; *text; text++) {
		if (*text == '$')
			assert_int_equal(write(server, tag, strlen(tag)), strlen(tag));
		else
			assert_int_equal(write(server, text, 1), 1);
	}
	return go();
}

static void hear(const char *command)
{
	char line[300];
	const char *heard = line;
	ssize_t length = read(server, line, sizeof line - 1);

	line[length > 0 ? length : 0] = '\0';
	line[strcspn(line, "\r")] = '\0';
	if (strcmp(command, "DONE") != 0 && sscanf(line, "%19[A-Z0-9] ", tag) == 1)
		heard += strlen(tag) + (line[strlen(tag)] == ' ');
	assert_string_equal(heard, command);
}

static void hear_nothing(void)
{
	char octet;

	assert_int_equal(read(server, &octet, 1), -1);
}

static void open_with(const char *capabilities)
{
	char greeting[200];

	assert_true(go());
	snprintf(greeting, sizeof greeting, "* OK [CAPABILITY IMAP4rev1 %s] hi\r\n", capabilities);
	assert_true(say(greeting));
	hear("EXAMINE \"Test\"");
	assert_false(watcher->is_fulfilled);
	assert_true(say("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n$ OK [READ-ONLY] done\r\n"));
	assert_true(watcher->is_fulfilled);
}

static void idle(void)
{
	watcher_watch(watcher);
	assert_true(go());
	hear("IDLE");
	assert_false(watcher->is_fulfilled);
	assert_true(say("+ idling\r\n"));
	assert_true(watcher->is_fulfilled);
}

static void end_idle(void)
{
	assert_true(go());
	hear("DONE");
	assert_true(say("$ OK done\r\n"));
}

static void fetch(void)
{
	watcher_fetch(watcher, 77, false);
	end_idle();
	hear("UID FETCH 77 (UID FLAGS BODY.PEEK[])");
	assert_false(watcher->is_fulfilled);
}

#define FETCHED "* 4 FETCH (UID 77 FLAGS (\\Seen) BODY[] {5}\r\nhello)\r\n$ OK done\r\n"

/* The message is there, was fetched, and the mailbox is watched again. */
static void watch_message(void)
{
	open_with("IDLE");
	idle();
	assert_true(say("* 4 EXISTS\r\n"));
	fetch();
	assert_true(say(FETCHED));
	assert_true(watcher->is_fulfilled);
	idle();
}

/* --- opening and watching ---------------------------------------------------------------------
 */

static void what_is_there_already_is_no_arrival(void **state)
{
	(void)state;
	open_with("IDLE");
	assert_int_equal(watcher->view.messages, 3);
	assert_int_equal(watcher->view.arrival_count, 0);
	assert_false(watcher->polls);
	hear_nothing();
}

static void every_further_message_is_one(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	now += CLOCK_SECOND;
	assert_true(say("* 4 EXISTS\r\n"));
	assert_int_equal(watcher->view.arrival_count, 1);
	assert_true(say("* 4 EXISTS\r\n* 1 RECENT\r\n* 2 EXISTS\r\n* 2 FETCH (FLAGS ())\r\n"));
	assert_int_equal(watcher->view.arrival_count, 1);
	now += CLOCK_SECOND;
	assert_true(say("* 3 EXISTS\r\n"));
	assert_int_equal(watcher->view.arrival_count, 2);
	assert_int_equal(watcher->view.arrivals[0].number, 4);
	assert_int_equal(watcher->view.arrivals[0].at, now - CLOCK_SECOND);
	assert_int_equal(watcher->view.arrivals[1].at, now);
}

static void imap4rev2_has_idle(void **state)
{
	(void)state;
	open_with("IMAP4rev2");
	idle();
}

static void without_idle_it_polls(void **state)
{
	struct wait wait;

	(void)state;
	open_with("UIDPLUS");
	assert_true(watcher->polls);
	watcher_watch(watcher);
	assert_true(go());
	hear("NOOP");
	assert_true(say("* 4 EXISTS\r\n$ OK done\r\n"));
	assert_true(watcher->is_fulfilled);
	assert_int_equal(watcher->view.arrival_count, 1);
	assert_true(go());
	hear_nothing();
	wait_clear(&wait);
	watcher_wait(watcher, &wait, now);
	assert_int_equal(wait.until, now + 250 * CLOCK_MILLISECOND);
	now = wait.until - 1;
	assert_true(go());
	hear_nothing();
	now++;
	assert_true(go());
	hear("NOOP");
	wait_clear(&wait);
	watcher_wait(watcher, &wait, now);
	assert_int_equal(wait.until, CLOCK_NEVER);
}

static void a_fetch_comes_after_the_noop_that_is_in_flight(void **state)
{
	(void)state;
	open_with("UIDPLUS");
	watcher_watch(watcher);
	assert_true(go());
	hear("NOOP");
	watcher_fetch(watcher, 77, false);
	assert_true(go());
	hear_nothing();
	assert_true(say("$ OK done\r\n"));
	assert_false(watcher->is_fulfilled);
	hear("UID FETCH 77 (UID FLAGS BODY.PEEK[])");
	assert_true(say(FETCHED));
	assert_true(watcher->is_fulfilled);
}

static void an_idle_that_the_server_ends_is_a_failure(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	assert_false(say("$ OK tired\r\n"));
	assert_int_equal(failure.class, CLASS_PROTOCOL);
	assert_non_null(strstr(failure.text, "before IDLE was ended"));
}

static void a_wish_that_is_fulfilled_already_sends_nothing(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	watcher_watch(watcher);
	assert_true(watcher->is_fulfilled);
	assert_true(go());
	hear_nothing();
}

/* --- fetching ---------------------------------------------------------------------------------
 */

static void the_message_is_fetched_once_idle_has_ended(void **state)
{
	imap_time arrived_at;

	(void)state;
	open_with("IDLE");
	idle();
	now += CLOCK_SECOND;
	arrived_at = now;
	assert_true(say("* 4 EXISTS\r\n"));
	now += CLOCK_SECOND;
	fetch();
	assert_true(say(FETCHED));
	assert_true(watcher->is_fulfilled && watcher->view.has_message);
	assert_int_equal(watcher->view.message.length, 5);
	assert_memory_equal(watcher->view.message.at, "hello", 5);
	assert_int_equal(watcher->view.number, 4);
	assert_int_equal(view_arrived_at(&watcher->view), arrived_at);
	assert_int_equal(watcher->view.arrival_count, 1);
}

static void of_two_arrivals_the_right_one_counts(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	assert_true(say("* 4 EXISTS\r\n"));
	now += CLOCK_SECOND;
	assert_true(say("* 6 EXISTS\r\n"));
	now += CLOCK_SECOND;
	assert_true(say("* 7 EXISTS\r\n"));
	fetch();
	assert_true(say("* 5 FETCH (UID 77 FLAGS () BODY[] \"x\")\r\n$ OK done\r\n"));
	assert_int_equal(view_arrived_at(&watcher->view), now - CLOCK_SECOND);
}

static void a_message_that_is_not_there_lets_earlier_arrivals_be_forgotten(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	assert_true(say("* 4 EXISTS\r\n"));
	fetch();
	now += CLOCK_SECOND;
	assert_true(say("* 5 EXISTS\r\n$ OK done\r\n"));
	assert_true(watcher->is_fulfilled);
	assert_false(watcher->view.has_message);
	assert_int_equal(view_arrived_at(&watcher->view), 0);
	assert_int_equal(watcher->view.arrival_count, 1);
	assert_int_equal(watcher->view.arrivals[0].number, 5);
}

static void an_answer_about_another_message_is_none(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	fetch();
	assert_true(say("* 2 FETCH (UID 76 FLAGS () BODY[] \"other\")\r\n* 3 FETCH (FLAGS ())\r\n"
			"* 3 FETCH (UID 77 FLAGS () BODY[] NIL)\r\n$ OK done\r\n"));
	assert_false(watcher->view.has_message);
}

static void a_long_message_is_kept_as_it_streams_by(void **state)
{
	static char long_one[70001];

	(void)state;
	for (size_t i = 0; i < sizeof long_one - 1; i++)
		long_one[i] = (char)('a' + i % 23);
	open_with("IDLE");
	for (int length = 20000; length <= 70000; length += 50000) {
		char head[100];

		idle();
		fetch();
		snprintf(head, sizeof head, "* 3 FETCH (UID 77 FLAGS () BODY[] {%d}\r\n", length);
		assert_true(say(head));
		for (int at = 0; at < length; at += 5000) {
			assert_int_equal(write(server, long_one + at, 5000), 5000);
			assert_true(go());
		}
		assert_true(say(")\r\n$ OK done\r\n"));
		assert_true(watcher->view.has_message);
		assert_int_equal(watcher->view.message.length,
				 length < WATCHER_OCTETS ? length : WATCHER_OCTETS);
		assert_memory_equal(watcher->view.message.at, long_one,
				    watcher->view.message.length);
	}
}

/* The last place is given to the newest; what the fetch under way could not see is not forgotten.
 */
static void more_arrivals_than_there_is_room_for(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	for (int i = 4; i < 4 + 2 * VIEW_ARRIVALS; i++) {
		char line[40];

		now += CLOCK_MILLISECOND;
		snprintf(line, sizeof line, "* %d EXISTS\r\n", i);
		assert_true(say(line));
	}
	assert_int_equal(watcher->view.arrival_count, VIEW_ARRIVALS);
	assert_int_equal(watcher->view.arrivals[VIEW_ARRIVALS - 1].at, now);
	fetch();
	now += CLOCK_SECOND;
	assert_true(say("* 100 EXISTS\r\n$ OK done\r\n"));
	assert_int_equal(watcher->view.arrival_count, 1);
	assert_int_equal(watcher->view.arrivals[0].number, 100);
	idle();
	fetch();
	assert_true(say("* 100 FETCH (UID 77 FLAGS () BODY[] \"x\")\r\n$ OK done\r\n"));
	assert_int_equal(view_arrived_at(&watcher->view), now);
}

static void a_fetch_that_refreshes_has_the_server_look_first(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	watcher_fetch(watcher, 77, true);
	end_idle();
	hear("NOOP");
	assert_true(say("* 4 EXISTS\r\n$ OK done\r\n"));
	assert_false(watcher->is_fulfilled);
	hear("UID FETCH 77 (UID FLAGS BODY.PEEK[])");
	assert_true(say(FETCHED));
	assert_true(watcher->is_fulfilled && watcher->view.has_message);
	hear_nothing();
}

static void a_message_that_is_gone_is_not_found_again(void **state)
{
	(void)state;
	watch_message();
	fetch();
	assert_true(say("$ OK done\r\n"));
	assert_true(watcher->is_fulfilled);
	assert_false(watcher->view.has_message);
	assert_int_equal(watcher->view.number, 0);
	assert_int_equal(view_arrived_at(&watcher->view), 0);
}

/* --- numbers that shift -----------------------------------------------------------------------
 */

static void an_expunge_before_it_moves_the_message_up(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	assert_true(say("* 4 EXISTS\r\n"));
	now += CLOCK_SECOND;
	assert_true(say("* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 3 EXISTS\r\n"));
	assert_int_equal(watcher->view.messages, 3);
	fetch();
	assert_true(say("* 2 FETCH (UID 77 FLAGS () BODY[] \"x\")\r\n$ OK done\r\n"));
	assert_int_equal(view_arrived_at(&watcher->view), now - CLOCK_SECOND);
}

static void an_expunge_of_another_arrival_leaves_its_own(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	assert_true(say("* 4 EXISTS\r\n* 4 EXPUNGE\r\n"));
	now += CLOCK_SECOND;
	assert_true(say("* 4 EXISTS\r\n"));
	fetch();
	assert_true(say("* 4 FETCH (UID 77 FLAGS () BODY[] \"x\")\r\n$ OK done\r\n"));
	assert_int_equal(view_arrived_at(&watcher->view), now);
}

static void an_expunge_behind_it_changes_nothing(void **state)
{
	(void)state;
	watch_message();
	assert_true(say("* 6 EXISTS\r\n* 5 EXPUNGE\r\n"));
	assert_int_equal(watcher->view.number, 4);
	assert_int_equal(watcher->view.messages, 5);
	assert_false(watcher->view.was_expunged);
}

static void an_expunge_of_the_message_is_noticed(void **state)
{
	(void)state;
	watch_message();
	assert_true(say("* 2 EXPUNGE\r\n"));
	assert_int_equal(watcher->view.number, 3);
	assert_false(watcher->view.was_expunged);
	assert_true(say("* 3 EXPUNGE\r\n"));
	assert_true(watcher->view.was_expunged);
	assert_int_equal(watcher->view.number, 0);
	assert_true(say("* 2 FETCH (FLAGS (\\Flagged))\r\n"));
	assert_false(watcher->view.is_flagged);
}

static void an_expunge_of_what_is_not_there_is_none(void **state)
{
	(void)state;
	watch_message();
	assert_true(say("* 5 EXPUNGE\r\n* 4294967295 EXPUNGE\r\n"));
	assert_int_equal(watcher->view.messages, 4);
	assert_int_equal(watcher->view.number, 4);
	assert_false(watcher->view.was_expunged);
}

/* --- flags ------------------------------------------------------------------------------------
 */

static void a_flag_is_told_by_number_alone(void **state)
{
	(void)state;
	watch_message();
	assert_int_equal(watcher->view.flags_at, 0);
	now += CLOCK_SECOND;
	assert_true(say("* 4 FETCH (FLAGS (\\Seen \\flagged))\r\n"));
	assert_true(watcher->view.is_flagged);
	assert_int_equal(watcher->view.flags_at, now);
}

static void the_number_is_the_one_that_it_has_now(void **state)
{
	(void)state;
	watch_message();
	assert_true(say("* 1 EXPUNGE\r\n* 4 EXISTS\r\n* 4 FETCH (FLAGS (\\Flagged))\r\n"));
	assert_false(watcher->view.is_flagged);
	assert_true(say("* 3 FETCH (FLAGS (\\Flagged))\r\n"));
	assert_true(watcher->view.is_flagged);
}

static void the_uid_goes_before_the_number(void **state)
{
	(void)state;
	watch_message();
	assert_true(say("* 4 FETCH (UID 76 FLAGS (\\Flagged))\r\n"));
	assert_false(watcher->view.is_flagged);
	assert_true(say("* 2 FETCH (FLAGS (\\Flagged) UID 77)\r\n"));
	assert_true(watcher->view.is_flagged);
}

static void what_says_nothing_of_the_flag_does_not_set_it(void **state)
{
	(void)state;
	watch_message();
	assert_true(say("* 4 FETCH (MODSEQ (7))\r\n* 3 FETCH (FLAGS (\\Flagged))\r\n"));
	assert_int_equal(watcher->view.flags_at, 0);
	assert_true(say("* 4 FETCH (FLAGS NIL)\r\n"));
	assert_false(watcher->view.is_flagged);
	assert_true(say("* 4 FETCH (FLAGS (\\Seen Flagged $Flagged))\r\n"));
	assert_false(watcher->view.is_flagged);
	assert_int_equal(watcher->view.flags_at, now);
}

static void what_is_told_last_counts(void **state)
{
	(void)state;
	watch_message();
	assert_true(say("* 4 FETCH (FLAGS (\\Flagged))\r\n* 4 FETCH (FLAGS ())\r\n"));
	assert_false(watcher->view.is_flagged);
	assert_true(say("* 4 FETCH (FLAGS (\\Flagged))\r\n"));
	view_forget_flags(&watcher->view);
	assert_false(watcher->view.is_flagged);
	assert_int_equal(watcher->view.flags_at, 0);
}

static void a_flag_in_the_answer_to_the_fetch_was_not_told_unasked(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	fetch();
	assert_true(say("* 4 FETCH (UID 77 FLAGS (\\Flagged) BODY[] \"x\")\r\n$ OK done\r\n"));
	assert_false(watcher->view.is_flagged);
	assert_int_equal(watcher->view.flags_at, 0);
}

/* --- leaving and failing ----------------------------------------------------------------------
 */

static void it_leaves_with_a_logout(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	watcher_leave(watcher);
	end_idle();
	hear("LOGOUT");
	assert_false(watcher->is_fulfilled);
	assert_true(say("* BYE see you\r\n$ OK done\r\n"));
	assert_true(watcher->is_fulfilled && watcher->is_gone);
	hear_nothing();
	watcher_watch(watcher);
	assert_true(watcher->is_fulfilled);
}

static void a_logout_that_is_refused_or_not_answered_is_one(void **state)
{
	(void)state;
	open_with("IDLE");
	watcher_leave(watcher);
	assert_true(go());
	hear("LOGOUT");
	assert_true(say("$ NO never\r\n"));
	assert_true(watcher->is_fulfilled && watcher->is_gone);
}

static void a_close_after_logout_is_no_failure(void **state)
{
	(void)state;
	open_with("IDLE");
	watcher_leave(watcher);
	assert_true(go());
	hear("LOGOUT");
	close(server);
	server = -1;
	assert_true(go());
	assert_true(watcher->is_fulfilled && watcher->is_gone);
}

static void assert_refused(const char *words)
{
	assert_false(say("$ NO [INUSE] not now\r\n"));
	assert_int_equal(failure.class, CLASS_UNAVAILABLE);
	assert_string_equal(failure.code, "INUSE");
	assert_memory_equal(failure.text, "second session: server refused ", 31);
	if (!strstr(failure.text, words))
		fail_msg("%s", failure.text);
	assert_true(watcher->is_gone);
	failure.text[0] = '\0';
	assert_true(go());
	assert_string_equal(failure.text, "");
	watcher_fetch(watcher, 77, false);
	assert_true(watcher->is_fulfilled);
}

static void a_refusal_to_open_is_a_failure(void **state)
{
	(void)state;
	assert_true(go());
	assert_true(say("* OK [CAPABILITY IMAP4rev1] hi\r\n"));
	hear("EXAMINE \"Test\"");
	assert_refused("to open the mailbox: [INUSE] not now");
}

static void a_refusal_of_idle_is_a_failure(void **state)
{
	(void)state;
	open_with("IDLE");
	watcher_watch(watcher);
	assert_true(go());
	hear("IDLE");
	assert_refused("IDLE, though it offers that: [INUSE] not now");
}

static void a_refusal_while_it_idles_is_a_failure(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	assert_refused("IDLE: [INUSE] not now");
}

static void a_refusal_of_the_end_of_idle_is_a_failure(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	watcher_leave(watcher);
	assert_true(go());
	hear("DONE");
	assert_refused("IDLE when it was ended: [INUSE] not now");
}

static void a_refusal_of_a_poll_is_a_failure(void **state)
{
	(void)state;
	open_with("UIDPLUS");
	watcher_watch(watcher);
	assert_true(go());
	hear("NOOP");
	assert_refused("NOOP: [INUSE] not now");
}

static void a_refusal_of_the_fetch_is_a_failure(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	fetch();
	assert_refused("to fetch the new message: [INUSE] not now");
}

/* What the server said last is told, not the broken connection. */
static void a_bye_is_told_with_its_code(void **state)
{
	(void)state;
	open_with("IDLE");
	idle();
	assert_false(say("* BYE [UNAVAILABLE] going down\r\n"));
	assert_int_equal(failure.class, CLASS_UNAVAILABLE);
	assert_string_equal(failure.code, "UNAVAILABLE");
	assert_memory_equal(failure.text, "second session: ", 16);
	assert_non_null(strstr(failure.text, "going down"));
}

static void a_connection_that_breaks_is_told_once(void **state)
{
	static void (*const points[])(void) = {idle, fetch, idle, fetch};

	for (size_t count = 0; count <= sizeof points / sizeof *points; count++) {
		if (count > 0)
			assert_int_equal(connected(state), 0);
		open_with("IDLE");
		for (size_t i = 0; i < count; i++) {
			points[i]();
			if (points[i] == fetch && i + 1 < count)
				assert_true(say(FETCHED));
		}
		close(server);
		server = -1;
		assert_false(go());
		assert_memory_equal(failure.text, "second session: ", 16);
		assert_true(watcher->is_gone);
		assert_true(go());
		if (count < sizeof points / sizeof *points)
			watcher_free(watcher);
	}
}

static void what_is_no_imap_is_told(void **state)
{
	(void)state;
	assert_true(go());
	assert_false(say("HTTP/1.1 400 Bad Request\r\n"));
	assert_int_equal(failure.class, CLASS_PROTOCOL);
	assert_memory_equal(failure.text, "second session: ", 16);
}

static void each_thing_it_waits_for_has_a_word(void **state)
{
	(void)state;
	assert_string_equal(watcher_awaits(watcher), "connection");
	assert_true(go());
	assert_non_null(strstr(watcher_awaits(watcher), "greeting"));
	open_with("IDLE");
	watcher_watch(watcher);
	assert_true(go());
	assert_string_equal(watcher_awaits(watcher), "answer to IDLE");
	hear("IDLE");
	assert_true(say("+ idling\r\n"));
	assert_string_equal(watcher_awaits(watcher), "notification");
	watcher_fetch(watcher, 77, false);
	assert_true(go());
	assert_string_equal(watcher_awaits(watcher), "answer to the end of IDLE");
	end_idle();
	assert_string_equal(watcher_awaits(watcher), "answer to FETCH");
}

/* Each look at the clock takes a while here, and there is more to read than fits into a turn. */
static void a_flood_of_news_ends_its_turn(void **state)
{
	static char news[12001];
	struct wait wait;

	(void)state;
	open_with("IDLE");
	idle();
	for (size_t i = 0; i < sizeof news - 1; i++)
		news[i] = "* 4 EXISTS\r\n"[i % 12];
	assert_int_equal(write(server, news, sizeof news - 1), sizeof news - 1);
	tick = CLOCK_MILLISECOND;
	assert_true(go());
	assert_true(now < 1001 * CLOCK_SECOND);
	wait_clear(&wait);
	watcher_wait(watcher, &wait, now);
	assert_true(wait.until <= now);
	tick = 0;
	assert_true(go());
	wait_clear(&wait);
	watcher_wait(watcher, &wait, now);
	assert_int_equal(wait.until, CLOCK_NEVER);
}

static void a_flood_of_news_does_not_outlive_the_deadline(void **state)
{
	static char news[12001];
	imap_time deadline = now + 20 * CLOCK_MILLISECOND;

	(void)state;
	open_with("IDLE");
	idle();
	watcher->journey.run.deadline = deadline;
	for (size_t i = 0; i < sizeof news - 1; i++)
		news[i] = "* 4 EXISTS\r\n"[i % 12];
	assert_int_equal(write(server, news, sizeof news - 1), sizeof news - 1);
	tick = CLOCK_MILLISECOND;
	assert_true(go());
	tick = 0;
	assert_true(now >= deadline);
	assert_true(now <= deadline + 5 * CLOCK_MILLISECOND);
}

static void one_that_was_never_started_is_freed(void **state)
{
	(void)state;
	close(client);
	watcher_free(NULL);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, connected, close_both)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_there_already_is_no_arrival),
		TEST(every_further_message_is_one),
		TEST(imap4rev2_has_idle),
		TEST(without_idle_it_polls),
		TEST(a_fetch_comes_after_the_noop_that_is_in_flight),
		TEST(an_idle_that_the_server_ends_is_a_failure),
		TEST(a_wish_that_is_fulfilled_already_sends_nothing),
		TEST(the_message_is_fetched_once_idle_has_ended),
		TEST(of_two_arrivals_the_right_one_counts),
		TEST(a_message_that_is_not_there_lets_earlier_arrivals_be_forgotten),
		TEST(an_answer_about_another_message_is_none),
		TEST(a_long_message_is_kept_as_it_streams_by),
		TEST(more_arrivals_than_there_is_room_for),
		TEST(a_fetch_that_refreshes_has_the_server_look_first),
		TEST(a_message_that_is_gone_is_not_found_again),
		TEST(an_expunge_before_it_moves_the_message_up),
		TEST(an_expunge_of_another_arrival_leaves_its_own),
		TEST(an_expunge_behind_it_changes_nothing),
		TEST(an_expunge_of_the_message_is_noticed),
		TEST(an_expunge_of_what_is_not_there_is_none),
		TEST(a_flag_is_told_by_number_alone),
		TEST(the_number_is_the_one_that_it_has_now),
		TEST(the_uid_goes_before_the_number),
		TEST(what_says_nothing_of_the_flag_does_not_set_it),
		TEST(what_is_told_last_counts),
		TEST(a_flag_in_the_answer_to_the_fetch_was_not_told_unasked),
		TEST(it_leaves_with_a_logout),
		TEST(a_logout_that_is_refused_or_not_answered_is_one),
		TEST(a_close_after_logout_is_no_failure),
		TEST(a_refusal_to_open_is_a_failure),
		TEST(a_refusal_of_idle_is_a_failure),
		TEST(a_refusal_while_it_idles_is_a_failure),
		TEST(a_refusal_of_the_end_of_idle_is_a_failure),
		TEST(a_refusal_of_a_poll_is_a_failure),
		TEST(a_refusal_of_the_fetch_is_a_failure),
		TEST(a_bye_is_told_with_its_code),
		TEST(a_connection_that_breaks_is_told_once),
		TEST(what_is_no_imap_is_told),
		TEST(each_thing_it_waits_for_has_a_word),
		TEST(a_flood_of_news_ends_its_turn),
		TEST(a_flood_of_news_does_not_outlive_the_deadline),
		TEST(one_that_was_never_started_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
