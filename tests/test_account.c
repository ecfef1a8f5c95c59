/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What LIST, NAMESPACE, QUOTA, SEARCH and ESEARCH tell: folders.c, quota.c, hits.c, uid_set.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "folders.h"
#include "hits.h"
#include "quota.h"

typedef void taker(void *context, const struct imap_reply *reply);

/* Has a session read `lines` and hands each reply to `take`. */
static void hear(const char *lines, taker *take, void *context)
{
	struct imap *imap = imap_new(&imap_default_limits);
	struct imap_reply reply;
	enum imap_event event;

	imap_feed(imap, "* OK hello\r\n", 12, 0);
	assert_int_equal(imap_next(imap, &reply), IMAP_GREETING);
	imap_feed(imap, lines, strlen(lines), 0);
	while ((event = imap_next(imap, &reply)) != IMAP_WAIT) {
		assert_int_not_equal(event, IMAP_FAILED);
		reply.event = event;
		take(context, &reply);
	}
	imap_free(imap);
}

/* --- mailboxes -------------------------------------------------------------------------------- */

static void take_folder(void *context, const struct imap_reply *reply)
{
	if (imap_is(reply->name, "NAMESPACE"))
		folders_take_namespace(context, reply->args);
	else
		folders_take_list(context, reply->args);
}

static void what_cannot_be_opened_does_not_count(void **state)
{
	struct folders folders = {0};

	(void)state;
	hear("* LIST (\\HasNoChildren) \"/\" INBOX\r\n"
	     "* LIST (\\Noselect \\HasChildren) \"/\" Archive\r\n"
	     "* LIST (\\NonExistent) \"/\" Gone\r\n"
	     "* LIST () NIL {7}\r\nLiteral\r\n",
	     take_folder, &folders);
	assert_int_equal(folders.count, 2);
}

static void other_peoples_mailboxes_do_not_count(void **state)
{
	struct folders folders = {0};

	(void)state;
	hear("* NAMESPACE ((\"\" \"/\")) ((\"user/\" \"/\")) ((\"shared/\" \"/\")(\"public/\" "
	     "\"/\"))\r\n"
	     "* LIST () \"/\" INBOX\r\n* LIST () \"/\" user/bob\r\n* LIST () \"/\" public/news\r\n"
	     "* LIST () \"/\" users\r\n",
	     take_folder, &folders);
	assert_int_equal(folders.count, 2);
}

static void uses_are_found_by_name_in_any_case(void **state)
{
	struct folders folders = {0};

	(void)state;
	hear("* LIST (\\HasNoChildren \\Sent) \"/\" \"Entw&APw-rfe\"\r\n"
	     "* LIST (\\Trash \\Unmarked) \"/\" Trash\r\n",
	     take_folder, &folders);
	assert_int_equal(folders.use_count, 2);
	assert_string_equal(folders_with_use(&folders, "sent", 4), "Entw\xc3\xbcrfe");
	assert_string_equal(folders_with_use(&folders, "\\Trash", 6), "Trash");
	assert_null(folders_with_use(&folders, "Junk", 4));
	assert_null(folders_with_use(&folders, "Sen", 3));
}

static void odd_answers_to_list_do_no_harm(void **state)
{
	struct folders folders = {0};

	(void)state;
	hear("* LIST\r\n* LIST a\r\n* LIST a b c\r\n* LIST (x)\r\n* LIST (x) y\r\n"
	     "* LIST () NIL (a)\r\n* NAMESPACE\r\n* NAMESPACE NIL x (NIL (NIL) ())\r\n"
	     "* LIST ((a) NIL \"q\") NIL box\r\n",
	     take_folder, &folders);
	assert_int_equal(folders.count, 1);
	assert_int_equal(folders.use_count, 0);
}

/* --- quota ------------------------------------------------------------------------------------ */

static void take_quota(void *context, const struct imap_reply *reply)
{
	quota_take(context, reply->args);
}

