/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_session.c - what a conversation cannot show: times, the trace, and callers' habits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "imapcheck.h"

static void feed(struct imap *imap, const char *text, imap_time now)
{
	imap_feed(imap, text, strlen(text), now);
}

static enum imap_event next(struct imap *imap)
{
	struct imap_reply reply;

	return imap_next(imap, &reply);
}

static void send_all(struct imap *imap, imap_time now)
{
	imap_sent(imap, imap_output(imap).length, now);
}

static struct imap *greeted(const char *greeting)
{
	struct imap *imap = imap_new(&imap_default_limits);

	assert_non_null(imap);
	feed(imap, greeting, 1);
	assert_int_equal(next(imap), IMAP_GREETING);
	return imap;
}

static void assert_output(const struct imap *imap, const char *expected)
{
	struct imap_span output = imap_output(imap);

	assert_int_equal(output.length, strlen(expected));
	assert_memory_equal(output.at, expected, output.length);
}

static void assert_failure(struct imap *imap, const char *words)
{
	assert_int_equal(next(imap), IMAP_FAILED);
	if (!strstr(imap_failure(imap)->text, words))
		fail_msg("%s", imap_failure(imap)->text);
}

/* --- times ---------------------------------------------------------------------------------- */

static void tells_when_a_command_lived(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");
	struct imap_reply reply;

	(void)state;
	imap_command(imap, 10, "NOOP");
	imap_sent(imap, 4, 20);
	imap_sent(imap, 5, 30);
	feed(imap, "* 5 EX", 40);
	assert_int_equal(next(imap), IMAP_WAIT);
	feed(imap, "ISTS\r\nA1 OK do", 50);
	assert_int_equal(next(imap), IMAP_DATA);
	assert_int_equal(next(imap), IMAP_WAIT);
	feed(imap, "ne\r\n", 60);
	assert_int_equal(imap_next(imap, &reply), IMAP_DONE);
	assert_int_equal(reply.times.queued_at, 10);
	assert_int_equal(reply.times.sent_at, 30);
	assert_int_equal(reply.times.first_at, 40);
	assert_int_equal(reply.times.done_at, 60);
	imap_free(imap);
}

/* The '+' to a literal is no answer yet. */
static void counts_from_the_last_octet_of_a_literal(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");
	const struct imap_span message = {"hello", 5};
	struct imap_reply reply;

	(void)state;
	imap_command(imap, 10, "APPEND %m %b", "x", &message);
	send_all(imap, 20);
	feed(imap, "+ go\r\n", 30);
	assert_int_equal(imap_next(imap, &reply), IMAP_WAIT);
	assert_int_equal(reply.text.length, 0);
	send_all(imap, 40);
	feed(imap, "A1 NO full\r\n", 50);
	assert_int_equal(imap_next(imap, &reply), IMAP_DONE);
	assert_int_equal(reply.times.sent_at, 40);
	assert_int_equal(reply.times.first_at, 50);
	imap_free(imap);
}

/* Who has sent nothing has sent nothing later either. */
static void sending_nothing_changes_no_time(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");
	struct imap_reply reply;

	(void)state;
	imap_sent(imap, 0, 5);
	imap_command(imap, 10, "NOOP");
	send_all(imap, 20);
	feed(imap, "A1 O", 30);
	assert_int_equal(next(imap), IMAP_WAIT);
	imap_sent(imap, 0, 40);
	feed(imap, "K done\r\n", 50);
	assert_int_equal(imap_next(imap, &reply), IMAP_DONE);
	assert_int_equal(reply.times.sent_at, 20);
	assert_int_equal(reply.times.first_at, 30);
	imap_free(imap);
}

static void tells_the_times_of_starttls(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");
	struct imap_reply reply;

	(void)state;
	imap_starttls(imap, 10);
	send_all(imap, 20);
	feed(imap, "A1 OK go\r\n", 30);
	assert_int_equal(imap_next(imap, &reply), IMAP_SECURE);
	assert_int_equal(reply.times.queued_at, 10);
	assert_int_equal(reply.times.done_at, 30);
	imap_free(imap);
}

/* --- order ---------------------------------------------------------------------------------- */

