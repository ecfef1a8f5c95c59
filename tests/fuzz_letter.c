/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_letter.c - any octets as a message that came back, as the mark in its header, and as an
   address: nothing is read or written beyond its place, and what is taken is well-formed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "mail_address.h"
#include "mark.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Copies of just their size. */
static struct imap_span copy(const uint8_t *data, size_t size)
{
	char *at = malloc(size + 1);

	assert(at);
	memcpy(at, data, size);
	at[size] = '\0';
	return (struct imap_span){at, size};
}

static void try_mark(struct imap_span header)
{
	struct mark mark;

	if (!mark_read(header, &mark))
		return;
	assert(strspn(mark.id, "0123456789abcdef") == 32 && mark.id[32] == '\0');
	assert(strspn(mark.run, "0123456789abcdef") == 16 && mark.run[16] == '\0');
	assert(mark.time >= 0 && mark.time < 1000000000000000);
}

/* What chance does not find: the field's name, and the beginning of its value. */
static void try_rest_of_mark(const char *begin, struct imap_span rest)
{
	size_t length = strlen(begin) + rest.length;
	char *header = malloc(length + 1);

	assert(header);
	memcpy(stpcpy(header, begin), rest.at, rest.length);
	try_mark((struct imap_span){header, length});
	free(header);
}

static void try_marks(struct imap_span header)
{
	try_mark(header);
	try_rest_of_mark(MARK_FIELD ":", header);
	try_rest_of_mark(MARK_FIELD ": id=0123456789abcdef0123456789abcdef; "
				    "run=0123456789abcdef; time=",
			 header);
}

static void try_address(const char *text)
{
	struct mail_address address, again;
	struct failure failure;

	if (!mail_address_parse(text, &address, &failure)) {
		assert(failure.text[0] && failure.class == CLASS_USAGE);
		return;
	}
	for (const char *at = address.spec; *at; at++)
		assert(*at > ' ' && *at < 0x7f && !strchr("<>,;:()\"\\[]", *at));
	assert(strchr(address.spec, '@') == strrchr(address.spec, '@'));
	assert(!strpbrk(address.name, "\r\n"));
	assert(mail_address_parse(address.spec, &again, &failure));
	assert(strcmp(address.spec, again.spec) == 0);
}

/* Whatever both are, each is the same as itself, and a difference is told in words. */
static void try_both(struct imap_span sent, struct imap_span got)
{
	char words[300];
	enum compare_result result = compare_messages(sent, got, words, sizeof words);

	assert(strlen(words) < sizeof words);
	assert((result == COMPARE_SAME) ==
	       (sent.length == got.length && memcmp(sent.at, got.at, sent.length) == 0));
	assert((words[0] == '\0') == (result == COMPARE_SAME));
	assert(compare_messages(got, got, words, sizeof words) == COMPARE_SAME);
}

/* The first octet says where the second message begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imap_span sent, got;
	size_t cut;

	if (size == 0)
		return 0;
	cut = 1 + (size - 1) * data[0] / 255;
	sent = copy(data + 1, cut - 1);
	got = copy(data + cut, size - cut);
	try_both(sent, got);
	try_marks(got);
	try_address(got.at);
	free((char *)sent.at);
	free((char *)got.at);
	return 0;
}
