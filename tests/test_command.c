/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_command.c - how commands are written (imap_command and its format). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imapcheck.h"

static enum imap_event feed(struct imap *imap, const char *text)
{
	struct imap_reply reply;

	imap_feed(imap, text, strlen(text), 1);
	return imap_next(imap, &reply);
}

static int greet(void **state, const char *greeting)
{
	struct imap *imap = imap_new(&imap_default_limits);

	*state = imap;
	return feed(imap, greeting) == IMAP_GREETING ? 0 : -1;
}

static int set_up(void **state)
{
	return greet(state, "* OK ready\r\n");
}

static int set_up_literal_minus(void **state)
{
	return greet(state, "* OK [CAPABILITY LITERAL-] ready\r\n");
}

static int tear_down(void **state)
{
	imap_free(*state);
	return 0;
}

static void assert_sent(struct imap *imap, const char *expected)
{
	struct imap_span output = imap_output(imap);

	if (output.length != strlen(expected) || memcmp(output.at, expected, output.length) != 0)
		fail_msg("%.*s", (int)output.length, output.at);
	imap_sent(imap, output.length, 1);
	assert_int_equal(imap_output(imap).length, 0);
}

static void assert_refused(struct imap *imap, const char *words)
{
	assert_int_equal(imap_output(imap).length, 0);
	assert_non_null(imap_failure(imap));
	assert_int_equal(imap_failure(imap)->fault, IMAP_FAULT_PROTOCOL);
	assert_non_null(strstr(imap_failure(imap)->text, words));
}

static void numbers_and_percent_signs(void **state)
{
	imap_command(*state, 1, "X %u %u %%s", (uint64_t)0, UINT64_MAX);
	assert_sent(*state, "A1 X 0 18446744073709551615 %s\r\n");
}

static void atoms_are_sent_as_they_are(void **state)
{
	imap_command(*state, 1, "%a%a", "FETCH 1 (", "\\Seen \"x\")");
	assert_sent(*state, "A1 FETCH 1 (\\Seen \"x\")\r\n");
}

static void strings_are_quoted(void **state)
{
	imap_command(*state, 1, "X %s %s %s", "", "a b", "\"\\\t{3}");
	assert_sent(*state, "A1 X \"\" \"a b\" \"\\\"\\\\\t{3}\"\r\n");
}

static void strings_that_cannot_be_quoted_are_literals(void **state)
{
	imap_command(*state, 1, "X %s %s end", "a\r\nb", "\x80");
	assert_sent(*state, "A1 X {4}\r\n");
	assert_int_equal(feed(*state, "+ go\r\n"), IMAP_WAIT);
	assert_sent(*state, "a\r\nb {1}\r\n");
	assert_int_equal(feed(*state, "+ go\r\n"), IMAP_WAIT);
	assert_sent(*state, "\x80 end\r\n");
	assert_int_equal(feed(*state, "A1 OK done\r\n"), IMAP_DONE);
}

static void literals_hold_anything(void **state)
{
	const struct imap_span octets = {"\0\r\n\xff", 4};
	const struct imap_span none = {"", 0};

	imap_command(*state, 1, "X %b (%b)", &octets, &none);
	assert_sent(*state, "A1 X {4}\r\n");
	assert_int_equal(feed(*state, "+\r\n"), IMAP_WAIT);
	struct imap_span output = imap_output(*state);
	assert_int_equal(output.length, 11);
	assert_memory_equal(output.at, "\0\r\n\xff ({0}\r\n", 11);
	imap_sent(*state, 11, 1);
	assert_int_equal(feed(*state, "+\r\n"), IMAP_WAIT);
	assert_sent(*state, ")\r\n");
}

static void mailboxes_go_in_modified_utf7(void **state)
{
	imap_command(*state, 1, "SELECT %m", "Entw\xc3\xbcrfe & \"mehr\"");
	assert_sent(*state, "A1 SELECT \"Entw&APw-rfe &- \\\"mehr\\\"\"\r\n");
}

static void line_breaks_in_mailboxes_are_encoded(void **state)
{
	imap_command(*state, 1, "SELECT %m", "a\r\nA2 DELETE x");
	assert_sent(*state, "A1 SELECT \"a&AA0ACg-A2 DELETE x\"\r\n");
}

static void small_literals_do_not_wait_with_literal_minus(void **state)
{
	char large[4200];
	struct imap_span octets = {large, 4096};

	memset(large, 'x', sizeof(large));
	imap_command(*state, 1, "X %b", &octets);
	assert_int_equal(imap_output(*state).length, strlen("A1 X {4096+}\r\n") + 4096 + 2);
	imap_sent(*state, imap_output(*state).length, 1);
	assert_int_equal(feed(*state, "A1 OK done\r\n"), IMAP_DONE);
	octets.length = 4097;
	imap_command(*state, 1, "X %b", &octets);
	assert_sent(*state, "A2 X {4097}\r\n");
}

