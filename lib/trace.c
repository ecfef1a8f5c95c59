/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace.c - gathers received lines and tells the tracer. Knows nothing of what they mean. */
#include "trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void trace_octets(struct trace *trace, struct imap_span octets)
{
	if (trace->is_over) {
		trace->is_over = false;
		trace->length = 0;
	}
	size_t room = sizeof(trace->line) - trace->length;
	size_t length = octets.length < room ? octets.length : room;

	memcpy(trace->line + trace->length, octets.at, length);
	trace->length += length;
}

void trace_literal(struct trace *trace, uint64_t size)
{
	char text[40];
	int length = snprintf(text, sizeof(text), "(%" PRIu64 " octets)", size);

	trace_octets(trace, (struct imap_span){text, (size_t)length});
}

void trace_rest(struct trace *trace)
{
	if (trace->tracer && !trace->is_over && trace->length > 0)
		trace->tracer(trace->context, false, trace_line(trace), trace->now);
	trace->is_over = true;
}

void trace_end(struct trace *trace)
{
	if (trace->tracer)
		trace->tracer(trace->context, false, trace_line(trace), trace->now);
	trace->is_over = true;
}

void trace_sent(const struct trace *trace, struct imap_span line, imap_time now)
{
	if (line.length > TRACE_LINE)
		line.length = TRACE_LINE;
	if (trace->tracer)
		trace->tracer(trace->context, true, line, now);
}

struct imap_span trace_line(const struct trace *trace)
{
	return (struct imap_span){trace->line, trace->length};
}
