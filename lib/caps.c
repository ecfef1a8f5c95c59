/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caps.c - a list of words. Knows not what they promise. */
#include "caps.h"

#include <string.h>

void caps_init(struct caps *caps, size_t max)
{
	*caps = (struct caps){0};
	buf_init(&caps->words, max);
}

void caps_free(struct caps *caps)
{
	buf_free(&caps->words);
}

void caps_forget(struct caps *caps)
{
	buf_clear(&caps->words);
	caps->is_known = false;
}

enum buf_result caps_learn(struct caps *caps, const struct imap_arg *args)
{
	enum buf_result result = BUF_OK;

	caps_forget(caps);
	for (const struct imap_arg *arg = args; arg && result == BUF_OK; arg = arg->next) {
		struct imap_span word = imap_text(arg);
		if (word.length == 0)
			continue;
		if (caps->words.length > 0)
			result = buf_add(&caps->words, " ", 1);
		if (result == BUF_OK)
			result = buf_add(&caps->words, word.at, word.length);
	}
	caps->is_known = true;
	return result;
}

bool caps_has(const struct caps *caps, const char *name)
{
	struct imap_span words = buf_span(&caps->words);

	while (words.length > 0) {
		const char *blank = memchr(words.at, ' ', words.length);
		size_t length = blank ? (size_t)(blank - words.at) : words.length;
		if (imap_is((struct imap_span){words.at, length}, name))
			return true;
		length += blank ? 1 : 0;
		words.at += length;
		words.length -= length;
	}
	return false;
}
