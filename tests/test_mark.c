/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mark.c - the header field by which a message is known to be ours: written, read back however
   a server folded it, and never read out of anything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mark.h"
#include "text.h"

#define ID  "0123456789abcdef0123456789abcdef"
#define RUN "fedcba9876543210"
#define ANY "id=" ID "; time=1795660800; run=" RUN ";"

static const char forged[] = "id=" ID "; time=1; run=" RUN;

static struct config config;
static char written[4096];

static int alice(void **state)
{
	(void)state;
	memset(&config, 0, sizeof config);
	strcpy(config.host.name, "imap.example.org");
	config.user = "alice";
	return 0;
}

static struct mark made(enum mark_kind kind, const char *mailbox)
{
	struct mark mark;

	assert_true(mark_make(&mark, kind, &config, mailbox, 1795660800));
	return mark;
}

static const char *field(const struct mark *mark, const char *mailbox)
{
	FILE *to = fmemopen(written, sizeof written, "w");

	assert_non_null(to);
	mark_write(mark, to, MARK_SYNC, &config, mailbox);
	fclose(to);
	return written;
}

/* A copy of just its size, so that a sanitizer sees who reads beyond. */
static bool reads(const char *header, size_t length, struct mark *mark)
{
	char *copy = malloc(length ? length : 1);
	bool is_mark;

	assert_non_null(copy);
	memcpy(copy, header, length);
	is_mark = mark_read((struct imap_span){copy, length}, mark);
	free(copy);
	return is_mark;
}

static void assert_mark(const char *header)
{
	struct mark mark;

	if (!reads(header, strlen(header), &mark))
		fail_msg("not read: %s", header);
	assert_string_equal(mark.id, ID);
	assert_string_equal(mark.run, RUN);
	assert_int_equal(mark.time, 1795660800);
}

static void assert_no_mark(const char *header)
{
	struct mark mark;

	if (reads(header, strlen(header), &mark))
		fail_msg("read: %s", header);
}

/* --- making ----------------------------------------------------------------------------------- */

static void the_id_is_of_kind_host_user_and_mailbox(void **state)
{
	struct mark first = made(MARK_SYNC, "Test");

	(void)state;
	assert_int_equal(strlen(first.id), 32);
	assert_string_equal(made(MARK_SYNC, "Test").id, first.id);
	assert_string_not_equal(made(MARK_APPEND, "Test").id, first.id);
	assert_string_not_equal(made(MARK_SYNC, "Tess").id, first.id);
	config.user = "bob";
	assert_string_not_equal(made(MARK_SYNC, "Test").id, first.id);
	config.user = "alice";
	strcpy(config.host.name, "imap2.example.org");
	assert_string_not_equal(made(MARK_SYNC, "Test").id, first.id);
}

static void what_moves_from_one_name_to_the_next_makes_another_id(void **state)
{
	struct mark first;

	(void)state;
	config.user = "ab";
	first = made(MARK_SYNC, "c");
	config.user = "a";
	assert_string_not_equal(made(MARK_SYNC, "bc").id, first.id);
}

static void who_acts_as_another_user_is_that_user(void **state)
{
	struct mark bob;

	(void)state;
	config.user = "bob";
	bob = made(MARK_SYNC, "Test");
	config.user = "admin";
	config.authzid = "bob";
	assert_string_equal(made(MARK_SYNC, "Test").id, bob.id);
}

static void without_a_user_there_is_an_id_all_the_same(void **state)
{
	(void)state;
	config.user = NULL;
	assert_int_equal(strlen(made(MARK_SYNC, "Test").id), 32);
}

