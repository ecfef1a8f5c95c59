/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture.h - a number out of a message: --capture.
 *
 * A POSIX extended regular expression is matched line by line against the message as its reader
 * sees it (mime.h); the first group of the first line that matches is the number.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "octets.h"

enum {
	CAPTURE_OCTETS = 64 * 1024, /* of a message: what is fetched, and what is matched */
	CAPTURE_LINE = 2048,	    /* of a line: what is matched */
};

enum capture_outcome {
	CAPTURE_NUMBER,
	CAPTURE_NO_NUMBER, /* a line matched, but what is in the group is none */
	CAPTURE_NO_LINE,
	CAPTURE_TOO_COSTLY, /* no memory for it */
};

struct capture_finding {
	enum capture_outcome outcome;
	double number;
	char text[64]; /* NO_NUMBER: what is in the group, cleaned */
};

/* `pattern` must be sound (pattern.h). How long this takes depends on both in ways that nobody can
   foresee: give it to an errand (errand.h). */
void capture_find(const char *pattern, struct imap_span message, struct capture_finding *finding);

/* A number as we read it: digits, with a sign before and decimals behind a point allowed. False for
   anything else, and for more than 15 digits before the point. */
bool capture_number(struct imap_span text, double *number);

#endif
