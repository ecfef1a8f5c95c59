/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * utf7.c - mailbox names between UTF-8 and modified UTF-7 (RFC 3501 section 5.1.3).
 *
 * Strict both ways: a name has one spelling only, or two mailboxes could look the same.
 */
#include <string.h>

#include "imapcheck.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

struct out {
	char *at;
	size_t room; /* for octets, the NUL not counted */
	bool is_cut;
};

static void put(struct out *out, char octet)
{
	out->is_cut = out->is_cut || out->room == 0;
	if (out->is_cut)
		return;
	*out->at++ = octet;
	out->room--;
}

static bool finish(struct out *out)
{
	*out->at = '\0';
	return !out->is_cut;
}

static bool is_surrogate(uint32_t unit)
{
	return unit >= 0xd800 && unit <= 0xdfff;
}

static bool is_direct(uint32_t point)
{
	return point >= 0x20 && point <= 0x7e;
}

/* One code point of well-formed UTF-8 (RFC 3629), 0 if it is none; takes it off the front. */
static uint32_t take_utf8(const unsigned char **text)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = *text;
	unsigned length = at[0] < 0x80	 ? 1
			  : at[0] < 0xc2 ? 0
			  : at[0] < 0xe0 ? 2
			  : at[0] < 0xf0 ? 3
					 : 4;

	if (length == 0 || at[0] > 0xf4)
		return 0;
	uint32_t point = length == 1 ? at[0] : at[0] & (0x7fu >> length);
	for (unsigned i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (at[i] & 0x3f);
	}
	if (point < smallest[length] || is_surrogate(point) || point > 0x10ffff)
		return 0;
	*text += length;
	return point;
}

/* Bits that wait to become a digit. */
struct bits {
	uint32_t value;
	unsigned count;
};

static void put_unit(struct out *out, struct bits *bits, uint32_t unit)
{
	bits->value = bits->value << 16 | unit;
	bits->count += 16;
	for (; bits->count >= 6; bits->count -= 6)
		put(out, digits[bits->value >> (bits->count - 6) & 0x3f]);
}

static void put_point(struct out *out, struct bits *bits, uint32_t point)
{
	if (point < 0x10000) {
		put_unit(out, bits, point);
		return;
	}
	put_unit(out, bits, 0xd800 + ((point - 0x10000) >> 10));
	put_unit(out, bits, 0xdc00 + ((point - 0x10000) & 0x3ff));
}

/* A run of characters that may not stand for themselves. */
static bool encode_run(struct out *out, const unsigned char **from)
{
	struct bits bits = {0};

	put(out, '&');
	while (**from && !is_direct(**from)) {
		uint32_t point = take_utf8(from);
		if (point == 0)
			return false;
		put_point(out, &bits, point);
	}
	if (bits.count > 0)
		put(out, digits[bits.value << (6 - bits.count) & 0x3f]);
	put(out, '-');
	return true;
}

bool imap_mailbox_encode(const char *utf8, char *utf7, size_t size)
{
	const unsigned char *from = (const unsigned char *)utf8;
	struct out out = {.at = utf7, .room = size - 1};

	while (*from) {
		if (!is_direct(*from)) {
			if (!encode_run(&out, &from))
				return false;
			continue;
		}
		put(&out, (char)*from);
		if (*from++ == '&')
			put(&out, '-');
	}
	return finish(&out);
}

static void put_utf8(struct out *out, uint32_t point)
{
	if (point < 0x80) {
		put(out, (char)point);
		return;
	}
	unsigned more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
	put(out, (char)(unsigned char)((0xff00u >> (more + 1) & 0xffu) | point >> (6 * more)));
	while (more-- > 0)
		put(out, (char)(unsigned char)(0x80 | (point >> (6 * more) & 0x3f)));
}

/* Joins surrogates; *high is the first of a pair, 0 otherwise. False for what is not canonical. */
static bool take_unit(struct out *out, uint32_t *high, uint32_t unit)
{
	if (*high) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return false;
		put_utf8(out, 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00));
		*high = 0;
		return true;
	}
	if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return true;
	}
	if (is_surrogate(unit) || is_direct(unit) || unit == 0)
		return false;
	put_utf8(out, unit);
	return true;
}

/* What stands between & and -; *from is behind the - afterwards. */
static bool decode_run(struct out *out, const char **from)
{
	struct bits bits = {0};
	uint32_t high = 0;
	bool is_empty = true;

	for (; **from != '-'; (*from)++) {
		const char *digit = **from ? strchr(digits, **from) : NULL;
		if (!digit)
			return false;
		bits.value = bits.value << 6 | (uint32_t)(digit - digits);
		bits.count += 6;
		is_empty = false;
		if (bits.count < 16)
			continue;
		bits.count -= 16;
		if (!take_unit(out, &high, bits.value >> bits.count & 0xffff))
			return false;
	}
	(*from)++;
	/* Fewer than six bits may be left, all zero; another run at once should have been this one.
	 */
	return !is_empty && high == 0 && bits.count < 6 &&
	       (bits.value & ((1u << bits.count) - 1)) == 0 &&
	       !((*from)[0] == '&' && (*from)[1] != '-');
}

bool imap_mailbox_decode(const char *utf7, char *utf8, size_t size)
{
	struct out out = {.at = utf8, .room = size - 1};

	while (*utf7) {
		char octet = *utf7++;
		if (!is_direct((unsigned char)octet))
			return false;
		if (octet != '&' || *utf7 == '-') {
			put(&out, octet);
			utf7 += octet == '&';
		} else if (!decode_run(&out, &utf7)) {
			return false;
		}
	}
	return finish(&out);
}