static void long_strings_are_literals(void **state)
{
	char large[4098];

	memset(large, 'x', sizeof(large));
	large[4097] = '\0';
	imap_command(*state, 1, "X %s", large);
	assert_sent(*state, "A1 X {4097}\r\n");
}

static void line_breaks_are_refused(void **state)
{
	imap_command(*state, 1, "SEARCH %a", "ALL\r\nA2 DELETE INBOX");
	assert_refused(*state, "a line break stands in it");
}

static void line_feeds_are_refused(void **state)
{
	imap_command(*state, 1, "SEARCH %a", "ALL\nA2 DELETE INBOX");
	assert_refused(*state, "a line break stands in it");
}

static void mailboxes_that_are_not_utf8_are_refused(void **state)
{
	imap_command(*state, 1, "SELECT %m %a %m", "\xff", "\r", "\xfe");
	assert_refused(*state, "its mailbox name is not UTF-8");
}

static void more_than_sixteen_literals_are_refused(void **state)
{
	imap_command(*state, 1, "X %s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s%s", "\n", "\n", "\n", "\n",
		     "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n", "\n");
	assert_refused(*state, "it is too long");
}

static void endless_commands_are_refused(void **state)
{
	static char large[1024 * 1024 + 1];
	const struct imap_span octets = {large, sizeof(large)};

	imap_command(*state, 1, "X %b", &octets);
	assert_refused(*state, "it is too long");
}

static void sentences_name_the_command(void **state)
{
	imap_command(*state, 1, "UID");
	imap_sent(*state, imap_output(*state).length, 1);
	assert_int_equal(feed(*state, "A1 BAD\r\n"), IMAP_DONE);
	imap_command(*state, 1, "UID COPY 1 x");
	imap_sent(*state, imap_output(*state).length, 1);
	assert_int_equal(feed(*state, "rubbish\r\n"), IMAP_FAILED);
	assert_non_null(strstr(imap_failure(*state)->text, "in answer to UID COPY: \"rubbish\""));
}

static void tags_count_the_commands(void **state)
{
	char tag[40];

	for (int i = 1; i <= 12; i++) {
		imap_command(*state, 1, "NOOP");
		snprintf(tag, sizeof(tag), "A%d NOOP\r\n", i);
		assert_sent(*state, tag);
		snprintf(tag, sizeof(tag), "A%d OK\r\n", i);
		assert_int_equal(feed(*state, tag), IMAP_DONE);
	}
}

static void leaves_octet_by_octet(void **state)
{
	const char *expected = "A1 LOGIN \"a\" \"b\"\r\n";

	imap_login(*state, 1, "a", (struct imap_span){"b", 1});
	for (size_t i = 0; i < strlen(expected); i++) {
		assert_int_equal(imap_output(*state).length, strlen(expected) - i);
		assert_int_equal(imap_output(*state).at[0], expected[i]);
		imap_sent(*state, 1, 1);
	}
	assert_int_equal(feed(*state, "A1 OK\r\n"), IMAP_DONE);
}

/* The '+' in between is not told, and leaves nothing in what is told next. */
static void an_item_holds_no_word_of_the_response_before(void **state)
{
	static const struct imap_span letter = {"hello", 5};
	struct imap *imap = *state;
	struct imap_reply reply;

	imap_command(imap, 1, "APPEND INBOX %b", &letter);
	assert_sent(imap, "A1 APPEND INBOX {5}\r\n");
	imap_feed(imap, "+ go on\r\n* SORT 3\r\n", 20, 1);
	assert_int_equal(imap_next(imap, &reply), IMAP_ITEM);
	assert_int_equal(reply.item, 3);
	assert_int_equal(reply.text.length, 0);
	assert_int_equal(reply.status, IMAP_NONE);
}

#define command_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		command_test(numbers_and_percent_signs),
		command_test(atoms_are_sent_as_they_are),
		command_test(strings_are_quoted),
		command_test(strings_that_cannot_be_quoted_are_literals),
		command_test(literals_hold_anything),
		command_test(mailboxes_go_in_modified_utf7),
		command_test(line_breaks_in_mailboxes_are_encoded),
		command_test(an_item_holds_no_word_of_the_response_before),
		cmocka_unit_test_setup_teardown(small_literals_do_not_wait_with_literal_minus,
						set_up_literal_minus, tear_down),
		command_test(long_strings_are_literals),
		command_test(line_breaks_are_refused),
		command_test(line_feeds_are_refused),
		command_test(mailboxes_that_are_not_utf8_are_refused),
		command_test(more_than_sixteen_literals_are_refused),
		command_test(endless_commands_are_refused),
		command_test(sentences_name_the_command),
		command_test(tags_count_the_commands),
		command_test(leaves_octet_by_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
