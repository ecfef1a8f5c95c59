/* SPDX-License-Identifier: GPL-3.0-or-later */
/* metric.c - see metric.h. */
#include "metric.h"

#include <string.h>

#define PHASE_TIME(phase_, name_, help_) [phase_] = {name_, "s", 6, phase_, true, help_}

static const struct metric_spec specs[METRIC_COUNT] = {
	PHASE_TIME(PHASE_PASSWORD, "password", "fetching the secret; not part of total"),
	PHASE_TIME(PHASE_DNS, "dns", "looking up the name"),
	PHASE_TIME(PHASE_CONNECT, "connect", "from the first SYN to the connection being up"),
	PHASE_TIME(PHASE_TLS, "tls", "the TLS handshake, STARTTLS included"),
	PHASE_TIME(PHASE_GREETING, "greeting", "waiting for the server's greeting"),
	PHASE_TIME(PHASE_AUTH, "auth", "logging in"),
	PHASE_TIME(PHASE_LIST, "list", "listing the mailboxes"),
	PHASE_TIME(PHASE_QUOTA, "quota", "asking for the quotas"),
	PHASE_TIME(PHASE_SELECT, "select", "opening the mailbox"),
	PHASE_TIME(PHASE_SEARCH, "search", "searching, and finding out the ages"),
	PHASE_TIME(PHASE_FETCH, "fetch", "fetching the newest message"),
	PHASE_TIME(PHASE_APPEND, "append", "appending a message, and removing old ones"),
	PHASE_TIME(PHASE_SYNC, "sync", "the whole exchange between two sessions"),
	PHASE_TIME(PHASE_LOGOUT, "logout", "logging out"),
	[METRIC_TOTAL] = {"total", "s", 6, PHASE_COUNT, true, "the whole journey, dns to logout"},
	[METRIC_IDLE] = {"idle", "s", 6, PHASE_SYNC, true,
			 "until the second session was told of the new message"},
	[METRIC_FLAGS] = {"flags", "s", 6, PHASE_SYNC, true,
			  "until the second session was told of the changed flag"},
	[METRIC_CERT_DAYS] = {"cert_days", "", 1, PHASE_TLS, true,
			      "days until the first certificate of the verified path expires"},
	[METRIC_MESSAGES] = {"messages", "", 0, PHASE_SELECT, true, "messages in the mailbox"},
	[METRIC_UNSEEN] = {"unseen", "", 0, PHASE_SEARCH, true, "messages without \\Seen"},
	[METRIC_MATCHED] = {"matched", "", 0, PHASE_SEARCH, true, "hits of --search"},
	[METRIC_MAILBOXES] = {"mailboxes", "", 0, PHASE_LIST, true,
			      "mailboxes of the user's own that can be opened"},
	[METRIC_NEWEST_AGE] = {"newest_age", "s", 0, PHASE_SEARCH, true,
			       "since the newest message arrived (of the hits of --search)"},
	[METRIC_OLDEST_AGE] = {"oldest_age", "s", 0, PHASE_SEARCH, true,
			       "since the oldest message arrived (of the hits of --search)"},
	[METRIC_SIZE] = {"size", "B", 0, PHASE_FETCH, true, "octets that --fetch fetched"},
	[METRIC_QUOTA_STORAGE] = {"quota_storage", "%", 2, PHASE_QUOTA, true,
				  "storage used, of the fullest quota root"},
	[METRIC_QUOTA_MESSAGES] = {"quota_messages", "%", 2, PHASE_QUOTA, true,
				   "number of messages, of the fullest quota root"},
	[METRIC_QUOTA_STORAGE_USED] = {"quota_storage_used", "B", 0, PHASE_QUOTA, true,
				       "storage used, with its limit as maximum"},
	[METRIC_CAPTURE] = {"capture", "", 6, PHASE_FETCH, true,
			    "the number in the first group of --capture"},
	[METRIC_UIDVALIDITY] =
		{"uidvalidity", "", 0, PHASE_SELECT, false,
		 "the mailbox's UIDVALIDITY; a change makes clients download all anew"},
};

const struct metric_spec *metric_spec(enum metric metric)
{
	return &specs[metric];
}

bool metric_find(const char *name, enum metric *metric)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		if (strcmp(specs[i].name, name) == 0) {
			*metric = (enum metric)i;
			return true;
		}
	return false;
}
