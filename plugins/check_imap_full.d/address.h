/* SPDX-License-Identifier: GPL-3.0-or-later */
/* address.h - an IP address with a port, and a short list of them. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t length;
};

enum { ADDRESS_MAX = 32, ADDRESS_TEXT = 64 };

struct address_list {
	struct address items[ADDRESS_MAX];
	unsigned count;
};

/* False when the list is full or holds it already. */
bool address_list_add(struct address_list *list, const struct address *address);

/* "192.0.2.1" or "2001:db8::1" without port; fe80::1%eth0 with its zone. `text` has ADDRESS_TEXT
 * octets. */
const char *address_text(const struct address *address, char *text);

/* A literal with optional zone, no brackets. False if it is none. */
bool address_parse(const char *text, unsigned short port, struct address *address);

/* ADDR, ADDR:PORT, [ADDR] or [ADDR]:PORT; without one the port is `port`. False if it is none. */
bool address_parse_with_port(const char *text, unsigned short port, struct address *address);

unsigned short address_port(const struct address *address);
void address_set_port(struct address *address, unsigned short port);

#endif
