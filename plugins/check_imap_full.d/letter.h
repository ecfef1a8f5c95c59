/* SPDX-License-Identifier: GPL-3.0-or-later */
/* letter.h - a message of ours: what is to stand in it, and its octets (RFC 5322, MIME). */
#ifndef LETTER_H
#define LETTER_H

#include "config.h"
#include "mark.h"

/*
 * Writes the message that --append asks for, or that of --sync: Date, From, To, Message-ID, the
 * mark, MIME, body; what `config` does not say has a default. Lines end in CRLF.
 *
 * NULL when out of memory; the caller frees it. *length does not count the NUL behind it.
 */
char *letter_write(const struct config *config, enum mark_kind kind, const struct mark *mark,
		   const char *mailbox, size_t *length);

#endif
