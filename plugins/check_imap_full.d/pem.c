/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pem.c - see pem.h. Strict: who finds a bundle odd lets GnuTLS read it. */
#include "pem.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char BEGIN[] = "-----BEGIN CERTIFICATE-----";
static const char END[] = "-----END CERTIFICATE-----";

enum { BLANK = 0x40, PAD = 0x41, BAD = 0xff, NO_BITS = 0xc0 };

static unsigned value_of(unsigned byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52;
	if (byte == '\n' || byte == '\r' || byte == ' ' || byte == '\t')
		return BLANK;
	return byte == '+' ? 62 : byte == '/' ? 63 : byte == '=' ? PAD : BAD;
}

void pem_begin(struct pem *pem, const char *text, size_t length, unsigned char *room)
{
	*pem = (struct pem){.at = text, .end = text + length, .room = room};
	for (unsigned byte = 0; byte < 256; byte++)
		pem->values[byte] = (unsigned char)value_of(byte);
}

/* The usual case, four characters that all carry bits. */
static bool decode_four(const unsigned char *values, const char *at, unsigned char *to)
{
	unsigned one = values[(unsigned char)at[0]], two = values[(unsigned char)at[1]];
	unsigned three = values[(unsigned char)at[2]], four = values[(unsigned char)at[3]];

	to[0] = (unsigned char)(one << 2 | two >> 4);
	to[1] = (unsigned char)(two << 4 | three >> 2);
	to[2] = (unsigned char)(three << 6 | four);
	return ((one | two | three | four) & NO_BITS) == 0;
}

/* Base64 up to `end`, all of it; false if it is none. */
static bool decode(const struct pem *pem, const char *at, const char *end, size_t *length)
{
	unsigned char *to = pem->room;
	uint32_t bits = 0;
	unsigned count = 0; /* characters in `bits` */
	unsigned pads = 0;

	while (at < end) {
		unsigned value;

		if (count == 0 && pads == 0 && end - at >= 4 && decode_four(pem->values, at, to)) {
			at += 4;
			to += 3;
			continue;
		}
		value = pem->values[(unsigned char)*at++];
		if (value == BLANK)
			continue;
		if (value == BAD || (value != PAD && pads > 0))
			return false;
		pads += value == PAD;
		bits = bits << 6 | (value & 0x3f);
		if (++count < 4)
			continue;
		*to++ = (unsigned char)(bits >> 16);
		*to++ = (unsigned char)(bits >> 8);
		*to++ = (unsigned char)bits;
		count = 0;
	}
	if (count != 0 || pads > 2 || to == pem->room)
		return false;
	*length = (size_t)(to - pem->room) - pads;
	return true;
}

enum pem_result pem_next(struct pem *pem, size_t *length)
{
	const char *begin = memmem(pem->at, (size_t)(pem->end - pem->at), BEGIN, sizeof(BEGIN) - 1);
	const char *end;

	if (!begin)
		return PEM_END;
	begin += sizeof(BEGIN) - 1;
	end = memmem(begin, (size_t)(pem->end - begin), END, sizeof(END) - 1);
	if (!end || !decode(pem, begin, end, length))
		return PEM_ODD;
	pem->at = end + sizeof(END) - 1;
	return PEM_FOUND;
}