static void the_fullest_root_of_each_resource_counts(void **state)
{
	struct quota quota = {0};

	(void)state;
	hear("* QUOTA a (STORAGE 10 100 MESSAGE 9 10)\r\n* QUOTA b (STORAGE 60 200)\r\n"
	     "* QUOTA \"\" (MESSAGE 1 10 X 1 1)\r\n",
	     take_quota, &quota);
	assert_true(quota_percent(&quota.storage) == 30);
	assert_true(quota.storage.used == 60 * 1024.0 && quota.storage.limit == 200 * 1024.0);
	assert_true(quota_percent(&quota.messages) == 90);
}

static void a_limit_of_zero_is_none(void **state)
{
	struct quota quota = {0};

	(void)state;
	hear("* QUOTA a (STORAGE 10 0)\r\n* QUOTA b ()\r\n* QUOTA\r\n* QUOTA c (STORAGE x 5)\r\n"
	     "* QUOTA d (MESSAGE 5)\r\n",
	     take_quota, &quota);
	assert_false(quota.storage.is_known);
	assert_false(quota.messages.is_known);
}

/* --- hits ------------------------------------------------------------------------------------- */

static void take_hits(void *context, const struct imap_reply *reply)
{
	assert_true(hits_take(context, reply));
}

static void a_search_is_counted_number_by_number(void **state)
{
	struct uid_set set = {0};
	struct hits hits = {.set = &set};
	char text[26]; /* room for two */

	(void)state;
	hear("* SEARCH 5 6 7 2 9\r\n* SEARCH 11\r\n", take_hits, &hits);
	assert_int_equal(hits.count, 6);
	assert_int_equal(hits.highest, 11);
	assert_int_equal(hits.first, 5);
	assert_int_equal(hits.last, 11);
	assert_true(uid_set_write(&set, text, sizeof text));
	assert_string_equal(text, "5:7,2");
	assert_true(uid_set_write(&set, text, sizeof text));
	assert_string_equal(text, "9,11");
	assert_false(uid_set_write(&set, text, sizeof text));
	uid_set_free(&set);
}

static void esearch_tells_it_in_few_words(void **state)
{
	struct hits hits = {0};

	(void)state;
	hear("* ESEARCH (TAG \"A5\") UID COUNT 3 MIN 4 MAX 17\r\n", take_hits, &hits);
	assert_int_equal(hits.count, 3);
	assert_int_equal(hits.first, 4);
	assert_int_equal(hits.last, 17);
	assert_int_equal(hits.highest, 17);
}

static void no_hits_are_no_hits(void **state)
{
	struct hits hits = {0};

	(void)state;
	hear("* SEARCH\r\n* ESEARCH (TAG \"A5\") UID COUNT 0\r\n* ESEARCH\r\n* SEARCH 0\r\n",
	     take_hits, &hits);
	assert_int_equal(hits.count, 0);
	assert_int_equal(hits.highest, 0);
}

static void numbers_at_the_edge_do_not_wrap(void **state)
{
	struct uid_set set = {0};
	char text[64];

	(void)state;
	assert_true(uid_set_add(&set, UINT32_MAX));
	assert_true(uid_set_add(&set, 0));
	assert_true(uid_set_add(&set, 1));
	assert_true(uid_set_write(&set, text, sizeof text));
	assert_string_equal(text, "4294967295,0:1");
	uid_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_opened_does_not_count),
		cmocka_unit_test(other_peoples_mailboxes_do_not_count),
		cmocka_unit_test(uses_are_found_by_name_in_any_case),
		cmocka_unit_test(odd_answers_to_list_do_no_harm),
		cmocka_unit_test(the_fullest_root_of_each_resource_counts),
		cmocka_unit_test(a_limit_of_zero_is_none),
		cmocka_unit_test(a_search_is_counted_number_by_number),
		cmocka_unit_test(esearch_tells_it_in_few_words),
		cmocka_unit_test(no_hits_are_no_hits),
		cmocka_unit_test(numbers_at_the_edge_do_not_wrap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
