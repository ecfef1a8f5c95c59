/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime.h - a message as its reader sees it (RFC 5322, RFC 2045 to 2047).
 *
 * All of it is the sender's choice, and the end is usually cut off: nothing is an error, and the
 * work is bounded by the length.
 */
#ifndef MIME_H
#define MIME_H

#include "octets.h"

/*
 * Appends the header to `fields`, one line for each field: unfolded, encoded words decoded. Then to
 * `text` (the same, if the caller likes) the first part that is text, in document order, its
 * transfer encoding undone. All in UTF-8 (charset.h); text in
 * a charset that is not known stays as it is. Lines end in CRLF, LF or CR, of the header in LF.
 *
 * What does not fit is left out. False when out of memory.
 */
bool mime_read(struct imap_span message, struct octets *fields, struct octets *text);

#endif
