/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mark.c - see mark.h. Decides on nothing: what becomes of a message is tidy's affair. */
#include "mark.h"

#include <ctype.h>
#include <gnutls/crypto.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

enum { SHOWN = 200 }; /* octets of what is shown of one name for people */

static const char *const kinds[] = {[MARK_APPEND] = "append", [MARK_SYNC] = "sync"};

static const char *owner(const struct config *config)
{
	const char *name = config->authzid ? config->authzid : config->user;

	return name ? name : "";
}

static void write_hex(const unsigned char *octets, size_t length, char *text)
{
	for (size_t i = 0; i < length; i++)
		sprintf(text + 2 * i, "%02x", octets[i]);
}

bool mark_make(struct mark *mark, enum mark_kind kind, const struct config *config,
	       const char *mailbox, int64_t now)
{
	unsigned char hash[32], random[8];
	gnutls_hash_hd_t hasher;
	const char *parts[] = {kinds[kind], config->host.name, owner(config), mailbox};

	if (gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof random) != 0 ||
	    gnutls_hash_init(&hasher, GNUTLS_DIG_SHA256) != 0)
		return false;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		gnutls_hash(hasher, parts[i], strlen(parts[i]) + 1);
	gnutls_hash_deinit(hasher, hash);
	write_hex(hash, 16, mark->id);
	write_hex(random, sizeof random, mark->run);
	mark->time = now;
	return true;
}

/* "user=alice", with nothing in it that could mean more than a character. */
static void write_name(FILE *to, const char *name, const char *value, const char *end)
{
	int used = 0;

	fprintf(to, "%s=", name);
	for (; *value && used < SHOWN; value++)
		if (isalnum((unsigned char)*value) || strchr(".-_@/+", *value))
			used += fprintf(to, "%c", *value);
		else
			used += fprintf(to, "%%%02X", (unsigned)(unsigned char)*value);
	fputs(end, to);
}

void mark_write(const struct mark *mark, FILE *to, enum mark_kind kind, const struct config *config,
		const char *mailbox)
{
	fprintf(to, MARK_FIELD ": id=%s; time=%" PRId64 ";\r\n run=%s; check=%s;\r\n ", mark->id,
		mark->time, mark->run, kinds[kind]);
	write_name(to, "host", config->host.name, ";\r\n ");
	write_name(to, "user", owner(config), ";\r\n ");
	write_name(to, "mailbox", mailbox, "\r\n");
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Behind "X-Check-Imap-Full:" at the beginning of a line; NULL if there is none up to the empty
   line: a body may quote one. */
static const char *find_field(struct imap_span header)
{
	static const char name[] = MARK_FIELD ":";
	const char *end = header.at + header.length;

	for (const char *at = header.at; (size_t)(end - at) >= sizeof name - 1;) {
		const char *line_end;

		if (strncasecmp(at, name, sizeof name - 1) == 0)
			return at + sizeof name - 1;
		if (*at == '\n' || (*at == '\r' && at[1] == '\n'))
			return NULL;
		line_end = memchr(at, '\n', (size_t)(end - at));
		if (!line_end)
			return NULL;
		at = line_end + 1;
	}
	return NULL;
}

/* The field's value, unfolded, as much of it as is looked at; a semicolon behind it says that it is
   whole. */
static void unfold(const char *from, const char *end, char *value, size_t size)
{
	size_t used = 0;

	for (; from < end && used + 2 < size; from++) {
		bool is_folded = end - from > 1 && (from[1] == ' ' || from[1] == '\t');

		if (*from == '\n' && !is_folded)
			break;
		if (*from != '\r' && *from != '\n' && *from != '\0')
			value[used++] = *from == '\t' ? ' ' : *from;
	}
	if (used + 2 < size)
		value[used++] = ';';
	value[used] = '\0';
}

/* Behind "NAME=", where that is a whole name; NULL if there is none. */
static const char *find_value(const char *value, const char *name)
{
	for (const char *at = strstr(value, name); at; at = strstr(at + 1, name))
		if (at == value || strchr("; ", at[-1]))
			return at + strlen(name);
	return NULL;
}

/* The hexadecimal digits behind "NAME=", exactly as many as fit into `to`. */
static bool take_hex(const char *value, const char *name, char *to, size_t size)
{
	const char *at = find_value(value, name);
	size_t length;

	if (!at)
		return false;
	length = strspn(at, "0123456789abcdef");
	if (length != size - 1 || at[length] != ';')
		return false;
	memcpy(to, at, length);
	to[length] = '\0';
	return true;
}

static bool take_time(const char *value, int64_t *seconds)
{
	const char *at = find_value(value, "time=");
	size_t length;

	if (!at)
		return false;
	length = strspn(at, "0123456789");
	if (length == 0 || length > 15 || at[length] != ';')
		return false;
	*seconds = 0;
	for (size_t i = 0; i < length; i++)
		*seconds = *seconds * 10 + (at[i] - '0');
	return true;
}

bool mark_read(struct imap_span header, struct mark *mark)
{
	const char *field = find_field(header);
	char value[300];

	if (!field)
		return false;
	unfold(field, header.at + header.length, value, sizeof value);
	return take_hex(value, "id=", mark->id, sizeof mark->id) &&
	       take_hex(value, "run=", mark->run, sizeof mark->run) &&
	       take_time(value, &mark->time);
}
