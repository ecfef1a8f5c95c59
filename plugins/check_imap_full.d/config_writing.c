/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_writing.c - see config_writing.h. Must not know what a server offers. */
#include "config_writing.h"

#include "value.h"

enum { SYNC_TIMEOUT = 30 }; /* seconds: two sessions, and a server may let a notification wait */

/* What says how the message looks, without a message. */
static bool append_fits(const struct config *config, struct failure *failure)
{
	const struct config_append *append = &config->append;
	const struct {
		bool is_given;
		const char *name;
	} options[] = {
		{append->keep > 0, "--append-keep"},
		{append->from, "--from"},
		{append->to.count > 0, "--to"},
		{append->cc.count > 0, "--cc"},
		{append->bcc.count > 0, "--bcc"},
		{append->subject, "--subject"},
		{append->body, "--body"},
	};

	for (size_t i = 0; !append->is_asked && i < sizeof options / sizeof *options; i++)
		if (options[i].is_given)
			return value_refuse(failure, "%s needs --append", options[i].name);
	return true;
}

static bool is_mailbox(const char *option, const char *name, struct failure *failure)
{
	char utf7[2048];

	if (!name || imap_mailbox_encode(name, utf7, sizeof utf7))
		return true;
	return value_refuse(failure, "%s: the mailbox name is too long or not well-formed UTF-8",
			    option);
}

bool config_writing_fits(struct config *config, struct failure *failure)
{
	if (!append_fits(config, failure) ||
	    !is_mailbox("--append", config->append.mailbox, failure) ||
	    !is_mailbox("--sync", config->sync, failure))
		return false;
	if (config->append.keep == 0)
		config->append.keep = CONFIG_KEEP;
	if (config->sync && !config->given.timeout)
		config->timeout = SYNC_TIMEOUT * CLOCK_SECOND;
	return true;
}
