/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fault.c - how a session fails: the sentences for whoever is on call. What happened, when it
 * did, and the line that shows it.
 */
#include "machine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { QUOTE = 60 }; /* octets of the server's line that a sentence quotes */

static void stop(struct imap *imap, enum imap_fault fault)
{
	imap->failure.fault = fault;
	imap->state = MACHINE_FAILED;
	trace_rest(&imap->trace);
	command_clear(&imap->command);
	buf_clear(&imap->input);
	imap->input_read = 0;
}

/* What is too long ends in "...": it may have been cut in the middle of what nobody may see, and
   whoever looks for that must know. */
__attribute__((format(printf, 3, 0))) static void tell(char *to, size_t size, const char *format,
						       va_list arguments)
{
	static const char dots[] = "...";

	if ((size_t)vsnprintf(to, size, format, arguments) >= size)
		memcpy(to + size - sizeof(dots), dots, sizeof(dots));
}

enum imap_event machine_fail(struct imap *imap, enum imap_fault fault, const char *format, ...)
{
	va_list arguments;

	if (imap->state == MACHINE_FAILED)
		return IMAP_FAILED;
	va_start(arguments, format);
	tell(imap->failure.text, sizeof(imap->failure.text), format, arguments);
	va_end(arguments);
	stop(imap, fault);
	return IMAP_FAILED;
}

/* "in answer to LOGIN" */
static const char *when(const struct imap *imap, char *text, size_t size)
{
	if (imap->state == MACHINE_GREETING)
		return "in its greeting";
	if (imap->command.kind == COMMAND_NONE)
		return "between commands";
	snprintf(text, size, "in answer to %s", imap->command.name);
	return text;
}

static struct imap_span quoted_line(const struct imap *imap)
{
	struct imap_span line = trace_line(&imap->trace);

	if (line.length > QUOTE)
		line.length = QUOTE;
	return line;
}

struct imap_span imap_unfinished_line(const struct imap *imap)
{
	return imap->trace.is_over ? (struct imap_span){"", 0} : quoted_line(imap);
}

enum imap_event machine_reject(struct imap *imap, const char *sentence)
{
	struct imap_span line = quoted_line(imap);
	char text[60];

	return machine_fail(imap, IMAP_FAULT_PROTOCOL, "%s, %s: \"%.*s\"", sentence,
			    when(imap, text, sizeof(text)), (int)line.length, line.at);
}

static bool begins_like_imap(struct imap_span line)
{
	return line.length > 0 && line.at[0] == '*' && (line.length == 1 || line.at[1] == ' ');
}

/* The first line is not a greeting of IMAP's: say what it is instead. */
static enum imap_event fail_as_foreign(struct imap *imap)
{
	struct imap_span line = quoted_line(imap);
	const char *kind = imap_looks_like(line);
	enum imap_fault fault = IMAP_FAULT_PROTOCOL;

	if (!kind && line.length == 0)
		return machine_fail(imap, fault, "this is not IMAP: it began with an empty line");
	if (!kind)
		return machine_fail(imap, fault, "this is not IMAP: it began with \"%.*s\"",
				    (int)line.length, line.at);
	if (strcmp(kind, "TLS") == 0)
		return machine_fail(imap, fault,
				    "this is not IMAP in clear: the server began to speak TLS");
	if (strcmp(kind, "binary data") == 0)
		return machine_fail(imap, fault, "this is not IMAP: it began with binary data");
	return machine_fail(imap, fault, "this is %s %s server, not IMAP: it began with \"%.*s\"",
			    strchr("HSF", kind[0]) ? "an" : "a", kind, (int)line.length, line.at);
}

enum imap_event machine_fail_to_read(struct imap *imap)
{
	const struct reader *reader = &imap->reader;

	if (reader->fault == IMAP_FAULT_MEMORY)
		return machine_fail(imap, IMAP_FAULT_MEMORY, "%s", reader->sentence);
	if (imap->state == MACHINE_GREETING && !begins_like_imap(trace_line(&imap->trace)))
		return fail_as_foreign(imap);
	return machine_reject(imap, reader->sentence);
}

/* Where the close fell: between two responses, or in what was never finished. */
static const char *where_it_closed(const struct imap *imap)
{
	if (reader_is_in_literal(&imap->reader))
		return " in the middle of a literal";
	if (!reader_is_at_start(&imap->reader))
		return " in the middle of a line";
	return "";
}

enum imap_event machine_fail_by_close(struct imap *imap)
{
	static const char closed[] = "the server closed the connection";
	const char *where = where_it_closed(imap);
	enum imap_fault fault = IMAP_FAULT_UNAVAILABLE;

	if (imap->state == MACHINE_HANDOVER)
		return machine_fail(imap, fault, "%s after it accepted STARTTLS", closed);
	if (imap->state == MACHINE_GREETING && *where &&
	    !begins_like_imap(trace_line(&imap->trace)))
		return fail_as_foreign(imap);
	if (imap->state == MACHINE_GREETING)
		return machine_fail(imap, fault,
				    *where ? "%s%s, in its greeting" : "%s%s before its greeting",
				    closed, where);
	if (imap->command.kind != COMMAND_NONE)
		return machine_fail(
			imap, fault,
			"%s%s while %s was awaiting its answer; its log should tell why", closed,
			where, imap->command.name);
	return machine_fail(imap, fault, "%s%s between commands%s%s", closed, where,
			    imap->last_command[0] ? ", after " : "", imap->last_command);
}

/* A code that is not known is left out: it is not as the server wrote it, so that a caller who
   takes secrets out of sentences could not find one in it. */
enum imap_event machine_fail_by_bye(struct imap *imap, const struct response *response)
{
	const char *code = imap_known_code(response->code);
	struct imap_span text = response->text;
	bool is_mute = !code && text.length == 0;
	char moment[80] = "as its greeting";

	if (imap->command.kind != COMMAND_NONE)
		snprintf(moment, sizeof(moment), "while %s was awaiting its answer",
			 imap->command.name);
	else if (imap->state != MACHINE_GREETING)
		snprintf(moment, sizeof(moment), "between commands");
	snprintf(imap->failure.code, sizeof(imap->failure.code), "%s", code ? code : "");
	return machine_fail(imap, IMAP_FAULT_UNAVAILABLE, "the server said BYE %s%s%s%s%s%.*s",
			    moment, is_mute ? ", without saying why" : ": ", code ? "[" : "",
			    code ? code : "", code ? "] " : "", (int)text.length, text.at);
}

enum imap_event machine_fail_by_injection(struct imap *imap)
{
	return machine_fail(
		imap, IMAP_FAULT_PROTOCOL,
		"bytes came in clear between the server's OK to STARTTLS and TLS: somebody "
		"may be injecting commands");
}
