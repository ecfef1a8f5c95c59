/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watchdog.c - see watchdog.h. What runs in the handler writes prepared bytes and ends: nothing
 * else. */
#include "watchdog.h"

#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "out.h"

/* The last index is for the time before the first phase. NULL where there was no memory for it. */
static struct {
	char *late[PHASE_COUNT + 1];
	char *stopped[PHASE_COUNT + 1];
	enum state late_state;
	const volatile sig_atomic_t *phase;
	volatile sig_atomic_t is_told, status; /* the output is under way, or written */
} prepared;

/* Who does not read us must not keep us: nothing is written into a full pipe, and no more at once
   than a pipe takes that is not full. */
static void say(const char *text)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
	size_t length = strlen(text);

	while (length > 0 && poll(&out, 1, 0) == 1 && (out.revents & POLLOUT)) {
		ssize_t written = write(STDOUT_FILENO, text, length < PIPE_BUF ? length : PIPE_BUF);

		if (written <= 0)
			return;
		text += written;
		length -= (size_t)written;
	}
}

static void strike(int signal_number)
{
	bool is_late = signal_number == SIGALRM;
	const char *text =
		is_late ? prepared.late[*prepared.phase] : prepared.stopped[*prepared.phase];

	if (prepared.is_told)
		_exit(prepared.status);
	say(text ? text : "IMAP UNKNOWN - out of memory\n");
	_exit(is_late && text ? (int)prepared.late_state : STATE_UNKNOWN);
}

static void prepare(const struct config *config)
{
	time_t now = time(NULL);
	time_t end = now + (time_t)clock_seconds(config->timeout);
	struct failure late, stopped;

	failure_set(&late, CLASS_TIMEOUT,
		    "not over within %g s: a library or a system call did not return",
		    clock_seconds(config->timeout));
	failure_set(&stopped, CLASS_INTERNAL, "the check was stopped from outside by a signal");
	prepared.late_state = config->class_state[CLASS_TIMEOUT];
	out_endings(config, prepared.late_state, &late, end, prepared.late);
	out_endings(config, STATE_UNKNOWN, &stopped, now, prepared.stopped);
}

void watchdog_hush(int status)
{
	prepared.status = status;
	prepared.is_told = true;
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
