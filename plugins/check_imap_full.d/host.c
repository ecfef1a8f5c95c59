/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host.c - see host.h. Looks nothing up. */
#include "host.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_DNS = 253, LABEL_MAX = 63 }; /* RFC 1035 section 2.3.4, without the root */

static const char letters_digits[] = "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789";

static bool fail(struct failure *failure, const char *text, const char *why)
{
	failure_set(failure, CLASS_USAGE, "\"%.80s\" is no host: %s", text, why);
	return false;
}

/* What stands before it is not repeated: people write USER:PASSWORD@HOST. */
static bool fail_at(struct failure *failure)
{
	failure_set(failure, CLASS_USAGE,
		    "the character @ is in no host: the user is given with -u, the password with "
		    "--password-file");
	return false;
}

static bool set_address(const char *literal, struct host *host)
{
	char text[ADDRESS_TEXT];
	bool is_v6;

	if (!address_parse(literal, 0, &host->address))
		return false;
	host->is_address = true;
	is_v6 = host->address.sa.sa_family == AF_INET6;
	address_text(&host->address, text);
	snprintf(host->shown, sizeof host->shown, is_v6 ? "[%s]" : "%s", text);
	snprintf(host->lookup, sizeof host->lookup, "%s", text);
	snprintf(host->name, sizeof host->name, "%.*s", (int)strcspn(text, "%"), text);
	return true;
}

/* "[::1]"; nothing but IPv6 stands in brackets (RFC 3986 section 3.2.2). */
static bool parse_brackets(const char *text, struct host *host, struct failure *failure)
{
	char literal[ADDRESS_TEXT];
	size_t length = strcspn(text + 1, "]");
	const char *end = text + 1 + length;

	if (*end != ']')
		return fail(failure, text, "the closing bracket is missing");
	if (end[1] != '\0')
		return fail(failure, text,
			    "something follows the bracket (a port is given with -p)");
	snprintf(literal, sizeof literal, "%.*s", (int)(length < 63 ? length : 63), text + 1);
	if (length < sizeof literal && strchr(literal, ':') && set_address(literal, host))
		return true;
	return fail(failure, text, "there is no IPv6 address in the brackets");
}

/* NULL when well. Underscores are against RFC 1123 and in use. */
static const char *fault_of_label(const char *label, size_t length)
{
	if (length == 0)
		return "two dots in a row, or one at the start";
	if (length > LABEL_MAX)
		return "a label has more than 63 octets";
	if (label[0] == '-' || label[length - 1] == '-')
		return "a label begins or ends with a hyphen";
	for (size_t i = 0; i < length; i++)
		if (label[i] == '\0' ||
		    !(strchr(letters_digits, label[i]) || strchr("-_", label[i])))
			return "it holds a character that no host name has";
	return NULL;
}

static const char *fault_of_name(const char *name)
{
	size_t total = strlen(name), last = 0;
	const char *label = name;

	if (total > 0 && name[total - 1] == '.')
		total--;
	if (total > NAME_MAX_DNS)
		return "it has more than 253 octets";
	for (size_t at = 0; at <= total; at += last + 1, label = name + at) {
		last = strcspn(label, ".");
		if (last > total - at)
			last = total - at;

		const char *fault = fault_of_label(label, last);

		if (fault)
			return fault;
		if (at + last == total && strspn(label, "0123456789") >= last)
			return "it is neither a name nor an IP address";
	}
	return NULL;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* A-labels (RFC 5891) into `to`, which has `size` octets. */
static bool map_to_ascii(const char *text, char *to, size_t size)
{
	gnutls_datum_t mapped = {0};

	if (gnutls_idna_map(text, (unsigned)strlen(text), &mapped, 0) != GNUTLS_E_SUCCESS)
		return false;

	bool fits = mapped.size < size && is_ascii((const char *)mapped.data);

	if (fits)
		snprintf(to, size, "%.*s", (int)mapped.size, (const char *)mapped.data);
	gnutls_free(mapped.data);
	return fits;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return true;
	return false;
}

static bool set_name(const char *text, struct host *host, struct failure *failure)
{
	const char *fault;
	size_t length;

	if (is_ascii(text))
		snprintf(host->lookup, sizeof host->lookup, "%s", text);
	else if (!map_to_ascii(text, host->lookup, sizeof host->lookup))
		return fail(failure, text, "it cannot be written as an internationalized name");
	fault = fault_of_name(host->lookup);
	if (fault)
		return fail(failure, text, fault);
	memcpy(host->shown, host->lookup, sizeof host->shown);
	memcpy(host->name, host->lookup, sizeof host->name);
	length = strlen(host->name);
	if (host->name[length - 1] == '.')
		host->name[length - 1] = '\0';
	return true;
}

bool host_parse(const char *text, struct host *host, struct failure *failure)
{
	*host = (struct host){0};
	if (text[0] == '\0')
		return fail(failure, text, "it is empty");
	if (strchr(text, '@'))
		return fail_at(failure);
	if (strlen(text) >= sizeof host->lookup)
		return fail(failure, text, "it is too long");
	if (has_control(text))
		return fail(failure, text, "it holds white space or a control character");
	if (text[0] == '[')
		return parse_brackets(text, host, failure);
	if (set_address(text, host))
		return true;
	if (strchr(text, ':'))
		return fail(failure, text,
			    strchr(text, ':') == strrchr(text, ':')
				    ? "a port is given with -p"
				    : "it is no IPv6 address (a port is given with -p)");
	return set_name(text, host, failure);
}
