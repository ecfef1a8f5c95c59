/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_letter.c - the messages of --append and --sync: what stands in them, by default and where it
   is said. What a reader of mail makes of them: letter.test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "letter.h"
#include "text.h"

enum { NOW = 1795660800, LINE_LIMIT = 998 };

static const struct mark mark = {
	.id = "0123456789abcdef0123456789abcdef",
	.run = "fedcba9876543210",
	.time = NOW,
};

static struct config config;
static char *letter;

static int alice(void **state)
{
	(void)state;
	memset(&config, 0, sizeof config);
	strcpy(config.host.name, "imap.example.org");
	config.user = "alice";
	return 0;
}

static int clean(void **state)
{
	(void)state;
	free(letter);
	letter = NULL;
	return 0;
}

static const char *write_kind(enum mark_kind kind)
{
	struct mark back;
	size_t length;

	free(letter);
	letter = letter_write(&config, kind, &mark, "Test", &length);
	assert_non_null(letter);
	assert_int_equal(strlen(letter), length);
	assert_true(mark_read(text_span(letter), &back));
	assert_string_equal(back.id, mark.id);
	assert_string_equal(back.run, mark.run);
	assert_int_equal(back.time, mark.time);
	return letter;
}

static const char *appended(void)
{
	return write_kind(MARK_APPEND);
}

/* Of all fields of that name, unfolded, a line each; NULL if there is none. */
static const char *field(const char *name)
{
	static char value[8000];
	const char *end = strstr(letter, "\r\n\r\n");
	char *to = value;

	for (const char *at = letter; at < end; at = strstr(at, "\r\n") + 2) {
		if (strncmp(at, name, strlen(name)) != 0 || at[strlen(name)] != ':')
			continue;
		to = to == value ? to : stpcpy(to, "\n");
		for (at += strlen(name) + 2; strncmp(at, "\r\n", 2) != 0 || at[2] == ' '; at++)
			if (!strchr("\r\n", *at))
				*to++ = *at;
	}
	*to = '\0';
	return to == value ? NULL : value;
}

static const char *body(void)
{
	return strstr(letter, "\r\n\r\n") + 4;
}

static void add(struct config_addresses *list, const char *address)
{
	list->items[list->count++] = address;
}

/* --- defaults --------------------------------------------------------------------------------- */

static void each_field_that_has_to_be_there_is_there_once(void **state)
{
	static const char *const names[] = {
		"Date",		"From",		"To",
		"Subject",	"Message-ID",	"X-Check-Imap-Full",
		"MIME-Version", "Content-Type", "Content-Transfer-Encoding"};

	(void)state;
	for (int kind = MARK_APPEND; kind <= MARK_SYNC; kind++) {
		write_kind((enum mark_kind)kind);
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			const char *value = field(names[i]);

			if (!value || strchr(value, '\n'))
				fail_msg("%s: %s", names[i], value ? value : "none");
		}
		assert_string_equal(field("MIME-Version"), "1.0");
		assert_string_equal(field("Content-Type"), "text/plain; charset=utf-8");
		assert_string_equal(field("Content-Transfer-Encoding"), "7bit");
		assert_null(field("Cc"));
		assert_null(field("Bcc"));
	}
}

static void the_date_is_the_marks_in_english(void **state)
{
	(void)state;
	appended();
	assert_string_equal(field("Date"), "Thu, 26 Nov 2026 02:40:00 +0000");
}

static void the_message_id_is_of_this_run(void **state)
{
	(void)state;
	appended();
	assert_string_equal(field("Message-ID"),
			    "<fedcba9876543210.check-imap-full@imap.example.org>");
}

static void the_user_at_the_servers_name_is_who_sends_it(void **state)
{
	(void)state;
	appended();
	assert_string_equal(field("From"), "alice@imap.example.org");
	assert_string_equal(field("To"), "alice@imap.example.org");
}

static void a_user_whose_name_is_an_address_has_one(void **state)
{
	(void)state;
	config.user = "alice@example.org";
	appended();
	assert_string_equal(field("From"), "alice@example.org");
	assert_non_null(strstr(field("Message-ID"), "@example.org>"));
}

static void a_user_whose_name_cannot_be_an_address_sends_as_monitoring(void **state)
{
	static const char *const users[] = {"EXAMPLE\\alice", "a b", "alice@",
					    "z\xc3\xbc",      "",    "a\r\nBcc: eve@example.org",
					    "a..b",	      "<",   ">"};

	(void)state;
	for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
		config.user = users[i];
		appended();
		assert_string_equal(field("From"), "monitoring@imap.example.org");
	}
	config.user = NULL;
	appended();
	assert_string_equal(field("From"), "monitoring@imap.example.org");
}

static void at_an_address_literal_it_is_localhost(void **state)
{
	(void)state;
	strcpy(config.host.name, "192.0.2.1");
	config.host.is_address = true;
	appended();
	assert_string_equal(field("From"), "alice@localhost");
	config.user = NULL;
	appended();
	assert_string_equal(field("From"), "monitoring@localhost");
}

