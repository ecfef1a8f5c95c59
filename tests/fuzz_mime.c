/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_mime.c - any octets as a message: nothing is read or written beyond its place, and what
   comes out stays within the room that there is. */
#include "fuzz.h"
#include "mime.h"

/* The first octet says how much room there is: a lot, or next to nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct octets lines = {.size = 65536};

	if (size == 0)
		return 0;
	if (data[0] < 64)
		lines.size = data[0];
	lines.at = malloc(lines.size + 1);
	check(lines.at, "memory");
	check(mime_read((struct imap_span){(const char *)data + 1, size - 1}, &lines, &lines),
	      "any octets are a message");
	check(lines.length <= lines.size, "the room is enough");
	free(lines.at);
	return 0;
}
