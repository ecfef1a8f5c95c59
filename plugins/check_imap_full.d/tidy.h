/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tidy.h - which of its own older messages a check may remove. A search only proposes: a server may
 * match loosely, so each candidate's own header is read before anything is done to it.
 */
#ifndef TIDY_H
#define TIDY_H

#include "mark.h"

enum {
	TIDY_MAX = 200,	  /* candidates looked at in one round */
	TIDY_ROUNDS = 20, /* what is left then is for the next run */
	TIDY_AGE = 3600,  /* seconds: a younger message may be of a check that is still at work */
	TIDY_SET = TIDY_MAX * 11 + 1 /* octets of a set of so many UIDs, its NUL included */
};

enum tidy_rule {
	TIDY_SURPLUS,	/* all but the newest `keep` of this check */
	TIDY_LEFTOVERS, /* those of this check that are older than TIDY_AGE, by their own header */
	TIDY_THIS	/* the one of this very run */
};

enum tidy_stage { TIDY_SEARCHING, TIDY_READING, TIDY_FLAGGING, TIDY_EXPUNGING };

struct tidy {
	enum tidy_rule rule;
	const struct mark *mark; /* what ours bear; borrowed */
	unsigned keep;		 /* TIDY_SURPLUS */
	enum tidy_stage stage;
	unsigned rounds;

	uint32_t uids[TIDY_MAX]; /* candidates, ascending: the oldest come first */
	bool is_doomed[TIDY_MAX];
	unsigned count;
	uint64_t hits; /* of the search, more than `count` maybe */
};

void tidy_begin(struct tidy *tidy, enum tidy_rule rule, const struct mark *mark, unsigned keep);
void tidy_begin_round(struct tidy *tidy);
void tidy_propose(struct tidy *tidy, uint64_t uid); /* a hit of the search */

/* The header of the message with this UID was read: whether it may go. */
void tidy_read(struct tidy *tidy, uint64_t uid, struct imap_span header);

/* Once all were read: settles which may go (TIDY_SURPLUS spares the newest), and tells how many. To
   be called once in a round. */
unsigned tidy_choose(struct tidy *tidy);

/* As a sequence set, into TIDY_SET octets: the candidates, or of them those that may go. */
void tidy_write_set(const struct tidy *tidy, bool only_doomed, char *text);

/* All that may go is gone; whether another round is worth it. */
bool tidy_end_round(struct tidy *tidy);

#endif
