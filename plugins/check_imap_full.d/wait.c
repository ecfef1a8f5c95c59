/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wait.c - collects what unfinished jobs wait for. Knows no jobs and does not wait itself. */
#include "wait.h"

#include "clock.h"

void wait_clear(struct wait *wait)
{
	wait->count = 0;
	wait->until = CLOCK_NEVER;
}

void wait_fd(struct wait *wait, int fd, short events)
{
	if (fd < 0 || wait->count == WAIT_MAX)
		return;
	wait->fds[wait->count++] = (struct pollfd){.fd = fd, .events = events};
}

void wait_until(struct wait *wait, imap_time at)
{
	if (at < wait->until)
		wait->until = at;
}

short wait_got(const struct wait *wait, int fd)
{
	short got = 0;

	for (nfds_t i = 0; i < wait->count; i++)
		if (wait->fds[i].fd == fd)
			got = (short)(got | wait->fds[i].revents);
	return got;
}
