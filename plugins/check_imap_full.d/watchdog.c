/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watchdog.c - see watchdog.h. What runs in the handler writes prepared bytes and ends: nothing else. */
#include "watchdog.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "text.h"

enum { LINE = 480 };

static struct {
	char late[PHASE_COUNT + 1][LINE];
	char stopped[PHASE_COUNT + 1][LINE];
	enum state late_state;
	const volatile sig_atomic_t *phase;
} prepared;

/* Who does not read us must not keep us: nothing is written into a full pipe. */
static void strike(int signal_number)
{
	bool is_late = signal_number == SIGALRM;
	const char *line =
		is_late ? prepared.late[*prepared.phase] : prepared.stopped[*prepared.phase];
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	if (poll(&out, 1, 0) == 1 && (out.revents & POLLOUT))
		if (write(STDOUT_FILENO, line, strlen(line)) < 0)
			_exit(STATE_UNKNOWN);
	_exit(is_late ? (int)prepared.late_state : STATE_UNKNOWN);
}

static void prepare(const struct config *config)
{
	prepared.late_state = config->class_state[CLASS_TIMEOUT];
	for (int i = 0; i <= PHASE_COUNT; i++) {
		const char *phase = i < PHASE_COUNT ? phase_name((enum phase)i) : "start";
		char where[300];

		snprintf(where, sizeof where, "%s:%u", config->host.shown, config->port);
		text_clean_in_place(where);
		snprintf(prepared.late[i], LINE,
			 "IMAP %s - %s: not over within %g s: a library or a system call did not "
			 "return (%s)\n",
			 state_name(prepared.late_state), phase, clock_seconds(config->timeout),
			 where);
		snprintf(prepared.stopped[i], LINE,
			 "IMAP %s - %s: the check was stopped from outside by a signal (%s)\n",
			 state_name(STATE_UNKNOWN), phase, where);
	}
}

void watchdog_arm(const struct config *config, const volatile sig_atomic_t *phase)
{
	static const int signals[] = {SIGALRM, SIGTERM, SIGINT, SIGHUP};
	imap_time after = config->timeout + CLOCK_SECOND / 10;
	struct itimerval timer = {
		.it_value = {.tv_sec = (time_t)(after / CLOCK_SECOND),
			     .tv_usec = (suseconds_t)(after % CLOCK_SECOND / 1000)}};
	struct sigaction action = {.sa_handler = strike};

	prepared.phase = phase;
	prepare(config);
	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		sigaction(signals[i], &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}
