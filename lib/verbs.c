/* SPDX-License-Identifier: GPL-3.0-or-later */
/* verbs.c - the commands that a caller can give. */
#include "keys.h"
#include "machine.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

struct command_style machine_style(const struct imap *imap)
{
	return (struct command_style){
		.has_literal_plus = caps_has(&imap->caps, "LITERAL+"),
		.has_literal_minus = caps_has(&imap->caps, "LITERAL-"),
		.has_utf8 = imap->has_utf8,
	};
}

bool machine_begin(struct imap *imap, enum command_kind kind, imap_time now)
{
	if (imap->state == MACHINE_FAILED)
		return false;
	assert(imap->state == MACHINE_READY);
	imap->caps_came = false;
	command_begin(&imap->command, kind, ++imap->commands, now);
	return true;
}

static void fail_by_flaw(struct imap *imap)
{
	switch (imap->command.flaw) {
	case COMMAND_LINE_BREAK:
		machine_fail(imap, IMAP_FAULT_PROTOCOL,
			     "a command was not sent: a line break stands in it");
		return;
	case COMMAND_BAD_MAILBOX:
		machine_fail(imap, IMAP_FAULT_PROTOCOL,
			     "a command was not sent: its mailbox name is not UTF-8");
		return;
	case COMMAND_TOO_LONG:
		machine_fail(imap, IMAP_FAULT_PROTOCOL, "a command was not sent: it is too long");
		return;
	default:
		machine_fail(imap, IMAP_FAULT_MEMORY, "out of memory for a command");
	}
}

void machine_end(struct imap *imap, imap_time now)
{
	command_end(&imap->command, &imap->trace, now);
	if (imap->command.flaw != COMMAND_SOUND)
		fail_by_flaw(imap);
}

static struct imap_span span(const char *text)
{
	return (struct imap_span){text, strlen(text)};
}

static void give(struct imap *imap, enum command_kind kind, const char *text, imap_time now)
{
	if (!machine_begin(imap, kind, now))
		return;
	command_add(&imap->command, span(text));
	machine_end(imap, now);
}

void imap_login(struct imap *imap, imap_time now, const char *user, struct imap_span secret)
{
	struct command_style style = machine_style(imap);

	if (!machine_begin(imap, COMMAND_LOGIN, now))
		return;
	command_add(&imap->command, span("LOGIN "));
	command_add_string(&imap->command, span(user), false, &style);
	command_add(&imap->command, span(" "));
	command_add_string(&imap->command, secret, true, &style);
	machine_end(imap, now);
}

void imap_starttls(struct imap *imap, imap_time now)
{
	give(imap, COMMAND_STARTTLS, "STARTTLS", now);
}

void imap_logout(struct imap *imap, imap_time now)
{
	give(imap, COMMAND_LOGOUT, "LOGOUT", now);
}

void imap_idle(struct imap *imap, imap_time now)
{
	give(imap, COMMAND_IDLE, "IDLE", now);
}

void imap_idle_done(struct imap *imap, imap_time now)
{
	if (imap->state == MACHINE_FAILED)
		return;
	assert(imap->command.is_idling && !imap->command.is_ending);
	imap->command.is_ending = true;
	command_add(&imap->command, span("DONE"));
	machine_end(imap, now);
}

/* --- the format of imap_command() ----------------------------------------------------------- */

/* Room for any name in modified UTF-7: at worst each octet becomes five, and a bit. */
static void add_mailbox(struct command *command, const char *name,
			const struct command_style *style)
{
	enum { ROOM = 4096 };
	char encoded[ROOM];

	if (!imap_mailbox_encode(name, encoded, sizeof(encoded))) {
		if (command->flaw == COMMAND_SOUND)
			command->flaw = COMMAND_BAD_MAILBOX;
		return;
	}
	command_add_string(command, span(style->has_utf8 ? name : encoded), false, style);
}

/* A string in quotes if all its octets may stand there, else a literal: in any case under a charset
   that the server was told, or that UTF8=ACCEPT implies. */
static void add_keys(struct command *command, const char *text, const struct command_style *style)
{
	struct keys keys = {.at = text};
	struct imap_span part = {"", 0};
	char string[KEYS_STRING_MAX];
	enum keys_part kind;

	while ((kind = keys_next(&keys, &part)) != KEYS_END) {
		assert(kind != KEYS_FLAW);
		if (kind == KEYS_PLAIN) {
			command_add(command, part);
		} else if (part.length > sizeof(string)) {
			command->flaw = COMMAND_TOO_LONG;
		} else {
			part.length = keys_unescape(part, string);
			part.at = string;
			command_add_string(command, part, false, style);
		}
	}
}

static bool is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return *text == '\0';
}

static void add_search(struct command *command, const char *text, const struct command_style *style)
{
	if (!style->has_utf8 && !is_ascii(text))
		command_add(command, span("CHARSET UTF-8 "));
	add_keys(command, text, style);
}

static void add_number(struct command *command, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	command_add(command, (struct imap_span){digits + at, sizeof(digits) - at});
}

static void add_conversion(struct command *command, char conversion, va_list *arguments,
			   const struct command_style *style)
{
	switch (conversion) {
	case 'a':
		command_add(command, span(va_arg(*arguments, const char *)));
		break;
	case 's':
		command_add_string(command, span(va_arg(*arguments, const char *)), false, style);
		break;
	case 'm':
		add_mailbox(command, va_arg(*arguments, const char *), style);
		break;
	case 'u':
		add_number(command, va_arg(*arguments, uint64_t));
		break;
	case 'k':
		add_search(command, va_arg(*arguments, const char *), style);
		break;
	case 'K':
		add_keys(command, va_arg(*arguments, const char *), style);
		break;
	case 'b':
		command_add_literal(command, *va_arg(*arguments, const struct imap_span *), false,
				    style);
		break;
	default:
		assert(conversion == '%');
		command_add(command, span("%"));
	}
}

void imap_command(struct imap *imap, imap_time now, const char *format, ...)
{
	struct command_style style = machine_style(imap);
	va_list arguments;

	if (!machine_begin(imap, COMMAND_OTHER, now))
		return;
	va_start(arguments, format);
	while (*format) {
		size_t plain = strcspn(format, "%");
		command_add(&imap->command, (struct imap_span){format, plain});
		format += plain;
		if (*format) {
			add_conversion(&imap->command, format[1], &arguments, &style);
			format += 2;
		}
	}
	va_end(arguments);
	machine_end(imap, now);
}
