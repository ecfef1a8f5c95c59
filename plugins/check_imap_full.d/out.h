/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out.h - the forms in which a run is told. Text, no opinion: each writes to `to`, a stream of
   open_memstream(), and keeps nothing. */
#ifndef OUT_H
#define OUT_H

#include <stdio.h>
#include "judge.h"

struct outcome {
	const struct config *config;
	const struct report *report;
	const struct verdict *verdict;
	time_t now; /* wall clock */
};

void out_nagios(FILE *to, const struct outcome *outcome);
bool out_json(FILE *to, const struct outcome *outcome);	      /* false when out of memory */
bool out_prometheus(FILE *to, const struct outcome *outcome); /* false when out of memory */

/* The outcome in the form that --output asks for, for the caller to free; NULL when out of memory.
 */
char *out_text(const struct outcome *outcome);

/* The same for a run of which nothing is known but how it ended: in `phase` (PHASE_COUNT: before
   the first one), at `now`. `config` may be half filled, as bad usage leaves it. */
char *out_ending(const struct config *config, enum state state, enum phase phase,
		 const struct failure *failure, time_t now);

/* That for every phase it could happen in; texts[PHASE_COUNT] is for before the first one. All are
   in one block, which begins with texts[0]; all are NULL when out of memory. */
void out_endings(const struct config *config, enum state state, const struct failure *failure,
		 time_t now, char *texts[PHASE_COUNT + 1]);

/* --- what more than one of them says ---------------------------------------------------------- */

/* The first line of the nagios output, without "IMAP STATE - " and perfdata. */
#define OUT_WHOLE ((size_t)-1)
/* At most `room` octets of the problem's sentence, "..." after what is cut. */
void out_summary(FILE *to, const struct outcome *outcome, size_t room);

/* "auth", and "thresholds" for what is no failure. */
const char *out_class(const struct verdict_item *item);

/* Nothing was checked, so there is nothing to tell but what to mend in the command line. */
bool out_is_bad_usage(const struct verdict *verdict);

/* The threshold as perfdata shows it, in at least 160 octets; NULL where there is none. */
const char *out_limit(const struct outcome *outcome, enum metric metric, enum config_level level,
		      char *text, size_t size);

#endif
