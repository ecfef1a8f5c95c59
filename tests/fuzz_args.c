/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_args.c - the grammar both ways: what is written can be read, and comes out as it went in.
 *
 * Input: octet 0 chooses what is tried; the rest is the text.
 */
#include "command.h"
#include "fuzz.h"
#include "reader.h"

/* --- a tree, written and read again ----------------------------------------------------------- */

static void write_text(FILE *to, struct imap_span text)
{
	fprintf(to, "{%zu}\r\n", text.length);
	fwrite(text.at, 1, text.length, to);
}

static void write_args(FILE *to, const struct imap_arg *arg)
{
	for (; arg; arg = arg->next) {
		switch (arg->type) {
		case IMAP_LIST:
			fputc('(', to);
			write_args(to, arg->first);
			fputc(')', to);
			break;
		case IMAP_ATOM:
			fwrite(arg->text.at, 1, arg->text.length, to);
			break;
		case IMAP_NIL:
			fputs("NIL", to);
			break;
		default:
			write_text(to, arg->text);
		}
		if (arg->next)
			fputc(' ', to);
	}
}

/* An atom that ends as a literal begins, "NO{4}": the reader takes one where a blank follows it,
   but at a line's end it would announce a literal. */
static bool can_be_written(const struct imap_arg *arg)
{
	for (; arg; arg = arg->next) {
		bool ends_in_size = arg->type == IMAP_ATOM && arg->text.length > 0 &&
				    arg->text.at[arg->text.length - 1] == '}';

		if (ends_in_size || !can_be_written(arg->first))
			return false;
	}
	return true;
}

static bool are_same(const struct imap_arg *one, const struct imap_arg *other)
{
	for (; one && other; one = one->next, other = other->next) {
		bool is_text = one->type == IMAP_STRING || one->type == IMAP_LITERAL;
		if (one->type != other->type && !(is_text && other->type == IMAP_LITERAL))
			return false;
		if (one->text.length != other->text.length ||
		    memcmp(one->text.at, other->text.at, one->text.length) != 0 ||
		    !are_same(one->first, other->first))
			return false;
	}
	return !one && !other;
}

static const struct imap_arg *read_args(struct reader *reader, const char *text, size_t length)
{
	struct imap_span input = {text, length};

	if (reader_next(reader, &input) != READER_RESPONSE || input.length > 0)
		return NULL;
	return reader->response.status == IMAP_NONE ? reader->response.args : NULL;
}

static void try_tree(const char *text, size_t length)
{
	const struct imap_limits limits = {
		.line = 100000, .response = 1000000, .literal = 100000, .depth = 20};
	struct trace trace = {.length = 0};
	struct reader first;
	struct reader second;
	char *written = NULL;
	size_t room = 0;

	check(reader_init(&first, &limits, &trace), "memory");
	check(reader_init(&second, &limits, &trace), "memory");
	const struct imap_arg *args = read_args(&first, text, length);
	if (args && can_be_written(args)) {
		FILE *to = open_memstream(&written, &room);
		check(to, "memory");
		fputs("* X ", to);
		write_args(to, args);
		fputs("\r\n", to);
		fclose(to);
		check(are_same(args, read_args(&second, written, room)),
		      "a tree that was written can be read");
		free(written);
	}
	reader_free(&first);
	reader_free(&second);
}

/* --- a string, as commands write it ----------------------------------------------------------- */

static void try_string(const char *text, size_t length, bool has_utf8)
{
	const struct command_style style = {.has_literal_plus = true, .has_utf8 = has_utf8};
	const struct imap_limits limits = {
		.line = 100000, .response = 1000000, .literal = 100000, .depth = 2};
	struct trace trace = {.length = 0};
	struct command command;
	struct reader reader;

	command_init(&command);
	command_begin(&command, COMMAND_OTHER, 1, 0);
	command_add_string(&command, (struct imap_span){text, length}, false, &style);
	command_end(&command, &trace, 0);
	check(command.flaw == COMMAND_SOUND, "any string can be sent");

	/* "A1 ..." as "* X ..."; a {n+} becomes the {n} that a server would write. */
	struct imap_span output = command_output(&command);
	char *line = calloc(1, output.length + 3);
	check(line, "memory");
	size_t used = (size_t)snprintf(line, 5, "* X ");
	size_t plus = output.at[3] == '{' ? 3 + strcspn(output.at + 3, "+") : 0;
	for (size_t i = 3; i < output.length; i++) {
		if (i == plus)
			continue;
		line[used++] = output.at[i];
	}
	check(reader_init(&reader, &limits, &trace), "memory");
	const struct imap_arg *arg = read_args(&reader, line, used);
	check(arg && !arg->next && arg->text.length == length &&
		      memcmp(arg->text.at, text, length) == 0,
	      "a string that was written can be read");
	reader_free(&reader);
	command_free(&command);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 2000)
		return 0;
	char *text = fuzz_string(data + 1, size - 1);
	if (data[0] % 2 == 0)
		try_tree(text, size - 1);
	else
		try_string(text, size - 1, data[0] >= 128);
	free(text);
	return 0;
}
