/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_memory.c - what happens when memory runs out: each allocation of a session fails once. And
 * whether a session gives back what it took, and without the secret in it.
 *
 * Linked with -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=free.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "imapcheck.h"

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker gives these names. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void __wrap_free(void *at);

static long left = -1; /* allocations until one fails; negative: none does */
static long held;      /* allocations that were not freed yet */

static bool is_out(void)
{
	return left >= 0 && left-- == 0;
}

static void *counted(void *at)
{
	held += at ? 1 : 0;
	return at;
}

void *__wrap_malloc(size_t size)
{
	return is_out() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_out() ? NULL : counted(__real_calloc(count, size));
}

/* Also what was never written to, which valgrind would not have us read. */
static bool holds(const void *at, const char *text)
{
	return at && !getenv("MEMCHECK") &&
	       memmem(at, malloc_usable_size((void *)(uintptr_t)at), text, strlen(text));
}

void __wrap_free(void *at)
{
	held -= at ? 1 : 0;
	assert_false(holds(at, "secret") || holds(at, "c2VjcmV0"));
	__real_free(at);
}

/* NOLINTEND(bugprone-reserved-identifier) */

static enum imap_sasl_result answer(void *context, struct imap_span challenge,
				    struct imap_span *response)
{
	(void)context;
	(void)challenge;
	*response = (struct imap_span){"secret", 6};
	return IMAP_SASL_MORE;
}

static const struct imap_sasl first = {.mechanism = "X", .client_first = true, .step = answer};
static const struct imap_sasl second = {.mechanism = "X", .step = answer};

/* Sends what there is, feeds, and reads all; false once the session failed. */
static bool feed(struct imap *imap, const char *text)
{
	struct imap_reply reply;
	enum imap_event event;

	imap_sent(imap, imap_output(imap).length, 1);
	imap_feed(imap, text, strlen(text), 1);
	while ((event = imap_next(imap, &reply)) != IMAP_WAIT && event != IMAP_FAILED)
		;
	return event == IMAP_WAIT;
}

static void give_long_command(struct imap *imap)
{
	char text[5001];

	memset(text, 'x', 5000);
	text[5000] = '\0';
	imap_command(imap, 1, "X %a", text);
}

/* A line with `count` words in the middle, which nothing so far had room for. */
static bool feed_words(struct imap *imap, const char *before, int count, const char *after)
{
	char text[9000];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", before);

	for (int i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, " word");
	snprintf(text + used, sizeof(text) - used, "%s", after);
	return feed(imap, text);
}

static bool learn(struct imap *imap)
{
	if (!feed_words(imap, "* CAPABILITY", 100, "\r\n") ||
	    !feed_words(imap, "* OK [CAPABILITY", 200, "] x\r\n"))
		return false;
	imap_command(imap, 1, "NOOP");
	return feed_words(imap, "A1 OK [CAPABILITY SASL-IR", 400, "] x\r\n");
}

/* The escape comes just where the token's room ends. */
static bool escape(struct imap *imap)
{
	char text[400];

	snprintf(text, sizeof(text), "* X \"%0256d\\x\"\r\n", 0);
	return feed(imap, text);
}

/* Everything that allocates; true if nothing failed. */
static bool live(struct imap *imap)
{
	if (!feed(imap, "* OK [CAPABILITY IMAP4rev1] hello\r\n") || !escape(imap) || !learn(imap))
		return false;
	give_long_command(imap);
	if (!feed(imap,
		  "* X (\"a\" b {3}\r\nabc) NIL\r\n* XLONGNAME {9}\r\nstreamed!\r\nA2 OK\r\n"))
		return false;
	imap_authenticate(imap, 1, &first);
	if (!feed(imap, "+ QUJD\r\n") || !feed(imap, "A3 NO [A (B \"C\")] x\r\n"))
		return false;
	imap_authenticate(imap, 1, &second);
	return feed(imap, "+ QUJD\r\n") && feed(imap, "A4 NO\r\n");
}

static void assert_told(struct imap *imap)
{
	const struct imap_failure *failure = imap_failure(imap);

	assert_non_null(failure);
	assert_int_equal(failure->fault, IMAP_FAULT_MEMORY);
	assert_non_null(strstr(failure->text, "out of memory"));
	assert_int_equal(imap_output(imap).length, 0);
}

static void each_missing_allocation_is_told_and_none_is_kept(void **state)
{
	const struct imap_limits limits = {
		.line = 10000, .response = 100000, .literal = 8, .depth = 4};
	bool is_complete = false;
	long failed = 0;

	(void)state;
	for (; !is_complete && failed < 500; failed++) {
		left = failed;
		struct imap *imap = imap_new(&limits);
		bool is_well = imap && live(imap);
		is_complete = left >= 0;
		left = -1;
		assert_int_equal(is_well, is_complete);
		if (imap && !is_complete)
			assert_told(imap);
		imap_free(imap);
		assert_int_equal(held, 0);
	}
	assert_true(is_complete);
	assert_true(failed > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_missing_allocation_is_told_and_none_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
