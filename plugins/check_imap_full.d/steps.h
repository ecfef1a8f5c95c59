/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steps.h - the steps a journey is made of. A step belongs to a phase, whose clock runs while it
 * does; a phase may take several.
 *
 * On entering a step acts (sends, connects); then it goes on with what the server says (`reply`),
 * or with the descriptors it waits for (`wait`, `ready`), or with both. One that is done at once
 * has neither.
 */
#ifndef STEPS_H
#define STEPS_H

#include "run.h"

enum step_progress { STEP_WAIT, STEP_DONE, STEP_FAILED };

struct step {
	enum phase phase;
	const char *awaits; /* ends "no ... within 3 s": "answer to LOGIN" */
	enum step_progress (*enter)(struct run *run, imap_time now);

	void (*wait)(const struct run *run, struct wait *wait, imap_time now);
	enum step_progress (*ready)(struct run *run, const struct wait *wait, imap_time now);

	enum step_progress (*reply)(struct run *run, const struct imap_reply *reply);

	/* What is known when time is up, as a sentence in *failure; NULL: nothing more. */
	void (*late)(const struct run *run, struct failure *failure);

	/* What such a silence often means, to follow a deadline that passed in this step; or NULL.
	 */
	const char *hint;

	bool is_untimed; /* takes no time worth telling: its phase does not show */
};

/* steps_net.c: from a name to a secured connection. The password is a phase when a command is run
   for it; read from elsewhere (step_secret) it is there at once. */
extern const struct step step_secret, step_password, step_dns, step_connect, step_tls;

/* steps_session.c: greeting, capabilities, STARTTLS, logout; steps_login.c: login */
extern const struct step step_greeting, step_capability_greeting, step_capability_tls,
	step_starttls, step_capability_auth, step_login, step_capability_login,
	step_capability_list, step_capability_quota, step_capability_search, step_capability_append,
	step_capability_sync, step_logout;

/* steps_account.c: what is offered after login, which mailboxes there are, how full they are */
extern const struct step step_demands, step_utf8, step_namespace, step_list, step_quota;

/* steps_select.c: opening a mailbox, to read or to write */
extern const struct step step_select, step_select_append, step_select_sync;

/* steps_mailbox.c, steps_search.c, steps_ages.c, steps_capture.c: reading it */
extern const struct step step_unseen, step_search, step_sort, step_sort_check, step_dates,
	step_fetch, step_capture;

/* steps_append.c, steps_tidy.c: storing a message, removing those of this check that are too old */
extern const struct step step_append_begin, step_append, step_tidy_append, step_tidy_sync,
	step_remove_sync;

/* steps_sync.c, steps_sync_message.c, steps_sync_flag.c: two sessions */
extern const struct step step_sync_begin, step_sync_open, step_sync_watch, step_sync_append,
	step_sync_catch_up, step_sync_compare, step_sync_flag, step_sync_leave;

/* steps_probe.c: after the journey */
extern const struct step step_probe;

#endif
