/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charset.c - see charset.h. */
#include "charset.h"

#include <errno.h>
#include <string.h>

void charset_init(struct charset *charset)
{
	*charset = (struct charset){.name = ""};
}

void charset_close(struct charset *charset)
{
	if (charset->name[0])
		iconv_close(charset->converter);
	charset->name[0] = '\0';
}

static bool needs_no_converter(struct imap_span name)
{
	return name.length == 0 || imap_is(name, "US-ASCII") || imap_is(name, "ASCII") ||
	       imap_is(name, "UTF-8") || imap_is(name, "UTF8");
}

/* No slash, which has a meaning of its own to iconv_open(), and not the name of its own inside. */
static bool is_name(struct imap_span name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-_.:+";

	if (name.length == 0 || name.length >= CHARSET_NAME)
		return false;
	for (size_t i = 0; i < name.length; i++)
		if (!memchr(letters, name.at[i], sizeof letters - 1))
			return false;
	return !imap_is(name, "WCHAR_T");
}

static bool open_converter(struct charset *charset, struct imap_span name)
{
	if (charset->name[0] && imap_is(name, charset->name))
		return true;
	if (!is_name(name) || charset->openings == CHARSET_OPENINGS)
		return false;
	charset_close(charset);
	charset->openings++;
	memcpy(charset->name, name.at, name.length);
	charset->name[name.length] = '\0';
	charset->converter = iconv_open("UTF-8", charset->name);
	if (charset->converter == (iconv_t)-1)
		charset->name[0] = '\0';
	return charset->name[0] != '\0';
}

bool charset_knows(struct charset *charset, struct imap_span name)
{
	return needs_no_converter(name) || open_converter(charset, name);
}

/* One call; with from NULL it ends a shifted state. */
static size_t pass_on(iconv_t converter, struct imap_span *from, struct octets *to)
{
	char *in = from ? (char *)from->at : NULL; /* iconv() does not write there */
	char *out = to->at + to->length;
	size_t room = to->size - to->length;
	size_t result =
		iconv(converter, from ? &in : NULL, from ? &from->length : NULL, &out, &room);

	if (from)
		from->at = in;
	to->length = to->size - room;
	return result;
}

static void convert(iconv_t converter, struct imap_span from, struct octets *to)
{
	iconv(converter, NULL, NULL, NULL, NULL);
	while (from.length > 0 && pass_on(converter, &from, to) == (size_t)-1) {
		if (errno != EILSEQ || from.length == 0)
			break; /* cut short, or there is no more room */
		octets_add_one(to, '?');
		from.at++;
		from.length--;
	}
	pass_on(converter, NULL, to);
}

bool charset_convert(struct charset *charset, struct imap_span name, struct imap_span from,
		     struct octets *to)
{
	if (!charset_knows(charset, name))
		return false;
	if (needs_no_converter(name))
		octets_add(to, from);
	else
		convert(charset->converter, from, to);
	return true;
}
