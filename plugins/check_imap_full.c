/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_imap_full - makes an IMAP user's whole journey, times every step, judges each, and says in one
 * line which one is broken and why.
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

/* A socket must never become descriptor 1, and no core may hold the secret. */
static void prepare_process(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	prctl(PR_SET_DUMPABLE, 0);
	sigaction(SIGPIPE, &ignore, NULL);
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			_exit(STATE_UNKNOWN);
}

static void write_all(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, text, length);

		if (written < 0 && errno == EAGAIN)
			poll(&(struct pollfd){.fd = STDOUT_FILENO, .events = POLLOUT}, 1, -1);
		else if (written < 0 && errno != EINTR)
			return;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
}

static int complain(const struct failure *failure)
{
	char line[700];

	snprintf(line, sizeof line, "IMAP UNKNOWN - %s\n", failure->text);
	write_all(line, strlen(line));
	return STATE_UNKNOWN;
}

static int tell(const struct config *config, const struct check *check)
{
	static struct verdict verdict;
	struct outcome outcome = {config, &check->run.report, &verdict, time(NULL)};
	struct failure out_of_memory;
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);

	judge(config, &check->run.report, outcome.now, &verdict);
	if (to)
		out_nagios(to, &outcome);
	if (!to || fclose(to) != 0) {
		failure_set(&out_of_memory, CLASS_INTERNAL, "out of memory");
		return complain(&out_of_memory);
	}
	write_all(text, length);
	free(text);
	return (int)verdict.state;
}

static int run(const struct config *config)
{
	static struct check check;
	struct failure failure;
	int status;

	check.phase = PHASE_COUNT;
	watchdog_arm(config, &check.phase);
	if (check_start(&check, config, clock_now())) {
		loop_run(&check);
		status = tell(config, &check);
	} else {
		failure_set(&failure, CLASS_INTERNAL, "out of memory");
		status = complain(&failure);
	}
	check_free(&check);
	return status;
}

int main(int argc, char **argv)
{
	static struct config config;
	struct failure failure;

	prepare_process();
	argv = mp_extra_opts(&argc, argv);
	switch (options_parse(argc, argv, &config, &failure)) {
	case OPTIONS_HELP:
		options_print_help(stdout);
		return STATE_UNKNOWN;
	case OPTIONS_VERSION:
		printf("check_imap_full %s\n", PACKAGE_VERSION);
		return STATE_UNKNOWN;
	case OPTIONS_BAD:
		return complain(&failure);
	case OPTIONS_RUN:
		break;
	}
	return run(&config);
}
