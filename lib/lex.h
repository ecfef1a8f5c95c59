/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lex.h - the one reader of IMAP's grammar: bytes in, tokens out, at any cut.
 *
 * A push machine: it uses up its input, remembers where it stands and never looks at a byte twice,
 * so a peer that drips bytes costs no more than one that does not.
 *
 * What it takes beyond RFC 9051, because servers send it and no harm can come of it: blanks where
 * none belong (several, or before CRLF), none where one belongs (after a string or a list), octets
 * beyond ASCII and control characters in atoms, strings and texts, a backslash in a string before
 * other characters than \ and ", which then stands for itself. What it never takes: LF or CR alone,
 * NUL outside a literal, and anything that leaves it open where a literal begins or how long it is.
 */
#ifndef LEX_H
#define LEX_H

#include "buf.h"
#include "trace.h"

enum lex_token {
	LEX_MORE,    /* the input is used up */
	LEX_ATOM,    /* lex_text(): may be empty for a line's first word only */
	LEX_STRING,  /* lex_text(): a quoted string without its quotes and escapes */
	LEX_LITERAL, /* lex->size octets follow as LEX_DATA, none if it is 0 */
	LEX_DATA,    /* lex->piece, in the input; the literal's last one once lex->remaining is 0 */
	LEX_OPEN,
	LEX_CLOSE,
	LEX_BRACKET, /* the ] that ends a response code, which is all that is read */
	LEX_LINE,    /* lex_text(): the rest of the line, after lex_rest_is_text() */
	LEX_END,     /* the end of the line */
	LEX_FAULT    /* lex->fault and lex->sentence; the machine is of no more use */
};

enum lex_state {
	LEX_AT_WORD, /* at the beginning of a line */
	LEX_BETWEEN, /* between two tokens */
	LEX_IN_ATOM,
	LEX_IN_SECTION, /* in the brackets of BODY[...] */
	LEX_IN_SECTION_STRING,
	LEX_IN_SECTION_ESCAPE,
	LEX_IN_STRING,
	LEX_IN_ESCAPE,
	LEX_AFTER_TILDE,
	LEX_IN_SIZE,
	LEX_AFTER_SIZE,
	LEX_AFTER_SIZE_CR,
	LEX_IN_DATA,
	LEX_AFTER_CR,
	LEX_BEFORE_TEXT,
	LEX_IN_TEXT,
	LEX_AFTER_TEXT_CR,
	LEX_STATES
};

struct lex {
	enum lex_state state;
	bool is_code; /* reads what stands in a response code's brackets */
	size_t max_line;
	unsigned max_depth;
	struct trace *trace; /* NULL: none */

	struct buf token;
	size_t line; /* octets of this line so far, literals not counted */
	unsigned depth;
	bool has_digit; /* IN_SIZE */
	uint64_t size;
	uint64_t remaining;
	struct imap_span piece;

	enum imap_fault fault;
	char sentence[120];
};

void lex_init(struct lex *lex, const struct imap_limits *limits, struct trace *trace);
void lex_free(struct lex *lex);

/* Begins to read the inside of a response code instead of lines. */
void lex_begin_code(struct lex *lex);

/* The next token; what was read is taken off the front of *input. */
enum lex_token lex_next(struct lex *lex, struct imap_span *input);

/* What follows on this line is human text: LEX_LINE is next. A blank before it is not part of it.
 */
void lex_rest_is_text(struct lex *lex);

/* The line may go on for another max_line octets. */
void lex_extend_line(struct lex *lex);

/* Of the token that was last told, valid until the next one. */
struct imap_span lex_text(const struct lex *lex);

bool lex_is_at_start(const struct lex *lex); /* not an octet of a line was read yet */

#endif
