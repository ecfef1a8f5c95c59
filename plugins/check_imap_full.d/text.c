/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.c - see text.h. Knows nothing of where a text comes from. */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What an engine, a shell or a web page downstream might take for more than a character. */
static char cleaned(unsigned char byte)
{
	if (byte <= ' ' || byte == 0x7f)
		return ' ';
	if (byte > 0x7f || strchr("|`$<>", byte))
		return '?';
	return (char)byte;
}

char *text_clean(char *to, size_t size, struct imap_span span)
{
	size_t used = 0;
	bool is_cut = false;

	for (size_t i = 0; i < span.length && !is_cut; i++) {
		char byte = cleaned((unsigned char)span.at[i]);

		if (byte == ' ' && (used == 0 || to[used - 1] == ' '))
			continue;
		is_cut = used + 1 >= size;
		if (!is_cut)
			to[used++] = byte;
	}
	while (used > 0 && to[used - 1] == ' ')
		used--;
	to[used] = '\0';
	if (is_cut && used > 3)
		memcpy(to + used - 3, "...", 3);
	return to;
}

char *text_clean_in_place(char *text)
{
	/* Cleaning never writes ahead of what it reads. */
	return text_clean(text, strlen(text) + 1, text_span(text));
}

void text_add(char *to, size_t size, const char *format, ...)
{
	size_t used = strnlen(to, size);
	va_list arguments;

	if (used + 1 >= size)
		return;
	va_start(arguments, format);
	vsnprintf(to + used, size - used, format, arguments);
	va_end(arguments);
}

struct imap_span text_span(const char *string)
{
	return (struct imap_span){string, strlen(string)};
}
