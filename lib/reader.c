/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader.c - tokens in, responses out. How tokens are written is the affair of lex.c, what the
 * responses mean that of the session.
 */
#include "reader.h"

#include <stdio.h>
#include <string.h>

#include "ascii.h"
#include "names.h"

bool reader_init(struct reader *reader, const struct imap_limits *limits, struct trace *trace)
{
	*reader = (struct reader){.limits = limits};
	lex_init(&reader->lex, limits, trace);
	lex_init(&reader->code_lex, limits, NULL);
	arena_init(&reader->arena, limits->response);
	return arg_tree_init(&reader->tree, &reader->arena, limits->depth);
}

void reader_free(struct reader *reader)
{
	lex_free(&reader->lex);
	lex_free(&reader->code_lex);
	arg_tree_free(&reader->tree);
	arena_free(&reader->arena);
}

bool reader_is_at_start(const struct reader *reader)
{
	return reader->state == READER_AT_TAG && lex_is_at_start(&reader->lex);
}

bool reader_is_in_literal(const struct reader *reader)
{
	return reader->lex.state == LEX_IN_DATA;
}

static enum reader_event fault(struct reader *reader, const char *sentence)
{
	reader->fault = IMAP_FAULT_PROTOCOL;
	snprintf(reader->sentence, sizeof(reader->sentence), "%s", sentence);
	return READER_FAULT;
}

static enum reader_event lex_fault(struct reader *reader)
{
	fault(reader, reader->lex.sentence);
	reader->fault = reader->lex.fault;
	return READER_FAULT;
}

static enum reader_event no_room(struct reader *reader)
{
	if (!reader->arena.is_full) {
		fault(reader, "out of memory while a response was read");
		reader->fault = IMAP_FAULT_MEMORY;
		return READER_FAULT;
	}
	fault(reader, "");
	snprintf(reader->sentence, sizeof(reader->sentence),
		 "the server sent a response of more than %zu octets", reader->limits->response);
	return READER_FAULT;
}

static enum reader_event foreign(struct reader *reader)
{
	reader->is_foreign = true;
	return fault(reader, "the server sent a line that is no IMAP response");
}

static void reset(struct reader *reader)
{
	reader->response = (struct response){.text = {"", 0}};
	arena_reset(&reader->arena);
	arg_tree_reset(&reader->tree);
}

static enum reader_event read_text_next(struct reader *reader)
{
	lex_rest_is_text(&reader->lex);
	reader->state = READER_IN_TEXT;
	return READER_MORE;
}

static enum reader_event take_tag(struct reader *reader, enum lex_token token)
{
	struct imap_span word = lex_text(&reader->lex);

	(void)token; /* a line's first token is always a word */
	reset(reader);
	reader->state = READER_AT_NAME;
	if (imap_is(word, "*"))
		return READER_MORE;
	if (reader->wants_greeting) {
		lex_rest_is_text(&reader->lex);
		reader->state = READER_IN_NOISE;
		return READER_MORE;
	}
	if (word.length == 0)
		return fault(reader, "the server sent a line that begins with nothing");
	reader->response.kind = RESPONSE_CONTINUE;
	if (imap_is(word, "+"))
		return read_text_next(reader);
	reader->response.kind = RESPONSE_TAGGED;
	reader->response.tag = arena_copy(&reader->arena, word);
	reader->state = READER_AT_STATUS;
	return reader->response.tag.at ? READER_MORE : no_room(reader);
}

static enum reader_event take_status(struct reader *reader, enum lex_token token)
{
	enum imap_status status = status_of_name(lex_text(&reader->lex));

	if (token != LEX_ATOM || (status != IMAP_OK && status != IMAP_NO && status != IMAP_BAD))
		return foreign(reader);
	reader->response.status = status;
	return read_text_next(reader);
}

static bool is_number(struct imap_span word)
{
	for (size_t i = 0; i < word.length; i++) {
		if (!ascii_is_digit(word.at[i]))
			return false;
	}
	return word.length > 0;
}

static enum reader_event take_number(struct reader *reader, struct imap_span word)
{
	const struct imap_arg arg = {.type = IMAP_ATOM, .text = word};
	uint64_t number;

	if (!imap_number(&arg, &number) || number > UINT32_MAX)
		return fault(reader, "the server sent a message number of more than 32 bits");
	reader->response.numbered = true;
	reader->response.number = (uint32_t)number;
	return READER_MORE;
}

static bool comes_item_by_item(const struct response *response)
{
	return !response->numbered &&
	       (imap_is(response->name, "SEARCH") || imap_is(response->name, "SORT"));
}

static enum reader_event take_name(struct reader *reader, enum lex_token token)
{
	struct response *response = &reader->response;
	struct imap_span word = lex_text(&reader->lex);

	if (token != LEX_ATOM)
		return foreign(reader);
	if (is_number(word))
		return response->numbered ? foreign(reader) : take_number(reader, word);
	response->name = arena_copy(&reader->arena, word);
	if (!response->name.at)
		return no_room(reader);
	for (char *c = (char *)response->name.at; *c; c++)
		*c = ascii_upper(*c);
	if (!response->numbered)
		response->status = status_of_name(word);
	if (response->status != IMAP_NONE)
		return read_text_next(reader);
	reader->state = comes_item_by_item(response) ? READER_IN_ITEMS : READER_IN_ARGS;
	return READER_MORE;
}