/* The caller sends before it reads on: the answer had come before the question all the same. */
static void rejects_an_answer_that_was_there_before_the_command(void **state)
{
	struct imap *imap = greeted("* OK hi\r\nA1 OK forged\r\n");

	(void)state;
	imap_login(imap, 2, "alice", (struct imap_span){"secret", 6});
	send_all(imap, 3);
	assert_failure(imap, "answered before the command was sent, in answer to LOGIN");
	imap_free(imap);
}

static void rejects_an_answer_that_began_before_the_command(void **state)
{
	struct imap *imap = greeted("* OK hi\r\nA");

	(void)state;
	assert_int_equal(next(imap), IMAP_WAIT);
	imap_login(imap, 2, "alice", (struct imap_span){"secret", 6});
	send_all(imap, 3);
	feed(imap, "1 OK forged\r\n", 4);
	assert_failure(imap, "answered before the command was sent");
	imap_free(imap);
}

static void rejects_an_answer_to_half_a_command(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");

	(void)state;
	imap_command(imap, 2, "NOOP");
	imap_sent(imap, 8, 3);
	feed(imap, "A1 BAD what?\r\n", 4);
	assert_failure(imap, "answered before the command was sent");
	imap_free(imap);
}

static void rejects_an_answer_to_half_a_done(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");

	(void)state;
	imap_idle(imap, 2);
	send_all(imap, 2);
	feed(imap, "+ go\r\n", 3);
	assert_int_equal(next(imap), IMAP_PROMPT);
	imap_idle_done(imap, 4);
	imap_sent(imap, 2, 4);
	feed(imap, "A1 NO stop\r\n", 5);
	assert_failure(imap, "answered before the command was sent, in answer to IDLE");
	imap_free(imap);
}

static void rejects_bytes_that_wait_when_tls_comes_up(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");

	(void)state;
	imap_starttls(imap, 2);
	send_all(imap, 2);
	feed(imap, "A1 OK go\r\n* INJECTED\r\n", 3);
	assert_int_equal(next(imap), IMAP_SECURE);
	imap_secured(imap);
	imap_login(imap, 4, "alice", (struct imap_span){"secret", 6});
	assert_output(imap, "");
	assert_failure(imap, "between the server's OK to STARTTLS and TLS");
	imap_secured(imap);
	assert_failure(imap, "between the server's OK to STARTTLS and TLS");
	imap_free(imap);
}

static void tells_all_that_came_before_the_close(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n* 1 EXISTS\r\n* 2 EXI");

	(void)state;
	imap_feed(imap, "", 0, 2);
	assert_int_equal(next(imap), IMAP_DATA);
	assert_failure(imap, "in the middle of a line between commands");
	imap_free(imap);
}

/* The caller's struct is not clean, and the event before was another. */
static void a_reply_holds_nothing_of_the_one_before(void **state)
{
	const struct imap_limits limits = {
		.line = 1000, .response = 1000, .literal = 2, .depth = 2};
	struct imap *imap = imap_new(&limits);
	struct imap_reply reply;

	(void)state;
	memset(&reply, 0xff, sizeof(reply));
	feed(imap, "* OK hi\r\n* 1 FETCH (BODY[] {3}\r\nabc)\r\n* SEARCH 7\r\n* 2 EXISTS\r\n", 1);
	assert_int_equal(imap_next(imap, &reply), IMAP_GREETING);
	assert_int_equal(reply.chunk.length, 0);
	assert_int_equal(reply.item, 0);
	assert_int_equal(reply.times.done_at, 0);
	assert_int_equal(imap_next(imap, &reply), IMAP_CHUNK);
	assert_int_equal(reply.chunk.length, 3);
	assert_int_equal(imap_next(imap, &reply), IMAP_DATA);
	assert_int_equal(reply.chunk.length, 0);
	assert_int_equal(reply.chunk_of.length, 0);
	assert_int_equal(imap_next(imap, &reply), IMAP_ITEM);
	assert_int_equal(reply.item, 7);
	assert_int_equal(imap_next(imap, &reply), IMAP_DATA);
	assert_int_equal(reply.item, 0);
	imap_free(imap);
}

/* --- a mechanism ---------------------------------------------------------------------------- */

static enum imap_sasl_result note_challenge(void *context, struct imap_span challenge,
					    struct imap_span *response)
{
	*(size_t *)context += challenge.length;
	*response = (struct imap_span){"x", 1};
	return IMAP_SASL_MORE;
}

