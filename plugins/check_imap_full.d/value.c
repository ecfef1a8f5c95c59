/* SPDX-License-Identifier: GPL-3.0-or-later */
/* value.c - see value.h. Nothing in here depends on the locale. */
#include "value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PORT_MAX = 65535 };

static const char digits[] = "0123456789";

bool value_refuse(struct failure *failure, const char *format, ...)
{
	char text[sizeof failure->text];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	failure_set(failure, CLASS_USAGE, "%s", text);
	return false;
}

int value_find_word(const char *words, const char *word)
{
	for (int i = 0;; i++) {
		size_t length = strcspn(words, ",");

		if (strlen(word) == length && strncasecmp(words, word, length) == 0)
			return i;
		if (words[length] == '\0')
			return -1;
		words += length + 1;
	}
}

bool value_take_word(const char *words, const char *value, int *index, struct failure *failure)
{
	*index = value_find_word(words, value);
	if (*index < 0)
		failure_set(failure, CLASS_USAGE, "\"%s\" is none of %s", value, words);
	return *index >= 0;
}

bool value_take_number(const char *text, bool decimals, double *number)
{
	size_t whole = strspn(text, digits);
	size_t length = whole;

	if (decimals && text[whole] == '.')
		length += 1 + strspn(text + whole + 1, digits);
	if (whole == 0 || length == whole + 1 || length > 12 || text[length] != '\0')
		return false;

	/* strtod() reads the locale's point, so the decimals are read as digits of their own. */
	double scale = 1;

	*number = 0;
	for (const char *at = text; *at; at++)
		if (*at != '.')
			*number = *number * 10 + (*at - '0');
	for (size_t i = whole + 1; i < length; i++)
		scale *= 10;
	*number /= scale;
	return true;
}

bool value_take_port(const char *text, unsigned short *port)
{
	double number;

	if (!value_take_number(text, false, &number) || number < 1 || number > PORT_MAX)
		return false;
	*port = (unsigned short)number;
	return true;
}

bool value_next_item(const char **list, char *item, size_t size)
{
	if (!*list)
		return false;

	size_t length = strcspn(*list, ",");

	snprintf(item, size, "%.*s", (int)(length < size ? length : size), *list);
	*list = (*list)[length] ? *list + length + 1 : NULL;
	return true;
}
