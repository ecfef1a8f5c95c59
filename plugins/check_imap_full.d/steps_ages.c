/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steps_ages.c - the steps that find out when the newest and the oldest message arrived.
 *
 * By INTERNALDATE, whose order is not that of the UIDs: an import or a copy gives old mail a new
 * UID. Where the server sorts (RFC 5256) it names the two, and only their dates are fetched;
 * elsewhere the dates of all messages stream by and none is kept.
 */
#include <time.h>

#include "refusal.h"
#include "hits.h"
#include "steps.h"

enum { SET_TEXT = 4000 }; /* of a command's line: servers limit it, 8,192 octets is common */

static bool has_messages(const struct run *run)
{
	return run->config->search ? run->hits_of_search > 0 : run->messages > 0;
}

static void say(struct run *run, enum report_knowledge knowledge, const char *why)
{
	if (run->config->measured[METRIC_NEWEST_AGE])
		report_no_value(&run->report, METRIC_NEWEST_AGE, knowledge, why);
	if (run->config->measured[METRIC_OLDEST_AGE])
		report_no_value(&run->report, METRIC_OLDEST_AGE, knowledge, why);
}

static void say_empty(struct run *run)
{
	say(run, REPORT_EMPTY,
	    run->config->search && run->messages > 0 ? "nothing matches --search"
						     : "the mailbox is empty");
}

static void say_untold(struct run *run)
{
	say(run, REPORT_MISSING, "the server did not tell when the messages arrived");
}

/* --- the server sorts ------------------------------------------------------------------------- */

enum { SORT_WHOLE_MAX = 2000 }; /* messages whose whole order is cheap to be told */

static void sort(struct run *run, imap_time now, const char *format)
{
	run->hits = (struct hits){0};
	imap_command(run->session.imap, now, format,
		     run->config->search ? run->config->search : "ALL");
}

/* In a large mailbox only the ends of the order are asked for, where the server can (RFC 5267). */
static enum step_progress sort_enter(struct run *run, imap_time now)
{
	struct imap *imap = run->session.imap;

	run->hits = (struct hits){0};
	run->is_order_cut = run->messages > SORT_WHOLE_MAX && imap_has(imap, "ESORT");
	if (!has_messages(run) || !imap_has(imap, "SORT"))
		return STEP_DONE;
	sort(run, now,
	     run->is_order_cut ? "UID SORT RETURN (MIN MAX) (ARRIVAL) UTF-8 %K"
			       : "UID SORT (ARRIVAL) UTF-8 %K");
	return STEP_WAIT;
}

static enum step_progress sort_reply(struct run *run, const struct imap_reply *reply)
{
	hits_take(&run->hits, reply);
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status == IMAP_OK)
		return STEP_DONE;
	refusal_set(&run->failure, reply, CLASS_REFUSED, "to sort by arrival");
	return STEP_FAILED;
}

const struct step step_sort = {
	.phase = PHASE_SEARCH,
	.awaits = "answer to SORT",
	.enter = sort_enter,
	.reply = sort_reply,
};

/* Cyrus imapd (3.6) answers ESORT's MIN and MAX with the lowest and the highest UID, whatever the
   order. Asked for the reverse order, such a server names the same message as the first again; then
   the whole order has to be told after all. */
static enum step_progress sort_check_enter(struct run *run, imap_time now)
{
	run->sorted_first = run->hits.first;
	run->sorted_last = run->hits.last;
	if (!run->is_order_cut || run->sorted_first == run->sorted_last)
		return STEP_DONE;
	sort(run, now, "UID SORT RETURN (MIN) (REVERSE ARRIVAL) UTF-8 %K");
	return STEP_WAIT;
}

static enum step_progress sort_check_reply(struct run *run, const struct imap_reply *reply)
{
	enum step_progress progress = sort_reply(run, reply);

	if (progress != STEP_DONE)
		return progress;
	if (run->is_order_cut && run->hits.first == run->sorted_first) {
		run->is_order_cut = false;
		sort(run, clock_now(), "UID SORT (ARRIVAL) UTF-8 %K");
		return STEP_WAIT;
	}
	if (run->is_order_cut)
		run->hits = (struct hits){.first = run->sorted_first, .last = run->sorted_last};
	return STEP_DONE;
}

const struct step step_sort_check = {
	.phase = PHASE_SEARCH,
	.awaits = "answer to SORT",
	.enter = sort_check_enter,
	.reply = sort_check_reply,
};

/* --- the dates -------------------------------------------------------------------------------- */

/* Asks for the dates of the next messages; false when all were asked for. */
static bool ask_for_dates(struct run *run, imap_time now)
{
	struct imap *imap = run->session.imap;
	char set[SET_TEXT];

	if (run->hits.first && run->hits.last)
		imap_command(imap, now, "UID FETCH %u,%u (INTERNALDATE)", (uint64_t)run->hits.first,
			     (uint64_t)run->hits.last);
	else if (!run->config->search)
		imap_command(imap, now, "UID FETCH 1:* (INTERNALDATE)");
	else if (uid_set_write(&run->hit_set, set, sizeof set))
		imap_command(imap, now, "UID FETCH %a (INTERNALDATE)", set);
	else
		return false;
	return true;
}

static enum step_progress dates_enter(struct run *run, imap_time now)
{
	run->has_dates = false;
	if (has_messages(run) && ask_for_dates(run, now))
		return STEP_WAIT;
	if (has_messages(run))
		say_untold(run);
	else
		say_empty(run);
	return STEP_DONE;
}

static void take_date(struct run *run, const struct imap_reply *reply)
{
	int64_t at;

	if (!imap_is(reply->name, "FETCH") ||
	    !imap_date_time(imap_text(imap_item(reply->args, "INTERNALDATE")), &at))
		return;
	if (!run->has_dates || at > run->newest_at)
		run->newest_at = at;
	if (!run->has_dates || at < run->oldest_at)
		run->oldest_at = at;
	run->has_dates = true;
}

/* A server whose clock is ahead of ours delivers from the future: that is as new as can be. */
static double age(int64_t at)
{
	int64_t now = time(NULL);

	return at < now ? (double)(now - at) : 0;
}

static void report_age(struct run *run, enum metric metric, int64_t since)
{
	if (!run->config->measured[metric])
		return;
	report_value(&run->report, metric, age(since));
	run->report.values[metric].since = since;
}

/* All of them may have been deleted meanwhile: as good as if they had not been there. */
static enum step_progress dates_over(struct run *run)
{
	if (!run->has_dates) {
		if (run->messages > 0)
			say_untold(run);
		else
			say_empty(run);
		return STEP_DONE;
	}
	report_age(run, METRIC_NEWEST_AGE, run->newest_at);
	report_age(run, METRIC_OLDEST_AGE, run->oldest_at);
	return STEP_DONE;
}

static enum step_progress dates_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DATA)
		take_date(run, reply);
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status != IMAP_OK) {
		refusal_set(&run->failure, reply, CLASS_REFUSED, "to tell when messages arrived");
		return STEP_FAILED;
	}
	if (run->hit_set.written < run->hit_set.count && ask_for_dates(run, clock_now()))
		return STEP_WAIT;
	return dates_over(run);
}

const struct step step_dates = {
	.phase = PHASE_SEARCH,
	.awaits = "answer to FETCH INTERNALDATE",
	.enter = dates_enter,
	.reply = dates_reply,
};
