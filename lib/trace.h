/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace.h - the lines of the dialogue as a user may see them.
 *
 * Of the line that is just being received its beginning is kept even when nobody listens: failure
 * sentences quote it.
 */
#ifndef TRACE_H
#define TRACE_H

#include "imapcheck.h"

enum { TRACE_LINE = IMAP_TRACE_LINE };

struct trace {
	imap_tracer *tracer; /* NULL: nobody listens */
	void *context;
	imap_time now; /* of the bytes that are being read */
	char line[TRACE_LINE];
	size_t length;
	bool is_over; /* the line is complete: the next octet begins another */
};

void trace_octets(struct trace *trace, struct imap_span octets); /* received, outside literals */
void trace_literal(struct trace *trace, uint64_t size);		 /* one went by */
void trace_end(struct trace *trace);				 /* the line is complete */
void trace_rest(struct trace *trace); /* tells what is not complete, if any */
void trace_sent(const struct trace *trace, struct imap_span line, imap_time now);

/* The line being received, or the last one: as much of it as is kept. */
struct imap_span trace_line(const struct trace *trace);

#endif
