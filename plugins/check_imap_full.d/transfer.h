/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transfer.h - content transfer encodings (RFC 2045 section 6), and lines. Whatever the input is,
 * as much as makes sense is decoded, and never more octets come out than went in.
 */
#ifndef TRANSFER_H
#define TRANSFER_H

#include "octets.h"

/* Base64; octets outside its alphabet are passed over, and padding may be missing or in the middle.
 */
void transfer_base64(struct imap_span from, struct octets *to);

/* Quoted-printable; a '=' that is not followed by what it should be stands for itself. */
void transfer_quoted(struct imap_span from, struct octets *to);

int transfer_hex(struct imap_span digits); /* of the first two; -1 if they are none */

/* Takes the next line off *rest, without its end (CRLF, LF or CR); false when nothing is left. */
bool transfer_line(struct imap_span *rest, struct imap_span *line);

#endif
