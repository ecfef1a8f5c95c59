/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lex.c - the tokens of IMAP. Knows no tags, no responses and no commands: only how atoms, strings,
 * literals, lists and lines are written.
 *
 * One function for each state. Each uses up at least one octet, or changes the state, or tells a
 * token.
 */
#include "lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ascii.h"

void lex_init(struct lex *lex, const struct imap_limits *limits, struct trace *trace)
{
	*lex = (struct lex){.max_line = limits->line, .max_depth = limits->depth, .trace = trace};
	buf_init(&lex->token, limits->line);
}

void lex_free(struct lex *lex)
{
	buf_free(&lex->token);
}

void lex_begin_code(struct lex *lex)
{
	lex->is_code = true;
	lex->fault = IMAP_FAULT_PROTOCOL;
	lex->state = LEX_BETWEEN;
	lex->line = 0;
	lex->depth = 0;
}

void lex_rest_is_text(struct lex *lex)
{
	lex->state = LEX_BEFORE_TEXT;
}

void lex_extend_line(struct lex *lex)
{
	lex->line = 0;
}

struct imap_span lex_text(const struct lex *lex)
{
	return buf_span(&lex->token);
}

bool lex_is_at_start(const struct lex *lex)
{
	return lex->state == LEX_AT_WORD && lex->line == 0;
}

__attribute__((format(printf, 2, 3))) static enum lex_token fault(struct lex *lex,
								  const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(lex->sentence, sizeof(lex->sentence), format, arguments);
	va_end(arguments);
	lex->fault = IMAP_FAULT_PROTOCOL;
	return LEX_FAULT;
}

static enum lex_token out_of_memory(struct lex *lex)
{
	fault(lex, "out of memory while a line of the server was read");
	lex->fault = IMAP_FAULT_MEMORY;
	return LEX_FAULT;
}

/* An octet that no token and no text may hold. A NUL is traced: it tells what is no text at all. */
static enum lex_token bad_octet(struct lex *lex, char octet, const char *where)
{
	if (octet == '\0' && lex->trace)
		trace_octets(lex->trace, (struct imap_span){&octet, 1});
	if (octet == '\0')
		return fault(lex, "the server sent a NUL octet outside a literal");
	if (octet == '\n')
		return fault(lex, "the server ended a line with LF alone instead of CR LF");
	return fault(lex, "the server ended a line inside %s", where);
}

static bool ends_line(char octet)
{
	return octet == '\r' || octet == '\n' || octet == '\0';
}

/* Uses up octets of the line without keeping them. */
static enum lex_token skip(struct lex *lex, struct imap_span *input, size_t length)
{
	size_t room = lex->max_line - lex->line;
	bool is_too_long = length > room;

	if (is_too_long)
		length = room;
	if (lex->trace && length > 0 && !ends_line(input->at[0]))
		trace_octets(lex->trace, (struct imap_span){input->at, length});
	lex->line += length;
	input->at += length;
	input->length -= length;
	if (is_too_long)
		return fault(lex, "the server sent a line of more than %zu octets", lex->max_line);
	return LEX_MORE;
}

/* Uses up octets that belong to the token. */
static enum lex_token keep(struct lex *lex, struct imap_span *input, size_t length)
{
	struct imap_span octets = {input->at, length};
	enum lex_token token = skip(lex, input, length);

	if (token != LEX_MORE)
		return token;
	/* The token is never longer than the line, so only memory can be missing, except in a line
	   that was extended in mid-token, which nobody does. */
	return buf_add(&lex->token, octets.at, octets.length) == BUF_OK ? LEX_MORE
									: out_of_memory(lex);
}

static enum lex_token go(struct lex *lex, enum lex_token token, enum lex_state state)
{
	if (token == LEX_MORE)
		lex->state = state;
	return token;
}

/* How many octets there are before the first of `stops`; NUL always is one (see strchr). */
static size_t run(const struct imap_span *input, const char *stops)
{
	size_t length = 0;

	while (length < input->length && !strchr(stops, input->at[length]))
		length++;
	return length;
}