static void each_run_has_its_own_number(void **state)
{
	struct mark first = made(MARK_SYNC, "Test");

	(void)state;
	assert_int_equal(strlen(first.run), 16);
	assert_string_not_equal(made(MARK_SYNC, "Test").run, first.run);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void the_field_is_folded_and_read_back(void **state)
{
	struct mark mark = made(MARK_SYNC, "Test"), back;

	(void)state;
	field(&mark, "Test");
	assert_memory_equal(written, "X-Check-Imap-Full: id=", 22);
	assert_non_null(strstr(written, "; time=1795660800;\r\n run="));
	assert_non_null(strstr(written, "; check=sync;\r\n host=imap.example.org;\r\n user=alice;"
					"\r\n mailbox=Test\r\n"));
	assert_true(reads(written, strlen(written), &back));
	assert_string_equal(back.id, mark.id);
	assert_string_equal(back.run, mark.run);
	assert_int_equal(back.time, mark.time);
}

/* Each line of the field but the first begins with a blank, none is beyond 998 octets, and the
   names of people add nothing to what is read. */
static void assert_one_field(void)
{
	struct mark back;

	for (const char *line = written; *line; line += strcspn(line, "\n") + 1) {
		size_t length = strcspn(line, "\r\n");

		assert_memory_equal(line + length, "\r\n", 2);
		assert_true(length < 998 && (line == written || *line == ' '));
		for (size_t i = 0; i < length; i++)
			assert_true(line[i] >= ' ' && line[i] < 0x7f);
	}
	assert_true(reads(written, strlen(written), &back));
	assert_int_equal(back.time, 1795660800);
	assert_null(strstr(strstr(written, " user=") + 6, "id="));
}

static void names_cannot_break_out(void **state)
{
	static const char *const names[] = {"a\r\nBcc: eve@example.org\r\n\r\nx",
					    "\r\n\r\n",
					    forged,
					    "\xc3\xa4\xff\x01\x7f",
					    "a;b=c\"(\\<>",
					    "%0D%0A",
					    ""};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct mark mark = made(MARK_SYNC, names[i]);

		config.user = names[i];
		field(&mark, names[i]);
		assert_one_field();
		assert_null(strstr(written, "\nBcc"));
	}
}

static void long_names_are_cut(void **state)
{
	static char name[3000];
	struct mark mark = made(MARK_SYNC, "Test");

	(void)state;
	memset(name, '\xe4', sizeof name - 1);
	config.user = name;
	field(&mark, name);
	assert_one_field();
	assert_true(strlen(written) < 1000);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void it_may_stand_anywhere_in_the_header(void **state)
{
	(void)state;
	assert_mark("X-Check-Imap-Full: " ANY);
	assert_mark("X-Check-Imap-Full: " ANY "\r\n\r\n");
	assert_mark("Subject: x\r\nX-Check-Imap-Full: " ANY "\r\nTo: a@b\r\n\r\n");
	assert_mark("Subject: x\nX-Check-Imap-Full: " ANY "\nTo: a@b\n\n");
}

static void it_may_be_folded_elsewhere_and_in_capitals(void **state)
{
	(void)state;
	assert_mark("X-CHECK-IMAP-FULL: " ANY "\r\n");
	assert_mark("x-check-imap-full:" ANY "\r\n");
	assert_mark("X-Check-Imap-Full:\r\n id=" ID ";\r\n\ttime=1795660800;\r\n  run=" RUN
		    ";\r\n check=sync\r\n");
	assert_mark("X-Check-Imap-Full:\n\tid=" ID ";\n time=1795660800;\n run=" RUN "\n");
	assert_mark("X-Check-Imap-Full: run=" RUN "; time=1795660800; id=" ID "\r\n");
}

static void what_ends_too_soon_is_none(void **state)
{
	static const char whole[] = "X-Check-Imap-Full: " ANY;
	struct mark mark;

	(void)state;
	for (size_t length = 0; length < sizeof whole - 2; length++)
		assert_false(reads(whole, length, &mark));
	assert_true(reads(whole, sizeof whole - 2, &mark));
}

static void a_broken_one_is_none(void **state)
{
	static const char *const broken[] = {
		"",
		"nonsense",
		"time=1795660800; run=" RUN,
		"id=" ID "; run=" RUN,
		"id=" ID "; time=1795660800",
		"id=" ID "0; time=1795660800; run=" RUN,
		"id=" ID "; time=1795660800; run=" RUN "0",
		"id=0" ID "; time=1795660800; run=" RUN,
		"id=x" ID "; time=1795660800; run=" RUN,
		"id=" ID "x; time=1795660800; run=" RUN,
		"id=0123456789ABCDEF0123456789ABCDEF; time=1795660800; run=" RUN,
		"id=" ID "; time=; run=" RUN,
		"id=" ID "; time=-1; run=" RUN,
		"id=" ID "; time=1795660800x; run=" RUN,
		"id=" ID "; time=1795660800 run=" RUN,
		"id=" ID "; time=1795660800179566; run=" RUN,
		"id= " ID "; time=1; run=" RUN,
		"id=\"" ID "\"; time=1; run=" RUN,
		"time=1; run=" RUN ";\r\nid=" ID ";",
	};

	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		char header[400];

		snprintf(header, sizeof header, "X-Check-Imap-Full: %s\r\n\r\n", broken[i]);
		assert_no_mark(header);
	}
}

