/* SPDX-License-Identifier: GPL-3.0-or-later */
/* octets.h - a place for octets that never grows: what does not fit is left out. */
#ifndef OCTETS_H
#define OCTETS_H

#include "imapcheck.h"

struct octets {
	char *at;
	size_t length;
	size_t size; /* room at `at`, which is the caller's */
};

void octets_add(struct octets *octets, struct imap_span more);
void octets_add_one(struct octets *octets, char octet);
struct imap_span octets_span(const struct octets *octets);

#endif