/* With SASL-IR and without, where the server writes words behind its first '+'. */
static void who_speaks_first_hears_no_challenge_before(void **state)
{
	static const char *const greetings[] = {"* OK [CAPABILITY SASL-IR] hi\r\n", "* OK hi\r\n"};
	size_t heard = 0;
	const struct imap_sasl sasl = {"X", true, note_challenge, &heard};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct imap *imap = greeted(greetings[i]);

		imap_authenticate(imap, 1, &sasl);
		send_all(imap, 2);
		assert_int_equal(heard, 0);
		feed(imap, i == 0 ? "+ YWJj\r\n" : "+ go on\r\n", 3);
		assert_int_equal(next(imap), IMAP_WAIT);
		assert_int_equal(heard, i == 0 ? 3 : 0);
		heard = 0;
		imap_free(imap);
	}
}

static void tells_once_that_the_server_closed(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");

	(void)state;
	imap_logout(imap, 2);
	send_all(imap, 2);
	feed(imap, "A1 OK bye\r\nrubbish", 3);
	imap_feed(imap, "", 0, 3);
	assert_int_equal(next(imap), IMAP_DONE);
	assert_int_equal(next(imap), IMAP_CLOSED);
	assert_int_equal(next(imap), IMAP_WAIT);
	feed(imap, "rubbish", 4);
	imap_feed(imap, "", 0, 4);
	assert_int_equal(next(imap), IMAP_WAIT);
	assert_null(imap_failure(imap));
	imap_free(imap);
}

/* --- failures ------------------------------------------------------------------------------- */

static enum imap_sasl_result never(void *context, struct imap_span challenge,
				   struct imap_span *response)
{
	(void)context;
	(void)challenge;
	(void)response;
	fail_msg("a failed session asked the mechanism");
	return IMAP_SASL_FAILED;
}

static void does_nothing_more_once_it_failed(void **state)
{
	const struct imap_sasl sasl = {.mechanism = "PLAIN", .client_first = true, .step = never};
	struct imap *imap = greeted("* OK hi\r\n");

	(void)state;
	imap_command(imap, 2, "NOOP");
	assert_output(imap, "A1 NOOP\r\n");
	feed(imap, "* BYE tired\r\n* 5 EXISTS\r\n", 3);
	assert_failure(imap, "tired");
	assert_output(imap, "");
	imap_command(imap, 4, "NOOP");
	imap_login(imap, 4, "a", (struct imap_span){"b", 1});
	imap_authenticate(imap, 4, &sasl);
	imap_starttls(imap, 4);
	imap_secured(imap);
	imap_idle(imap, 4);
	imap_idle_done(imap, 4);
	imap_logout(imap, 4);
	imap_sent(imap, 0, 4);
	imap_feed(imap, "", 0, 5);
	assert_output(imap, "");
	assert_failure(imap, "tired");
	imap_free(imap);
}

static void keeps_the_code_of_a_bye(void **state)
{
	struct imap *imap = imap_new(&imap_default_limits);

	(void)state;
	feed(imap, "* BYE [unavailable] no\r\n", 1);
	assert_int_equal(next(imap), IMAP_FAILED);
	assert_int_equal(imap_failure(imap)->fault, IMAP_FAULT_UNAVAILABLE);
	assert_string_equal(imap_failure(imap)->code, "UNAVAILABLE");
	imap_free(imap);
}

static void keeps_no_code_that_is_not_known(void **state)
{
	static const char *const codes[] = {"ACODETHATISMUCHLONGERTHANTHEROOMFORIT", "UNAVAILABL",
					    "UNAVAILABLES", "hunter2"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct imap *imap = imap_new(&imap_default_limits);
		char line[100];

		snprintf(line, sizeof(line), "* BYE [%s] no\r\n", codes[i]);
		feed(imap, line, 1);
		assert_int_equal(next(imap), IMAP_FAILED);
		assert_string_equal(imap_failure(imap)->code, "");
		assert_string_equal(imap_failure(imap)->text,
				    "the server said BYE as its greeting: no");
		imap_free(imap);
	}
}

