/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names.c - the names of events and statuses. */
#include "names.h"

static const char *const event_names[] = {
	[IMAP_WAIT] = "wait",	  [IMAP_GREETING] = "greeting", [IMAP_DATA] = "data",
	[IMAP_ITEM] = "item",	  [IMAP_CHUNK] = "chunk",	[IMAP_PROMPT] = "prompt",
	[IMAP_SECURE] = "secure", [IMAP_DONE] = "done",		[IMAP_CLOSED] = "closed",
	[IMAP_FAILED] = "failed",
};

static const char *const status_names[] = {
	[IMAP_NONE] = "",   [IMAP_OK] = "OK",	[IMAP_NO] = "NO",
	[IMAP_BAD] = "BAD", [IMAP_BYE] = "BYE", [IMAP_PREAUTH] = "PREAUTH",
};

const char *imap_event_name(enum imap_event event)
{
	return event_names[event];
}

const char *imap_status_name(enum imap_status status)
{
	return status_names[status];
}

enum imap_status status_of_name(struct imap_span name)
{
	for (int status = IMAP_OK; status <= IMAP_PREAUTH; status++) {
		if (imap_is(name, status_names[status]))
			return (enum imap_status)status;
	}
	return IMAP_NONE;
}
