/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nameserver.c - see nameserver.h. The one place that knows which c-ares has which function. */
#include "nameserver.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

bool nameserver_set(struct ares_channeldata *channel, const struct address *server)
{
	char text[ADDRESS_TEXT];
	char list[ADDRESS_TEXT + 16];
	bool is_in6 = server->sa.sa_family == AF_INET6;

	snprintf(list, sizeof(list), "%s%s%s:%u", is_in6 ? "[" : "", address_text(server, text),
		 is_in6 ? "]" : "", address_port(server));
	return ares_set_servers_ports_csv(channel, list) == ARES_SUCCESS;
}

static void add(char *list, size_t size, const struct address *server)
{
	char text[ADDRESS_TEXT];
	unsigned port = address_port(server);

	text_add(list, size, "%s%s", list[0] ? ", " : "", address_text(server, text));
	if (port != NAMESERVER_PORT && port != 0)
		text_add(list, size, " port %u", port);
}

#if ARES_VERSION >= 0x011800 /* 1.24 */
static void add_all(struct ares_channeldata *channel, char *list, size_t size)
{
	char *servers = ares_get_servers_csv(channel);
	char *rest = NULL;
	struct address server;

	if (!servers)
		return;
	for (char *one = strtok_r(servers, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
		if (address_parse_with_port(one, NAMESERVER_PORT, &server))
			add(list, size, &server);
	ares_free_string(servers);
}
#else
static void add_all(struct ares_channeldata *channel, char *list, size_t size)
{
	struct ares_addr_port_node *servers = NULL;

	if (ares_get_servers_ports(channel, &servers) != ARES_SUCCESS)
		return;
	for (const struct ares_addr_port_node *one = servers; one; one = one->next) {
		char text[INET6_ADDRSTRLEN];
		struct address server;

		if (inet_ntop(one->family, &one->addr, text, sizeof(text)) &&
		    address_parse(text, (unsigned short)one->udp_port, &server))
			add(list, size, &server);
	}
	ares_free_data(servers);
}
#endif

void nameserver_list(struct ares_channeldata *channel, char *text, size_t size)
{
	text[0] = '\0';
	if (channel)
		add_all(channel, text, size);
	if (text[0] == '\0')
		text_add(text, size, "(none)");
}
