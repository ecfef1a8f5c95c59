/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe.c - see probe.h. */
#include "probe.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"

bool probe_init(struct probe *probe, const struct address *server, imap_time until)
{
	struct address_list list = {.items = {*server}, .count = 1};

	memset(probe, 0, sizeof *probe);
	probe->until = until;
	dial_init(&probe->dial);
	dial_add(&probe->dial, &list, false);
	return session_init(&probe->session);
}

void probe_free(struct probe *probe)
{
	session_free(&probe->session);
	dial_close(&probe->dial);
}

void probe_wait(const struct probe *probe, struct wait *wait, imap_time now)
{
	wait_until(wait, probe->until);
	if (probe->is_talking)
		session_wait(&probe->session, wait);
	else
		dial_wait(&probe->dial, wait, now);
}

static enum probe_progress refuses(struct probe *probe, const char *why)
{
	snprintf(probe->why, sizeof probe->why, "%s", why);
	return PROBE_REFUSES;
}

static enum probe_progress remains_unknown(struct probe *probe, const char *why)
{
	snprintf(probe->why, sizeof probe->why, "%s", why);
	return PROBE_UNKNOWN;
}

static enum probe_progress accepts(struct probe *probe, const char *offer)
{
	snprintf(probe->offer, sizeof probe->offer, "%s", offer);
	return PROBE_ACCEPTS;
}

/* What reveals a password to whoever reads along. */
static enum probe_progress weigh_offer(struct probe *probe)
{
	const struct imap *imap = probe->session.imap;

	if (imap_has(imap, "AUTH=PLAIN"))
		return accepts(probe, "AUTH=PLAIN");
	if (imap_has(imap, "AUTH=LOGIN"))
		return accepts(probe, "AUTH=LOGIN");
	if (!imap_has(imap, "LOGINDISABLED"))
		return accepts(probe, "the LOGIN command");
	return refuses(probe, "login is disabled there without TLS");
}

static enum probe_progress take(struct probe *probe, const struct imap_reply *reply, imap_time now)
{
	struct imap *imap = probe->session.imap;

	if (reply->event == IMAP_FAILED)
		return refuses(probe, "it serves no IMAP");
	if (reply->event == IMAP_GREETING && reply->status == IMAP_PREAUTH)
		return accepts(probe, "a session without any login (PREAUTH)");
	if (reply->event != IMAP_GREETING && reply->event != IMAP_DONE)
		return PROBE_WAIT;
	if (imap_knows_capabilities(imap))
		return weigh_offer(probe);
	if (reply->event == IMAP_DONE)
		return remains_unknown(probe, "it does not tell its capabilities");
	imap_command(imap, now, "CAPABILITY");
	return PROBE_WAIT;
}

/* Leaves as a client should, but waits for no goodbye. */
static void leave(struct probe *probe, imap_time now)
{
	struct imap_reply reply;
	struct failure ignored;

	if (imap_failure(probe->session.imap))
		return;
	imap_logout(probe->session.imap, now);
	session_next(&probe->session, &reply, &ignored);
}

static enum probe_progress talk(struct probe *probe, imap_time now)
{
	enum probe_progress progress = PROBE_WAIT;

	while (progress == PROBE_WAIT && clock_now() < probe->until) {
		struct imap_reply reply;
		struct failure failure;
		enum imap_event event = session_next(&probe->session, &reply, &failure);

		if (event == IMAP_WAIT)
			return PROBE_WAIT;
		reply.event = event;
		progress = take(probe, &reply, now);
	}
	if (progress != PROBE_WAIT)
		leave(probe, now);
	return progress;
}

enum probe_progress probe_ready(struct probe *probe, imap_time now)
{
	enum dial_progress progress;
	struct address winner;

	if (now >= probe->until)
		return probe->is_talking ? remains_unknown(probe, "it is open but says nothing")
					 : refuses(probe, "it does not answer");
	if (probe->is_talking)
		return talk(probe, now);
	progress = dial_ready(&probe->dial, now);
	if (progress == DIAL_WAIT)
		return PROBE_WAIT;
	if (progress == DIAL_LOST)
		return refuses(probe, "it is closed");
	conn_open(&probe->session.conn, dial_take(&probe->dial, &winner));
	probe->is_talking = true;
	return talk(probe, now);
}
