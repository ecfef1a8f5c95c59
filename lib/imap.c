/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap.c - the life of a session: bytes in, events out, bytes out. */
#include "machine.h"

#include <assert.h>
#include <stdlib.h>

const struct imap_limits imap_default_limits = {
	.line = 64 * 1024,
	.response = 1024 * 1024,
	.literal = 16 * 1024,
	.depth = 32,
};

struct imap *imap_new(const struct imap_limits *limits)
{
	struct imap *imap = calloc(1, sizeof(*imap));

	if (!imap)
		return NULL;
	imap->limits = *limits;
	buf_init(&imap->input, MACHINE_FEED_MAX);
	caps_init(&imap->caps, limits->response);
	command_init(&imap->command);
	if (!reader_init(&imap->reader, &imap->limits, &imap->trace)) {
		imap_free(imap);
		return NULL;
	}
	imap->reader.wants_greeting = true;
	return imap;
}

void imap_free(struct imap *imap)
{
	if (!imap)
		return;
	reader_free(&imap->reader);
	command_free(&imap->command);
	caps_free(&imap->caps);
	buf_free(&imap->input);
	free(imap);
}

static bool wants_bytes(const struct imap *imap)
{
	return imap->state == MACHINE_GREETING || imap->state == MACHINE_READY ||
	       imap->state == MACHINE_HANDOVER;
}

/* Before the command has left this says nothing yet: command_sent() takes it back. */
static void note_first_octet(struct imap *imap, imap_time now)
{
	struct command *command = &imap->command;

	if (command->kind == COMMAND_NONE || command->was_answered)
		return;
	command->was_answered = true;
	command->times.first_at = now;
}

void imap_feed(struct imap *imap, const void *bytes, size_t length, imap_time now)
{
	assert(length <= MACHINE_FEED_MAX);
	if (length == 0)
		imap->has_ended = true;
	if (length == 0 || !wants_bytes(imap))
		return;
	assert(imap->input_read == imap->input.length || imap->state == MACHINE_HANDOVER);
	buf_clear(&imap->input);
	imap->input_read = 0;
	if (buf_add(&imap->input, bytes, length) != BUF_OK) {
		machine_fail(imap, IMAP_FAULT_MEMORY, "out of memory for what the server sent");
		return;
	}
	imap->received += length;
	imap->fed_at = now;
	imap->trace.now = now;
	note_first_octet(imap, now);
}

static bool has_input(const struct imap *imap)
{
	return imap->input_read < imap->input.length;
}

static enum reader_event read_on(struct imap *imap)
{
	struct imap_span input = buf_span(&imap->input);

	input.at += imap->input_read;
	input.length -= imap->input_read;
	if (reader_is_at_start(&imap->reader))
		imap->begun_at = imap->received - input.length;
	enum reader_event event = reader_next(&imap->reader, &input);
	imap->input_read = imap->input.length - input.length;
	return event;
}

static void clear(struct imap_reply *reply)
{
	static const struct imap_span none = {"", 0};

	*reply = (struct imap_reply){
		.code = none, .text = none, .name = none, .chunk = none, .chunk_of = none};
}

/* A response before, of which nothing was to be told, may have left its words. */
static void fill_head(const struct imap *imap, struct imap_reply *reply)
{
	clear(reply);
	reply->name = imap->reader.response.name;
	reply->numbered = imap->reader.response.numbered;
	reply->number = imap->reader.response.number;
}

static enum imap_event tell_item(const struct imap *imap, struct imap_reply *reply)
{
	fill_head(imap, reply);
	reply->item = imap->reader.item;
	return IMAP_ITEM;
}

static enum imap_event tell_chunk(const struct imap *imap, struct imap_reply *reply)
{
	fill_head(imap, reply);
	reply->chunk = imap->reader.chunk.octets;
	reply->chunk_of = imap->reader.chunk.of;
	reply->chunk_at = imap->reader.chunk.at;
	reply->chunk_total = imap->reader.chunk.total;
	return IMAP_CHUNK;
}

/* All that came was read: what the end of the stream means, if it has come. */
static enum imap_event take_end(struct imap *imap)
{
	if (!imap->has_ended || imap->state == MACHINE_CLOSED)
		return IMAP_WAIT;
	if (imap->state != MACHINE_LEAVING && imap->command.kind != COMMAND_LOGOUT)
		return machine_fail_by_close(imap);
	command_clear(&imap->command);
	imap->state = MACHINE_CLOSED;
	return IMAP_CLOSED;
}

static enum imap_event next(struct imap *imap, struct imap_reply *reply)
{
	while (imap->state == MACHINE_GREETING || imap->state == MACHINE_READY) {
		enum imap_event event = IMAP_WAIT;

		switch (read_on(imap)) {
		case READER_RESPONSE:
			event = dialogue_take(imap, &imap->reader.response, reply);
			break;
		case READER_ITEM:
			return tell_item(imap, reply);
		case READER_CHUNK:
			return tell_chunk(imap, reply);
		case READER_FAULT:
			return machine_fail_to_read(imap);
		default: /* READER_MORE */
			return take_end(imap);
		}
		if (event != IMAP_WAIT)
			return event;
	}
	if (imap->state == MACHINE_FAILED)
		return IMAP_FAILED;
	if (imap->state == MACHINE_HANDOVER && has_input(imap))
		return machine_fail_by_injection(imap);
	return take_end(imap);
}

enum imap_event imap_next(struct imap *imap, struct imap_reply *reply)
{
	enum imap_event event;

	clear(reply);
	event = next(imap, reply);
	if (event == IMAP_WAIT || event == IMAP_CLOSED || event == IMAP_FAILED)
		clear(reply);
	return reply->event = event;
}

struct imap_span imap_output(const struct imap *imap)
{
	return command_output(&imap->command);
}

void imap_sent(struct imap *imap, size_t length, imap_time now)
{
	if (imap->command.kind == COMMAND_NONE || length == 0)
		return;
	command_sent(&imap->command, length, now);
	if (command_has_left(&imap->command))
		imap->sent_after = imap->received;
}

const struct imap_failure *imap_failure(const struct imap *imap)
{
	return imap->state == MACHINE_FAILED ? &imap->failure : NULL;
}

void imap_secured(struct imap *imap)
{
	if (imap->state == MACHINE_FAILED)
		return;
	assert(imap->state == MACHINE_HANDOVER);
	if (has_input(imap)) {
		machine_fail_by_injection(imap);
		return;
	}
	caps_forget(&imap->caps);
	imap->has_utf8 = false;
	imap->state = MACHINE_READY;
}

bool imap_knows_capabilities(const struct imap *imap)
{
	return imap->caps.is_known;
}

bool imap_has(const struct imap *imap, const char *capability)
{
	return caps_has(&imap->caps, capability);
}

struct imap_span imap_capabilities(const struct imap *imap)
{
	return buf_span(&imap->caps.words);
}

void imap_trace(struct imap *imap, imap_tracer *tracer, void *context)
{
	imap->trace.tracer = tracer;
	imap->trace.context = context;
}
