/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe.h - a look at a port where passwords must not be taken in clear: connects, reads what is
 * offered, logs out. No login is tried and no secret is known here.
 */
#ifndef PROBE_H
#define PROBE_H

#include "dial.h"
#include "session.h"

struct probe {
	struct dial dial;
	struct session session;
	imap_time until; /* no connection until then counts as closed */
	bool is_talking;
	char offer[100]; /* PROBE_ACCEPTS: what is offered in clear */
	char why[200];	 /* PROBE_REFUSES, PROBE_UNKNOWN: in words */
};

enum probe_progress {
	PROBE_WAIT,
	PROBE_REFUSES, /* closed, no IMAP, or no way to log in by password */
	PROBE_ACCEPTS,
	PROBE_UNKNOWN, /* it is open, but what it would take did not come out */
};

/* False when out of memory. `until` should leave time for the rest of the run. */
bool probe_init(struct probe *probe, const struct address *server, imap_time until);
void probe_free(struct probe *probe);

void probe_wait(const struct probe *probe, struct wait *wait, imap_time now);
enum probe_progress probe_ready(struct probe *probe, imap_time now);

#endif
