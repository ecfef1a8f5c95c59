/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_session.c - a hostile server of libFuzzer's to a session, twice, with other cuts.
 *
 * Input: octet 0 chooses the limits, octet 1 the cuts, octets 2 to 9 the commands that the client
 * gives; the rest is what the server sends. Octet 0xff ends a turn: there the client sends what it
 * has and gives its next command.
 *
 * What must hold: the same is told at all cuts; what is kept stays within the limits; nothing is
 * sent and nothing else told after a failure; no octet is read twice.
 */
#include "fuzz.h"
#include "machine.h"

enum { HEAD = 10, COMMANDS = 8, FEED = 65536 };

struct play {
	struct imap *imap;
	struct imap_limits limits;
	unsigned cut;	  /* state of the generator of cuts; 0: whole turns */
	uint64_t told;	  /* hash of all that was told */
	uint64_t literal; /* octets of the literal that is being streamed */
	const uint8_t *commands;
	unsigned given;
	bool has_closed;
};

/* --- what was told, as a number -------------------------------------------------------------- */

static void add_octets(struct play *play, const void *octets, size_t length)
{
	const uint8_t *at = octets;

	for (size_t i = 0; i < length; i++)
		play->told = (play->told ^ at[i]) * 1099511628211u;
}

static void add_number(struct play *play, uint64_t number)
{
	add_octets(play, &number, sizeof(number));
}

static void add_span(struct play *play, struct imap_span span)
{
	add_number(play, span.length);
	add_octets(play, span.at, span.length);
}

static void add_args(struct play *play, const struct imap_arg *arg, unsigned depth)
{
	for (; arg; arg = arg->next) {
		check(depth <= play->limits.depth, "lists are no deeper than the limit");
		add_number(play, (uint64_t)arg->type);
		add_span(play, arg->text);
		add_number(play, arg->size);
		check(arg->text.at[arg->text.length] == '\0', "a NUL follows each text");
		check(arg->type != IMAP_LITERAL || arg->text.length <= play->limits.literal,
		      "no literal beyond the limit is kept");
		check(arg->type == IMAP_LIST || !arg->first, "only lists have members");
		add_args(play, arg->first, depth + 1);
	}
}

/* Pieces of one literal are one piece, wherever the cuts are. */
static void add_chunk(struct play *play, const struct imap_reply *reply)
{
	check(reply->chunk.length > 0, "no chunk is empty");
	check(reply->chunk_at == play->literal, "chunks follow each other");
	if (reply->chunk_at == 0) {
		add_span(play, reply->chunk_of);
		add_number(play, reply->chunk_total);
	}
	add_octets(play, reply->chunk.at, reply->chunk.length);
	play->literal += reply->chunk.length;
	check(play->literal <= reply->chunk_total, "a literal is no longer than was announced");
	if (play->literal == reply->chunk_total)
		play->literal = 0;
}

static void add_reply(struct play *play, const struct imap_reply *reply)
{
	if (reply->event == IMAP_CHUNK) {
		add_chunk(play, reply);
		return;
	}
	add_number(play, (uint64_t)reply->event);
	add_number(play, (uint64_t)reply->status);
	add_span(play, reply->code);
	add_args(play, reply->code_args, 0);
	add_span(play, reply->text);
	add_span(play, reply->name);
	add_number(play, reply->numbered);
	add_number(play, reply->number);
	add_args(play, reply->args, 0);
	add_number(play, reply->item);
}

/* --- the client ------------------------------------------------------------------------------ */

static enum imap_sasl_result step(void *context, struct imap_span challenge,
				  struct imap_span *response)
{
	struct play *play = context;

	add_span(play, challenge);
	*response = (struct imap_span){"secret", challenge.length % 7};
	if (challenge.length % 5 == 4)
		return IMAP_SASL_FAILED;
	return challenge.length % 3 == 2 ? IMAP_SASL_MORE : IMAP_SASL_DONE;
}

static void give(struct play *play, unsigned which, struct imap_sasl *sasl)
{
	static const struct imap_span message = {"a\0b", 3};
	struct imap *imap = play->imap;

	switch (which) {
	case 1:
		imap_login(imap, 1, "alice", (struct imap_span){"s\xc3\xa4", 3});
		break;
	case 2:
		*sasl = (struct imap_sasl){"X", play->given % 2 == 0, step, play};
		imap_authenticate(imap, 1, sasl);
		break;
	case 3:
		imap_starttls(imap, 1);
		break;
	case 4:
		imap_idle(imap, 1);
		break;
	case 5:
		imap_logout(imap, 1);
		break;
	case 6:
		imap_command(imap, 1, "UID FETCH * (UID BODY.PEEK[HEADER])");
		break;
	case 7:
		imap_command(imap, 1, "UID SEARCH SUBJECT %s", "\xc3\xbc");
		break;
	case 8:
		imap_command(imap, 1, "ENABLE UTF8=ACCEPT");
		break;
	default:
		imap_command(imap, 1, "APPEND %m %b", "Entw\xc3\xbcrfe", &message);
	}
}