static void other_fields_are_none(void **state)
{
	(void)state;
	assert_no_mark("Subject: X-Check-Imap-Full: " ANY "\r\n\r\n");
	assert_no_mark("Subject: x\r\n X-Check-Imap-Full: " ANY "\r\n\r\n");
	assert_no_mark("Subject: x\rX-Check-Imap-Full: " ANY "\r\n\r\n");
	assert_no_mark("X-Check-Imap-Full-Id: " ANY "\r\n\r\n");
	assert_no_mark("Y-X-Check-Imap-Full: " ANY "\r\n\r\n");
	assert_no_mark("X-Check-Imap-Full " ANY "\r\n\r\n");
	assert_no_mark("X-Check-Imap-Ful: " ANY "\r\n\r\n");
}

static void names_that_end_alike_are_others(void **state)
{
	(void)state;
	assert_no_mark("X-Check-Imap-Full: uid=" ID "; time=1795660800; run=" RUN "\r\n");
	assert_no_mark("X-Check-Imap-Full: id=" ID "; sometime=1795660800; run=" RUN "\r\n");
	assert_no_mark("X-Check-Imap-Full: id=" ID "; time=1795660800; prerun=" RUN "\r\n");
	assert_mark("X-Check-Imap-Full: uid=1; " ANY "\r\n");
}

/* A message that quotes one of ours, or forwards it: only its own header speaks. */
static void what_stands_in_the_body_is_none(void **state)
{
	(void)state;
	assert_no_mark("Subject: x\r\n\r\nX-Check-Imap-Full: " ANY "\r\n");
	assert_no_mark("Subject: x\n\nX-Check-Imap-Full: " ANY "\n");
	assert_no_mark("\r\nX-Check-Imap-Full: " ANY "\r\n");
}

static void of_two_the_first_counts(void **state)
{
	(void)state;
	assert_mark("X-Check-Imap-Full: " ANY "\r\nX-Check-Imap-Full: nonsense\r\n\r\n");
	assert_no_mark("X-Check-Imap-Full: nonsense\r\nX-Check-Imap-Full: " ANY "\r\n\r\n");
}

static void what_stands_too_far_behind_is_not_looked_at(void **state)
{
	char header[700];

	(void)state;
	snprintf(header, sizeof header, "X-Check-Imap-Full: x=%0150d; %s\r\n", 0, ANY);
	assert_mark(header);
	for (int padding = 150; padding < 400; padding++) {
		snprintf(header, sizeof header,
			 "X-Check-Imap-Full: id=%s; time=1; x=%0*d; run=%s0\r\n", ID, padding, 0,
			 RUN);
		assert_no_mark(header);
	}
}

#define TEST(name_) cmocka_unit_test_setup(name_, alice)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_id_is_of_kind_host_user_and_mailbox),
		TEST(what_moves_from_one_name_to_the_next_makes_another_id),
		TEST(who_acts_as_another_user_is_that_user),
		TEST(without_a_user_there_is_an_id_all_the_same),
		TEST(each_run_has_its_own_number),
		TEST(the_field_is_folded_and_read_back),
		TEST(names_cannot_break_out),
		TEST(long_names_are_cut),
		TEST(it_may_stand_anywhere_in_the_header),
		TEST(it_may_be_folded_elsewhere_and_in_capitals),
		TEST(what_ends_too_soon_is_none),
		TEST(a_broken_one_is_none),
		TEST(other_fields_are_none),
		TEST(names_that_end_alike_are_others),
		TEST(what_stands_in_the_body_is_none),
		TEST(of_two_the_first_counts),
		TEST(what_stands_too_far_behind_is_not_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
