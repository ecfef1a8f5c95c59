/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_secret.c - passwords from each source, what becomes of the commands that print them, and the
   mask that keeps them out of texts. Moments in here are bounds on hanging, not on speed. */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "secret.h"

static char folder[] = "/tmp/test_secret.XXXXXX";
static struct failure failure;

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static const char *file_with(const void *content, size_t length)
{
	const char *path = path_of("password");
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, length), (ssize_t)length);
	close(fd);
	return path;
}

/* What the loop does: poll, then ready, until it is over or half a minute has gone. */
static enum secret_progress finish(struct secret *secret, enum secret_progress progress)
{
	imap_time end_at = clock_now() + 30 * CLOCK_SECOND;

	while (progress == SECRET_WAIT && clock_now() < end_at) {
		struct wait wait;
		int timeout = 5000;

		wait_clear(&wait);
		secret_wait(secret, &wait);
		assert_true(wait.count > 0 || wait.until != CLOCK_NEVER);
		if (wait.until != CLOCK_NEVER)
			timeout = (int)((wait.until - clock_now()) / CLOCK_MILLISECOND) + 1;
		poll(wait.fds, wait.count, timeout < 0 ? 0 : timeout);
		progress = secret_ready(secret, &failure);
	}
	return progress;
}

static struct secret *fetch(enum secret_source source, const char *where,
			    enum secret_progress *progress)
{
	struct secret_spec spec = {.source = source, .where = where};
	struct secret *secret = secret_new(&spec);

	assert_non_null(secret);
	failure = (struct failure){0};
	*progress = finish(secret, secret_start(secret, &failure));
	return secret;
}

static void assert_yields(enum secret_source source, const char *where, const char *expected)
{
	enum secret_progress progress;
	struct secret *secret = fetch(source, where, &progress);
	struct imap_span span = secret_span(secret);

	if (progress != SECRET_READY)
		fail_msg("%s: %s", where, failure.text);
	assert_int_equal(span.length, strlen(expected));
	assert_memory_equal(span.at, expected, span.length);
	secret_free(secret);
}

static void assert_fails(enum secret_source source, const char *where, const char *why)
{
	enum secret_progress progress;
	struct secret *secret = fetch(source, where, &progress);

	if (progress != SECRET_FAILED)
		fail_msg("%s: progress %d", where, (int)progress);
	assert_int_equal(failure.class, CLASS_USAGE);
	if (!strstr(failure.text, why))
		fail_msg("%s: no \"%s\" in: %s", where, why, failure.text);
	secret_free(secret);
}

/* --- files ----------------------------------------------------------------------------------- */

static void of_a_file_the_first_line_counts_without_its_end(void **state)
{
	static const char *const contents[] = {"hunter2", "hunter2\n", "hunter2\r\n",
					       "hunter2\nmore", "hunter2\r\nmore\n"};

	(void)state;
	for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++)
		assert_yields(SECRET_FILE, file_with(contents[i], strlen(contents[i])), "hunter2");
	assert_yields(SECRET_FILE, file_with(" a\r\r\n", 5), " a\r");
	assert_yields(SECRET_FILE, file_with("p\xc3\xa4\n", 4), "p\xc3\xa4");
}

static void a_file_without_a_password_is_told_apart(void **state)
{
	(void)state;
	assert_fails(SECRET_FILE, file_with("", 0), "is empty");
	assert_fails(SECRET_FILE, file_with("\n", 1), "is empty");
	assert_fails(SECRET_FILE, file_with("\r\nx", 3), "is empty");
	assert_fails(SECRET_FILE, file_with("a\0b\n", 4), "NUL");
	assert_fails(SECRET_FILE, path_of("none"), "No such file");
	assert_fails(SECRET_FILE, folder, "Is a directory");
	assert_fails(SECRET_FILE, "/dev/zero", "64 KiB");
}

static void the_longest_password_has_64_kib(void **state)
{
	static char content[SECRET_MAX + 3], expected[SECRET_MAX + 1];

	(void)state;
	memset(content, 'x', sizeof content);
	memset(expected, 'x', SECRET_MAX);
	assert_yields(SECRET_FILE, file_with(content, SECRET_MAX), expected);
	assert_fails(SECRET_FILE, file_with(content, SECRET_MAX + 1), "64 KiB");
	content[SECRET_MAX] = '\r';
	content[SECRET_MAX + 1] = '\n';
	assert_yields(SECRET_FILE, file_with(content, SECRET_MAX + 2), expected);
	content[SECRET_MAX] = 'x';
	content[SECRET_MAX + 1] = '\r';
	content[SECRET_MAX + 2] = '\n';
	assert_fails(SECRET_FILE, file_with(content, SECRET_MAX + 3), "64 KiB");
}

