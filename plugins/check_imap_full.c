/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_imap_full - makes an IMAP user's whole journey, times every step, judges each, and says in
 * one line which one is broken and why.
 *
 * main: arguments in, one write, one exit status. Everything that concerns the process as a whole
 * (signals, limits, descriptors, exit) happens here and nowhere else.
 */
#include "autoconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "check_imap_full.d/loop.h"
#include "check_imap_full.d/mp.h"
#include "check_imap_full.d/options.h"
#include "check_imap_full.d/out.h"
#include "check_imap_full.d/watchdog.h"

enum { START_SECONDS = 10 };

/* Until the run has its own deadline: writing into a full pipe, or reading options from one, must
   not hang. Into a pipe that is not full goes a line of this length at once. */
static void give_up(int signal_number)
{
	static const char words[] = "IMAP UNKNOWN - the options and the files that they name "
				    "(--extra-opts) could not be read in time\n";
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	(void)signal_number;
	if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT))
		(void)!write(STDOUT_FILENO, words, sizeof words - 1);
	_exit(STATE_UNKNOWN);
}

/* What an engine blocks or ignores, its children inherit: a blocked alarm would outlive the
   deadline, an ignored SIGCHLD hide how a command ended. */
static void prepare_signals(void)
{
	sigset_t none;

	sigemptyset(&none);
	signal(SIGALRM, give_up);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(START_SECONDS);
}

/* No core may hold the secret, and a socket must never become descriptor 1. */
static void prepare_process(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	prepare_signals();
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			_exit(STATE_UNKNOWN);
}

/* False: whoever asked did not hear it, and must not take silence for OK. */
static bool write_all(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, text, length);

		if (written < 0 && errno == EAGAIN)
			poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
		else if (written < 0 && errno != EINTR)
			return false;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
	return true;
}

/* There was no run, or nothing is left of it. */
static int complain(const struct config *config, enum failure_class class, const char *sentence)
{
	static const char last_words[] = "IMAP UNKNOWN - out of memory\n";
	struct failure failure;
	char *text;

	failure_set(&failure, class, "%s", sentence);
	text = out_ending(config, STATE_UNKNOWN, PHASE_COUNT, &failure, time(NULL));
	watchdog_hush(STATE_UNKNOWN);
	write_all(text ? text : last_words, strlen(text ? text : last_words));
	free(text);
	return STATE_UNKNOWN;
}

static int tell(const struct config *config, const struct check *check)
{
	static struct verdict verdict;
	struct outcome outcome = {config, check_report(check), &verdict, time(NULL)};
	bool is_told;
	char *text;

	judge(config, check_report(check), outcome.now, &verdict);
	text = out_text(&outcome);
	if (!text)
		return complain(config, CLASS_INTERNAL, "out of memory");
	watchdog_hush((int)verdict.state);
	is_told = write_all(text, strlen(text));
	free(text);
	return is_told ? (int)verdict.state : STATE_UNKNOWN;
}

static int run(const struct config *config)
{
	static struct check check;
	int status;

	check.journey.phase = PHASE_COUNT;
	watchdog_arm(config, &check.journey.phase);
	if (check_start(&check, config, clock_now())) {
		loop_run(&check);
		status = tell(config, &check);
	} else {
		status = complain(config, CLASS_INTERNAL, "out of memory");
	}
	check_free(&check);
	return status;
}

int main(int argc, char **argv)
{
	static char *
		*words; /* ours, as long as the process lives: the configuration points there */
	static struct config config;
	struct failure failure;

	words = options_hide_secrets(argc, argv);
	prepare_process();
	if (!words)
		return complain(&config, CLASS_INTERNAL, "out of memory");
	argv = mp_extra_opts(&argc, words);
	switch (options_parse(argc, argv, &config, &failure)) {
	case OPTIONS_HELP:
		options_print_help(stdout);
		return STATE_UNKNOWN;
	case OPTIONS_VERSION:
		printf("check_imap_full %s\n", PACKAGE_VERSION);
		return STATE_UNKNOWN;
	case OPTIONS_BAD:
		return complain(&config, CLASS_USAGE, failure.text);
	case OPTIONS_RUN:
		break;
	}
	return run(&config);
}
