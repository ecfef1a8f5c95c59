/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dial.c - carries out the race's moves with sockets. Decides nothing and looks nothing up. */
#include "dial.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "text.h"

void dial_init(struct dial *dial)
{
	race_init(&dial->race);
	for (unsigned i = 0; i < ADDRESS_MAX; i++)
		dial->fds[i] = -1;
	dial->winner = -1;
}

static void hang_up(struct dial *dial, unsigned lane)
{
	if (dial->fds[lane] >= 0)
		close(dial->fds[lane]);
	dial->fds[lane] = -1;
}

static void hang_up_all(struct dial *dial)
{
	for (unsigned i = 0; i < ADDRESS_MAX; i++)
		hang_up(dial, i);
}

void dial_close(struct dial *dial)
{
	hang_up_all(dial);
	if (dial->winner >= 0)
		close(dial->winner);
	dial->winner = -1;
}

void dial_add(struct dial *dial, const struct address_list *list, bool more)
{
	for (unsigned i = dial->race.count; i < list->count; i++)
		race_add(&dial->race, &list->items[i]);
	dial->race.more_to_come = more;
}

void dial_wait(const struct dial *dial, struct wait *wait, imap_time now)
{
	struct race_move move = race_next(&dial->race, now);

	for (unsigned i = 0; i < dial->race.count; i++)
		if (dial->race.lanes[i].status == RACE_RUNNING)
			wait_fd(wait, dial->fds[i], POLLOUT);
	wait_until(wait, move.verb == RACE_WAIT ? move.until : now);
}

static int open_socket(const struct address *address)
{
	int fd = socket(address->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd >= 0)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void start(struct dial *dial, unsigned lane, imap_time now)
{
	const struct address *address = &dial->race.lanes[lane].address;

	race_started(&dial->race, lane, now);
	dial->fds[lane] = open_socket(address);
	if (dial->fds[lane] >= 0 && (connect(dial->fds[lane], &address->sa, address->length) == 0 ||
				     errno == EINPROGRESS || errno == EINTR))
		return;
	race_failed(&dial->race, lane, errno, now);
	hang_up(dial, lane);
}

/* 0: connected; EINPROGRESS: not yet; otherwise why it failed. */
static int state_of(int fd)
{
	struct sockaddr_storage peer;
	socklen_t peer_length = sizeof(peer);
	int error = 0;
	socklen_t error_length = sizeof(error);

	if (getpeername(fd, (struct sockaddr *)&peer, &peer_length) == 0)
		return 0;
	if (errno != ENOTCONN)
		return errno;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_length) != 0)
		return errno;
	return error != 0 ? error : EINPROGRESS;
}

/* Whether this lane won. */
static bool look_at(struct dial *dial, unsigned lane, imap_time now)
{
	int state;

	if (dial->race.lanes[lane].status != RACE_RUNNING)
		return false;
	state = state_of(dial->fds[lane]);
	if (state == 0) {
		race_won(&dial->race, lane, now);
		return true;
	}
	if (state != EINPROGRESS) {
		race_failed(&dial->race, lane, state, now);
		hang_up(dial, lane);
	}
	return false;
}

static void look_at_all(struct dial *dial, imap_time now)
{
	for (unsigned i = 0; i < dial->race.count; i++)
		if (look_at(dial, i, now))
			return;
}

enum dial_progress dial_ready(struct dial *dial, imap_time now)
{
	struct race_move move;

	look_at_all(dial, now);
	while (move = race_next(&dial->race, now), move.verb == RACE_START) {
		start(dial, move.lane, now);
		look_at_all(dial, now);
	}
	if (move.verb == RACE_LOST)
		return DIAL_LOST;
	if (move.verb != RACE_OVER)
		return DIAL_WAIT;
	if (dial->fds[move.lane] >= 0) {
		dial->winner = dial->fds[move.lane];
		dial->fds[move.lane] = -1;
		hang_up_all(dial);
	}
	return DIAL_UP;
}

int dial_take(struct dial *dial, struct address *winner)
{
	int fd = dial->winner;

	for (unsigned i = 0; i < dial->race.count; i++)
		if (dial->race.lanes[i].status == RACE_WON)
			*winner = dial->race.lanes[i].address;
	dial->winner = -1;
	return fd;
}

const char *dial_lane_text(const struct race_lane *lane, char *text)
{
	char address[ADDRESS_TEXT];
	const char *how = "not tried";

	if (lane->status == RACE_FAILED)
		how = strerror(lane->error);
	else if (lane->status == RACE_RUNNING)
		how = "no answer";
	else if (lane->status == RACE_WON)
		how = "connected";
	snprintf(text, DIAL_LANE_TEXT, "%s port %u: %s", address_text(&lane->address, address),
		 address_port(&lane->address), how);
	return text;
}

/* Said once for all of them: the word alone tells those who know it. */
static bool all_refuse(const struct race *race)
{
	for (unsigned i = 0; i < race->count; i++)
		if (race->lanes[i].status != RACE_FAILED || race->lanes[i].error != ECONNREFUSED)
			return false;
	return true;
}

void dial_failure(const struct dial *dial, struct failure *failure)
{
	const struct race *race = &dial->race;
	char line[DIAL_LANE_TEXT];
	char all[400] = "";

	if (race->count == 0) {
		failure_set(failure, CLASS_CONNECT, "there is no address to connect to");
		return;
	}
	for (unsigned i = 0; i < race->count; i++) {
		dial_lane_text(&race->lanes[i], line);
		if (strlen(all) + strlen(line) + sizeof(", and 32 more") > sizeof(all)) {
			text_add(all, sizeof(all), " and %u more", race->count - i);
			break;
		}
		text_add(all, sizeof(all), "%s%s", i > 0 ? ", " : "", line);
	}
	failure_set(failure, CLASS_CONNECT, "%s%s%s",
		    race->count > 1 ? "no address took the connection: " : "", all,
		    all_refuse(race) ? "; nothing listens there" : "");
}
