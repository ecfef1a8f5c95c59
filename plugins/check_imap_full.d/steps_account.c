/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_account.c - the steps that look at the account rather than at one mailbox: what the server
   offers after login, which mailboxes there are, how full they are. */
#include <stdio.h>
#include <string.h>

#include "refusal.h"
#include "steps.h"
#include "text.h"

static void complain(struct run *run, enum phase phase, enum failure_class class, const char *text)
{
	struct failure failure;

	failure_set(&failure, class, "%s", text);
	run_mask(run, failure.text);
	report_problem(&run->report, phase, &failure);
}

/* --- --capability ----------------------------------------------------------------------------- */

static void check_capability(struct run *run, const char *name, size_t length)
{
	bool is_forbidden = name[0] == '-';
	char word[100], text[300];

	snprintf(word, sizeof word, "%.*s", (int)length - is_forbidden, name + is_forbidden);
	if (imap_has(run->session.imap, word) != is_forbidden)
		return;
	snprintf(text, sizeof text,
		 is_forbidden ? "server offers %s after login, which --capability forbids"
			      : "server does not offer %s after login, which --capability demands",
		 word);
	complain(run, PHASE_AUTH, is_forbidden ? CLASS_POLICY : CLASS_MISSING, text);
}

static enum step_progress demands_enter(struct run *run, imap_time now)
{
	(void)now;
	for (const char *at = run->config->capabilities; *at;) {
		size_t length = strcspn(at, ",");

		check_capability(run, at, length);
		at += length + (at[length] == ',');
	}
	return STEP_DONE;
}

const struct step step_demands = {
	.phase = PHASE_AUTH,
	.enter = demands_enter,
};

/* --- UTF8=ONLY (RFC 6855 section 6): such a server knows names in UTF-8 only ---------------------
 */

static enum step_progress utf8_enter(struct run *run, imap_time now)
{
	if (!imap_has(run->session.imap, "UTF8=ONLY"))
		return STEP_DONE;
	imap_command(run->session.imap, now, "ENABLE UTF8=ACCEPT");
	return STEP_WAIT;
}

static enum step_progress utf8_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status == IMAP_OK)
		return STEP_DONE;
	refusal_set(&run->failure, reply, CLASS_REFUSED, "ENABLE UTF8=ACCEPT");
	return STEP_FAILED;
}

const struct step step_utf8 = {
	.phase = PHASE_AUTH,
	.awaits = "answer to ENABLE",
	.enter = utf8_enter,
	.reply = utf8_reply,
};

/* --- list ------------------------------------------------------------------------------------- */

static enum step_progress namespace_enter(struct run *run, imap_time now)
{
	if (!imap_has(run->session.imap, "NAMESPACE") && !imap_has(run->session.imap, "IMAP4rev2"))
		return STEP_DONE;
	imap_command(run->session.imap, now, "NAMESPACE");
	return STEP_WAIT;
}

static enum step_progress namespace_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DATA && imap_is(reply->name, "NAMESPACE"))
		folders_take_namespace(&run->folders, reply->args);
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status == IMAP_OK)
		return STEP_DONE;
	refusal_set(&run->failure, reply, CLASS_REFUSED, "NAMESPACE");
	return STEP_FAILED;
}

const struct step step_namespace = {
	.phase = PHASE_LIST,
	.awaits = "answer to NAMESPACE",
	.enter = namespace_enter,
	.reply = namespace_reply,
};

/* A plain LIST may tell the uses as well (RFC 6154 section 2); asking for them needs both
   extensions, and must not be tried without. */
static bool may_ask_for_uses(const struct run *run)
{
	const struct imap *imap = run->session.imap;

	return imap_has(imap, "IMAP4rev2") ||
	       (imap_has(imap, "SPECIAL-USE") && imap_has(imap, "LIST-EXTENDED"));
}

static enum step_progress list_enter(struct run *run, imap_time now)
{
	imap_command(run->session.imap, now,
		     may_ask_for_uses(run) ? "LIST \"\" \"*\" RETURN (SPECIAL-USE)"
					   : "LIST \"\" \"*\"");
	return STEP_WAIT;
}

