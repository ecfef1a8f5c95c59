/* SPDX-License-Identifier: GPL-3.0-or-later */
/* buf.c - a byte buffer with a maximum. Knows nothing of what the bytes mean. */
#include "buf.h"

#include <stdlib.h>
#include <string.h>

enum { SMALLEST = 256 };

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

static void wipe(struct buf *buf)
{
	if (buf->at)
		explicit_bzero(buf->at, buf->length);
}

void buf_free(struct buf *buf)
{
	wipe(buf);
	free(buf->at);
	*buf = (struct buf){.max = buf->max};
}

/* Not realloc(): it would leave the old bytes behind in freed memory. */
static bool grow(struct buf *buf, size_t needed)
{
	size_t room = buf->room ? buf->room : SMALLEST;
	while (room < needed)
		room *= 2;
	if (room > buf->max)
		room = buf->max;

	char *at = malloc(room);
	if (!at)
		return false;
	if (buf->length)
		memcpy(at, buf->at, buf->length);
	wipe(buf);
	free(buf->at);
	buf->at = at;
	buf->room = room;
	return true;
}

enum buf_result buf_add(struct buf *buf, const void *bytes, size_t length)
{
	if (length == 0)
		return BUF_OK;
	if (length > buf->max - buf->length)
		return BUF_FULL;
	if (buf->length + length > buf->room && !grow(buf, buf->length + length))
		return BUF_NO_MEMORY;
	memcpy(buf->at + buf->length, bytes, length);
	buf->length += length;
	return BUF_OK;
}

void buf_clear(struct buf *buf)
{
	wipe(buf);
	buf->length = 0;
}

struct imap_span buf_span(const struct buf *buf)
{
	return (struct imap_span){buf->at ? buf->at : "", buf->length};
}
