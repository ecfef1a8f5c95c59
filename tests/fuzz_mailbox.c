/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_mailbox.c - names of mailboxes, modified UTF-7 and back: what was encoded decodes to what it
   was, each name has one spelling only, and a name that fits goes into no more room than there is.
 */
#include "fuzz.h"
#include "imapcheck.h"

enum { ROOM = 4096 };

static void try_whole(const char *text)
{
	char one[ROOM];
	char other[ROOM];

	if (imap_mailbox_encode(text, one, sizeof(one))) {
		check(imap_mailbox_decode(one, other, sizeof(other)), "what was encoded decodes");
		check(strcmp(text, other) == 0, "to what it was");
		for (const char *at = one; *at; at++)
			check(*at >= ' ' && *at < 0x7f, "modified UTF-7 is printable ASCII");
	}
	if (imap_mailbox_decode(text, one, sizeof(one))) {
		check(imap_mailbox_encode(one, other, sizeof(other)), "what was decoded encodes");
		check(strcmp(text, other) == 0, "there is one spelling only");
	}
}

/* Room that is the caller's, and may be too small. */
static void try_room(const char *text, size_t size,
		     bool (*convert)(const char *from, char *to, size_t size))
{
	char whole[ROOM];
	char *to = malloc(size);

	check(to != NULL, "memory");
	if (convert(text, to, size)) {
		check(strlen(to) < size, "a NUL ends it");
		check(convert(text, whole, sizeof(whole)), "what fits there fits into more");
		check(strcmp(to, whole) == 0, "and is the same");
	}
	free(to);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > 600)
		return 0;
	char *text = fuzz_string(data + 1, size - 1);

	try_whole(text);
	try_room(text, 1u + data[0] % 64, imap_mailbox_encode);
	try_room(text, 1u + data[0] % 64, imap_mailbox_decode);
	free(text);
	return 0;
}
