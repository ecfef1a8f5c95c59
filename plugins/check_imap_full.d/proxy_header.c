/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proxy_header.c - see proxy_header.h. Touches no descriptor. */
#include "proxy_header.h"

#include <arpa/inet.h>
#include <stdio.h>

/* Without a zone, which means nothing to another machine. */
static const char *text_of(const struct address *address, char *text)
{
	bool is_v4 = address->sa.sa_family == AF_INET;
	const void *octets =
		is_v4 ? (const void *)&address->in.sin_addr : (const void *)&address->in6.sin6_addr;

	return inet_ntop(address->sa.sa_family, octets, text, INET6_ADDRSTRLEN);
}

size_t proxy_header(const struct address *from, const struct address *to, char *text)
{
	char source[INET6_ADDRSTRLEN], target[INET6_ADDRSTRLEN];
	int length = snprintf(text, PROXY_HEADER_SIZE, "PROXY TCP%c %s %s %u %u\r\n",
			      to->sa.sa_family == AF_INET ? '4' : '6', text_of(from, source),
			      text_of(to, target), address_port(from), address_port(to));

	return (size_t)length;
}
