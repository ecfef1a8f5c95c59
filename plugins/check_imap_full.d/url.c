/* SPDX-License-Identifier: GPL-3.0-or-later */
/* url.c - see url.h. Must not know what is done with the parts, and never repeats one: what stands
   in a URL may be a password. */
#include "url.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool fail(struct failure *failure, const char *text)
{
	failure_set(failure, CLASS_USAGE, "%s", text);
	return false;
}

static bool begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

bool url_is_one(const char *text)
{
	return begins(text, "imap:") || begins(text, "imaps:");
}

static int hex(char digit)
{
	static const char hex_digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = digit ? strchr(hex_digits, digit) : NULL;

	return at ? (int)(at - hex_digits) % 16 : -1;
}

/* Percent-decodes `span` into `to`. Control characters have no place in any part. */
static bool decode(struct imap_span span, char *to, size_t size, struct failure *failure)
{
	size_t used = 0;

	for (size_t i = 0; i < span.length; i++) {
		int octet = (unsigned char)span.at[i];

		if (octet == '%') {
			int high = i + 2 < span.length ? hex(span.at[i + 1]) : -1;
			int low = high >= 0 ? hex(span.at[i + 2]) : -1;

			if (low < 0)
				return fail(failure,
					    "in the URL, % is not followed by two hex digits");
			octet = high * 16 + low;
			i += 2;
		} else if (octet == ' ') {
			return fail(failure, "a space in the URL must be written as %20");
		}
		if (octet < ' ' || octet == 0x7f)
			return fail(failure, "the URL holds a control character");
		if (used + 1 >= size)
			return fail(failure, "a part of the URL is too long");
		to[used++] = (char)octet;
	}
	to[used] = '\0';
	return true;
}

static struct imap_span span_between(const char *from, const char *to)
{
	return (struct imap_span){from, (size_t)(to - from)};
}

/* enc-user and ;AUTH= (RFC 5092 section 3.2). */
static bool take_user(struct imap_span info, struct url *url, struct failure *failure)
{
	const char *end = info.at + info.length;
	const char *semicolon = memchr(info.at, ';', info.length);
	const char *user_end = semicolon ? semicolon : end;

	if (memchr(info.at, ':', info.length))
		return fail(failure,
			    "a URL must not hold a password: use --password-file or another "
			    "way");
	if (!decode(span_between(info.at, user_end), url->user, sizeof url->user, failure))
		return false;
	if (!semicolon)
		return true;
	if (!begins(semicolon, ";AUTH=") || end - semicolon <= 6)
		return fail(failure, "of the parameters of a user only ;AUTH=MECHANISM is known");
	if (!decode(span_between(semicolon + 6, end), url->auth, sizeof url->auth, failure))
		return false;
	if (strcmp(url->auth, "*") == 0)
		url->auth[0] = '\0';
	return true;
}

static bool take_port(struct imap_span digits, struct url *url, struct failure *failure)
{
	url->port = 0;
	for (size_t i = 0; i < digits.length; i++) {
		if (digits.at[i] < '0' || digits.at[i] > '9' || url->port > 65535)
			return fail(failure, "the URL's port is no number from 1 to 65535");
		url->port = url->port * 10 + (unsigned)(digits.at[i] - '0');
	}
	if (digits.length > 0 && (url->port == 0 || url->port > 65535))
		return fail(failure, "the URL's port is no number from 1 to 65535");
	return true;
}

/* "[fe80::1%25eth0]": RFC 6874 wants %25 before the zone, people write %. */
static bool take_literal(struct imap_span literal, struct url *url, struct failure *failure)
{
	char *zone;

	if (literal.length >= sizeof url->host)
		return fail(failure, "a part of the URL is too long");
	snprintf(url->host, sizeof url->host, "%.*s", (int)literal.length, literal.at);
	zone = strstr(url->host, "%25");
	if (zone)
		memmove(zone + 1, zone + 3, strlen(zone + 3) + 1);
	return true;
}

static bool take_host(struct imap_span host, struct url *url, struct failure *failure)
{
	const char *end = host.at + host.length;
	const char *bracket =
		host.length && *host.at == '[' ? memchr(host.at, ']', host.length) : NULL;
	const char *from = bracket ? bracket + 1 : host.at;
	const char *colon = memchr(from, ':', (size_t)(end - from));
	const char *host_end = colon ? colon : end;

	if (colon && !take_port(span_between(colon + 1, end), url, failure))
		return false;
	if (host_end == host.at)
		return fail(failure, "the URL names no host");
	if (bracket)
		return take_literal(span_between(host.at, host_end), url, failure);
	return decode(span_between(host.at, host_end), url->host, sizeof url->host, failure);
}

/* What may follow a mailbox asks for something that a check does not do: it is not ignored. */
static bool take_mailbox(const char *path, struct url *url, struct failure *failure)
{
	size_t length = strcspn(path, ";?#");
	const char *rest = path + length;

	if (begins(rest, ";UID="))
		return fail(failure, "a URL with ;UID= names one message, not a mailbox");
	if (*rest == ';')
		return fail(failure,
			    "after the mailbox, the URL asks for something that is not checked");
	if (*rest == '?')
		return fail(failure, "a search in the URL is not understood");
	if (*rest == '#')
		return fail(failure, "an IMAP URL has no #fragment (write %23)");
	return decode(span_between(path, rest), url->mailbox, sizeof url->mailbox, failure);
}

bool url_parse(const char *text, struct url *url, struct failure *failure)
{
	const char *authority, *end, *at = NULL;

	*url = (struct url){.is_tls = begins(text, "imaps:")};
	authority = text + (url->is_tls ? 6 : 5);
	if (!begins(authority, "//"))
		return fail(failure, "a URL has two slashes: imaps://HOST");
	authority += 2;
	end = authority + strcspn(authority, "/?#");
	for (const char *c = authority; c < end; c++)
		if (*c == '@')
			at = c;
	if (at && !take_user(span_between(authority, at), url, failure))
		return false;
	if (!take_host(span_between(at ? at + 1 : authority, end), url, failure))
		return false;
	return take_mailbox(*end == '/' ? end + 1 : end, url, failure);
}
