/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * race.h - which address to try next, and when (RFC 8305), as a pure decision.
 *
 * No socket and no clock in here: what happened and the time come in, what to do comes out. dial.c
 * carries it out.
 */
#ifndef RACE_H
#define RACE_H

#include "address.h"
#include "clock.h"

enum race_status { RACE_IDLE, RACE_RUNNING, RACE_FAILED, RACE_WON };

struct race_lane {
	struct address address;
	enum race_status status;
	imap_time started_at; /* valid once not IDLE */
	imap_time ended_at;   /* valid once FAILED or WON */
	int error;	      /* errno of a FAILED one */
};

struct race {
	struct race_lane lanes[ADDRESS_MAX]; /* in the order of arrival */
	unsigned count;
	bool more_to_come;	 /* a lookup is still under way */
	imap_time last_start_at; /* valid once a lane was started */
	unsigned last_lane;	 /* the same */
};

enum race_verb {
	RACE_START, /* open a connection to lane `lane` */
	RACE_WAIT,  /* until something happens, or until `until` (CLOCK_NEVER: no moment) */
	RACE_OVER,  /* `lane` won: close the others */
	RACE_LOST,  /* every address failed */
};

struct race_move {
	enum race_verb verb;
	unsigned lane;
	imap_time until;
};

void race_init(struct race *race);
void race_add(struct race *race,
	      const struct address *address); /* an address more, also in mid-race */

/* The next move: families take turns, IPv6 first; 250 ms between two starts, none after a failure.
 */
struct race_move race_next(const struct race *race, imap_time now);

void race_started(struct race *race, unsigned lane, imap_time now);
void race_failed(struct race *race, unsigned lane, int error, imap_time now);
void race_won(struct race *race, unsigned lane, imap_time now);

#endif
