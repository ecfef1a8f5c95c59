/* SPDX-License-Identifier: GPL-3.0-or-later */
/* folders.c - see folders.h. Reads replies, sends nothing. */
#include "folders.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* One of NAMESPACE's three: (("" "/") ("#shared/" "/")) or NIL. */
static void take_foreign(struct folders *folders, const struct imap_arg *spaces)
{
	if (!spaces || spaces->type != IMAP_LIST)
		return;
	for (const struct imap_arg *space = spaces->first; space; space = space->next) {
		struct imap_span prefix = {"", 0};

		if (space->type == IMAP_LIST)
			prefix = imap_text(space->first);
		if (prefix.length == 0 || prefix.length >= sizeof folders->foreign[0] ||
		    folders->foreign_count == FOLDERS_FOREIGN)
			continue;
		snprintf(folders->foreign[folders->foreign_count++], sizeof folders->foreign[0],
			 "%s", prefix.at);
	}
}

/* The first one is where the user's new mailboxes go. */
static void take_own(struct folders *folders, const struct imap_arg *spaces)
{
	struct imap_span prefix = {"", 0};

	if (spaces && spaces->type == IMAP_LIST && spaces->first &&
	    spaces->first->type == IMAP_LIST)
		prefix = imap_text(spaces->first->first);
	if (prefix.length < sizeof folders->prefix)
		snprintf(folders->prefix, sizeof folders->prefix, "%s", prefix.at);
}

void folders_take_namespace(struct folders *folders, const struct imap_arg *args)
{
	take_own(folders, args);

	const struct imap_arg *others = args ? args->next : NULL;

	take_foreign(folders, others);
	take_foreign(folders, others ? others->next : NULL);
}

static bool has_attribute(const struct imap_arg *attributes, const char *name)
{
	for (const struct imap_arg *one = attributes->first; one; one = one->next)
		if (imap_is(one->text, name))
			return true;
	return false;
}

static bool is_foreign(const struct folders *folders, struct imap_span name)
{
	for (unsigned i = 0; i < folders->foreign_count; i++) {
		size_t length = strlen(folders->foreign[i]);

		if (name.length >= length && memcmp(name.at, folders->foreign[i], length) == 0)
			return true;
	}
	return false;
}

/* Attributes of LIST that tell something else than a use. */
static bool is_structural(struct imap_span attribute)
{
	static const char *const words[] = {
		"\\Noinferiors", "\\Noselect",	    "\\Marked",	    "\\Unmarked", "\\NonExistent",
		"\\HasChildren", "\\HasNoChildren", "\\Subscribed", "\\Remote",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (imap_is(attribute, words[i]))
			return true;
	return attribute.length == 0 || attribute.at[0] != '\\';
}

static void take_uses(struct folders *folders, const struct imap_arg *attributes,
		      struct imap_span name)
{
	for (const struct imap_arg *one = attributes->first; one; one = one->next) {
		unsigned at = folders->use_count;

		if (is_structural(one->text) || at == FOLDERS_USES ||
		    one->text.length >= sizeof folders->uses[0].use)
			continue;
		if (!imap_mailbox_decode(name.at, folders->uses[at].name, FOLDERS_NAME) &&
		    name.length < FOLDERS_NAME)
			memcpy(folders->uses[at].name, name.at, name.length + 1);
		snprintf(folders->uses[at].use, sizeof folders->uses[0].use, "%s", one->text.at);
		folders->use_count++;
	}
}

void folders_take_list(struct folders *folders, const struct imap_arg *args)
{
	const struct imap_arg *name = args && args->next ? args->next->next : NULL;

	if (!name || args->type != IMAP_LIST || name->type == IMAP_LIST ||
	    is_foreign(folders, imap_text(name)) || has_attribute(args, "\\Noselect") ||
	    has_attribute(args, "\\NonExistent"))
		return;
	folders->count++;
	take_uses(folders, args, imap_text(name));
}

const char *folders_with_use(const struct folders *folders, const char *use, size_t length)
{
	if (length > 0 && use[0] == '\\') {
		use++;
		length--;
	}
	for (unsigned i = 0; i < folders->use_count; i++) {
		const char *known = folders->uses[i].use + 1;

		if (strlen(known) == length && strncasecmp(known, use, length) == 0)
			return folders->uses[i].name;
	}
	return NULL;
}