static void check_use(struct run *run, const char *use, size_t length)
{
	char text[300];

	if (length > 0 && use[0] == '\\') {
		use++;
		length--;
	}
	if (folders_with_use(&run->folders, use, length))
		return;
	snprintf(text, sizeof text, "no mailbox is marked \\%.*s; marked are:", (int)length, use);
	for (unsigned i = 0; i < run->folders.use_count; i++)
		text_add(text, sizeof text, " %s", run->folders.uses[i].use);
	if (run->folders.use_count == 0)
		text_add(text, sizeof text, " none%s",
			 imap_has(run->session.imap, "SPECIAL-USE")
				 ? ""
				 : " (the server does not offer SPECIAL-USE)");
	complain(run, PHASE_LIST, CLASS_MISSING, text);
}

static enum step_progress list_over(struct run *run)
{
	report_value(&run->report, METRIC_MAILBOXES, (double)run->folders.count);
	for (const char *at = run->config->special_use; at && *at;) {
		size_t length = strcspn(at, ",");

		check_use(run, at, length);
		at += length + (at[length] == ',');
	}
	return STEP_DONE;
}

static enum step_progress list_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DATA && imap_is(reply->name, "LIST"))
		folders_take_list(&run->folders, reply->args);
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status == IMAP_OK)
		return list_over(run);
	refusal_set(&run->failure, reply, CLASS_REFUSED, "to list the mailboxes");
	return STEP_FAILED;
}

const struct step step_list = {
	.phase = PHASE_LIST,
	.awaits = "answer to LIST",
	.enter = list_enter,
	.reply = list_reply,
};

/* --- quota ------------------------------------------------------------------------------------ */

static bool wants(const struct run *run, enum metric metric)
{
	return run->config->measured[metric];
}

static void say_no_quota(struct run *run, enum metric metric, const char *why)
{
	if (wants(run, metric))
		report_no_value(&run->report, metric, REPORT_MISSING, why);
}

static enum step_progress quota_enter(struct run *run, imap_time now)
{
	static const char why[] = "no quota here: the server does not offer QUOTA";

	if (imap_has(run->session.imap, "QUOTA")) {
		imap_command(run->session.imap, now, "GETQUOTAROOT %m", run->config->mailbox);
		return STEP_WAIT;
	}
	say_no_quota(run, METRIC_QUOTA_STORAGE, why);
	say_no_quota(run, METRIC_QUOTA_STORAGE_USED, why);
	say_no_quota(run, METRIC_QUOTA_MESSAGES, why);
	return STEP_DONE;
}

/* What is known is told even if only one of them was asked for: the round trip is made. */
static enum step_progress quota_over(struct run *run)
{
	static const char no_storage[] = "no quota here: no limit of storage for this mailbox";
	static const char no_messages[] =
		"no quota here: no limit of the number of messages for this mailbox";
	const struct quota *quota = &run->quota;

	say_no_quota(run, METRIC_QUOTA_STORAGE, no_storage);
	say_no_quota(run, METRIC_QUOTA_STORAGE_USED, no_storage);
	say_no_quota(run, METRIC_QUOTA_MESSAGES, no_messages);
	if (quota->storage.is_known) {
		report_value_of(&run->report, METRIC_QUOTA_STORAGE, quota_percent(&quota->storage),
				100);
		report_value_of(&run->report, METRIC_QUOTA_STORAGE_USED, quota->storage.used,
				quota->storage.limit);
	}
	if (quota->messages.is_known)
		report_value_of(&run->report, METRIC_QUOTA_MESSAGES,
				quota_percent(&quota->messages), 100);
	return STEP_DONE;
}

static enum step_progress quota_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DATA && imap_is(reply->name, "QUOTA"))
		quota_take(&run->quota, reply->args);
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status == IMAP_OK)
		return quota_over(run);
	refusal_set(&run->failure, reply, CLASS_REFUSED, "to tell the quota");
	return STEP_FAILED;
}

const struct step step_quota = {
	.phase = PHASE_QUOTA,
	.awaits = "answer to GETQUOTAROOT",
	.enter = quota_enter,
	.reply = quota_reply,
};
