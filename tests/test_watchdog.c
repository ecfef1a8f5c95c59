/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child of the test arms the watchdog and is struck; the test reads what it wrote and how it
 * ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "out.h"
#include "watchdog.h"

static struct config config;
static char long_name[20000];

static char said[100000];
static int status;

static int ordinary(void **state)
{
	(void)state;
	config_init(&config);
	memset(long_name, 'x', sizeof long_name - 1);
	strcpy(config.host.shown, "imap.example.org");
	config.port = 993;
	config.user = long_name;
	config.mailbox = "INBOX";
	config.timeout = CLOCK_SECOND / 100;
	return 0;
}

/* What the child does between arming and the strike. */
static void strike_by(int signal_number, const char *first_words)
{
	volatile sig_atomic_t phase = PHASE_AUTH;
	sigset_t alarm;

	/* However slow we are, time is not up before all this is done. */
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm, NULL);
	watchdog_arm(&config, &phase);
	if (first_words) {
		watchdog_hush(STATE_WARNING);
		if (write(STDOUT_FILENO, first_words, strlen(first_words)) < 0)
			_exit(100);
	}
	if (signal_number != SIGALRM)
		raise(signal_number);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	for (;;)
		pause();
}

static void read_all(int from)
{
	size_t length = 0;
	ssize_t got;

	while ((got = read(from, said + length, sizeof said - 1 - length)) > 0)
		length += (size_t)got;
	said[length] = '\0';
}

static void be_struck(int signal_number, const char *first_words)
{
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		strike_by(signal_number, first_words);
	}
	close(ends[1]);
	read_all(ends[0]);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	status = WEXITSTATUS(status);
}

static const char *problem_class(void)
{
	static char name[32];
	json_t *json = json_loads(said, 0, NULL);
	json_t *problem = json_array_get(json_object_get(json, "problems"), 0);

	assert_non_null(problem);
	assert_string_equal(json_string_value(json_object_get(problem, "phase")), "auth");
	assert_int_equal(json_integer_value(json_object_get(json, "exit_code")), status);
	strncpy(name, json_string_value(json_object_get(problem, "class")), sizeof name - 1);
	json_decref(json);
	return name;
}

static void a_run_that_does_not_end_is_ended_with_one_line(void **state)
{
	(void)state;
	be_struck(SIGALRM, NULL);
	assert_int_equal(status, STATE_CRITICAL);
	assert_memory_equal(said, "IMAP CRITICAL - auth: not over within 0.01 s", 44);
}

static void its_state_is_that_of_the_timeout(void **state)
{
	(void)state;
	config.class_state[CLASS_TIMEOUT] = STATE_WARNING;
	be_struck(SIGALRM, NULL);
	assert_int_equal(status, STATE_WARNING);
	assert_memory_equal(said, "IMAP WARNING - auth: ", 21);
}

static void the_text_has_the_form_that_was_asked_for(void **state)
{
	(void)state;
	config.output = CONFIG_OUTPUT_JSON;
	be_struck(SIGALRM, NULL);
	assert_string_equal(problem_class(), "timeout");
	be_struck(SIGTERM, NULL);
	assert_int_equal(status, STATE_UNKNOWN);
	assert_string_equal(problem_class(), "internal");
	config.output = CONFIG_OUTPUT_PROMETHEUS;
	be_struck(SIGINT, NULL);
	assert_int_equal(status, STATE_UNKNOWN);
	assert_non_null(strstr(said, ",class=\"internal\",phase=\"auth\"} 1\n"));
}

static void nothing_is_added_to_an_output_that_has_begun(void **state)
{
	(void)state;
	be_struck(SIGALRM, "IMAP WARNING - so");
	assert_string_equal(said, "IMAP WARNING - so");
	assert_int_equal(status, STATE_WARNING);
	be_struck(SIGHUP, "IMAP WARNING - so");
	assert_string_equal(said, "IMAP WARNING - so");
	assert_int_equal(status, STATE_WARNING);
}

#define TEST(name_) cmocka_unit_test_setup(name_, ordinary)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_that_does_not_end_is_ended_with_one_line),
		TEST(its_state_is_that_of_the_timeout),
		TEST(the_text_has_the_form_that_was_asked_for),
		TEST(nothing_is_added_to_an_output_that_has_begun),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