static void the_subject_and_the_body_say_what_it_is(void **state)
{
	(void)state;
	appended();
	assert_string_equal(field("Subject"), "check_imap_full: test of storing a message");
	assert_non_null(strstr(body(), "check_imap_full\r\n(option --append)"));
	write_kind(MARK_SYNC);
	assert_string_equal(field("Subject"), "check_imap_full: test of two sessions");
	assert_non_null(strstr(body(), "check_imap_full\r\n(option --sync)"));
}

/* --- where it is said ------------------------------------------------------------------------- */

static void say_everything(void)
{
	config.append.from = "\"Ops, Night\" <ops@example.org>";
	add(&config.append.to, "bob@example.org");
	add(&config.append.to, "Carol <carol@example.org>");
	add(&config.append.cc, "dave@example.org");
	add(&config.append.bcc, "erin@example.org");
	config.append.subject = "Backup";
	config.append.body = "one\ntwo";
}

static void what_is_said_stands_in_it(void **state)
{
	(void)state;
	say_everything();
	appended();
	assert_string_equal(field("From"), "\"Ops, Night\" <ops@example.org>");
	assert_string_equal(field("To"), "bob@example.org, Carol <carol@example.org>");
	assert_string_equal(field("Cc"), "dave@example.org");
	assert_string_equal(field("Bcc"), "erin@example.org");
	assert_string_equal(field("Subject"), "Backup");
	assert_string_equal(body(), "one\r\ntwo\r\n");
	assert_non_null(strstr(field("Message-ID"), "@example.org>"));
}

static void it_is_not_said_of_the_message_of_two_sessions(void **state)
{
	char *plain;

	(void)state;
	plain = strdup(write_kind(MARK_SYNC));
	say_everything();
	assert_string_equal(write_kind(MARK_SYNC), plain);
	free(plain);
}

static void who_gets_a_copy_only_is_no_reason_for_a_to(void **state)
{
	(void)state;
	add(&config.append.bcc, "erin@example.org");
	appended();
	assert_null(field("To"));
	assert_string_equal(field("Bcc"), "erin@example.org");
}

static void an_empty_body_is_one(void **state)
{
	(void)state;
	config.append.body = "";
	appended();
	assert_string_equal(body(), "");
}

/* Line ends are CRLF, all octets ASCII, lines of the header 76 columns wherever they can be folded
   and never beyond 998. */
static void assert_well_formed(void)
{
	const char *body_at = body();

	for (const char *line = letter; *line;) {
		size_t length = strcspn(line, "\r\n");
		bool is_word = strcspn(line + 1, " \r\n") + 1 >= length;

		assert_memory_equal(line + length, "\r\n", 2);
		assert_true(length <= LINE_LIMIT);
		if (length > 76 && line < body_at && !is_word &&
		    strncmp(line, "Message-ID", 10) != 0 && strncmp(line, "From: <", 7) != 0)
			fail_msg("%zu columns: %.*s", length, (int)length, line);
		for (size_t i = 0; i < length; i++)
			assert_true((unsigned char)line[i] < 0x80);
		line += length + 2;
	}
}

static void long_names_make_no_long_lines(void **state)
{
	static char from[600], to[600];

	(void)state;
	for (int length = 1; length < 255; length += 3) {
		snprintf(from, sizeof from, "%0*d <%0*d@example.org>", length, 0, length / 4 + 1,
			 0);
		memset(to, 'x', sizeof to);
		for (int i = 0; i < length; i += 2)
			strcpy(to + i, i % 3 ? "\xc3\xa4" : " .");
		snprintf(to + length / 2 * 2, sizeof to - 255, " <bob@example.org>");
		config.append.from = from;
		config.append.to.count = 0;
		add(&config.append.to, "a@example.org");
		add(&config.append.to, to);
		appended();
		assert_well_formed();
	}
}

static void fifty_addresses_stand_on_lines_of_their_own(void **state)
{
	const char *to, *last;

	(void)state;
	for (int i = 0; i < CONFIG_ADDRESSES; i++)
		add(&config.append.to, "Somebody Of A Longer Name <somebody@mail.example.org>");
	appended();
	assert_well_formed();
	to = field("To");
	last = to ? strrchr(to, ',') : NULL;
	assert_non_null(last);
	assert_string_equal(last, ", Somebody Of A Longer Name <somebody@mail.example.org>");
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, alice, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_field_that_has_to_be_there_is_there_once),
		TEST(the_date_is_the_marks_in_english),
		TEST(the_message_id_is_of_this_run),
		TEST(the_user_at_the_servers_name_is_who_sends_it),
		TEST(a_user_whose_name_is_an_address_has_one),
		TEST(a_user_whose_name_cannot_be_an_address_sends_as_monitoring),
		TEST(at_an_address_literal_it_is_localhost),
		TEST(the_subject_and_the_body_say_what_it_is),
		TEST(what_is_said_stands_in_it),
		TEST(it_is_not_said_of_the_message_of_two_sessions),
		TEST(who_gets_a_copy_only_is_no_reason_for_a_to),
		TEST(an_empty_body_is_one),
		TEST(long_names_make_no_long_lines),
		TEST(fifty_addresses_stand_on_lines_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
