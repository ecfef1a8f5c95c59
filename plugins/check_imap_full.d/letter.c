/* SPDX-License-Identifier: GPL-3.0-or-later */
/* letter.c - see letter.h. Reads nothing and sends nothing. */
#include "letter.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mail_address.h"
#include "mime_encode.h"

static const char append_body[] =
	"This message was put here by the monitoring plugin check_imap_full\n"
	"(option --append), to see whether messages can be stored. Some of them are\n"
	"kept, older ones are removed by the plugin. They may be deleted at any time.\n";

static const char sync_body[] =
	"This message was put here by the monitoring plugin check_imap_full\n"
	"(option --sync), to see how soon another session is told of it. It is\n"
	"removed at once, or an hour later if the plugin was interrupted. It may be\n"
	"deleted at any time.\n"
	"\n"
	"0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ\n";

/* --- addresses -------------------------------------------------------------------------------- */

/* From `column` on. */
static void write_address(FILE *to, size_t column, const struct mail_address *address)
{
	bool is_folded;

	if (!address->name[0]) {
		fputs(address->spec, to);
		return;
	}
	column = mime_encode_phrase(to, column, address->name);
	is_folded = column + strlen(" <>,") + strlen(address->spec) > MIME_ENCODE_LINE;
	fprintf(to, "%s <%s>", is_folded ? "\r\n" : "", address->spec);
}

/* They were looked at when the options were read. */
static void write_list(FILE *to, const char *field, const struct config_addresses *list)
{
	for (unsigned i = 0; i < list->count; i++) {
		struct mail_address address;
		struct failure ignored;

		if (!mail_address_parse(list->items[i], &address, &ignored))
			continue;
		fprintf(to, i == 0 ? "%s: " : ",\r\n ", field);
		write_address(to, i == 0 ? strlen(field) + 2 : 1, &address);
	}
	if (list->count > 0)
		fputs("\r\n", to);
}

/* The user's own address, if the name is one, else one at the server's name. */
static void find_sender(const struct config *config, enum mark_kind kind,
			struct mail_address *sender)
{
	const char *host = config->host.is_address ? "localhost" : config->host.name;
	struct failure ignored;
	char text[600];

	if (kind == MARK_APPEND && config->append.from &&
	    mail_address_parse(config->append.from, sender, &ignored))
		return;
	if (config->user && mail_address_parse(config->user, sender, &ignored))
		return;
	snprintf(text, sizeof text, "%.250s@%s", config->user ? config->user : "", host);
	if (mail_address_parse(text, sender, &ignored))
		return;
	snprintf(text, sizeof text, "monitoring@%s", host);
	if (!mail_address_parse(text, sender, &ignored))
		snprintf(sender->spec, sizeof sender->spec, "monitoring@localhost");
}

/* --- the message ------------------------------------------------------------------------------ */

/* RFC 5322 section 3.3. The program has no locale, so the names of days and months are English. */
static void write_date(FILE *to, int64_t now)
{
	time_t seconds = (time_t)now;
	char text[64];
	struct tm tm;

	strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&seconds, &tm));
	fprintf(to, "Date: %s\r\n", text);
}

/* --from to --bcc are of --append alone. */
static void write_people(FILE *to, const struct config *config, enum mark_kind kind,
			 const struct mail_address *sender)
{
	const struct config_append *append = &config->append;

	fputs("From: ", to);
	write_address(to, strlen("From: "), sender);
	fputs("\r\n", to);
	if (kind == MARK_SYNC || append->to.count + append->cc.count + append->bcc.count == 0)
		fprintf(to, "To: %s\r\n", sender->spec);
	if (kind == MARK_SYNC)
		return;
	write_list(to, "To", &append->to);
	write_list(to, "Cc", &append->cc);
	write_list(to, "Bcc", &append->bcc);
}

static void write_subject(FILE *to, const struct config *config, enum mark_kind kind)
{
	const char *subject = config->append.subject;

	if (kind == MARK_SYNC || !subject)
		subject = kind == MARK_SYNC ? "check_imap_full: test of two sessions"
					    : "check_imap_full: test of storing a message";
	mime_encode_text_field(to, "Subject", subject);
}

static void write_all(FILE *to, const struct config *config, enum mark_kind kind,
		      const struct mark *mark, const char *mailbox)
{
	const char *body = kind == MARK_SYNC ? sync_body : append_body;
	struct mail_address sender;

	find_sender(config, kind, &sender);
	write_date(to, mark->time);
	write_people(to, config, kind, &sender);
	write_subject(to, config, kind);
	fprintf(to, "Message-ID: <%s.check-imap-full%s>\r\n", mark->run, strrchr(sender.spec, '@'));
	mark_write(mark, to, kind, config, mailbox);
	fputs("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n", to);
	if (kind == MARK_APPEND && config->append.body)
		body = config->append.body;
	mime_encode_body(to, body);
}

char *letter_write(const struct config *config, enum mark_kind kind, const struct mark *mark,
		   const char *mailbox, size_t *length)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, length);

	if (!to)
		return NULL;
	write_all(to, config, kind, mark, mailbox);
	if (fclose(to) == 0)
		return text;
	free(text);
	return NULL;
}
