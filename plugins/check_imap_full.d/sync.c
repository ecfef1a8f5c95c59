/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync.c - see sync.h. */
#include "sync.h"

#include <stdlib.h>

enum { SHARE = 5, LONGEST = 3 }; /* a fifth of the time, at most so many seconds, to remove it */

struct sync *sync_new(imap_time now, imap_time deadline)
{
	struct sync *sync = calloc(1, sizeof *sync);
	imap_time reserve = (deadline - now) / SHARE;

	if (!sync)
		return NULL;
	if (reserve > LONGEST * CLOCK_SECOND)
		reserve = LONGEST * CLOCK_SECOND;
	sync->give_up_at = deadline - reserve;
	return sync;
}

void sync_free(struct sync *sync)
{
	if (!sync)
		return;
	watcher_free(sync->watcher);
	free(sync);
}
