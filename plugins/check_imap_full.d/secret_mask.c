/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret_mask.c - takes a secret out of a text, in each form in which it may have got there.
 * Servers do repeat what was sent to them.
 */
#include "secret.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* Shorter ones stand in every other word. */
enum { LENGTH_OF_WORD = 3, LENGTH_OF_BASE64 = 4 };

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

/* The base64 digits that depend on nothing but the secret, if `before` (0 to 2) octets precede it
   in its group of three. `to` has room for two digits an octet. */
static void encode(struct imap_span secret, size_t before, char *to)
{
	size_t bits = secret.length * 8, from = (6 - before * 8 % 6) % 6;

	for (size_t at = from; at + 6 <= bits; at += 6) {
		unsigned value = 0;

		for (size_t bit = at; bit < at + 6; bit++)
			value = value << 1 |
				((unsigned)secret.at[bit / 8] >> (7 - bit % 8) & 1U);
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

static void mask_forms(struct imap_span secret, char *text, char *form)
{
	quote(secret, form);
	mask_plain(text, form);
	text_clean_in_place(form);
	mask_plain(text, form);
	memcpy(form, secret.at, secret.length);
	form[secret.length] = '\0';
	mask_plain(text, form);
	text_clean_in_place(form);
	mask_plain(text, form);
	for (size_t before = 0; before < 3; before++) {
		encode(secret, before, form);
		mask_base64(text, form);
	}
}

void secret_mask(const struct secret *secret, char *text)
{
	struct imap_span span = secret_span(secret);
	size_t size = span.length * 2 + 1;
	char *form = span.length > 0 ? malloc(size) : NULL;

	if (form) {
		mask_forms(span, text, form);
		explicit_bzero(form, size);
	} else if (span.length > 0) {
		text[0] = '\0'; /* out of memory: better no text than a secret */
	}
	free(form);
}