static void a_file_that_may_not_be_read_says_so(void **state)
{
	const char *path = file_with("x", 1);

	(void)state;
	chmod(path, 0);
	if (access(path, R_OK) == 0)
		skip();
	assert_fails(SECRET_FILE, path, "Permission denied");
}

static void a_password_file_for_everybody_is_exposed(void **state)
{
	enum secret_progress progress;
	struct secret *secret;
	const char *path = file_with("x", 1);

	(void)state;
	chmod(path, 0640);
	secret = fetch(SECRET_FILE, path, &progress);
	assert_false(secret_is_exposed(secret));
	secret_free(secret);
	chmod(path, 0644);
	secret = fetch(SECRET_FILE, path, &progress);
	assert_true(secret_is_exposed(secret));
	secret_free(secret);
}

static void a_fifo_without_a_writer_is_waited_for_and_blocks_nobody(void **state)
{
	char path[200];
	struct secret_spec spec = {.source = SECRET_FILE, .where = path};
	struct secret *secret;
	int writer;

	(void)state;
	snprintf(path, sizeof path, "%s", path_of("fifo"));
	assert_int_equal(mkfifo(path, 0600), 0);
	secret = secret_new(&spec);
	assert_int_equal(secret_start(secret, &failure), SECRET_WAIT);
	assert_int_equal(secret_ready(secret, &failure), SECRET_WAIT);
	writer = open(path, O_WRONLY);
	assert_int_equal(secret_ready(secret, &failure), SECRET_WAIT);
	assert_int_equal(write(writer, "hunt", 4), 4);
	assert_int_equal(secret_ready(secret, &failure), SECRET_WAIT);
	assert_int_equal(write(writer, "er2\nx", 5), 5);
	assert_int_equal(secret_ready(secret, &failure), SECRET_READY);
	assert_int_equal(secret_span(secret).length, 7);
	close(writer);
	secret_free(secret);
}

static void standard_input_is_read_and_left_open(void **state)
{
	int saved = dup(STDIN_FILENO), pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	dup2(pipes[0], STDIN_FILENO);
	assert_int_equal(write(pipes[1], "hunter2\n", 8), 8);
	assert_yields(SECRET_FILE, "-", "hunter2");
	assert_int_equal(fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK, 0);
	close(pipes[1]);
	assert_fails(SECRET_FILE, "-", "standard input is empty");
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(pipes[0]);
}

/* --- variables and given ones ---------------------------------------------------------------- */

static void a_variable_is_taken_whole_but_for_one_line_end(void **state)
{
	(void)state;
	setenv("TEST_SECRET", "hun\nter2\r\n", 1);
	assert_yields(SECRET_ENV, "TEST_SECRET", "hun\nter2");
	setenv("TEST_SECRET", "", 1);
	assert_fails(SECRET_ENV, "TEST_SECRET", "TEST_SECRET is empty");
	unsetenv("TEST_SECRET");
	assert_fails(SECRET_ENV, "TEST_SECRET", "TEST_SECRET is not set");
}

static void a_given_secret_is_moved_not_copied(void **state)
{
	char given[] = "hunter2";
	struct secret_spec spec = {.source = SECRET_GIVEN, .given = given};
	struct secret *secret = secret_new(&spec);

	(void)state;
	assert_memory_equal(given, "\0\0\0\0\0\0\0", 7);
	assert_int_equal(secret_start(secret, &failure), SECRET_READY);
	assert_memory_equal(secret_span(secret).at, "hunter2", 7);
	assert_int_equal(secret_ready(secret, &failure), SECRET_READY);
	secret_free(secret);
	secret_free(NULL);
}

/* --- commands -------------------------------------------------------------------------------- */

