/* SPDX-License-Identifier: GPL-3.0-or-later */
/* race.c - which address to try next, and when. Knows no sockets and no clock. */
#include "race.h"

#include <assert.h>

static const imap_time STAGGER = 250 * CLOCK_MILLISECOND; /* RFC 8305 section 8 */

void race_init(struct race *race)
{
	*race = (struct race){.count = 0, .more_to_come = true};
}

void race_add(struct race *race, const struct address *address)
{
	if (race->count == ADDRESS_MAX)
		return;
	race->lanes[race->count++] = (struct race_lane){.address = *address, .status = RACE_IDLE};
}

static unsigned count_of(const struct race *race, enum race_status status)
{
	unsigned count = 0;

	for (unsigned i = 0; i < race->count; i++)
		count += race->lanes[i].status == status;
	return count;
}

static bool has_started(const struct race *race)
{
	return count_of(race, RACE_IDLE) < race->count;
}

/* The first lane with this status; of this family, unless it is AF_UNSPEC. race->count if none is.
 */
static unsigned find(const struct race *race, enum race_status status, int family)
{
	for (unsigned i = 0; i < race->count; i++) {
		const struct race_lane *lane = &race->lanes[i];

		if (lane->status == status &&
		    (family == AF_UNSPEC || lane->address.sa.sa_family == family))
			return i;
	}
	return race->count;
}

static unsigned pick(const struct race *race)
{
	int family = AF_INET6;
	unsigned lane;

	if (has_started(race) && race->lanes[race->last_lane].address.sa.sa_family == AF_INET6)
		family = AF_INET;
	lane = find(race, RACE_IDLE, family);
	return lane < race->count ? lane : find(race, RACE_IDLE, AF_UNSPEC);
}

/* A failure at the very moment of the last start is the one that made room for that start, unless
   it is its own. */
static bool has_failed_since_last_start(const struct race *race)
{
	if (race->lanes[race->last_lane].status == RACE_FAILED)
		return true;
	for (unsigned i = 0; i < race->count; i++)
		if (race->lanes[i].status == RACE_FAILED &&
		    race->lanes[i].ended_at > race->last_start_at)
			return true;
	return false;
}

static imap_time next_start_at(const struct race *race, imap_time now)
{
	if (!has_started(race) || has_failed_since_last_start(race))
		return now;
	return race->last_start_at + STAGGER;
}

struct race_move race_next(const struct race *race, imap_time now)
{
	unsigned winner = find(race, RACE_WON, AF_UNSPEC);
	unsigned next = pick(race);
	imap_time at;

	if (winner < race->count)
		return (struct race_move){.verb = RACE_OVER, .lane = winner};
	if (next < race->count) {
		at = next_start_at(race, now);
		if (at <= now)
			return (struct race_move){.verb = RACE_START, .lane = next};
		return (struct race_move){.verb = RACE_WAIT, .until = at};
	}
	if (race->more_to_come || count_of(race, RACE_RUNNING) > 0)
		return (struct race_move){.verb = RACE_WAIT, .until = CLOCK_NEVER};
	return (struct race_move){.verb = RACE_LOST};
}

void race_started(struct race *race, unsigned lane, imap_time now)
{
	assert(lane < race->count && race->lanes[lane].status == RACE_IDLE);
	race->lanes[lane].status = RACE_RUNNING;
	race->lanes[lane].started_at = now;
	race->last_start_at = now;
	race->last_lane = lane;
}

void race_failed(struct race *race, unsigned lane, int error, imap_time now)
{
	assert(lane < race->count && race->lanes[lane].status == RACE_RUNNING);
	race->lanes[lane].status = RACE_FAILED;
	race->lanes[lane].error = error;
	race->lanes[lane].ended_at = now;
}

void race_won(struct race *race, unsigned lane, imap_time now)
{
	assert(lane < race->count && race->lanes[lane].status == RACE_RUNNING);
	race->lanes[lane].status = RACE_WON;
	race->lanes[lane].ended_at = now;
}
