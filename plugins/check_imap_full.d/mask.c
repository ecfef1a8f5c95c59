/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mask.c - takes a secret out of a text, in each form in which it may have got there.
 * Servers do repeat what was sent to them.
 */
#include "mask.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Shorter ones stand in every other word. */
enum { LENGTH_OF_WORD = 3, LENGTH_OF_BASE64 = 4 };

/* The beginning of a secret, or of its base64, that is worth hiding; and how long a text is that
   may have lost its end. */
enum { LENGTH_OF_PART = 4, LENGTH_OF_BASE64_PART = 8, LENGTH_OF_CUT = 250 };

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool is_word(const char *text, const char *at, size_t length)
{
	return (at == text || !isalnum((unsigned char)at[-1])) &&
	       !isalnum((unsigned char)at[length]);
}

/* Puts up to three stars in place of `length` octets; returns what follows them. */
static char *star(char *at, size_t length)
{
	size_t stars = length < 3 ? length : 3;

	memset(at, '*', stars);
	memmove(at + stars, at + length, strlen(at + length) + 1);
	return at + stars;
}

static void mask_plain(char *text, const char *form)
{
	size_t length = strlen(form);

	if (length == 0)
		return;
	for (char *at = strstr(text, form); at; at = strstr(at, form))
		at = length >= LENGTH_OF_WORD || is_word(text, at, length) ? star(at, length)
									   : at + 1;
}

static bool is_base64(char byte)
{
	return byte && (strchr(base64_digits, byte) || byte == '=');
}

/* The whole run of base64 around each hit: its edges depend on what stood beside the secret. */
static void mask_base64(char *text, const char *form)
{
	size_t length = strlen(form);

	if (length < LENGTH_OF_BASE64)
		return;
	for (char *at = strstr(text, form); at; at = strstr(at, form)) {
		char *end = at + length;

		while (at > text && is_base64(at[-1]))
			at--;
		while (is_base64(*end))
			end++;
		at = star(at, (size_t)(end - at));
	}
}

/* Whether a text was cut off before `at`: it says so, or a quotation ends with the text, or it is
   as long as the longest texts are. */
static bool is_cut(const char *text, const char *at)
{
	return strncmp(at, "...", 3) == 0 || strcmp(at, "\"") == 0 ||
	       (*at == '\0' && at - text >= LENGTH_OF_CUT);
}

/* How much of the beginning of `form` stands right before `at`; 0 if it is less than `least`. */
static size_t beginning_before(const char *text, const char *at, const char *form, size_t least)
{
	size_t length = strlen(form);

	if (length > (size_t)(at - text))
		length = (size_t)(at - text);
	while (length >= least && memcmp(at - length, form, length) != 0)
		length--;
	return length >= least ? length : 0;
}

/* What is left of a form in whose middle the text was cut off. */
static void mask_cut(char *text, const char *form, size_t least, bool is_in_base64)
{
	for (char *at = text;; at++) {
		size_t length = is_cut(text, at) ? beginning_before(text, at, form, least) : 0;
		char *from = at - length;

		while (length > 0 && is_in_base64 && from > text && is_base64(from[-1]))
			from--;
		if (length > 0)
			at = star(from, (size_t)(at - from));
		if (*at == '\0')
			return;
	}
}

/* The base64 digits that depend on nothing but the secret, if `before` (0 to 2) octets precede it
   in its group of three. `to` has room for two digits an octet. */
static void encode(struct imap_span secret, size_t before, char *to)
{
	size_t bits = secret.length * 8, from = (6 - before * 8 % 6) % 6;

	for (size_t at = from; at + 6 <= bits; at += 6) {
		unsigned value = 0;

		for (size_t bit = at; bit < at + 6; bit++)
			value = value << 1 | ((unsigned)secret.at[bit / 8] >> (7 - bit % 8) & 1U);
		*to++ = base64_digits[value];
	}
	*to = '\0';
}

/* As in a quoted string (RFC 9051 section 4.3). */
static void quote(struct imap_span secret, char *to)
{
	for (size_t i = 0; i < secret.length; i++) {
		if (secret.at[i] == '"' || secret.at[i] == '\\')
			*to++ = '\\';
		*to++ = secret.at[i];
	}
	*to = '\0';
}

/* As it is, and as text_clean() leaves it. */
static void mask_form(char *text, char *form)
{
	for (int i = 0; i < 2; i++) {
		mask_plain(text, form);
		mask_cut(text, form, LENGTH_OF_PART, false);
		text_clean_in_place(form);
	}
}

static void mask_forms(struct imap_span secret, char *text, char *form)
{
	quote(secret, form);
	mask_form(text, form);
	memcpy(form, secret.at, secret.length);
	form[secret.length] = '\0';
	mask_form(text, form);
	for (size_t before = 0; before < 3; before++) {
		encode(secret, before, form);
		mask_base64(text, form);
		mask_cut(text, form, LENGTH_OF_BASE64_PART, true);
	}
}

void mask_secret(struct imap_span secret, char *text)
{
	size_t size = secret.length * 2 + 1;
	char *form = secret.length > 0 ? malloc(size) : NULL;

	if (form) {
		mask_forms(secret, text, form);
		explicit_bzero(form, size);
	} else if (secret.length > 0) {
		text[0] = '\0'; /* out of memory: better no text than a secret */
	}
	free(form);
}

void mask_foreign(struct imap_span secret, char *to, size_t size, struct imap_span foreign)
{
	char *whole = malloc(foreign.length + 1);

	to[0] = '\0'; /* out of memory: better no text than a secret */
	if (!whole)
		return;
	text_clean(whole, foreign.length + 1, foreign);
	mask_secret(secret, whole);
	text_clean(to, size, text_span(whole));
	explicit_bzero(whole, foreign.length + 1);
	free(whole);
}
