/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_keys.c - search keys: whatever the user wrote, what is sent is one command, and nothing in
   it ends a line outside a literal. */
#include "fuzz.h"
#include "imapcheck.h"

/* Walks over what would be sent: a line break may only come right after a literal's size or at the
   very end, and the octets of a literal are counted off. */
static void check_command(const char *at, const char *end)
{
	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));

		check(line && line > at && line[-1] == '\r', "each line ends in CR LF");
		check(!memchr(at, '\0', (size_t)(line - at)), "there is no NUL in it");
		if (line + 1 == end)
			return;
		const char *open = memrchr(at, '{', (size_t)(line - at));
		check(open && memmem(open, (size_t)(line - open), "+}", 2),
		      "only a literal is followed by more");
		size_t length = strtoul(open + 1, NULL, 10);
		check(length <= (size_t)(end - line - 1), "a literal is complete");
		at = line + 1 + length;
	}
}

static void try_search(const char *keys, const char *format)
{
	static const char greeting[] = "* OK [CAPABILITY IMAP4rev1 LITERAL+] hi\r\n";
	struct imap *imap = imap_new(&imap_default_limits);
	struct imap_reply reply;

	check(imap != NULL, "memory");
	imap_feed(imap, greeting, sizeof(greeting) - 1, 1);
	while (imap_next(imap, &reply) != IMAP_WAIT)
		;
	imap_command(imap, 1, format, keys);
	struct imap_span output = imap_output(imap);
	check(!imap_failure(imap) || output.length == 0, "a failed session sends nothing");
	check_command(output.at, output.at + output.length);
	imap_free(imap);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *keys = fuzz_string(data, size);

	if (!imap_search_flaw(keys)) {
		try_search(keys, "UID SEARCH %k");
		try_search(keys, "UID SORT (ARRIVAL) UTF-8 %K");
	}
	free(keys);
	return 0;
}
