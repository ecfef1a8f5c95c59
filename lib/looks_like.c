/* SPDX-License-Identifier: GPL-3.0-or-later */
/* looks_like.c - what the first bytes of a peer look like. A guess for a sentence, nothing more. */
#include <string.h>

#include "ascii.h"
#include "imapcheck.h"

static bool begins(struct imap_span first, const char *with)
{
	size_t length = strlen(with);

	return first.length >= length && ascii_is(first.at, length, with);
}

static bool holds(struct imap_span text, const char *word)
{
	while (text.length >= strlen(word)) {
		if (begins(text, word))
			return true;
		text.at++;
		text.length--;
	}
	return false;
}

/* A record of type 20 to 23 and of version 3.x (RFC 8446 section 5.1). */
static bool is_tls(struct imap_span first)
{
	return first.length >= 2 && first.at[0] >= 20 && first.at[0] <= 23 && first.at[1] == 3;
}

static bool is_binary(struct imap_span first)
{
	for (size_t i = 0; i < first.length; i++) {
		unsigned char octet = (unsigned char)first.at[i];
		if (octet == 0x7f || (octet < ' ' && !strchr("\t\r\n", octet)) || octet == 0)
			return true;
	}
	return false;
}

static bool is_imap(struct imap_span first)
{
	return begins(first, "* OK") || begins(first, "* PREAUTH") || begins(first, "* BYE");
}

/* 220, 421, 554: the ways in which SMTP and FTP greet. */
static bool is_smtp(struct imap_span first)
{
	static const char *const codes[] = {"220 ", "220-", "421 ", "421-", "554 ", "554-"};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (begins(first, codes[i]))
			return true;
	}
	return false;
}

const char *imap_looks_like(struct imap_span first)
{
	if (is_tls(first))
		return "TLS";
	if (is_binary(first))
		return "binary data";
	if (is_imap(first))
		return "IMAP";
	if (begins(first, "HTTP/") || begins(first, "<!DOCTYPE") || begins(first, "<HTML"))
		return "HTTP";
	if (begins(first, "SSH-"))
		return "SSH";
	if (begins(first, "+OK") || begins(first, "-ERR"))
		return "POP3";
	if (is_smtp(first))
		return holds(first, "FTP") ? "FTP" : "SMTP";
	return NULL;
}
