/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_utf7.c - mailbox names between UTF-8 and modified UTF-7 (RFC 3501 section 5.1.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "imapcheck.h"

static const struct {
	const char *utf8;
	const char *utf7;
} pairs[] = {
	{"", ""},
	{"INBOX", "INBOX"},
	{"Tom & Jerry", "Tom &- Jerry"},
	{"&", "&-"},
	{"&&", "&-&-"},
	{"\xc3\xbc", "&APw-"},
	{"Entw\xc3\xbcrfe", "Entw&APw-rfe"},
	{"&\xc3\xbc&", "&-&APw-&-"},
	{"~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
	 "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
	{"\xe2\x98\xba!", "&Jjo-!"},
	{"\xf0\x9f\x93\xac", "&2D3c7A-"},
	{"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "&2ADcANv,3,8-"},
	{"a\tb", "a&AAk-b"},
	{"\x7f", "&AH8-"},
	{"\x1f", "&AB8-"},
	{"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", "&AIAH,wgA,,8-"},
	{"\xed\x9f\xbf\xee\x80\x80", "&1,,gAA-"},
};

static void both_ways(void **state)
{
	char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_true(imap_mailbox_encode(pairs[i].utf8, text, sizeof(text)));
		assert_string_equal(text, pairs[i].utf7);
		assert_true(imap_mailbox_decode(pairs[i].utf7, text, sizeof(text)));
		assert_string_equal(text, pairs[i].utf8);
	}
}

static void every_code_point_comes_back(void **state)
{
	(void)state;
	for (uint32_t point = 1; point <= 0x10ffff; point += point < 0x3000 ? 1 : 0x101) {
		char utf8[5] = "";
		char utf7[40];
		char back[40];
		if (point >= 0xd800 && point <= 0xdfff)
			continue;
		if (point < 0x80) {
			utf8[0] = (char)point;
		} else if (point < 0x800) {
			utf8[0] = (char)(0xc0 | point >> 6);
			utf8[1] = (char)(0x80 | (point & 0x3f));
		} else if (point < 0x10000) {
			utf8[0] = (char)(0xe0 | point >> 12);
			utf8[1] = (char)(0x80 | (point >> 6 & 0x3f));
			utf8[2] = (char)(0x80 | (point & 0x3f));
		} else {
			utf8[0] = (char)(0xf0 | point >> 18);
			utf8[1] = (char)(0x80 | (point >> 12 & 0x3f));
			utf8[2] = (char)(0x80 | (point >> 6 & 0x3f));
			utf8[3] = (char)(0x80 | (point & 0x3f));
		}
		assert_true(imap_mailbox_encode(utf8, utf7, sizeof(utf7)));
		assert_true(imap_mailbox_decode(utf7, back, sizeof(back)));
		assert_string_equal(back, utf8);
	}
}

static void refuses_what_is_not_utf8(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xc3",
		"\xc3x",
		"\xc3\xc3",
		"\xe0\x80\xaf",
		"\xe0\x9f\xbf",
		"\xe5\x8f",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x80\x80\xaf",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80",
		"\xff",
		"ok\xc3\xbc\xff",
		"\xf0\x9f\x93",
	};
	char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(imap_mailbox_encode(bad[i], text, sizeof(text)));
}

/* Each is a second spelling, or none at all. */
static void refuses_what_is_not_canonical(void **state)
{
	static const char *const bad[] = {
		"&",	       "a&",	      "&APw",
		"&AP w-",      "&APw/-",      "&APw=-",
		"&AGE-" /*a*/, "&ACY-",	      "&AA-",
		"&AAA-",       "&APw-&APw-",  "&APx-",
		"&A-",	       "&2D0-",	      "&2D3c-" /* half a pair */,
		"&3Ow-",       "&2D0AYQ-",    "\x80",
		"a\tb",	       "caf\xc3\xa9", "&APwAPwAPwA-",
		"&APw\xff-",   "&2D3YPQ-",    "\x7f",
		"&APwA-",
	};
	char text[100];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (imap_mailbox_decode(bad[i], text, sizeof(text)))
			fail_msg("%s was taken for %s", bad[i], text);
	}
}

static void writes_no_further_than_it_may(void **state)
{
	char text[8];

	(void)state;
	for (size_t size = 1; size <= sizeof(text); size++) {
		memset(text, 'x', sizeof(text));
		assert_int_equal(imap_mailbox_encode("\xc3\xbc!", text, size), size >= 7);
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal(text[i], 'x');
		memset(text, 'x', sizeof(text));
		assert_int_equal(imap_mailbox_decode("&ZeU-&-b", text, size), size >= 6);
		for (size_t i = size; i < sizeof(text); i++)
			assert_int_equal(text[i], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways),
		cmocka_unit_test(every_code_point_comes_back),
		cmocka_unit_test(refuses_what_is_not_utf8),
		cmocka_unit_test(refuses_what_is_not_canonical),
		cmocka_unit_test(writes_no_further_than_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
