/* SPDX-License-Identifier: GPL-3.0-or-later */
/* octets.c - see octets.h. */
#include "octets.h"

#include <string.h>

void octets_add(struct octets *octets, struct imap_span more)
{
	size_t room = octets->size - octets->length;
	size_t fits = more.length < room ? more.length : room;

	if (fits == 0)
		return;
	memcpy(octets->at + octets->length, more.at, fits);
	octets->length += fits;
}

void octets_add_one(struct octets *octets, char octet)
{
	octets_add(octets, (struct imap_span){&octet, 1});
}

struct imap_span octets_span(const struct octets *octets)
{
	return (struct imap_span){octets->at, octets->length};
}
