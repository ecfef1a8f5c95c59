/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conversation_event.c - events as text. Knows no files and runs nothing. */
#include "conversation_event.h"

#include <inttypes.h>

enum { LONGEST = 72, SHOWN = 40 };

static void write_octet(FILE *to, char octet)
{
	switch (octet) {
	case '\r':
		fputs("\\r", to);
		return;
	case '\n':
		fputs("\\n", to);
		return;
	case '\t':
		fputs("\\t", to);
		return;
	case '\0':
		fputs("\\0", to);
		return;
	case '"':
	case '\\':
		fprintf(to, "\\%c", octet);
		return;
	default:
		if (octet >= ' ' && octet <= '~')
			fputc(octet, to);
		else
			fprintf(to, "\\x%02x", (unsigned char)octet);
	}
}

void event_write_text(FILE *to, struct imap_span text)
{
	size_t shown = text.length > LONGEST ? SHOWN : text.length;

	fputc('"', to);
	for (size_t i = 0; i < shown; i++)
		write_octet(to, text.at[i]);
	if (shown < text.length)
		fprintf(to, "...\"(%zu)", text.length);
	else
		fputc('"', to);
}

void event_write_atom(FILE *to, struct imap_span text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] >= ' ' && text.at[i] <= '~')
			fputc(text.at[i], to);
		else
			write_octet(to, text.at[i]);
	}
}

static void write_args(FILE *to, const struct imap_arg *arg)
{
	for (; arg; arg = arg->next) {
		switch (arg->type) {
		case IMAP_NIL:
			fputs("NIL", to);
			break;
		case IMAP_ATOM:
			event_write_atom(to, arg->text);
			break;
		case IMAP_STRING:
			event_write_text(to, arg->text);
			break;
		case IMAP_LITERAL:
			fprintf(to, "{%zu}", arg->text.length);
			event_write_text(to, arg->text);
			break;
		case IMAP_STREAMED:
			fprintf(to, "{%" PRIu64 "}", arg->size);
			break;
		case IMAP_LIST:
			fputc('(', to);
			write_args(to, arg->first);
			fputc(')', to);
			break;
		}
		if (arg->next)
			fputc(' ', to);
	}
}

void event_write_name(FILE *to, const struct imap_reply *reply)
{
	if (reply->numbered)
		fprintf(to, " %" PRIu32, reply->number);
	fputc(' ', to);
	event_write_atom(to, reply->name);
}

static void write_status(FILE *to, const struct imap_reply *reply)
{
	fprintf(to, " %s", imap_status_name(reply->status));
	if (reply->code.length > 0) {
		fputs(" [", to);
		event_write_atom(to, reply->code);
		if (reply->code_args)
			fputc(' ', to);
		write_args(to, reply->code_args);
		fputc(']', to);
	}
	fputc(' ', to);
	event_write_text(to, reply->text);
}

const char *event_fault_name(enum imap_fault fault)
{
	static const char *const names[] = {
		[IMAP_FAULT_PROTOCOL] = "protocol",
		[IMAP_FAULT_UNAVAILABLE] = "unavailable",
		[IMAP_FAULT_SASL] = "sasl",
		[IMAP_FAULT_MEMORY] = "memory",
	};

	return names[fault];
}

static void write_failure(FILE *to, const struct imap_failure *failure)
{
	fprintf(to, " %s", event_fault_name(failure->fault));
	if (failure->code[0])
		fprintf(to, " [%s]", failure->code);
	fprintf(to, " \"%s\"", failure->text);
}

void event_write(FILE *to, const struct imap *imap, const struct imap_reply *reply)
{
	fputs(imap_event_name(reply->event), to);
	if (reply->event == IMAP_FAILED) {
		write_failure(to, imap_failure(imap));
	} else if (reply->status != IMAP_NONE) {
		write_status(to, reply);
	} else if (reply->name.length > 0) {
		event_write_name(to, reply);
		if (reply->args)
			fputc(' ', to);
		write_args(to, reply->args);
	} else if (reply->event == IMAP_PROMPT) {
		fputc(' ', to);
		event_write_text(to, reply->text);
	}
}
