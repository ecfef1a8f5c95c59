/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * errand.h - a piece of work in a child process of our own, where it can neither keep us from the
 * clock nor take our memory nor, should it crash, take us along.
 *
 * For work whose cost a stranger decides. Knows nothing of what the work is.
 */
#ifndef ERRAND_H
#define ERRAND_H

#include <sys/types.h>
#include "failure.h"
#include "wait.h"

enum { ERRAND_RESULT = 256, ERRAND_MEMORY = 24 * 1024 * 1024 };

struct errand {
	pid_t pid; /* 0: not started, or over */
	int out;   /* -1 then */
	size_t size, got;
	char result[ERRAND_RESULT];
};

enum errand_progress { ERRAND_WAIT, ERRAND_READY, ERRAND_DIED };

/* Runs in the child, which may take ERRAND_MEMORY more than it was born with. Fills `result`. */
typedef void errand_work(const void *task, void *result);

void errand_init(struct errand *errand);
void errand_close(struct errand *errand); /* ends the child if it still runs; again is fine */

/* Begins; `size` is that of the result, at most ERRAND_RESULT. `task` is needed during the call
   only. False with *failure (class internal). */
bool errand_start(struct errand *errand, errand_work *work, const void *task, size_t size,
		  struct failure *failure);

void errand_wait(const struct errand *errand, struct wait *wait);

/* READY: errand->result is filled. DIED: it ended without one. */
enum errand_progress errand_ready(struct errand *errand);

#endif
