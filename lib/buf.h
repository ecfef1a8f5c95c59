/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * buf.h - a growing run of bytes that never grows beyond the maximum it was made with.
 *
 * No copy that it leaves behind when it grows or goes holds its bytes any longer: passwords pass
 * through here.
 */
#ifndef BUF_H
#define BUF_H

#include "imapcheck.h"

struct buf {
	char *at; /* NULL until the first byte */
	size_t length;
	size_t room;
	size_t max;
};

enum buf_result { BUF_OK, BUF_FULL, BUF_NO_MEMORY };

void buf_init(struct buf *buf, size_t max);
void buf_free(struct buf *buf); /* wipes */

/* All of it or, unless BUF_OK, nothing. */
enum buf_result buf_add(struct buf *buf, const void *bytes, size_t length);
void buf_clear(struct buf *buf); /* wipes and keeps the room */

struct imap_span buf_span(const struct buf *buf);

#endif