static void of_a_commands_output_the_first_line_counts(void **state)
{
	(void)state;
	assert_yields(SECRET_COMMAND, "echo hunter2", "hunter2");
	assert_yields(SECRET_COMMAND, "printf hunter2", "hunter2");
	assert_yields(SECRET_COMMAND, "printf 'hunter2\\r\\nmore\\n'", "hunter2");
	assert_yields(SECRET_COMMAND, "printf hun; sleep 0.05; echo ter2; echo x >&2", "hunter2");
	assert_yields(SECRET_COMMAND, "echo hunter2; exec 1>&-; sleep 0.05", "hunter2");
	assert_yields(SECRET_COMMAND, "exec 2>&-; echo hunter2", "hunter2");
}

static void a_command_that_says_too_much_does_not_hang(void **state)
{
	(void)state;
	assert_yields(SECRET_COMMAND, "echo hunter2; head -c 300000 /dev/zero", "hunter2");
	assert_yields(SECRET_COMMAND, "echo hunter2; head -c 300000 /dev/zero >&2", "hunter2");
	assert_fails(SECRET_COMMAND, "yes | tr -d '\\n'", "64 KiB");
}

static void a_child_left_behind_is_not_waited_for(void **state)
{
	imap_time from = clock_now();

	(void)state;
	assert_yields(SECRET_COMMAND, "sleep 21 & echo hunter2", "hunter2");
	assert_yields(SECRET_COMMAND, "sleep 21 & printf hunter2", "hunter2");
	assert_fails(SECRET_COMMAND, "sleep 21 & exit 0", "printed nothing");
	assert_true(clock_now() - from < 20 * CLOCK_SECOND);
}

static void a_failed_command_tells_its_last_words(void **state)
{
	(void)state;
	assert_fails(SECRET_COMMAND, "exit 3", "failed with exit status 3");
	assert_fails(SECRET_COMMAND, "echo first >&2; echo 'store is locked' >&2; echo >&2; exit 1",
		     "failed with exit status 1: store is locked");
	assert_fails(SECRET_COMMAND, "echo hunter2; exit 1", "exit status 1");
	assert_fails(SECRET_COMMAND, "kill -9 $$", "killed by signal 9");
	assert_fails(SECRET_COMMAND, "/nonexistent/tool", "exit status 127: ");
	assert_fails(SECRET_COMMAND, "true", "printed nothing");
	assert_fails(SECRET_COMMAND, "echo", "printed nothing");
	assert_fails(SECRET_COMMAND, "echo x >&2", "printed nothing");
	assert_fails(SECRET_COMMAND, "printf 'a\\0b\\n'", "NUL");
	assert_fails(SECRET_COMMAND, "printf 'a|b`\\033[1m' >&2; exit 1", ": a?b? [1m");
}

static void the_last_words_do_not_repeat_the_password(void **state)
{
	(void)state;
	assert_fails(SECRET_COMMAND, "set -x; echo hunter2; exit 1", "exit status 1");
	assert_fails(SECRET_COMMAND, "echo hunter2; echo not hunter2 >&2; exit 1", "not ***");
	assert_null(strstr(failure.text, "hunter2"));
}

static void a_command_has_no_input_and_default_signals(void **state)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;

	(void)state;
	sigaction(SIGPIPE, &ignore, &before);
	assert_yields(SECRET_COMMAND, "cat; echo x$(readlink /proc/self/fd/0)", "x/dev/null");
	assert_yields(SECRET_COMMAND, "sh -c 'kill -PIPE $$'; echo $?", "141");
	sigaction(SIGPIPE, &before, NULL);
	setenv("TEST_SECRET", "passed on", 1);
	assert_yields(SECRET_COMMAND, "echo $TEST_SECRET", "passed on");
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
static void a_signal_at_birth_ends_a_command_without_our_handler(void **state)
{
	static const struct sigaction ours = {.sa_handler = handle};
	struct sigaction before;
	char octet;

	(void)state;
	assert_int_equal(pipe2(heard_by_handler, O_NONBLOCK), 0);
	sigaction(SIGTERM, &ours, &before);
	is_child_terminated = true;
	assert_fails(SECRET_COMMAND, "echo hunter2", "was killed by signal 15");
	is_child_terminated = false;
	assert_int_equal(read(heard_by_handler[0], &octet, 1), -1);
	sigaction(SIGTERM, &before, NULL);
	assert_yields(SECRET_COMMAND, "grep SigBlk /proc/self/status | tr -d '\\t0'", "SigBlk:");
	close(heard_by_handler[0]);
	close(heard_by_handler[1]);
}