static enum reader_event end_response(struct reader *reader)
{
	reader->state = READER_AT_TAG;
	return READER_RESPONSE;
}

static enum reader_event take_text(struct reader *reader, enum lex_token token)
{
	struct response *response = &reader->response;

	(void)token; /* LEX_LINE: lex_rest_is_text() was called */
	response->text = arena_copy(&reader->arena, lex_text(&reader->lex));
	if (!response->text.at)
		return no_room(reader);
	if (response->kind != RESPONSE_CONTINUE && !status_split(reader))
		return no_room(reader);
	return end_response(reader);
}

static enum reader_event take_noise(struct reader *reader, enum lex_token token)
{
	(void)token;
	return foreign(reader);
}

/* What stands before a literal says what it is: BODY[] {300}. */
static struct imap_span atom_before(const struct arg_tree *tree)
{
	const struct imap_arg *last = arg_tree_last(tree);

	return last && last->type == IMAP_ATOM ? last->text : (struct imap_span){"", 0};
}

static enum reader_event begin_stream(struct reader *reader)
{
	reader->chunk.of = atom_before(&reader->tree);
	reader->chunk.total = reader->lex.size;
	reader->chunk.at = 0;
	reader->chunk.octets = (struct imap_span){"", 0};
	reader->state = READER_IN_STREAM;
	return arg_tree_add_streamed(&reader->tree, reader->lex.size) ? READER_MORE
								      : no_room(reader);
}

static enum reader_event begin_literal(struct reader *reader)
{
	if (reader->lex.size > reader->limits->literal)
		return begin_stream(reader);
	reader->fill = arg_tree_add_literal(&reader->tree, (size_t)reader->lex.size);
	if (!reader->fill)
		return no_room(reader);
	if (reader->lex.size > 0)
		reader->state = READER_IN_LITERAL;
	return READER_MORE;
}

static enum reader_event take_arg(struct reader *reader, enum lex_token token)
{
	struct arg_tree *tree = &reader->tree;
	bool fits = true;

	switch (token) {
	case LEX_ATOM:
		fits = arg_tree_add(tree, IMAP_ATOM, lex_text(&reader->lex));
		break;
	case LEX_STRING:
		fits = arg_tree_add(tree, IMAP_STRING, lex_text(&reader->lex));
		break;
	case LEX_OPEN:
		fits = arg_tree_open(tree);
		break;
	case LEX_CLOSE:
		arg_tree_close(tree);
		break;
	case LEX_LITERAL:
		return begin_literal(reader);
	default: /* LEX_END */
		reader->response.args = tree->first;
		return end_response(reader);
	}
	return fits ? READER_MORE : no_room(reader);
}

static enum reader_event take_literal(struct reader *reader, enum lex_token token)
{
	struct imap_span piece = reader->lex.piece;

	(void)token; /* LEX_DATA until the literal is complete */
	memcpy(reader->fill, piece.at, piece.length);
	reader->fill += piece.length;
	if (reader->lex.remaining == 0)
		reader->state = READER_IN_ARGS;
	return READER_MORE;
}

static enum reader_event take_stream(struct reader *reader, enum lex_token token)
{
	(void)token; /* LEX_DATA until the literal is complete */
	reader->chunk.at += reader->chunk.octets.length;
	reader->chunk.octets = reader->lex.piece;
	if (reader->lex.remaining == 0)
		reader->state = READER_IN_ARGS;
	return READER_CHUNK;
}

/* CONDSTORE ends the numbers with (MODSEQ n), which is left out (RFC 7162 section 3.1.5). */
static enum reader_event take_item(struct reader *reader, enum lex_token token)
{
	const struct imap_arg arg = {.type = IMAP_ATOM, .text = lex_text(&reader->lex)};

	if (token == LEX_END)
		return end_response(reader);
	lex_extend_line(&reader->lex);
	if (token == LEX_OPEN || token == LEX_CLOSE || reader->lex.depth > 0)
		return token == LEX_LITERAL ? foreign(reader) : READER_MORE;
	if (token != LEX_ATOM || !imap_number(&arg, &reader->item))
		return fault(reader, "the server sent a search result that is no number");
	return READER_ITEM;
}

typedef enum reader_event taker_of_state(struct reader *reader, enum lex_token token);

static taker_of_state *const takers[READER_STATES] = {
	[READER_AT_TAG] = take_tag,	  [READER_AT_STATUS] = take_status,
	[READER_AT_NAME] = take_name,	  [READER_IN_ARGS] = take_arg,
	[READER_IN_ITEMS] = take_item,	  [READER_IN_LITERAL] = take_literal,
	[READER_IN_STREAM] = take_stream, [READER_IN_TEXT] = take_text,
	[READER_IN_NOISE] = take_noise,
};

enum reader_event reader_next(struct reader *reader, struct imap_span *input)
{
	enum lex_token token;

	while ((token = lex_next(&reader->lex, input)) != LEX_MORE) {
		if (token == LEX_FAULT)
			return lex_fault(reader);
		enum reader_event event = takers[reader->state](reader, token);
		if (event != READER_MORE)
			return event;
	}
	return READER_MORE;
}
