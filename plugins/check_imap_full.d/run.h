/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h - one run in flight: everything that its steps share. No globals stand beside it, so many
   runs at once are an array of these. */
#ifndef RUN_H
#define RUN_H

#include "capture.h"
#include "config.h"
#include "dial.h"
#include "errand.h"
#include "folders.h"
#include "probe.h"
#include "quota.h"
#include "report.h"
#include "resolve.h"
#include "sasl.h"
#include "hits.h"
#include "secret.h"
#include "session.h"
#include "writing.h"

/* A mailbox that is being opened, to read or to write. */
struct run_opening {
	const char *mailbox;  /* UTF-8 */
	const char *option;   /* by which a user names it: "-m " */
	bool is_told;	      /* the server said how many messages it has */
	uint64_t uidvalidity; /* 0: not told */
	bool has_flags;	      /* PERMANENTFLAGS came; the next two are of it */
	bool keeps_deleted, keeps_flagged;
	bool is_asking_prefix; /* it was refused: maybe its name lacks a prefix */
	struct failure refusal;
};

struct run {
	struct run
		*first; /* NULL, or the run whose second session this is: what both need is its */
	const struct config *config;
	struct report report;

	struct secret *secret;	 /* NULL without a login, or where that needs none */
	struct resolve *resolve; /* NULL for an address literal */
	struct dial dial;
	struct session session;
	const struct auth_spec *mechanism; /* of the login, NULL before it */
	struct sasl *sasl;		   /* of the login under way, unless it is the command */

	imap_time deadline;
	struct address server; /* the one that was reached */

	/* the account */
	struct folders folders;
	struct quota quota;

	/* the mailbox */
	struct run_opening opening;
	uint32_t messages;	/* EXISTS, kept up to date by every untagged one */
	bool has_expunged;	/* the server told that a message was deleted */
	struct hits hits;	/* of the search under way */
	struct uid_set hit_set; /* of --search, where the ages need each of them */
	bool is_order_cut;	/* only the ends of the order of arrival were asked for */
	uint32_t sorted_first, sorted_last; /* these ends */
	bool is_count_due;		    /* the search was asked for a count (ESEARCH) */
	uint64_t hits_of_search;	    /* of --search */
	uint32_t newest_hit;		    /* of --search: the highest UID, 0 without hits */
	bool has_dates;
	int64_t newest_at, oldest_at; /* INTERNALDATE, seconds since 1970; valid if has_dates */
	uint64_t fetched;	      /* octets of what --fetch fetched */
	bool has_fetched;	      /* the server sent a message for it */
	unsigned fetch_tries;
	bool is_catching_up;   /* NOOP is in flight, to hear what was deleted meanwhile */
	struct octets message; /* its beginning, as it came; kept for --capture only */
	struct errand errand;  /* of --capture */

	/* writing */
	struct writing writing;
	struct sync *sync; /* of --sync, NULL without it. Its steps alone know what it is */

	bool said_bye;	    /* the server answered LOGOUT with its BYE */
	struct probe probe; /* of --cleartext-refused */

	struct failure failure; /* why the step that returned STEP_FAILED failed */
	struct failure pending; /* why the run will fail once what it left behind is removed; text
				   "" for nothing */
};

/* False when out of memory. Nothing goes on past `deadline`. */
bool run_init(struct run *run, const struct config *config, imap_time deadline);

/* A second session of the same user at the server that `first` reached: it borrows the secret and
   the address, and its lines go to the transcript of `first`, which must outlive it. False when out
   of memory. */
bool run_init_beside(struct run *run, struct run *first);

/* What any answer may bring along: notes an alert, and keeps `messages` true: EXISTS and EXPUNGE
 * may come with any answer (RFC 9051 section 7.4.1). */
void run_notice(struct run *run, const struct imap_reply *reply);
void run_free(struct run *run); /* closes everything, wipes the secret, frees the report */

/* Takes the secret out of a text in which a server may have repeated it. */
void run_mask(const struct run *run, char *text);

/* Notes for the report what the server offers, where that is known. */
void run_keep_capabilities(struct run *run);

#endif
