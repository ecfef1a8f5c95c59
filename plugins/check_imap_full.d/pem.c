/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pem.c - see pem.h. Strict: who finds a bundle odd lets GnuTLS read it. A system's bundle holds a
   quarter of a million characters, so four are read at once. */
#include "pem.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char BEGIN[] = "-----BEGIN CERTIFICATE-----";
static const char END[] = "-----END CERTIFICATE-----";

/* clang-format off */
#define DIGITS(X) \
	X('A', 0) X('B', 1) X('C', 2) X('D', 3) X('E', 4) X('F', 5) X('G', 6) X('H', 7) \
	X('I', 8) X('J', 9) X('K', 10) X('L', 11) X('M', 12) X('N', 13) X('O', 14) X('P', 15) \
	X('Q', 16) X('R', 17) X('S', 18) X('T', 19) X('U', 20) X('V', 21) X('W', 22) X('X', 23) \
	X('Y', 24) X('Z', 25) X('a', 26) X('b', 27) X('c', 28) X('d', 29) X('e', 30) X('f', 31) \
	X('g', 32) X('h', 33) X('i', 34) X('j', 35) X('k', 36) X('l', 37) X('m', 38) X('n', 39) \
	X('o', 40) X('p', 41) X('q', 42) X('r', 43) X('s', 44) X('t', 45) X('u', 46) X('v', 47) \
	X('w', 48) X('x', 49) X('y', 50) X('z', 51) X('0', 52) X('1', 53) X('2', 54) X('3', 55) \
	X('4', 56) X('5', 57) X('6', 58) X('7', 59) X('8', 60) X('9', 61) X('+', 62) X('/', 63)
/* clang-format on */

/* Each digit's bits where they belong among those of four, and a mark that it is one. */
#define MARK		    (UINT32_C(1) << 24)
#define FIRST(digit, bits)  [digit] = MARK | (bits) << 18,
#define SECOND(digit, bits) [digit] = MARK | (bits) << 12,
#define THIRD(digit, bits)  [digit] = MARK | (bits) << 6,
#define FOURTH(digit, bits) [digit] = MARK | (bits),

static const uint32_t digits[4][256] = {
	{DIGITS(FIRST)}, {DIGITS(SECOND)}, {DIGITS(THIRD)}, {DIGITS(FOURTH)}};

static bool is_blank(unsigned char byte)
{
	return byte == '\n' || byte == '\r' || byte == ' ' || byte == '\t';
}

void pem_begin(struct pem *pem, char *text, size_t length)
{
	*pem = (struct pem){.at = text, .end = text + length};
}

/* A base64 text that is being replaced by what it says: `to` stays behind `at`. */
struct decoding {
	const unsigned char *at, *end;
	unsigned char *to;
};

/* The usual case, four characters that all carry bits, as long as there are such. */
static void decode_fours(struct decoding *decoding)
{
	const unsigned char *at = decoding->at;
	unsigned char *to = decoding->to;

	for (; decoding->end - at >= 4; at += 4, to += 3) {
		uint32_t bits =
			digits[0][at[0]] + digits[1][at[1]] + digits[2][at[2]] + digits[3][at[3]];

		if (bits / MARK != 4)
			break;
		memcpy(to, &(uint32_t){htobe32(bits << 8)}, sizeof(bits));
		/* The fourth octet is written over by the next. */
	}
	decoding->at = at;
	decoding->to = to;
}

/* Base64 up to `end`, all of it; false if it is none. */
static bool decode(struct decoding *decoding, unsigned *pads)
{
	uint32_t bits = 0;
	unsigned count = 0; /* characters in `bits` */

	*pads = 0;
	for (;;) {
		unsigned char byte;

		if (count == 0 && *pads == 0)
			decode_fours(decoding);
		if (decoding->at == decoding->end)
			return count == 0 && *pads <= 2;
		byte = *decoding->at++;
		if (is_blank(byte))
			continue;
		if (byte != '=' && (*pads > 0 || !digits[3][byte]))
			return false;
		*pads += byte == '=';
		bits = bits << 6 | (digits[3][byte] & 0x3f);
		if (++count < 4)
			continue;
		*decoding->to++ = (unsigned char)(bits >> 16);
		*decoding->to++ = (unsigned char)(bits >> 8);
		*decoding->to++ = (unsigned char)bits;
		count = 0;
	}
}

/* From the end of BEGIN to the beginning of END. */
static bool decode_between(char *begin, const char *end, struct der *der)
{
	struct decoding decoding = {(unsigned char *)begin, (const unsigned char *)end,
				    (unsigned char *)begin};
	unsigned pads;

	if (!decode(&decoding, &pads) || decoding.to == (unsigned char *)begin)
		return false;
	*der = (struct der){(unsigned char *)begin,
			    (size_t)(decoding.to - (unsigned char *)begin) - pads};
	return true;
}

enum pem_result pem_next(struct pem *pem, struct der *der)
{
	char *begin = memmem(pem->at, (size_t)(pem->end - pem->at), BEGIN, sizeof(BEGIN) - 1);
	char *end;

	if (!begin)
		return PEM_END;
	begin += sizeof(BEGIN) - 1;
	end = memmem(begin, (size_t)(pem->end - begin), END, sizeof(END) - 1);
	if (!end || !decode_between(begin, end, der))
		return PEM_ODD;
	pem->at = end + sizeof(END) - 1;
	return PEM_FOUND;
}
