/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exchange.c - AUTHENTICATE: base64 lines to and fro between the server and a mechanism (RFC 9051
 * section 6.2.2, RFC 4959). What the lines say is the mechanism's affair.
 */
#include "machine.h"

#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

/* Encodes a response into the command; an empty initial response is written "=". */
static void add_response(struct imap *imap, struct imap_span response, const char *if_empty)
{
	size_t length = BASE64_ENCODE_RAW_LENGTH(response.length);
	char *text;

	if (response.length == 0) {
		command_add_secret(&imap->command, (struct imap_span){if_empty, strlen(if_empty)});
		return;
	}
	text = malloc(length);
	if (!text) {
		machine_fail(imap, IMAP_FAULT_MEMORY, "out of memory for AUTHENTICATE");
		return;
	}
	base64_encode_raw(text, response.length, (const uint8_t *)response.at);
	command_add_secret(&imap->command, (struct imap_span){text, length});
	explicit_bzero(text, length);
	free(text);
}

/* Asks the mechanism; false when the session failed over it. */
static bool step(struct imap *imap, struct imap_span challenge, const char *if_empty)
{
	const struct imap_sasl *sasl = imap->command.sasl;
	struct imap_span response = {"", 0};
	enum imap_sasl_result result = sasl->step(sasl->context, challenge, &response);

	if (result == IMAP_SASL_FAILED) {
		machine_fail(imap, IMAP_FAULT_SASL, "the mechanism %s gave up", sasl->mechanism);
		return false;
	}
	imap->command.has_challenged = true;
	imap->command.is_content = result == IMAP_SASL_DONE;
	add_response(imap, response, if_empty);
	return imap->state != MACHINE_FAILED;
}

void imap_authenticate(struct imap *imap, imap_time now, const struct imap_sasl *sasl)
{
	static const struct imap_span verb = {"AUTHENTICATE ", sizeof("AUTHENTICATE ") - 1};
	static const struct imap_span blank = {" ", 1};

	if (!machine_begin(imap, COMMAND_AUTHENTICATE, now))
		return;
	imap->command.sasl = sasl;
	command_add(&imap->command, verb);
	command_add(&imap->command, (struct imap_span){sasl->mechanism, strlen(sasl->mechanism)});
	if (sasl->client_first && caps_has(&imap->caps, "SASL-IR")) {
		command_add(&imap->command, blank);
		if (!step(imap, (struct imap_span){"", 0}, "="))
			return;
	}
	machine_end(imap, now);
}

static bool decode(struct imap_span text, uint8_t *octets, size_t *length)
{
	struct base64_decode_ctx context;

	*length = 0;
	base64_decode_init(&context);
	return base64_decode_update(&context, length, octets, text.length, text.at) &&
	       base64_decode_final(&context);
}

static enum imap_event answer(struct imap *imap, struct imap_span challenge)
{
	if (!step(imap, challenge, ""))
		return IMAP_FAILED;
	machine_end(imap, imap->fed_at);
	return imap->state == MACHINE_FAILED ? IMAP_FAILED : IMAP_WAIT;
}

enum imap_event exchange_challenge(struct imap *imap, struct imap_span text)
{
	/* The first '+' only says "go on" to a mechanism that speaks first; some servers write
	   words for humans there. */
	if (imap->command.sasl->client_first && !imap->command.has_challenged)
		return answer(imap, (struct imap_span){"", 0});

	uint8_t *octets = malloc(BASE64_DECODE_LENGTH(text.length) + 1);
	enum imap_event event;
	size_t length;
	if (!octets)
		return machine_fail(imap, IMAP_FAULT_MEMORY, "out of memory for AUTHENTICATE");
	if (decode(text, octets, &length))
		event = answer(imap, (struct imap_span){(const char *)octets, length});
	else
		event = machine_reject(imap, "the server sent a challenge that is not base64");
	explicit_bzero(octets, BASE64_DECODE_LENGTH(text.length));
	free(octets);
	return event;
}
