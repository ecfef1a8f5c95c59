/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_writing.c - see settings.h: the options that let the plugin write into a mailbox. */
#include "settings.h"

#include "mail_address.h"
#include "utf8.h"
#include "value.h"

bool setting_append(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->append.is_asked = true;
	config->append.mailbox = value;
	return true;
}

bool setting_append_keep(struct config *config, char *value, struct failure *failure)
{
	double number;

	if (!value_take_number(value, false, &number) || number < 1 || number > CONFIG_KEEP_MAX)
		return value_refuse(failure, "it takes a number of messages, 1 to %d",
				    CONFIG_KEEP_MAX);
	config->append.keep = (unsigned)number;
	return true;
}

/* --- the message ------------------------------------------------------------------------------ */

bool setting_from(struct config *config, char *value, struct failure *failure)
{
	struct mail_address address;

	config->append.from = value;
	return mail_address_parse(value, &address, failure);
}

static bool add_address(struct config_addresses *list, const char *value, struct failure *failure)
{
	struct mail_address address;

	if (list->count == CONFIG_ADDRESSES)
		return value_refuse(failure, "more than %d addresses", CONFIG_ADDRESSES);
	list->items[list->count++] = value;
	return mail_address_parse(value, &address, failure);
}

bool setting_to(struct config *config, char *value, struct failure *failure)
{
	return add_address(&config->append.to, value, failure);
}

bool setting_cc(struct config *config, char *value, struct failure *failure)
{
	return add_address(&config->append.cc, value, failure);
}

bool setting_bcc(struct config *config, char *value, struct failure *failure)
{
	return add_address(&config->append.bcc, value, failure);
}

/* Nothing may begin a header field of its own; in the body lines and tabs are fine. */
static bool is_text(const char *text, bool may_have_lines)
{
	while (*text) {
		size_t length = utf8_length(text);
		bool is_control = (unsigned char)*text < ' ' || *text == 0x7f;
		bool is_line = *text == '\n' || *text == '\r' || *text == '\t';

		if (length == 0 || (is_control && !(may_have_lines && is_line)))
			return false;
		text += length;
	}
	return true;
}

bool setting_subject(struct config *config, char *value, struct failure *failure)
{
	config->append.subject = value;
	return is_text(value, false) ||
	       value_refuse(failure, "it takes one line of UTF-8 without control characters");
}

bool setting_body(struct config *config, char *value, struct failure *failure)
{
	config->append.body = value;
	return is_text(value, true) ||
	       value_refuse(failure, "it takes UTF-8 without control characters");
}

/* --- two sessions ----------------------------------------------------------------------------- */

bool setting_sync(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->sync = value;
	return true;
}