static void begin_line(struct lex *lex)
{
	lex->state = LEX_AT_WORD;
	lex->line = 0;
	lex->depth = 0;
}

/* The first word of a line is whatever stands before the first blank. */
static enum lex_token read_word(struct lex *lex, struct imap_span *input)
{
	if (lex->line == 0)
		buf_clear(&lex->token);
	enum lex_token token = keep(lex, input, run(input, " \r\n"));

	if (token != LEX_MORE || input->length == 0)
		return token;
	lex->state = LEX_BETWEEN;
	return LEX_ATOM;
}

static enum lex_token open_list(struct lex *lex, struct imap_span *input)
{
	enum lex_token token = skip(lex, input, 1);

	if (token != LEX_MORE)
		return token;
	if (lex->depth == lex->max_depth)
		return fault(lex, "the server nested parentheses more than %u deep",
			     lex->max_depth);
	lex->depth++;
	return LEX_OPEN;
}

static enum lex_token close_list(struct lex *lex, struct imap_span *input)
{
	enum lex_token token = skip(lex, input, 1);

	if (token != LEX_MORE)
		return token;
	if (lex->depth == 0)
		return fault(lex, "the server closed a parenthesis that was not open");
	lex->depth--;
	return LEX_CLOSE;
}

static enum lex_token begin_size(struct lex *lex, struct imap_span *input)
{
	lex->size = 0;
	lex->has_digit = false;
	return go(lex, skip(lex, input, 1), LEX_IN_SIZE);
}

static bool ends_code(const struct lex *lex, char octet)
{
	return octet == ']' && lex->is_code && lex->depth == 0;
}

static enum lex_token read_between(struct lex *lex, struct imap_span *input)
{
	buf_clear(&lex->token);
	if (ends_code(lex, input->at[0]))
		return go(lex, skip(lex, input, 1), LEX_BETWEEN) == LEX_MORE ? LEX_BRACKET
									     : LEX_FAULT;
	switch (input->at[0]) {
	case ' ':
		return skip(lex, input, 1);
	case '\r':
		return go(lex, skip(lex, input, 1), LEX_AFTER_CR);
	case '\n':
	case '\0':
		return bad_octet(lex, input->at[0], "");
	case '(':
		return open_list(lex, input);
	case ')':
		return close_list(lex, input);
	case '"':
		return go(lex, skip(lex, input, 1), LEX_IN_STRING);
	case '{':
		return begin_size(lex, input);
	case '~':
		return go(lex, keep(lex, input, 1), LEX_AFTER_TILDE);
	default:
		lex->state = LEX_IN_ATOM;
		return LEX_MORE;
	}
}

/* Only these items of FETCH have brackets in which blanks and parentheses may stand; in any other
   atom, a mailbox name for instance, a bracket is a character like others. */
static bool may_have_section(const struct lex *lex)
{
	static const char *const names[] = {"BODY", "BINARY", "BINARY.SIZE"};
	struct imap_span atom = lex_text(lex);

	if (lex->depth == 0)
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (ascii_is(atom.at, atom.length, names[i]))
			return true;
	}
	return false;
}

/* "abc{12}": an atom with odd characters, or a literal without a blank before it? At the end of a
   line the difference would decide how the following octets are read. */
static bool ends_like_literal(struct imap_span atom)
{
	return atom.length > 0 && atom.at[atom.length - 1] == '}' &&
	       memchr(atom.at, '{', atom.length);
}

static enum lex_token end_atom(struct lex *lex, char stop)
{
	if (stop == '\r' && ends_like_literal(lex_text(lex)))
		return fault(lex, "the server announced a literal within an atom");
	lex->state = LEX_BETWEEN;
	return LEX_ATOM;
}

static enum lex_token read_atom(struct lex *lex, struct imap_span *input)
{
	enum lex_token token = keep(lex, input, run(input, " ()\r\n[]"));

	if (token != LEX_MORE || input->length == 0)
		return token;
	char stop = input->at[0];
	if (stop == '[')
		return go(lex, keep(lex, input, 1),
			  may_have_section(lex) ? LEX_IN_SECTION : LEX_IN_ATOM);
	if (stop == ']' && !ends_code(lex, stop))
		return keep(lex, input, 1);
	return end_atom(lex, stop);
}