static int count_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void our_descriptors_stay_ours_and_none_is_left(void **state)
{
	char command[200];
	int own = open("/dev/null", O_RDONLY | O_CLOEXEC), before = count_descriptors();

	(void)state;
	snprintf(command, sizeof command, "test -e /proc/$$/fd/%d && echo leaked || echo closed",
		 own);
	assert_yields(SECRET_COMMAND, command, "closed");
	assert_fails(SECRET_COMMAND, "exit 1", "1");
	assert_int_equal(count_descriptors(), before);
	close(own);
}

/* An agent that the command started serves the next one too. */
static void what_a_command_leaves_in_the_background_stays(void **state)
{
	enum secret_progress progress;
	struct secret *secret = fetch(SECRET_COMMAND, "sleep 100 & echo $!", &progress);
	pid_t pid;

	(void)state;
	assert_int_equal(progress, SECRET_READY);
	pid = (pid_t)strtol(secret_span(secret).at, NULL, 10);
	secret_free(secret);
	assert_true(pid > 1);
	usleep(20000);
	assert_int_equal(kill(pid, SIGKILL), 0);
}

/* The command writes down who it and its child are; both must go, and no zombie stay. */
static void a_running_command_is_killed_with_its_children(void **state)
{
	char command[1000];
	struct secret_spec spec = {.source = SECRET_COMMAND, .where = command};
	struct secret *secret;
	const char *path = path_of("pid");
	pid_t pid = 0;
	int dead = -1;

	(void)state;
	snprintf(command, sizeof command, "sleep 100 & echo $! >'%s.new'; mv '%s.new' '%s'; wait",
		 path, path, path);
	secret = secret_new(&spec);
	assert_int_equal(secret_start(secret, &failure), SECRET_WAIT);
	for (int tries = 0; tries < 3000 && pid == 0; tries++) {
		FILE *from = fopen(path, "r");

		if (from && fscanf(from, "%d", &pid) != 1)
			pid = 0;
		if (from)
			fclose(from);
		assert_int_equal(secret_ready(secret, &failure), SECRET_WAIT);
		usleep(10000);
	}
	assert_int_not_equal(pid, 0);
	secret_free(secret);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	/* The grandchild belongs to init now, which may take its time to reap it. */
	for (int tries = 0; tries < 3000 && dead != 0; tries++) {
		char line[300] = "", stat_path[50];
		FILE *from;

		snprintf(stat_path, sizeof stat_path, "/proc/%d/stat", pid);
		from = fopen(stat_path, "r");
		dead = from && fgets(line, sizeof line, from) && !strstr(line, ") Z ");
		if (from)
			fclose(from);
		usleep(dead ? 10000 : 0);
	}
	assert_int_equal(dead, 0);
}

static void no_zombie_is_left_after_success(void **state)
{
	(void)state;
	assert_yields(SECRET_COMMAND, "echo x", "x");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* --- the mask -------------------------------------------------------------------------------- */

struct masking {
	const char *secret, *text, *expected;
};

static const struct masking maskings[] = {
	{"hunter2", "LOGIN alice hunter2 failed", "LOGIN alice *** failed"},
	{"hunter2", "hunter2", "***"},
	{"hunter2", "hunter2hunter2", "******"},
	{"hunter2", "hunter", "hunter"},
	{"pa\"ss\\w", "bad \"pa\\\"ss\\\\w\"", "bad \"***\""},
	{"pa\"ss\\w", "bad pa\"ss\\w", "bad ***"},
	{"p\xc3\xa4ss  word", "said p??ss word", "said ***"},
	{"p|ss`", "said p?ss?", "said ***"},
	/* base64 of NUL alice NUL hunter2, of NUL bobby NUL hunter2, of NUL eve NUL hunter2, of
	   hunter2 */
	{"hunter2", "AUTHENTICATE PLAIN AGFsaWNlAGh1bnRlcjI= no", "AUTHENTICATE PLAIN *** no"},
	{"hunter2", "AGJvYmJ5MQBodW50ZXIy", "***"},
	{"hunter2", "AGV2ZTEyAGh1bnRlcjI=", "***"},
	{"hunter2", "+ AGV2ZQBodW50ZXIy.", "+ ***."},
	{"hunter2", "aHVudGVyMg==", "***"},
	{"xyz", "axyzb xyz", "a***b ***"},
	{"ab", "about ab, ab", "about **, **"},
	{"a", "a cat: a", "* cat: *"},
	{"***", "*** and ****", "*** and ****"},
	/* cut off within the secret */
	{"hunter2", "you said hunt...; so what", "you said ***...; so what"},
	{"hunter2", "\"a1 NO you said hunter\"", "\"a1 NO you said ***\""},
	{"hunter2", "a hun... and hunt", "a hun... and hunt"},
	{"p|ss word", "said p?ss wo...", "said ***..."},
	{"correct horse battery", "AGFsaWNlAGNvcnJlY3QgaG9y...", "***..."},
	{"hunter2", "", ""},
};

static void no_form_of_a_secret_stays_in_a_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof maskings / sizeof maskings[0]; i++) {
		char given[50], text[200];
		struct secret_spec spec = {.source = SECRET_GIVEN, .given = given};
		struct secret *secret;

		snprintf(given, sizeof given, "%s", maskings[i].secret);
		snprintf(text, sizeof text, "%s", maskings[i].text);
		secret = secret_new(&spec);
		assert_int_equal(secret_start(secret, &failure), SECRET_READY);
		secret_mask(secret, text);
		assert_string_equal(text, maskings[i].expected);
		secret_free(secret);
	}
}

