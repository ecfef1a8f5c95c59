/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_reply.c - small help for readers of replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imapcheck.h"

static struct imap_span span(const char *text)
{
	return (struct imap_span){text, strlen(text)};
}

static struct imap_arg atom(const char *text)
{
	return (struct imap_arg){.type = IMAP_ATOM, .text = span(text)};
}

static void words_are_compared_whatever_their_case(void **state)
{
	(void)state;
	assert_true(imap_is(span("Exists"), "EXISTS"));
	assert_true(imap_is(span(""), ""));
	assert_false(imap_is(span("EXIST"), "EXISTS"));
	assert_false(imap_is(span("EXISTSS"), "EXISTS"));
	assert_false(imap_is(span("[XISTS"), "{xists"));
}

static void numbers_are_atoms_of_digits(void **state)
{
	struct imap_arg number = atom("18446744073709551615");
	struct imap_arg large = atom("18446744073709551616");
	struct imap_arg larger = atom("99999999999999999999");
	struct imap_arg none = atom("");
	struct imap_arg negative = atom("-1");
	struct imap_arg mixed = atom("1:2");
	struct imap_arg string = {.type = IMAP_STRING, .text = span("1")};
	uint64_t value = 7;

	(void)state;
	assert_true(imap_number(&number, &value));
	assert_true(value == UINT64_MAX);
	value = 7;
	assert_false(imap_number(&large, &value));
	assert_false(imap_number(&larger, &value));
	assert_false(imap_number(&none, &value));
	assert_false(imap_number(&negative, &value));
	assert_false(imap_number(&mixed, &value));
	assert_false(imap_number(&string, &value));
	assert_false(imap_number(NULL, &value));
	assert_int_equal(value, 7);
}

static void text_is_empty_where_there_is_none(void **state)
{
	const struct imap_arg nil = {.type = IMAP_NIL, .text = span("x")};
	const struct imap_arg list = {.type = IMAP_LIST, .text = span("x")};
	const struct imap_arg literal = {.type = IMAP_LITERAL, .text = span("x")};
	const struct imap_arg string = {.type = IMAP_STRING, .text = span("x")};

	(void)state;
	assert_int_equal(imap_text(NULL).length, 0);
	assert_int_equal(imap_text(&nil).length, 0);
	assert_int_equal(imap_text(&list).length, 0);
	assert_int_equal(imap_text(&literal).length, 1);
	assert_int_equal(imap_text(&string).length, 1);
}

static void items_are_found_in_pairs(void **state)
{
	struct imap_arg uid = atom("UID");
	struct imap_arg five = atom("FLAGS");
	struct imap_arg flags = atom("flags");
	struct imap_arg seen = {.type = IMAP_LIST};
	struct imap_arg odd = atom("SIZE");
	struct imap_arg list = {.type = IMAP_LIST, .first = &uid};

	(void)state;
	uid.next = &five;
	five.next = &flags;
	flags.next = &seen;
	seen.next = &odd;
	assert_ptr_equal(imap_item(&list, "UID"), &five);
	assert_ptr_equal(imap_item(&list, "FLAGS"), &seen);
	assert_null(imap_item(&list, "SIZE"));
	assert_null(imap_item(&uid, "UID"));
	assert_null(imap_item(NULL, "UID"));
	uid.type = IMAP_STRING;
	assert_null(imap_item(&list, "UID"));
}

static void first_bytes_tell_the_protocol(void **state)
{
	static const struct {
		const char *first;
		const char *kind;
	} known[] = {
		{"HTTP/1.0 400", "HTTP"},
		{"<!doctype html>", "HTTP"},
		{"<html>", "HTTP"},
		{"SSH-2.0-x", "SSH"},
		{"220 x ESMTP", "SMTP"},
		{"220-x", "SMTP"},
		{"421 x", "SMTP"},
		{"554-x", "SMTP"},
		{"220 vsFTPd", "FTP"},
		{"220 (vsftpd 3.0)", "FTP"},
		{"+OK", "POP3"},
		{"-ERR", "POP3"},
		{"* OK ready", "IMAP"},
		{"* preauth x", "IMAP"},
		{"* BYE", "IMAP"},
		{"\x15\x03\x01", "TLS"},
		{"\x16\x03", "TLS"},
		{"\x15\x04", "binary data"},
		{"\x16", "binary data"},
		{"ab\x7f", "binary data"},
		{"a\tb\r\n", NULL},
		{"200 NNTP", NULL},
		{"HTT", NULL},
		{"* NO", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const char *kind = imap_looks_like(span(known[i].first));
		if (known[i].kind)
			assert_string_equal(kind, known[i].kind);
		else
			assert_null(kind);
	}
	assert_string_equal(imap_looks_like((struct imap_span){"a\0", 2}), "binary data");
	assert_string_equal(imap_looks_like((struct imap_span){"\x18\x03", 2}), "binary data");
	assert_string_equal(imap_looks_like((struct imap_span){"\x13\x03", 2}), "binary data");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_compared_whatever_their_case),
		cmocka_unit_test(numbers_are_atoms_of_digits),
		cmocka_unit_test(text_is_empty_where_there_is_none),
		cmocka_unit_test(items_are_found_in_pairs),
		cmocka_unit_test(first_bytes_tell_the_protocol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
