/* SPDX-License-Identifier: GPL-3.0-or-later */
/* failure.c - see failure.h. Knows no states: what a class is worth is judge.c's opinion. */
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text.h"

static const char *const names[CLASS_COUNT] = {
	[CLASS_USAGE] = "usage",
	[CLASS_INTERNAL] = "internal",
	[CLASS_RESOLVE] = "resolve",
	[CLASS_CONNECT] = "connect",
	[CLASS_TIMEOUT] = "timeout",
	[CLASS_TLS] = "tls",
	[CLASS_CERTIFICATE] = "certificate",
	[CLASS_PROTOCOL] = "protocol",
	[CLASS_MISSING] = "missing",
	[CLASS_AUTH] = "auth",
	[CLASS_UNAVAILABLE] = "unavailable",
	[CLASS_REFUSED] = "refused",
	[CLASS_ALTERED] = "altered",
	[CLASS_POLICY] = "policy",
};

const char *failure_class_name(enum failure_class class)
{
	return names[class];
}

bool failure_class_find(const char *name, enum failure_class *class)
{
	for (int i = 0; i < CLASS_COUNT; i++)
		if (strcasecmp(names[i], name) == 0) {
			*class = (enum failure_class)i;
			return true;
		}
	return false;
}

void failure_set(struct failure *failure, enum failure_class class, const char *format, ...)
{
	static const char dots[] = "..."; /* mask.h wants to know of a cut */
	va_list arguments;
	int length;

	failure->class = class;
	failure->code[0] = '\0';
	va_start(arguments, format);
	length = vsnprintf(failure->text, sizeof failure->text, format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof failure->text)
		memcpy(failure->text + sizeof failure->text - sizeof dots, dots, sizeof dots);
	text_clean_in_place(failure->text);
}
