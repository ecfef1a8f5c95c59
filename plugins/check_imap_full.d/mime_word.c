/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_word.c - see mime_word.h. Knows no fields. */
#include "mime_word.h"

#include <ctype.h>
#include <string.h>

#include "transfer.h"

struct word {
	struct imap_span charset;
	char encoding; /* 'B' or 'Q' */
	struct imap_span text;
	size_t length; /* of the whole */
};

struct decoding {
	struct charset *charset;
	struct octets *to;
	struct octets *octets; /* of the words so far, in `of` */
	struct imap_span of;
	bool is_behind_word; /* what comes next follows a word that was decoded */
};

/* Up to the next question mark. */
static bool take_part(struct imap_span *rest, struct imap_span *part)
{
	const char *end = memchr(rest->at, '?', rest->length);

	if (!end)
		return false;
	*part = (struct imap_span){rest->at, (size_t)(end - rest->at)};
	rest->at += part->length + 1;
	rest->length -= part->length + 1;
	return true;
}

/* RFC 2231 section 5: =?charset*language?... */
static struct imap_span without_language(struct imap_span name)
{
	const char *star = memchr(name.at, '*', name.length);

	if (star)
		name.length = (size_t)(star - name.at);
	return name;
}

static bool is_base64(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
}

static bool is_well_formed(const struct word *word)
{
	for (size_t i = 0; i < word->text.length; i++) {
		struct imap_span behind = {word->text.at + i + 1, word->text.length - i - 1};
		char c = word->text.at[i];

		if (c == ' ' || c == '\t')
			return false;
		if (word->encoding == 'B' && !is_base64(c))
			return false;
		if (word->encoding == 'Q' && c == '=' && transfer_hex(behind) < 0)
			return false;
	}
	return word->encoding == 'B' || word->encoding == 'Q';
}

static bool take_word(struct imap_span at, struct word *word)
{
	struct imap_span rest = {at.at + 2, at.length - 2}, encoding;

	if (!take_part(&rest, &word->charset) || word->charset.length == 0 ||
	    !take_part(&rest, &encoding) || encoding.length != 1 ||
	    !take_part(&rest, &word->text) || rest.length == 0 || rest.at[0] != '=')
		return false;
	word->encoding = (char)toupper((unsigned char)encoding.at[0]);
	word->charset = without_language(word->charset);
	word->length = (size_t)(rest.at + 1 - at.at);
	return is_well_formed(word);
}

static void decode_q(struct imap_span text, struct octets *to)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] == '=') {
			octets_add_one(to,
				       (char)transfer_hex((struct imap_span){text.at + i + 1, 2}));
			i += 2;
		} else {
			octets_add_one(to, text.at[i] == '_' ? ' ' : text.at[i]);
		}
	}
}

/* The words so far become text. */
static void flush(struct decoding *decoding)
{
	size_t from = decoding->to->length;

	charset_convert(decoding->charset, decoding->of, octets_span(decoding->octets),
			decoding->to);
	decoding->octets->length = 0;
	for (char *c = decoding->to->at + from; c < decoding->to->at + decoding->to->length; c++)
		if (*c == '\r' || *c == '\n' || *c == '\0')
			*c = ' ';
}

static bool is_same(struct imap_span one, struct imap_span other)
{
	return one.length == other.length && memcmp(one.at, other.at, one.length) == 0;
}

static bool is_blank(struct imap_span text)
{
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] != ' ' && text.at[i] != '\t')
			return false;
	return true;
}

/* `gap` is what stands between this word and the one before it. */
static bool add_word(struct decoding *decoding, struct imap_span gap, const struct word *word)
{
	if (!is_same(decoding->of, word->charset))
		flush(decoding);
	if (!charset_knows(decoding->charset, word->charset))
		return false;
	if (!decoding->is_behind_word || !is_blank(gap)) {
		flush(decoding);
		octets_add(decoding->to, gap);
	}
	decoding->of = word->charset;
	decoding->is_behind_word = true;
	if (word->encoding == 'B')
		transfer_base64(word->text, decoding->octets);
	else
		decode_q(word->text, decoding->octets);
	return true;
}

void mime_words_decode(struct charset *charset, struct imap_span field, struct octets *scratch,
		       struct octets *to)
{
	struct decoding decoding = {.charset = charset, .to = to, .octets = scratch, .of = {"", 0}};
	size_t done = 0;

	scratch->length = 0;
	for (size_t i = 0; i + 2 <= field.length; i++) {
		struct imap_span gap = {field.at + done, i - done};
		struct word word;

		if (memcmp(field.at + i, "=?", 2) == 0 &&
		    take_word((struct imap_span){field.at + i, field.length - i}, &word) &&
		    add_word(&decoding, gap, &word)) {
			done = i + word.length;
			i = done - 1;
		}
	}
	flush(&decoding);
	octets_add(to, (struct imap_span){field.at + done, field.length - done});
}