static void bears_a_text_longer_than_its_sentence(void **state)
{
	char text[2000];
	struct imap *imap = imap_new(&imap_default_limits);

	(void)state;
	snprintf(text, sizeof(text), "* BYE %01900d\r\n", 0);
	feed(imap, text, 1);
	assert_failure(imap, "the server said BYE as its greeting: 000");
	assert_string_equal(imap_failure(imap)->text + sizeof(imap_failure(imap)->text) - 6,
			    "00...");
	imap_free(imap);
}

static void frees_nothing(void **state)
{
	(void)state;
	imap_free(NULL);
}

/* --- the trace ------------------------------------------------------------------------------ */

struct lines {
	char text[4096];
	imap_time last;
};

static void note(void *context, bool sent, struct imap_span line, imap_time now)
{
	struct lines *lines = context;
	size_t used = strlen(lines->text);

	snprintf(lines->text + used, sizeof(lines->text) - used, "%c %.*s\n", sent ? 'C' : 'S',
		 (int)line.length, line.at);
	lines->last = now;
}

static enum imap_sasl_result answer(void *context, struct imap_span challenge,
				    struct imap_span *response)
{
	(void)context;
	(void)challenge;
	*response = (struct imap_span){"\0alice\0secret", 13};
	return IMAP_SASL_DONE;
}

static void shows_no_secret_of_login(void **state)
{
	struct imap *imap = greeted("* OK [CAPABILITY LITERAL+] hi\r\n");
	struct lines lines = {.last = 0};

	(void)state;
	imap_trace(imap, note, &lines);
	imap_login(imap, 2, "al\"ice", (struct imap_span){"secret", 6});
	send_all(imap, 2);
	feed(imap, "A1 NO no\r\n", 3);
	assert_int_equal(next(imap), IMAP_DONE);
	imap_login(imap, 4, "\xc3\xa4", (struct imap_span){"s\r\n", 3});
	assert_string_equal(lines.text, "C A1 LOGIN \"al\\\"ice\" ***\n"
					"S A1 NO no\n"
					"C A2 LOGIN {2+}\n"
					"C (2 octets) {***+}\n"
					"C ***\n");
	imap_free(imap);
}

static void shows_each_part_of_a_command_when_it_may_go(void **state)
{
	struct imap *imap = greeted("* OK hi\r\n");
	struct lines lines = {.last = 0};

	(void)state;
	imap_trace(imap, note, &lines);
	imap_login(imap, 2, "\xc3\xa4", (struct imap_span){"\xc3\xa4", 2});
	assert_string_equal(lines.text, "C A1 LOGIN {2}\n");
	send_all(imap, 2);
	feed(imap, "+ go\r\n", 7);
	assert_int_equal(next(imap), IMAP_WAIT);
	assert_string_equal(lines.text, "C A1 LOGIN {2}\nS + go\nC (2 octets) {***}\n");
	assert_int_equal(lines.last, 7);
	imap_free(imap);
}

static void shows_no_secret_of_authenticate(void **state)
{
	const struct imap_sasl sasl = {.mechanism = "PLAIN", .client_first = true, .step = answer};
	struct imap *imap = greeted("* OK hi\r\n");
	struct lines lines = {.last = 0};

	(void)state;
	imap_trace(imap, note, &lines);
	imap_authenticate(imap, 2, &sasl);
	send_all(imap, 2);
	feed(imap, "+\r\n", 3);
	assert_int_equal(next(imap), IMAP_WAIT);
	assert_output(imap, "AGFsaWNlAHNlY3JldA==\r\n");
	send_all(imap, 3);
	feed(imap, "A1 NO no\r\n* OK [CAPABILITY SASL-IR] x\r\n", 4);
	assert_int_equal(next(imap), IMAP_DONE);
	assert_int_equal(next(imap), IMAP_DATA);
	imap_authenticate(imap, 5, &sasl);
	assert_output(imap, "A2 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r\n");
	assert_string_equal(lines.text, "C A1 AUTHENTICATE PLAIN\n"
					"S +\n"
					"C ***\n"
					"S A1 NO no\n"
					"S * OK [CAPABILITY SASL-IR] x\n"
					"C A2 AUTHENTICATE PLAIN ***\n");
	imap_free(imap);
}

