/* SPDX-License-Identifier: GPL-3.0-or-later */
/* folders.h - what LIST and NAMESPACE told of the user's mailboxes: how many can be opened, and
   which one serves which purpose (RFC 9051 section 7.3.1, RFC 6154). */
#ifndef FOLDERS_H
#define FOLDERS_H

#include "imapcheck.h"

enum { FOLDERS_FOREIGN = 16, FOLDERS_USES = 16, FOLDERS_NAME = 500 };

struct folders {
	char prefix[100]; /* with which the names of the user's own begin, "INBOX."; raw, "" for
			     none */
	uint64_t count;	  /* mailboxes of the personal namespaces that can be opened */

	char foreign[FOLDERS_FOREIGN][100]; /* prefixes of other users' and shared namespaces */
	unsigned foreign_count;

	struct {
		char use[40];		 /* "\Sent" */
		char name[FOLDERS_NAME]; /* UTF-8 */
	} uses[FOLDERS_USES];
	unsigned use_count;
};

void folders_take_namespace(struct folders *folders, const struct imap_arg *args);
void folders_take_list(struct folders *folders, const struct imap_arg *args);

/* The mailbox that is marked \USE; `use` with or without backslash, case does not matter. NULL if
   none is. */
const char *folders_with_use(const struct folders *folders, const char *use, size_t length);

#endif