/* The client's turn: the next command if none is in flight, and all that can be sent. */
static void act(struct play *play, struct imap_sasl *sasl)
{
	struct imap *imap = play->imap;

	if (imap->state == MACHINE_HANDOVER)
		imap_secured(imap);
	else if (imap->command.is_idling && !imap->command.is_ending)
		imap_idle_done(imap, 1);
	else if (imap->state == MACHINE_READY && imap->command.kind == COMMAND_NONE)
		give(play, play->commands[play->given++ % COMMANDS] % 10, sasl);
	struct imap_span output = imap_output(imap);
	add_span(play, output);
	imap_sent(imap, output.length, 1);
}

/* --- the server ------------------------------------------------------------------------------ */

static void check_bounds(const struct play *play)
{
	const struct imap *imap = play->imap;

	check(imap->reader.arena.used <= imap->limits.response + 64, "a response is bounded");
	check(imap->reader.lex.token.length <= imap->limits.line, "a token is bounded");
	check(imap->caps.words.length <= imap->limits.response, "capabilities are bounded");
	check(imap->state == MACHINE_HANDOVER || imap->input_read <= imap->input.length,
	      "no more is read than came");
}

static void read_all(struct play *play)
{
	struct imap_reply reply;
	enum imap_event event;

	while ((event = imap_next(play->imap, &reply)) != IMAP_WAIT) {
		check_bounds(play);
		if (event == IMAP_FAILED)
			return;
		add_reply(play, &reply);
		check(event != IMAP_CLOSED || !play->has_closed, "the close is told once");
		play->has_closed = play->has_closed || event == IMAP_CLOSED;
	}
}

static size_t piece(struct play *play, size_t length)
{
	if (play->cut == 0)
		return length < FEED ? length : FEED;
	play->cut = play->cut * 1103515245u + 12345u;
	size_t cut = 1 + (play->cut >> 16) % 13;
	return length < cut ? length : cut;
}

static void send_turn(struct play *play, const uint8_t *data, size_t size)
{
	while (size > 0 && !imap_failure(play->imap)) {
		size_t length = piece(play, size);
		char *copy = calloc(1, length); /* of its own size: what reads on is seen */
		check(copy, "memory");
		memcpy(copy, data, length);
		imap_feed(play->imap, copy, length, 1);
		free(copy);
		read_all(play);
		data += length;
		size -= length;
	}
}

static void check_silence(struct play *play)
{
	struct imap_failure failure = *imap_failure(play->imap);
	struct imap_reply reply;

	imap_feed(play->imap, "* OK hi\r\n", 9, 1);
	imap_command(play->imap, 1, "NOOP");
	check(imap_next(play->imap, &reply) == IMAP_FAILED, "a failure stays");
	check(imap_output(play->imap).length == 0, "nothing is sent after a failure");
	check(memcmp(&failure, imap_failure(play->imap), sizeof(failure)) == 0,
	      "the first failure stays");
	check(failure.text[0] != '\0', "each failure has a sentence");
	add_octets(play, failure.text, strlen(failure.text));
}

static uint64_t converse(struct play *play, const uint8_t *data, size_t size)
{
	struct imap_sasl sasl;

	play->imap = imap_new(&play->limits);
	if (!play->imap)
		return 0;
	while (size > 0 && !imap_failure(play->imap)) {
		const uint8_t *end = memchr(data, 0xff, size);
		size_t length = end ? (size_t)(end - data) : size;
		send_turn(play, data, length);
		act(play, &sasl);
		length += end ? 1 : 0;
		data += length;
		size -= length;
	}
	read_all(play);
	imap_feed(play->imap, "", 0, 1);
	read_all(play);
	if (imap_failure(play->imap))
		check_silence(play);
	imap_free(play->imap);
	return play->told;
}

static struct imap_limits choose_limits(uint8_t choice)
{
	static const struct imap_limits small = {
		.line = 200, .response = 700, .literal = 20, .depth = 3};
	static const struct imap_limits smallest = {
		.line = 60, .response = 100, .literal = 0, .depth = 1};

	if (choice % 4 == 1)
		return small;
	return choice % 4 == 2 ? smallest : imap_default_limits;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEAD)
		return 0;
	struct play whole = {.limits = choose_limits(data[0]), .commands = data + 2};
	struct play cut = whole;

	cut.cut = 1u + data[1];
	uint64_t one = converse(&whole, data + HEAD, size - HEAD);
	uint64_t other = converse(&cut, data + HEAD, size - HEAD);
	check(one == other, "the same is told at all cuts");
	return 0;
}
