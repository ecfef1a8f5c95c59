/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_url.c - IMAP URLs taken apart; the forms are those of RFC 5092. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "url.h"

struct reading {
	const char *text;
	bool is_tls;
	const char *host;
	unsigned port;
	const char *user, *auth, *mailbox;
};

static const struct reading readings[] = {
	{"imap://minbari.example.org/", false, "minbari.example.org", 0, "", "", ""},
	{"imaps://minbari.example.org", true, "minbari.example.org", 0, "", "", ""},
	{"imap://michael@example.org/INBOX", false, "example.org", 0, "michael", "", "INBOX"},
	{"imap://bester@example.org", false, "example.org", 0, "bester", "", ""},
	{"imap://joe@example.com/INBOX/", false, "example.com", 0, "joe", "", "INBOX/"},
	{"imap://;AUTH=GSSAPI@minbari.example.org/gray-council", false, "minbari.example.org", 0,
	 "", "GSSAPI", "gray-council"},
	{"imap://;AUTH=*@minbari.example.org/gray%20council", false, "minbari.example.org", 0, "",
	 "", "gray council"},
	{"IMAPS://alice;auth=plain@[2001:db8::7]:1993/~peter/%E6%97%A5%E6%9C%AC%E8%AA%9E/"
	 "%E5%8F%B0%E5%8C%97",
	 true, "[2001:db8::7]", 1993, "alice", "plain",
	 "~peter/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e/\xe5\x8f\xb0\xe5\x8c\x97"},
	{"imap://michael%40example.org@mail.example.org/", false, "mail.example.org", 0,
	 "michael@example.org", "", ""},
	{"imap://michael@example.org@mail.example.org/", false, "mail.example.org", 0,
	 "michael@example.org", "", ""},
	{"imaps://[fe80::1%25lo]/", true, "[fe80::1%lo]", 0, "", "", ""},
	{"imaps://[fe80::1%lo]:1/", true, "[fe80::1%lo]", 1, "", "", ""},
	{"imaps://h:/", true, "h", 0, "", "", ""},
	{"imaps://h:00993/a%2Fb%3B%3f%23", true, "h", 993, "", "", "a/b;?#"},
	{"imaps://b%C3%BCcher.example/", true,
	 "b\xc3\xbc"
	 "cher.example",
	 0, "", "", ""},
	{"imaps://h/a@b:c", true, "h", 0, "", "", "a@b:c"},
};

static void urls_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof readings / sizeof readings[0]; i++) {
		struct url url;
		struct failure failure;

		assert_true(url_is_one(readings[i].text));
		if (!url_parse(readings[i].text, &url, &failure))
			fail_msg("%s: %s", readings[i].text, failure.text);
		assert_int_equal(url.is_tls, readings[i].is_tls);
		assert_string_equal(url.host, readings[i].host);
		assert_int_equal(url.port, readings[i].port);
		assert_string_equal(url.user, readings[i].user);
		assert_string_equal(url.auth, readings[i].auth);
		assert_string_equal(url.mailbox, readings[i].mailbox);
	}
}

static void only_imap_and_imaps_are_urls(void **state)
{
	(void)state;
	assert_true(url_is_one("imap:x"));
	assert_false(url_is_one("imap.example.org"));
	assert_false(url_is_one("imap"));
	assert_false(url_is_one("http://imap:"));
	assert_false(url_is_one(""));
}

struct refusal {
	const char *text, *why;
};

static const struct refusal refusals[] = {
	{"imap:h", "two slashes"},
	{"imaps:/h", "two slashes"},
	{"imaps://", "no host"},
	{"imaps:///INBOX", "no host"},
	{"imaps://:993/", "no host"},
	{"imaps://u@/", "no host"},
	{"imaps://u:p@h/", "password"},
	{"imaps://u:@h/", "password"},
	{"imaps://u:p@ss@h/", "password"},
	{"imaps://u;AUTH=PLAIN:p@h/", "password"},
	{"imaps://h:0/", "1 to 65535"},
	{"imaps://h:65536/", "1 to 65535"},
	{"imaps://h:4294967297/", "1 to 65535"},
	{"imaps://h:99999999999999999999999/", "1 to 65535"},
	{"imaps://h:-1/", "1 to 65535"},
	{"imaps://h:1x/", "1 to 65535"},
	{"imaps://u;X=1@h/", ";AUTH="},
	{"imaps://u;AUTH=@h/", ";AUTH="},
	{"imap://minbari.example.org/gray-council;UIDVALIDITY=385759045/;UID=20/;PARTIAL=0.1024",
	 "not checked"},
	{"imap://psicorp.example.org/~peter/%E6%97%A5;UID=5", ";UID="},
	{"imap://joe@example.com/INBOX/;uid=20/;section=1.2", ";UID="},
	{"imap://;AUTH=GSSAPI@minbari.example.org/gray-council/;uid=20", ";UID="},
	{"imap://h/INBOX;UIDVALIDITY=78901", "not checked"},
	{"imap://minbari.example.org/gray-council?SUBJECT%20shadows", "search"},
	{"imaps://h?x", "search"},
	{"imaps://h/INBOX#x", "%23"},
	{"imaps://h/%", "hex digits"},
	{"imaps://h/%4", "hex digits"},
	{"imaps://h/%4g", "hex digits"},
	{"imaps://h/%00", "control"},
	{"imaps://h/a%0d%0aA1 LOGOUT", "control"},
	{"imaps://h/a\nb", "control"},
	{"imaps://%00u@h/", "control"},
	{"imaps://h/a b", "%20"},
};

static void what_is_no_url_of_a_mailbox_is_refused_and_told_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		struct url url;
		struct failure failure;

		if (url_parse(refusals[i].text, &url, &failure))
			fail_msg("row %zu is accepted: %s", i, refusals[i].text);
		assert_int_equal(failure.class, CLASS_USAGE);
		if (!strstr(failure.text, refusals[i].why))
			fail_msg("row %zu: %s", i, failure.text);
	}
}

static void a_part_that_is_too_long_is_refused(void **state)
{
	static const char *const forms[] = {"imap://%s", "imap://%s@h", "imap://u;AUTH=%s@h",
					    "imap://h/%s", "imap://[%s]/"};
	char text[1200], part[1001];

	(void)state;
	memset(part, 'x', 1000);
	part[1000] = '\0';
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct url url;
		struct failure failure;
		const char *at = strstr(forms[i], "%s");

		snprintf(text, sizeof text, "%.*s%s%s", (int)(at - forms[i]), forms[i], part,
			 at + 2);
		assert_false(url_parse(text, &url, &failure));
		assert_non_null(strstr(failure.text, "too long"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(urls_are_taken_apart),
		cmocka_unit_test(only_imap_and_imaps_are_urls),
		cmocka_unit_test(what_is_no_url_of_a_mailbox_is_refused_and_told_why),
		cmocka_unit_test(a_part_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