/* Our sentence holds no foreign word then, and a short secret would be found in it. */
static void what_is_no_password_is_forgotten_at_once(void **state)
{
	enum secret_progress progress;
	struct secret *secret = fetch(SECRET_FILE, file_with("a\0b", 3), &progress);

	(void)state;
	assert_int_equal(progress, SECRET_FAILED);
	secret_mask(secret, failure.text);
	assert_non_null(strstr(failure.text, "holds a NUL octet"));
	assert_int_equal(secret_span(secret).length, 0);
	secret_free(secret);
	secret = fetch(SECRET_COMMAND, "printf 'a\\0b'; echo no a here >&2; exit 1", &progress);
	secret_mask(secret, failure.text);
	assert_non_null(strstr(failure.text, "failed with exit status 1: no * here"));
	secret_free(secret);
}

static void a_secret_that_is_not_there_yet_masks_nothing(void **state)
{
	struct secret_spec spec = {.source = SECRET_COMMAND, .where = "true"};
	struct secret *secret = secret_new(&spec);
	char text[] = "text";

	(void)state;
	secret_mask(secret, text);
	assert_string_equal(text, "text");
	secret_free(secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_file_the_first_line_counts_without_its_end),
		cmocka_unit_test(a_file_without_a_password_is_told_apart),
		cmocka_unit_test(the_longest_password_has_64_kib),
		cmocka_unit_test(a_file_that_may_not_be_read_says_so),
		cmocka_unit_test(a_password_file_for_everybody_is_exposed),
		cmocka_unit_test(a_fifo_without_a_writer_is_waited_for_and_blocks_nobody),
		cmocka_unit_test(standard_input_is_read_and_left_open),
		cmocka_unit_test(a_variable_is_taken_whole_but_for_one_line_end),
		cmocka_unit_test(a_given_secret_is_moved_not_copied),
		cmocka_unit_test(of_a_commands_output_the_first_line_counts),
		cmocka_unit_test(a_command_that_says_too_much_does_not_hang),
		cmocka_unit_test(a_child_left_behind_is_not_waited_for),
		cmocka_unit_test(a_failed_command_tells_its_last_words),
		cmocka_unit_test(the_last_words_do_not_repeat_the_password),
		cmocka_unit_test(a_command_has_no_input_and_default_signals),
		cmocka_unit_test(a_signal_at_birth_ends_a_command_without_our_handler),
		cmocka_unit_test(our_descriptors_stay_ours_and_none_is_left),
		cmocka_unit_test(what_a_command_leaves_in_the_background_stays),
		cmocka_unit_test(a_running_command_is_killed_with_its_children),
		cmocka_unit_test(no_zombie_is_left_after_success),
		cmocka_unit_test(no_form_of_a_secret_stays_in_a_text),
		cmocka_unit_test(what_is_no_password_is_forgotten_at_once),
		cmocka_unit_test(a_secret_that_is_not_there_yet_masks_nothing),
	};

	pthread_atfork(NULL, NULL, terminate_child);
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
