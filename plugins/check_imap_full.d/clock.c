/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.c - see clock.h. */
#include "clock.h"

#include <time.h>

imap_time clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (imap_time)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

double clock_seconds(imap_time length)
{
	return (double)length / (double)CLOCK_SECOND;
}

imap_time clock_from_seconds(double seconds)
{
	return (imap_time)(seconds * (double)CLOCK_SECOND);
}
