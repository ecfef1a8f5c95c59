/* SPDX-License-Identifier: GPL-3.0-or-later */
/* transfer.c - see transfer.h. Knows no headers. */
#include "transfer.h"

#include <ctype.h>
#include <nettle/base64.h>
#include <string.h>

bool transfer_line(struct imap_span *rest, struct imap_span *line)
{
	size_t length = 0, end = 0;

	if (rest->length == 0)
		return false;
	while (length < rest->length && rest->at[length] != '\n' && rest->at[length] != '\r')
		length++;
	if (length < rest->length)
		end = 1;
	if (length + 1 < rest->length && memcmp(rest->at + length, "\r\n", 2) == 0)
		end = 2;
	*line = (struct imap_span){rest->at, length};
	rest->at += length + end;
	rest->length -= length + end;
	return true;
}

void transfer_base64(struct imap_span from, struct octets *to)
{
	struct base64_decode_ctx decoder;

	base64_decode_init(&decoder);
	for (size_t i = 0; i < from.length; i++) {
		uint8_t octet;

		/* Some join pieces that were encoded, and padded, each for itself. */
		if (from.at[i] == '=')
			base64_decode_init(&decoder);
		else if (base64_decode_single(&decoder, &octet, from.at[i]) == 1)
			octets_add_one(to, (char)octet);
	}
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int transfer_hex(struct imap_span digits)
{
	if (digits.length < 2 || digit(digits.at[0]) < 0 || digit(digits.at[1]) < 0)
		return -1;
	return digit(digits.at[0]) * 16 + digit(digits.at[1]);
}

/* White space at the end of a line was added on the way (RFC 2045 section 6.7, rule 3). */
static struct imap_span trim(struct imap_span line)
{
	while (line.length > 0 &&
	       (line.at[line.length - 1] == ' ' || line.at[line.length - 1] == '\t'))
		line.length--;
	return line;
}

void transfer_quoted(struct imap_span from, struct octets *to)
{
	struct imap_span line;

	while (transfer_line(&from, &line)) {
		bool is_soft = false;

		line = trim(line);
		for (size_t i = 0; i < line.length; i++) {
			struct imap_span behind = {line.at + i + 1, line.length - i - 1};
			int octet = line.at[i] == '=' ? transfer_hex(behind) : -1;

			is_soft = line.at[i] == '=' && behind.length == 0;
			if (octet >= 0)
				i += 2;
			if (!is_soft)
				octets_add_one(to, octet >= 0 ? (char)octet : line.at[i]);
		}
		/* A line end that is ours must not make more of the text than there was. */
		if (!is_soft && from.at > line.at + line.length)
			octets_add_one(to, '\n');
	}
}
