/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_errand.c - work in a child: its result, and what becomes of it if it dies, eats or does not
   end. Moments in here are bounds on hanging, not on speed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "errand.h"

static struct errand errand;
static struct failure failure;

static int start_anew(void **state)
{
	(void)state;
	errand_init(&errand);
	return 0;
}

/* No child may be left. */
static int close_it(void **state)
{
	(void)state;
	errand_close(&errand);
	errand_close(&errand);
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD ? 0 : -1;
}

static enum errand_progress await(void)
{
	enum errand_progress progress;
	struct wait wait;

	do {
		wait_clear(&wait);
		errand_wait(&errand, &wait);
		assert_int_equal(wait.count, 1);
		assert_int_equal(poll(wait.fds, wait.count, 30000), 1);
		progress = errand_ready(&errand);
	} while (progress == ERRAND_WAIT);
	return progress;
}

static void twice(const void *task, void *result)
{
	int number = *(const int *)task * 2;

	memcpy(result, &number, sizeof number);
}

static void the_result_comes_back(void **state)
{
	int number = 21;

	(void)state;
	assert_true(errand_start(&errand, twice, &number, sizeof number, &failure));
	assert_int_equal(await(), ERRAND_READY);
	memcpy(&number, errand.result, sizeof number);
	assert_int_equal(number, 42);
}

static void fill(const void *task, void *result)
{
	(void)task;
	memset(result, 'x', ERRAND_RESULT);
}

static void a_result_may_be_as_large_as_is_said(void **state)
{
	(void)state;
	assert_true(errand_start(&errand, fill, NULL, ERRAND_RESULT, &failure));
	assert_int_equal(await(), ERRAND_READY);
	assert_int_equal(errand.result[ERRAND_RESULT - 1], 'x');
}

static void die_loudly(const void *task, void *result)
{
	(void)task;
	(void)result;
	fprintf(stderr, "a last word");
	fflush(stderr);
	raise(SIGKILL);
}

static void a_child_that_dies_has_no_result_and_no_last_word(void **state)
{
	int ends[2], before = dup(STDERR_FILENO);
	char octet;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	close(ends[1]);
	assert_true(errand_start(&errand, die_loudly, NULL, 1, &failure));
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	assert_int_equal(await(), ERRAND_DIED);
	assert_int_equal(read(ends[0], &octet, 1), 0);
	close(ends[0]);
	close(before);
}

static void sleep_long(const void *task, void *result)
{
	(void)task;
	(void)result;
	for (;;)
		pause();
}

static void closing_ends_a_child_that_does_not_end(void **state)
{
	(void)state;
	assert_true(errand_start(&errand, sleep_long, NULL, 1, &failure));
	assert_int_equal(errand_ready(&errand), ERRAND_WAIT);
	errand_close(&errand);
	assert_int_equal(errand.pid, 0);
}

static int heard_by_handler[2];
static bool is_child_terminated;

static void handle(int signal_number)
{
	(void)!write(heard_by_handler[1], &signal_number, 1);
}

/* Called in the child before fork() returns there. */
static void terminate_child(void)
{
	if (is_child_terminated)
		raise(SIGTERM);
}

/* The program's handler prints a status line; a second one from a child must not follow. */
static void a_signal_at_birth_ends_the_child_without_our_handler(void **state)
{
	static const struct sigaction ours = {.sa_handler = handle};
	struct sigaction before;
	sigset_t mask;
	char octet;

	(void)state;
	assert_int_equal(pipe2(heard_by_handler, O_NONBLOCK), 0);
	sigaction(SIGTERM, &ours, &before);
	is_child_terminated = true;
	assert_true(errand_start(&errand, fill, NULL, 1, &failure));
	is_child_terminated = false;
	assert_int_equal(await(), ERRAND_DIED);
	assert_int_equal(read(heard_by_handler[0], &octet, 1), -1);
	/* Ours works as before, and nothing stays blocked. */
	sigprocmask(SIG_SETMASK, NULL, &mask);
	assert_false(sigismember(&mask, SIGTERM));
	raise(SIGTERM);
	assert_int_equal(read(heard_by_handler[0], &octet, 1), 1);
	sigaction(SIGTERM, &before, NULL);
	close(heard_by_handler[0]);
	close(heard_by_handler[1]);
}

/* By the page, past any allocator: how many of 100 MiB were to be had. */
static int take_megabytes(void)
{
	int count = 0;

	while (count < 100 && mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		count++;
	return count;
}

static void eat(const void *task, void *result)
{
	int megabytes = take_megabytes();

	(void)task;
	memcpy(result, &megabytes, sizeof megabytes);
}

static void memory_is_limited(void **state)
{
	int megabytes;

	(void)state;
	if (getenv("MEMCHECK"))
		skip(); /* valgrind does not keep the limit */
	assert_true(errand_start(&errand, eat, NULL, sizeof megabytes, &failure));
	assert_int_equal(await(), ERRAND_READY);
	memcpy(&megabytes, errand.result, sizeof megabytes);
	assert_in_range(megabytes, 1, ERRAND_MEMORY >> 20);
}

#define ERRAND_TEST(test) cmocka_unit_test_setup_teardown(test, start_anew, close_it)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ERRAND_TEST(the_result_comes_back),
		ERRAND_TEST(a_result_may_be_as_large_as_is_said),
		ERRAND_TEST(a_child_that_dies_has_no_result_and_no_last_word),
		ERRAND_TEST(closing_ends_a_child_that_does_not_end),
		ERRAND_TEST(a_signal_at_birth_ends_the_child_without_our_handler),
		ERRAND_TEST(memory_is_limited),
	};

	pthread_atfork(NULL, NULL, terminate_child);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
