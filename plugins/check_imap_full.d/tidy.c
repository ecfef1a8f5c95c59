/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tidy.c - see tidy.h. Opinion without a session: the steps speak to the server. */
#include "tidy.h"

#include <inttypes.h>
#include <string.h>

void tidy_begin_round(struct tidy *tidy)
{
	tidy->stage = TIDY_SEARCHING;
	tidy->count = 0;
	tidy->hits = 0;
	tidy->rounds++;
	memset(tidy->is_doomed, 0, sizeof tidy->is_doomed);
}

void tidy_begin(struct tidy *tidy, enum tidy_rule rule, const struct mark *mark, unsigned keep)
{
	*tidy = (struct tidy){.rule = rule, .mark = mark, .keep = keep};
	tidy_begin_round(tidy);
}

/* The lowest UIDs are the oldest messages: of too many hits these are kept. */
void tidy_propose(struct tidy *tidy, uint64_t uid)
{
	unsigned at = tidy->count;

	while (at > 0 && tidy->uids[at - 1] > uid)
		at--;
	if (uid == 0 || uid > UINT32_MAX || (at > 0 && tidy->uids[at - 1] == uid))
		return;
	tidy->hits++;
	if (at == TIDY_MAX)
		return;
	if (tidy->count < TIDY_MAX)
		tidy->count++;
	memmove(tidy->uids + at + 1, tidy->uids + at,
		(tidy->count - 1 - at) * sizeof tidy->uids[0]);
	tidy->uids[at] = (uint32_t)uid;
}

static bool may_go(const struct tidy *tidy, const struct mark *found)
{
	const struct mark *own = tidy->mark;

	if (strcmp(found->id, own->id) != 0)
		return false;
	switch (tidy->rule) {
	case TIDY_SURPLUS:
		return true;
	case TIDY_LEFTOVERS:
		return found->time < own->time - TIDY_AGE;
	default: /* TIDY_THIS */
		return strcmp(found->run, own->run) == 0;
	}
}

void tidy_read(struct tidy *tidy, uint64_t uid, struct imap_span header)
{
	struct mark found;

	for (unsigned i = 0; i < tidy->count; i++)
		if (tidy->uids[i] == uid)
			tidy->is_doomed[i] = mark_read(header, &found) && may_go(tidy, &found);
}

static unsigned count_doomed(const struct tidy *tidy)
{
	unsigned doomed = 0;

	for (unsigned i = 0; i < tidy->count; i++)
		doomed += tidy->is_doomed[i];
	return doomed;
}

/* Hits that were not looked at may be somebody else's. For newer ones of ours they are taken only
   where more are to be kept than are looked at, and all that were looked at are ours. */
static unsigned to_spare(const struct tidy *tidy)
{
	uint64_t unseen = tidy->hits - tidy->count;

	if (tidy->rule != TIDY_SURPLUS)
		return 0;
	if (tidy->keep < TIDY_MAX || count_doomed(tidy) < tidy->count)
		return tidy->keep;
	return unseen < tidy->keep ? tidy->keep - (unsigned)unseen : 0;
}

unsigned tidy_choose(struct tidy *tidy)
{
	unsigned spared = to_spare(tidy);

	for (unsigned i = tidy->count; i-- > 0 && spared > 0;) {
		if (!tidy->is_doomed[i])
			continue;
		tidy->is_doomed[i] = false;
		spared--;
	}
	return count_doomed(tidy);
}

void tidy_write_set(const struct tidy *tidy, bool only_doomed, char *text)
{
	char *at = text;

	*at = '\0';
	for (unsigned i = 0; i < tidy->count; i++)
		if (!only_doomed || tidy->is_doomed[i])
			at += sprintf(at, "%s%" PRIu32, at > text ? "," : "", tidy->uids[i]);
}

bool tidy_end_round(struct tidy *tidy)
{
	unsigned doomed = count_doomed(tidy);

	return doomed > 0 && tidy->hits > tidy->count && tidy->rounds < TIDY_ROUNDS;
}
