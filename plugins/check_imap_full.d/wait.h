/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wait.h - what an unfinished job waits for: descriptors and a moment.
 *
 * Every job that takes time (a lookup, a connection attempt, a handshake, a command's output) is a
 * struct with two verbs: NOUN_wait() adds what it waits for, NOUN_ready() goes on after any of it
 * came true (or did not: a call too many must do no harm). Nobody below the loop calls poll().
 */
#ifndef WAIT_H
#define WAIT_H

#include <poll.h>
#include "imapcheck.h"

enum { WAIT_MAX = 40 };

struct wait {
	struct pollfd fds[WAIT_MAX];
	nfds_t count;
	imap_time until; /* CLOCK_NEVER when there is no moment */
};

void wait_clear(struct wait *wait);
void wait_fd(struct wait *wait, int fd, short events); /* more than WAIT_MAX are left out */
void wait_until(struct wait *wait, imap_time at);      /* the earliest counts */
short wait_got(const struct wait *wait, int fd);       /* revents, 0 if it is not there */

#endif
