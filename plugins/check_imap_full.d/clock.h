/* SPDX-License-Identifier: GPL-3.0-or-later */
/* clock.h - the time, asked for in one place. */
#ifndef CLOCK_H
#define CLOCK_H

#include "imapcheck.h"

#define CLOCK_SECOND	  ((imap_time)1000000000)
#define CLOCK_MILLISECOND ((imap_time)1000000)
#define CLOCK_NEVER	  INT64_MAX

imap_time clock_now(void);		/* CLOCK_MONOTONIC, ns */
double clock_seconds(imap_time length); /* a length of time in seconds */
imap_time clock_from_seconds(double seconds);

#endif
