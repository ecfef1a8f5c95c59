/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop.c - see loop.h. */
#include "loop.h"

#include <time.h>

/* Nanoseconds, so that a deadline 0.4 ms away is neither a busy loop nor a millisecond late. */
static void sleep_for(struct wait *wait, imap_time now)
{
	imap_time left = wait->until > now ? wait->until - now : 0;
	struct timespec length = {(time_t)(left / CLOCK_SECOND), (long)(left % CLOCK_SECOND)};

	/* An interruption is a reason to look again, like any other. */
	if (ppoll(wait->fds, wait->count, wait->until == CLOCK_NEVER ? NULL : &length, NULL) < 0)
		for (nfds_t i = 0; i < wait->count; i++)
			wait->fds[i].revents = 0;
}

void loop_run(struct check *check)
{
	while (!check->is_over) {
		struct wait wait;
		imap_time now = clock_now();

		wait_clear(&wait);
		check_wait(check, &wait, now);
		sleep_for(&wait, now);
		check_ready(check, &wait, clock_now());
	}
}
