/* SPDX-License-Identifier: GPL-3.0-or-later */
/* address.c - IP addresses as text and in lists. Looks nothing up. */
#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_same(const struct address *one, const struct address *other)
{
	if (one->sa.sa_family != other->sa.sa_family)
		return false;
	if (one->sa.sa_family == AF_INET)
		return one->in.sin_addr.s_addr == other->in.sin_addr.s_addr &&
		       one->in.sin_port == other->in.sin_port;
	return memcmp(&one->in6.sin6_addr, &other->in6.sin6_addr, sizeof(struct in6_addr)) == 0 &&
	       one->in6.sin6_port == other->in6.sin6_port &&
	       one->in6.sin6_scope_id == other->in6.sin6_scope_id;
}

bool address_list_add(struct address_list *list, const struct address *address)
{
	if (list->count == ADDRESS_MAX)
		return false;
	for (unsigned i = 0; i < list->count; i++)
		if (is_same(&list->items[i], address))
			return false;
	list->items[list->count++] = *address;
	return true;
}

unsigned short address_port(const struct address *address)
{
	return ntohs(address->sa.sa_family == AF_INET ? address->in.sin_port
						      : address->in6.sin6_port);
}

void address_set_port(struct address *address, unsigned short port)
{
	if (address->sa.sa_family == AF_INET)
		address->in.sin_port = htons(port);
	else
		address->in6.sin6_port = htons(port);
}

/* An interface that is gone has no name any more: its number serves. */
static void add_zone(char *text, unsigned zone)
{
	char name[IF_NAMESIZE];
	size_t length = strlen(text);

	if (if_indextoname(zone, name))
		snprintf(text + length, ADDRESS_TEXT - length, "%%%s", name);
	else
		snprintf(text + length, ADDRESS_TEXT - length, "%%%u", zone);
}

const char *address_text(const struct address *address, char *text)
{
	const void *bytes = address->sa.sa_family == AF_INET
				    ? (const void *)&address->in.sin_addr
				    : (const void *)&address->in6.sin6_addr;

	if (!inet_ntop(address->sa.sa_family, bytes, text, ADDRESS_TEXT))
		snprintf(text, ADDRESS_TEXT, "?");
	else if (address->sa.sa_family == AF_INET6 && address->in6.sin6_scope_id != 0)
		add_zone(text, address->in6.sin6_scope_id);
	return text;
}

static bool parse_number(const char *text, unsigned long limit, unsigned long *value)
{
	char *end;

	if (text[0] < '0' || text[0] > '9' || strlen(text) > 10)
		return false;
	*value = strtoul(text, &end, 10);
	return *end == '\0' && *value <= limit;
}

static bool parse_zone(const char *text, unsigned *zone)
{
	unsigned long number;

	*zone = if_nametoindex(text);
	if (*zone == 0 && parse_number(text, UINT32_MAX, &number))
		*zone = (unsigned)number;
	return *zone != 0;
}

static bool parse_in6(const char *text, struct address *address)
{
	char bytes[INET6_ADDRSTRLEN];
	const char *percent = strchr(text, '%');
	size_t length = percent ? (size_t)(percent - text) : strlen(text);

	if (length >= sizeof(bytes))
		return false;
	memcpy(bytes, text, length);
	bytes[length] = '\0';
	if (inet_pton(AF_INET6, bytes, &address->in6.sin6_addr) != 1)
		return false;
	address->in6.sin6_family = AF_INET6;
	address->length = sizeof(address->in6);
	return !percent || parse_zone(percent + 1, &address->in6.sin6_scope_id);
}

bool address_parse(const char *text, unsigned short port, struct address *address)
{
	*address = (struct address){.length = 0};
	if (inet_pton(AF_INET, text, &address->in.sin_addr) == 1) {
		address->in.sin_family = AF_INET;
		address->length = sizeof(address->in);
	} else if (!parse_in6(text, address)) {
		return false;
	}
	address_set_port(address, port);
	return true;
}

/* Where the port begins in "1.2.3.4:53" or "[::1]:53"; a bare "::1" has none. */
static const char *find_port(const char *text)
{
	const char *bracket = strchr(text, ']');
	const char *colon = strrchr(text, ':');

	if (bracket)
		return bracket[1] == ':' ? bracket + 2 : NULL;
	return colon && strchr(text, ':') == colon ? colon + 1 : NULL;
}

bool address_parse_with_port(const char *text, unsigned short port, struct address *address)
{
	char host[ADDRESS_TEXT];
	const char *after = find_port(text);
	size_t length = after ? (size_t)(after - text) - 1 : strlen(text);
	unsigned long number = port;

	if (after && (!parse_number(after, UINT16_MAX, &number) || number == 0))
		return false;
	if (text[0] == '[') {
		if (length < 2 || text[length - 1] != ']')
			return false;
		text++;
		length -= 2;
	}
	if (length >= sizeof(host))
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	return address_parse(host, (unsigned short)number, address);
}
