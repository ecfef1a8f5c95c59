/* SPDX-License-Identifier: GPL-3.0-or-later */
/* reply.c - small help for readers of replies. */
#include "ascii.h"
#include "imapcheck.h"

bool imap_is(struct imap_span span, const char *text)
{
	return ascii_is(span.at, span.length, text);
}

bool imap_number(const struct imap_arg *arg, uint64_t *value)
{
	if (!arg || arg->type != IMAP_ATOM || arg->text.length == 0)
		return false;

	uint64_t number = 0;
	for (size_t i = 0; i < arg->text.length; i++) {
		char c = arg->text.at[i];
		if (!ascii_is_digit(c))
			return false;
		uint64_t digit = (uint64_t)(c - '0');
		if (number > (UINT64_MAX - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*value = number;
	return true;
}

struct imap_span imap_text(const struct imap_arg *arg)
{
	if (!arg ||
	    (arg->type != IMAP_ATOM && arg->type != IMAP_STRING && arg->type != IMAP_LITERAL))
		return (struct imap_span){"", 0};
	return arg->text;
}

const struct imap_arg *imap_item(const struct imap_arg *args, const char *name)
{
	const struct imap_arg *item = args && args->type == IMAP_LIST ? args->first : NULL;

	while (item && item->next) {
		if (item->type == IMAP_ATOM && imap_is(item->text, name))
			return item->next;
		item = item->next->next;
	}
	return NULL;
}
