/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail_address.c - see mail_address.h. Writes nothing: how a name is encoded is mime_encode's
 * affair. */
#include "mail_address.h"

#include <stdio.h>
#include <string.h>

#include "host.h"
#include "text.h"
#include "utf8.h"
#include "value.h"

enum { LOCAL_MAX = 64 }; /* RFC 5321 section 4.5.3.1.1 */

static bool refuse(struct failure *failure, const char *text, const char *why)
{
	return value_refuse(failure, "\"%.80s\" is no mail address: %s", text, why);
}

static const char *fault_of_text(const char *text)
{
	while (*text) {
		size_t length = utf8_length(text);

		if (length == 0)
			return "it is not well-formed UTF-8";
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return "it holds a control character";
		text += length;
	}
	return NULL;
}

/* RFC 5322 section 3.2.3, dot-atom. */
static const char *fault_of_local(const char *local, size_t length)
{
	if (length == 0 || length > LOCAL_MAX)
		return "what stands before the @ is empty or has more than 64 octets";
	for (size_t i = 0; i < length; i++) {
		unsigned char octet = (unsigned char)local[i];

		if (octet <= ' ' || octet >= 0x7f || strchr("()<>[]:;@\\,\"", octet))
			return "what stands before the @ holds a character that it cannot";
		if (octet == '.' && local[i + 1] == '.')
			return "what stands before the @ has two points in a row";
	}
	return local[0] == '.' || local[length - 1] == '.'
		       ? "what stands before the @ begins or ends with a point"
		       : NULL;
}

static bool take_spec(const char *spec, struct mail_address *address, struct failure *failure)
{
	const char *at = strrchr(spec, '@');
	const char *fault;
	struct host host;

	if (!at)
		return refuse(failure, spec, "there is no @ in it");
	fault = fault_of_local(spec, (size_t)(at - spec));
	if (fault)
		return refuse(failure, spec, fault);
	if (!host_parse(at + 1, &host, failure))
		return false;
	if (host.is_address)
		return refuse(failure, spec, "a name has to stand behind the @");
	snprintf(address->spec, sizeof address->spec, "%.*s@%s", (int)(at - spec), spec, host.name);
	return true;
}

/* Blanks around it and one pair of quotes are not part of the name. */
static void take_name(const char *from, size_t length, struct mail_address *address)
{
	size_t used = 0;
	bool is_quoted;

	while (length > 0 && from[length - 1] == ' ')
		length--;
	while (length > 0 && *from == ' ')
		from++, length--;
	is_quoted = length > 1 && from[0] == '"' && from[length - 1] == '"';
	if (is_quoted)
		from++, length -= 2;
	for (size_t i = 0; i < length; i++) {
		if (is_quoted && from[i] == '\\' && i + 1 < length)
			i++;
		address->name[used++] = from[i];
	}
	address->name[used] = '\0';
}

bool mail_address_parse(const char *text, struct mail_address *address, struct failure *failure)
{
	const char *open = strrchr(text, '<');
	const char *fault = fault_of_text(text);
	char spec[330];

	*address = (struct mail_address){.name = ""};
	if (fault)
		return refuse(failure, text, fault);
	if (!open)
		return strlen(text) < sizeof spec ? take_spec(text, address, failure)
						  : refuse(failure, text, "it is too long");
	if (text[strlen(text) - 1] != '>')
		return refuse(failure, text, "the angle bracket is not closed at its end");
	if ((size_t)(open - text) >= sizeof address->name || strlen(open) >= sizeof spec)
		return refuse(failure, text, "it is too long");
	take_name(text, (size_t)(open - text), address);
	snprintf(spec, sizeof spec, "%.*s", (int)strlen(open) - 2, open + 1);
	return take_spec(spec, address, failure);
}
