/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steps_search.c - the steps that search the opened mailbox: how many are unseen, what matches
 * --search.
 *
 * ESEARCH (RFC 4731) where it is offered: a count is then one number instead of a long list.
 */
#include "refusal.h"
#include "hits.h"
#include "steps.h"

static bool has_esearch(const struct run *run)
{
	return imap_has(run->session.imap, "ESEARCH") || imap_has(run->session.imap, "IMAP4rev2");
}

static enum step_progress count_missing(struct run *run)
{
	failure_set(&run->failure, CLASS_PROTOCOL,
		    "server answered SEARCH with OK but did not tell what it found");
	return STEP_FAILED;
}

/* --- unseen --------------------------------------------------------------------------------- */

static enum step_progress unseen_enter(struct run *run, imap_time now)
{
	run->hits = (struct hits){0};
	run->is_count_due = has_esearch(run);
	imap_command(run->session.imap, now,
		     run->is_count_due ? "SEARCH RETURN (COUNT) UNSEEN" : "SEARCH UNSEEN");
	return STEP_WAIT;
}

static enum step_progress unseen_reply(struct run *run, const struct imap_reply *reply)
{
	hits_take(&run->hits, reply);
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status != IMAP_OK) {
		refusal_set(&run->failure, reply, CLASS_REFUSED, "to search for unseen messages");
		return STEP_FAILED;
	}
	if (run->is_count_due && !run->hits.is_counted)
		return count_missing(run);
	report_value(&run->report, METRIC_UNSEEN, (double)run->hits.count);
	return STEP_DONE;
}

const struct step step_unseen = {
	.phase = PHASE_SEARCH,
	.awaits = "answer to SEARCH UNSEEN",
	.enter = unseen_enter,
	.reply = unseen_reply,
};

/* --- --search ------------------------------------------------------------------------------- */

/* The ages of the hits need the hits themselves where the server cannot sort. */
static bool needs_every_hit(const struct run *run)
{
	return config_wants_ages(run->config) && !imap_has(run->session.imap, "SORT");
}

static enum step_progress search_enter(struct run *run, imap_time now)
{
	run->is_count_due = has_esearch(run) && !needs_every_hit(run);
	run->hits = (struct hits){.set = needs_every_hit(run) ? &run->hit_set : NULL};
	imap_command(run->session.imap, now,
		     run->is_count_due ? "UID SEARCH RETURN (COUNT MAX) %k" : "UID SEARCH %k",
		     run->config->search);
	return STEP_WAIT;
}

static enum step_progress search_reply(struct run *run, const struct imap_reply *reply)
{
	if (!hits_take(&run->hits, reply)) {
		failure_set(&run->failure, CLASS_PROTOCOL,
			    "more messages match --search than can be kept: %u scattered ranges",
			    UID_SET_RANGES_MAX);
		return STEP_FAILED;
	}
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status != IMAP_OK) {
		refusal_set(&run->failure, reply, CLASS_REFUSED,
			    "the search keys of --search (RFC 9051 section 6.4.4)");
		return STEP_FAILED;
	}
	if (run->is_count_due &&
	    (!run->hits.is_counted || (run->hits.count > 0 && run->hits.highest == 0)))
		return count_missing(run);
	run->hits_of_search = run->hits.count;
	run->newest_hit = run->hits.highest;
	report_value(&run->report, METRIC_MATCHED, (double)run->hits.count);
	return STEP_DONE;
}

const struct step step_search = {
	.phase = PHASE_SEARCH,
	.awaits = "answer to SEARCH",
	.enter = search_enter,
	.reply = search_reply,
};
