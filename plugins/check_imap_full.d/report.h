/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report.h - what one run found: facts, no opinion. Everything in here is already cleaned
 * (text.h), so that an output may print it as it is.
 */
#ifndef REPORT_H
#define REPORT_H

#include "address.h"
#include "cert.h"
#include "clock.h"
#include "failure.h"
#include "metric.h"
#include "tls.h"

enum { REPORT_PROBLEMS = 16, REPORT_NOTES = 8, REPORT_TRANSCRIPT = 256 * 1024 };

struct report_phase {
	bool is_reached;
	bool is_over; /* it ended well */
	imap_time began_at;
	imap_time ended_at; /* also of one that failed */
};

struct report_problem {
	enum phase phase;
	struct failure failure;
};

struct report_attempt { /* one address of the race */
	char address[ADDRESS_TEXT];
	int error; /* errno, 0: connected, -1: given up for another's sake */
	imap_time began_at;
	imap_time lasted_for;
};

enum report_knowledge {
	REPORT_UNKNOWN, /* nobody asked, or the run did not get there */
	REPORT_KNOWN,
	REPORT_EMPTY,	/* asked, but there is nothing to measure: the age of no message */
	REPORT_MISSING, /* asked, but the server cannot tell */
};

struct report_value {
	enum report_knowledge knowledge;
	double value;	/* KNOWN */
	double maximum; /* KNOWN: 0 for none */
	time_t since;	/* KNOWN, of an age: the moment it counts from; 0 for none */
	char why[120];	/* EMPTY, MISSING: "the mailbox is empty", "no quota here" */
};

struct report {
	imap_time began_at; /* first network phase; 0 before it */
	imap_time ended_at;
	struct report_phase phases[PHASE_COUNT];

	struct report_problem problems[REPORT_PROBLEMS];
	unsigned problem_count;
	bool is_whole; /* the run got to its end: what is not known now was not told */
	char notes[REPORT_NOTES][200]; /* worth saying, no reason for an alarm */
	unsigned note_count;

	struct report_value values[METRIC_COUNT];

	char address[ADDRESS_TEXT]; /* of the server that was reached, or "" */
	struct report_attempt attempts[ADDRESS_MAX];
	unsigned attempt_count;

	bool has_tls; /* a handshake was made far enough to know the rest */
	struct tls_facts tls;
	char capabilities[2000];
	char mechanism[40]; /* how the login was made, or "" */

	char *transcript; /* NULL unless asked for; owned */
	size_t transcript_length;
	bool transcript_is_cut;
};

void report_init(struct report *report);
void report_free(struct report *report);

/* Phases are contiguous: beginning one ends the one before it at the same moment. */
void report_begin(struct report *report, enum phase phase, imap_time now);
void report_end(struct report *report, imap_time now);	/* the last one ended well */
void report_stop(struct report *report, imap_time now); /* the one under way is left as it is */

/* A problem that the run goes on with; when there are too many, the rest is left out. */
void report_problem(struct report *report, enum phase phase, const struct failure *failure);
/* The one that ends the run: for it there is always room. */
void report_last_problem(struct report *report, enum phase phase, const struct failure *failure);
__attribute__((format(printf, 2, 3))) void report_note(struct report *report, const char *format,
						       ...);
void report_value(struct report *report, enum metric metric, double value);
void report_value_of(struct report *report, enum metric metric, double value, double maximum);
void report_no_value(struct report *report, enum metric metric, enum report_knowledge knowledge,
		     const char *why);
bool report_knows(const struct report *report, enum metric metric);

/* Appends one line to the transcript, if one is kept: "C:" or "S:", of the second session "2C:" or
   "2S:", cleaned; it stops growing at REPORT_TRANSCRIPT. */
void report_line(struct report *report, imap_time now, unsigned session, bool sent,
		 struct imap_span line);

double report_phase_seconds(const struct report *report, enum phase phase);
double report_seconds(const struct report *report); /* the whole */

/* Whole tenths of days left, rounded down: 0.99 days are not one day. */
double report_days(const struct cert *cert, time_t now);

/* The one of the verified path without its anchor, unless the anchor is the server's own; the leaf
   as sent where nothing verified. NULL if no certificate was seen. */
const struct cert *report_first_to_expire(const struct report *report);

/* Turns the times into values, once the run is over. `now` is the wall clock, for cert_days. */
void report_finish(struct report *report, time_t now);

#endif
