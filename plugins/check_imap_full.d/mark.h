/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mark.h - the header field by which a check knows its own messages again, and nobody else's. Only
 * what bears it is ever flagged or removed.
 *
 *	X-Check-Imap-Full: id=0123456789abcdef0123456789abcdef; time=1795660800;
 *	 run=0123456789abcdef; check=sync; host=imap.example.org; user=alice;
 *	 mailbox=Monitoring
 *
 * id stands for kind, host, user and mailbox together; what follows `run` is for people.
 */
#ifndef MARK_H
#define MARK_H

#include <stdint.h>
#include <stdio.h>
#include "config.h"

#define MARK_FIELD "X-Check-Imap-Full"

enum mark_kind { MARK_APPEND, MARK_SYNC };

struct mark {
	char id[33];  /* hexadecimal */
	char run[17]; /* of this run alone, hexadecimal and random */
	int64_t time; /* seconds since 1970 */
};

/* False when there is no randomness to be had, or no SHA-256. */
bool mark_make(struct mark *mark, enum mark_kind kind, const struct config *config,
	       const char *mailbox, int64_t now);

/* The field, folded, CRLF behind it. */
void mark_write(const struct mark *mark, FILE *to, enum mark_kind kind, const struct config *config,
		const char *mailbox);

/* Reads the field in a header, or in a part of one; false if there is none that is whole. */
bool mark_read(struct imap_span header, struct mark *mark);

#endif