static enum lex_token read_section(struct lex *lex, struct imap_span *input)
{
	enum lex_token token = keep(lex, input, run(input, "]\"\r\n"));

	if (token != LEX_MORE || input->length == 0)
		return token;
	char stop = input->at[0];
	if (stop == ']')
		return go(lex, keep(lex, input, 1), LEX_IN_ATOM);
	if (stop == '"')
		return go(lex, keep(lex, input, 1), LEX_IN_SECTION_STRING);
	return bad_octet(lex, stop, "brackets");
}

static enum lex_token read_section_string(struct lex *lex, struct imap_span *input)
{
	enum lex_token token = keep(lex, input, run(input, "\"\\\r\n"));

	if (token != LEX_MORE || input->length == 0)
		return token;
	char stop = input->at[0];
	if (stop == '"')
		return go(lex, keep(lex, input, 1), LEX_IN_SECTION);
	if (stop == '\\')
		return go(lex, keep(lex, input, 1), LEX_IN_SECTION_ESCAPE);
	return bad_octet(lex, stop, "brackets");
}

static enum lex_token read_section_escape(struct lex *lex, struct imap_span *input)
{
	if (ends_line(input->at[0]))
		return bad_octet(lex, input->at[0], "brackets");
	return go(lex, keep(lex, input, 1), LEX_IN_SECTION_STRING);
}

static enum lex_token read_string(struct lex *lex, struct imap_span *input)
{
	enum lex_token token = keep(lex, input, run(input, "\"\\\r\n"));

	if (token != LEX_MORE || input->length == 0)
		return token;
	char stop = input->at[0];
	if (stop == '"')
		return go(lex, skip(lex, input, 1), LEX_BETWEEN) == LEX_MORE ? LEX_STRING
									     : LEX_FAULT;
	if (stop == '\\')
		return go(lex, skip(lex, input, 1), LEX_IN_ESCAPE);
	return bad_octet(lex, stop, "a quoted string");
}

static enum lex_token read_escape(struct lex *lex, struct imap_span *input)
{
	char octet = input->at[0];

	if (ends_line(octet))
		return bad_octet(lex, octet, "a quoted string");
	if (octet != '"' && octet != '\\' && buf_add(&lex->token, "\\", 1) != BUF_OK)
		return out_of_memory(lex);
	return go(lex, keep(lex, input, 1), LEX_IN_STRING);
}

/* "~{" begins a literal8 (RFC 3516), any other "~" an atom. */
static enum lex_token read_after_tilde(struct lex *lex, struct imap_span *input)
{
	if (input->at[0] == '{')
		return begin_size(lex, input);
	lex->state = LEX_IN_ATOM;
	return LEX_MORE;
}

static enum lex_token add_digit(struct lex *lex, struct imap_span *input)
{
	uint64_t digit = (uint64_t)(input->at[0] - '0');

	if (lex->size > (INT64_MAX - digit) / 10)
		return fault(lex, "the server announced a literal of more than 2^63 octets");
	lex->size = lex->size * 10 + digit;
	lex->has_digit = true;
	return skip(lex, input, 1);
}

static enum lex_token read_size(struct lex *lex, struct imap_span *input)
{
	char octet = input->at[0];

	if (ascii_is_digit(octet))
		return add_digit(lex, input);
	if (octet == '}' && lex->has_digit)
		return go(lex, skip(lex, input, 1), LEX_AFTER_SIZE);
	if (octet == '+' && lex->has_digit)
		return fault(lex, "the server announced a literal as only clients may, {%llu+}",
			     (unsigned long long)lex->size);
	return fault(lex, "the server announced a literal without a proper size");
}

static enum lex_token read_after_size(struct lex *lex, struct imap_span *input)
{
	if (input->at[0] == '\r')
		return go(lex, skip(lex, input, 1), LEX_AFTER_SIZE_CR);
	if (input->at[0] == '\n')
		return bad_octet(lex, '\n', "");
	return fault(lex, "the server sent more on the line after a literal's size");
}

