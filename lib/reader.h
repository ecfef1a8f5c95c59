/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader.h - the responses of a server (RFC 9051 section 2.2.2), made from tokens.
 *
 * Knows what a response looks like, not whether it may come now.
 */
#ifndef READER_H
#define READER_H

#include "arg.h"
#include "lex.h"

enum response_kind { RESPONSE_UNTAGGED, RESPONSE_TAGGED, RESPONSE_CONTINUE };

struct response {
	enum response_kind kind;
	struct imap_span tag; /* TAGGED */

	enum imap_status status; /* IMAP_NONE: not a status response */
	struct imap_span code;
	const struct imap_arg *code_args;
	struct imap_span text; /* CONTINUE too */

	struct imap_span name; /* upper case; UNTAGGED: status responses too */
	bool numbered;
	uint32_t number;
	const struct imap_arg *args;
};

enum reader_event {
	READER_MORE,	 /* the input is used up */
	READER_RESPONSE, /* reader->response is complete */
	READER_ITEM,	 /* reader->item, of the response that is being read */
	READER_CHUNK,	 /* reader->chunk, of the response that is being read */
	READER_FAULT	 /* reader->fault and reader->sentence */
};

enum reader_state {
	READER_AT_TAG,
	READER_AT_STATUS,
	READER_AT_NAME,
	READER_IN_ARGS,
	READER_IN_ITEMS,
	READER_IN_LITERAL,
	READER_IN_STREAM,
	READER_IN_TEXT,
	READER_IN_NOISE, /* a greeting that is no IMAP: read on for its first line */
	READER_STATES
};

struct reader {
	struct lex lex;
	struct lex code_lex;
	struct arena arena;
	struct arg_tree tree;
	const struct imap_limits *limits;
	enum reader_state state;
	bool wants_greeting; /* a line that does not begin with "* " is no IMAP at all */

	struct response response;
	char *fill; /* IN_LITERAL: where the next octet goes */

	uint64_t item;
	struct {
		struct imap_span octets;
		struct imap_span of;
		uint64_t at;
		uint64_t total;
	} chunk;

	enum imap_fault fault;
	bool is_foreign; /* FAULT: what came is a line, but no IMAP */
	char sentence[120];
};

/* Borrows the limits and the trace. False when out of memory. */
bool reader_init(struct reader *reader, const struct imap_limits *limits, struct trace *trace);
void reader_free(struct reader *reader);

/* What was told before is valid until this is called again; the octets of a chunk are in *input. */
enum reader_event reader_next(struct reader *reader, struct imap_span *input);

bool reader_is_at_start(const struct reader *reader);	/* between two responses */
bool reader_is_in_literal(const struct reader *reader); /* lex.remaining octets are missing */

/* status.c: takes the code in brackets, if there is one, off the front of the response's text. */
bool status_split(struct reader *reader);

#endif
