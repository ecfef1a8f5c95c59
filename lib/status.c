/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * status.c - the code in brackets at the front of a status response's text (RFC 9051 section 7.1).
 *
 * The text of a status response is free; a bracket may be nothing but a bracket. So what cannot be
 * read as a code is left in the text, and nothing in here fails but for want of room.
 */
#include <string.h>

#include "ascii.h"
#include "reader.h"

static void keep_code(struct response *response, char *word, size_t length)
{
	for (size_t i = 0; i < length; i++)
		word[i] = ascii_upper(word[i]);
	response->code = (struct imap_span){word, length};
}

/* Whether a token could be added; false also for one that has no place in a code. */
static bool add_token(struct reader *reader, enum lex_token token)
{
	struct arg_tree *tree = &reader->tree;

	switch (token) {
	case LEX_ATOM:
		return arg_tree_add(tree, IMAP_ATOM, lex_text(&reader->code_lex));
	case LEX_STRING:
		return arg_tree_add(tree, IMAP_STRING, lex_text(&reader->code_lex));
	case LEX_OPEN:
		return arg_tree_open(tree);
	case LEX_CLOSE:
		arg_tree_close(tree);
		return true;
	default: /* no bracket until the end, a literal, or a fault */
		return false;
	}
}

/* Reads code and arguments; true once the closing bracket was read, *rest then is the text. */
static bool read_code(struct reader *reader, struct imap_span *rest)
{
	enum lex_token token;

	lex_begin_code(&reader->code_lex);
	while ((token = lex_next(&reader->code_lex, rest)) != LEX_BRACKET) {
		if (!add_token(reader, token))
			return false;
	}
	return reader->tree.first && reader->tree.first->type == IMAP_ATOM;
}

static struct imap_span without_blank(struct imap_span text)
{
	if (text.length > 0 && text.at[0] == ' ')
		return (struct imap_span){text.at + 1, text.length - 1};
	return text;
}

/* The arguments cannot be read: "[ALERT (] text". The code is a word all the same. */
static void take_bare_code(struct response *response)
{
	char *word = (char *)response->text.at + 1;
	const char *end = memchr(word, ']', response->text.length - 1);
	size_t length = strcspn(word, " ]()\"{");

	if (!end || length == 0)
		return;
	response->text = without_blank((struct imap_span){
		end + 1, response->text.length - (size_t)(end + 1 - response->text.at)});
	keep_code(response, word, length);
}

bool status_split(struct reader *reader)
{
	struct response *response = &reader->response;
	struct imap_span rest = response->text;

	if (rest.length == 0 || rest.at[0] != '[')
		return true;
	rest.at++;
	rest.length--;
	if (read_code(reader, &rest)) {
		const struct imap_arg *code = reader->tree.first;
		keep_code(response, (char *)code->text.at, code->text.length);
		response->code_args = code->next;
		response->text = without_blank(rest);
		return true;
	}
	if (reader->arena.has_failed || reader->code_lex.fault == IMAP_FAULT_MEMORY)
		return false;
	take_bare_code(response);
	return true;
}