static enum lex_token bad_cr(struct lex *lex)
{
	return fault(lex, "the server sent CR without LF");
}

static enum lex_token read_after_size_cr(struct lex *lex, struct imap_span *input)
{
	if (input->at[0] != '\n')
		return bad_cr(lex);
	enum lex_token token = skip(lex, input, 1);

	if (token != LEX_MORE)
		return token;
	if (lex->trace)
		trace_end(lex->trace);
	lex->remaining = lex->size;
	lex->state = lex->size > 0 ? LEX_IN_DATA : LEX_BETWEEN;
	if (lex->size == 0 && lex->trace)
		trace_literal(lex->trace, 0);
	return LEX_LITERAL;
}

static enum lex_token read_data(struct lex *lex, struct imap_span *input)
{
	size_t length = input->length < lex->remaining ? input->length : (size_t)lex->remaining;

	lex->piece = (struct imap_span){input->at, length};
	input->at += length;
	input->length -= length;
	lex->remaining -= length;
	if (lex->remaining == 0) {
		lex->state = LEX_BETWEEN;
		if (lex->trace)
			trace_literal(lex->trace, lex->size);
	}
	return LEX_DATA;
}

static enum lex_token end_line(struct lex *lex, struct imap_span *input, enum lex_token told)
{
	if (input->at[0] != '\n')
		return bad_cr(lex);
	enum lex_token token = skip(lex, input, 1);

	if (token != LEX_MORE)
		return token;
	if (lex->depth > 0)
		return bad_octet(lex, '\r', "parentheses");
	if (lex->trace)
		trace_end(lex->trace);
	begin_line(lex);
	return told;
}

static enum lex_token read_after_cr(struct lex *lex, struct imap_span *input)
{
	return end_line(lex, input, LEX_END);
}

static enum lex_token read_before_text(struct lex *lex, struct imap_span *input)
{
	buf_clear(&lex->token);
	lex->state = LEX_IN_TEXT;
	return input->at[0] == ' ' ? skip(lex, input, 1) : LEX_MORE;
}

static enum lex_token read_text(struct lex *lex, struct imap_span *input)
{
	enum lex_token token = keep(lex, input, run(input, "\r\n"));

	if (token != LEX_MORE || input->length == 0)
		return token;
	if (input->at[0] == '\r')
		return go(lex, skip(lex, input, 1), LEX_AFTER_TEXT_CR);
	return bad_octet(lex, input->at[0], "");
}

static enum lex_token read_after_text_cr(struct lex *lex, struct imap_span *input)
{
	return end_line(lex, input, LEX_LINE);
}

typedef enum lex_token reader_of_state(struct lex *lex, struct imap_span *input);

static reader_of_state *const readers[LEX_STATES] = {
	[LEX_AT_WORD] = read_word,
	[LEX_BETWEEN] = read_between,
	[LEX_IN_ATOM] = read_atom,
	[LEX_IN_SECTION] = read_section,
	[LEX_IN_SECTION_STRING] = read_section_string,
	[LEX_IN_SECTION_ESCAPE] = read_section_escape,
	[LEX_IN_STRING] = read_string,
	[LEX_IN_ESCAPE] = read_escape,
	[LEX_AFTER_TILDE] = read_after_tilde,
	[LEX_IN_SIZE] = read_size,
	[LEX_AFTER_SIZE] = read_after_size,
	[LEX_AFTER_SIZE_CR] = read_after_size_cr,
	[LEX_IN_DATA] = read_data,
	[LEX_AFTER_CR] = read_after_cr,
	[LEX_BEFORE_TEXT] = read_before_text,
	[LEX_IN_TEXT] = read_text,
	[LEX_AFTER_TEXT_CR] = read_after_text_cr,
};

enum lex_token lex_next(struct lex *lex, struct imap_span *input)
{
	while (input->length > 0) {
		enum lex_token token = readers[lex->state](lex, input);

		if (token != LEX_MORE)
			return token;
	}
	return LEX_MORE;
}
