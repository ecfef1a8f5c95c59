/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_mailbox.c - see settings.h: the options that say what to look for after login. */
#include "settings.h"

#include <string.h>

#include "pattern.h"
#include "value.h"

bool setting_mailbox(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->mailbox = value;
	return true;
}

bool setting_fetch(struct config *config, char *value, struct failure *failure)
{
	int index;

	if (!value_take_word(SETTING_FETCH_WORDS, value, &index, failure))
		return false;
	config->fetch = (enum config_fetch)index;
	config->given.fetch = true;
	return true;
}

bool setting_search(struct config *config, char *value, struct failure *failure)
{
	const char *flaw = imap_search_flaw(value);

	if (flaw)
		return value_refuse(failure, "%s", flaw);
	config->search = value;
	return true;
}

bool setting_capture(struct config *config, char *value, struct failure *failure)
{
	config->capture = value;
	return pattern_is_sound(value, failure);
}

/* A list of IMAP atoms: what a server may call a capability or a use, and nothing that would break
   out of a command. */
static bool is_atom_list(const char *list, const char *prefix)
{
	char item[80];
	bool has_item = false;

	while (value_next_item(&list, item, sizeof item)) {
		const char *word = item + (item[0] && strchr(prefix, item[0]) ? 1 : 0);

		if (*word == '\0' || strcspn(word, " ()[]{}%*\"\\") < strlen(word))
			return false;
		for (const char *at = word; *at; at++)
			if (*at <= ' ' || *at > '~')
				return false;
		has_item = true;
	}
	return has_item;
}

bool setting_capability(struct config *config, char *value, struct failure *failure)
{
	if (!is_atom_list(value, "-"))
		return value_refuse(failure, "it takes NAME[,NAME], like IDLE,MOVE,-LOGINDISABLED");
	config->capabilities = value;
	return true;
}

bool setting_special_use(struct config *config, char *value, struct failure *failure)
{
	if (!is_atom_list(value, "\\"))
		return value_refuse(failure, "it takes NAME[,NAME], like Sent,Trash");
	config->special_use = value;
	return true;
}

bool setting_cleartext_refused(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	(void)failure;
	config->cleartext_refused = true;
	return true;
}

bool setting_cleartext_port(struct config *config, char *value, struct failure *failure)
{
	if (!value_take_port(value, &config->cleartext_port))
		return value_refuse(failure, "it takes a port, 1 to 65535");
	config->given.cleartext_port = true;
	return true;
}