static void shows_how_long_literals_are(void **state)
{
	const struct imap_limits limits = {
		.line = 1000, .response = 10000, .literal = 4, .depth = 2};
	struct imap *imap = imap_new(&limits);
	struct lines lines = {.last = 0};
	struct imap_reply reply;

	(void)state;
	imap_trace(imap, note, &lines);
	feed(imap, "* OK hi\r\n* X {3}\r\nabc {5}\r\nhello ({0}\r\n)\r\n* 5 EX(", 3);
	while (imap_next(imap, &reply) != IMAP_WAIT)
		;
	feed(imap, "\n", 4);
	assert_int_equal(next(imap), IMAP_FAILED);
	assert_string_equal(lines.text, "S * OK hi\n"
					"S * X {3}\n"
					"S (3 octets) {5}\n"
					"S (5 octets) ({0}\n"
					"S (0 octets))\n"
					"S * 5 EX(\n");
	assert_int_equal(lines.last, 4);
	imap_free(imap);
}

static void shows_the_beginning_of_long_lines(void **state)
{
	char text[1000];
	struct imap *imap = imap_new(&imap_default_limits);
	struct lines lines = {.last = 0};

	(void)state;
	imap_trace(imap, note, &lines);
	snprintf(text, sizeof(text), "* OK %0600d\r\n", 0);
	feed(imap, text, 1);
	assert_int_equal(next(imap), IMAP_GREETING);
	assert_int_equal(strlen(lines.text), strlen("S \n") + 400);
	imap_free(imap);
}

static void shows_the_beginning_of_long_commands(void **state)
{
	char text[1000];
	struct imap *imap = greeted("* OK hi\r\n");
	struct lines lines = {.last = 0};

	(void)state;
	imap_trace(imap, note, &lines);
	snprintf(text, sizeof(text), "%0600d", 0);
	imap_command(imap, 2, "X %a", text);
	assert_int_equal(strlen(lines.text), strlen("C \n") + 400);
	imap_free(imap);
}

/* --- names ---------------------------------------------------------------------------------- */

static void every_event_and_status_has_a_name(void **state)
{
	(void)state;
	for (int event = IMAP_WAIT; event <= IMAP_FAILED; event++)
		assert_non_null(imap_event_name((enum imap_event)event));
	for (int status = IMAP_NONE; status <= IMAP_PREAUTH; status++)
		assert_non_null(imap_status_name((enum imap_status)status));
	assert_string_equal(imap_event_name(IMAP_FAILED), "failed");
	assert_string_equal(imap_status_name(IMAP_PREAUTH), "PREAUTH");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_when_a_command_lived),
		cmocka_unit_test(counts_from_the_last_octet_of_a_literal),
		cmocka_unit_test(sending_nothing_changes_no_time),
		cmocka_unit_test(tells_the_times_of_starttls),
		cmocka_unit_test(rejects_an_answer_that_was_there_before_the_command),
		cmocka_unit_test(rejects_an_answer_that_began_before_the_command),
		cmocka_unit_test(rejects_an_answer_to_half_a_command),
		cmocka_unit_test(rejects_an_answer_to_half_a_done),
		cmocka_unit_test(rejects_bytes_that_wait_when_tls_comes_up),
		cmocka_unit_test(tells_all_that_came_before_the_close),
		cmocka_unit_test(a_reply_holds_nothing_of_the_one_before),
		cmocka_unit_test(who_speaks_first_hears_no_challenge_before),
		cmocka_unit_test(tells_once_that_the_server_closed),
		cmocka_unit_test(does_nothing_more_once_it_failed),
		cmocka_unit_test(keeps_the_code_of_a_bye),
		cmocka_unit_test(keeps_no_code_that_is_not_known),
		cmocka_unit_test(bears_a_text_longer_than_its_sentence),
		cmocka_unit_test(frees_nothing),
		cmocka_unit_test(shows_no_secret_of_login),
		cmocka_unit_test(shows_each_part_of_a_command_when_it_may_go),
		cmocka_unit_test(shows_no_secret_of_authenticate),
		cmocka_unit_test(shows_how_long_literals_are),
		cmocka_unit_test(shows_the_beginning_of_long_lines),
		cmocka_unit_test(shows_the_beginning_of_long_commands),
		cmocka_unit_test(every_event_and_status_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
