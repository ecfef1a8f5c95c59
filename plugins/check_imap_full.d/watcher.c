/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watcher.c - see watcher.h. Knows not what the watching is for. */
#include "watcher.h"

#include <stdlib.h>
#include <string.h>

#include "refusal.h"

enum { POLL_FOR = CLOCK_SECOND / 4 };

struct watcher *watcher_new(struct run *first, const char *mailbox)
{
	struct watcher *watcher = calloc(1, sizeof *watcher);

	if (!watcher)
		return NULL;
	watcher->mailbox = mailbox;
	watcher->message.at = malloc(WATCHER_OCTETS);
	watcher->message.size = WATCHER_OCTETS;
	plan_make_second(&watcher->journey.plan, first->config);
	if (run_init_beside(&watcher->journey.run, first) && watcher->message.at)
		return watcher;
	watcher_free(watcher);
	return NULL;
}

void watcher_free(struct watcher *watcher)
{
	if (!watcher)
		return;
	run_free(&watcher->journey.run);
	free(watcher->message.at);
	free(watcher);
}

/* --- what it is told -------------------------------------------------------------------------- */

static void take_exists(struct watcher *watcher, uint32_t number, imap_time now)
{
	bool is_arrival = number > watcher->messages;

	watcher->messages = number;
	if (!is_arrival)
		return;
	if (watcher->arrival_count == WATCHER_ARRIVALS)
		watcher->arrival_count--; /* the last one gives way to this one */
	watcher->arrivals[watcher->arrival_count++] =
		(struct watcher_arrival){.number = number, .at = now};
}

/* What stood behind the expunged one moves up (RFC 9051 section 7.5.1). */
static void take_expunge(struct watcher *watcher, uint32_t number)
{
	if (number == 0 || number > watcher->messages)
		return;
	watcher->messages--;
	for (unsigned i = 0; i < watcher->arrival_count; i++)
		if (watcher->arrivals[i].number >= number)
			watcher->arrivals[i].number--;
	if (watcher->number == number) {
		watcher->number = 0;
		watcher->was_expunged = true;
	} else if (watcher->number > number) {
		watcher->number--;
	}
}

static bool has_flag(const struct imap_arg *flags, const char *flag)
{
	if (!flags || flags->type != IMAP_LIST)
		return false;
	for (const struct imap_arg *one = flags->first; one; one = one->next)
		if (imap_is(imap_text(one), flag))
			return true;
	return false;
}

static void take_body(struct watcher *watcher, const struct imap_arg *body)
{
	if (!body)
		return;
	watcher->has_message = body->type != IMAP_NIL;
	if (body->type != IMAP_STREAMED) {
		watcher->message.length = 0;
		octets_add(&watcher->message, imap_text(body));
	}
}

/* Told unasked it may come without the UID, by its number alone. */
static void take_fetch(struct watcher *watcher, const struct imap_reply *reply, imap_time now)
{
	const struct imap_arg *flags = imap_item(reply->args, "FLAGS");
	const struct imap_arg *told_uid = imap_item(reply->args, "UID");
	uint64_t uid;
	bool is_it = imap_number(told_uid, &uid) ? uid == watcher->uid
						 : reply->number == watcher->number;

	if (!is_it || reply->number == 0 || watcher->uid == 0)
		return;
	if (watcher->doing == WATCHER_FETCHING && told_uid) {
		watcher->number = reply->number;
		take_body(watcher, imap_item(reply->args, "BODY[]"));
	}
	if (flags && watcher->doing != WATCHER_FETCHING) {
		watcher->is_flagged = has_flag(flags, "\\Flagged");
		watcher->flags_at = now;
	}
}

static void take_chunk(struct watcher *watcher, const struct imap_reply *reply)
{
	if (watcher->doing != WATCHER_FETCHING || !imap_is(reply->chunk_of, "BODY[]"))
		return;
	if (reply->chunk_at == 0)
		watcher->message.length = 0;
	octets_add(&watcher->message, reply->chunk);
}

static void take_data(struct watcher *watcher, const struct imap_reply *reply)
{
	imap_time now = clock_now();

	if (reply->event == IMAP_CHUNK)
		take_chunk(watcher, reply);
	if (reply->event != IMAP_DATA || !reply->numbered)
		return;
	if (imap_is(reply->name, "EXISTS"))
		take_exists(watcher, reply->number, now);
	if (imap_is(reply->name, "EXPUNGE"))
		take_expunge(watcher, reply->number);
	if (imap_is(reply->name, "FETCH"))
		take_fetch(watcher, reply, now);
}

/* --- what it does ----------------------------------------------------------------------------- */

struct words {
	const char *refused; /* "server refused ..." */
	const char *awaited;
};

static const struct words words[] = {
	[WATCHER_UNOPENED] = {"nothing", "connection"},
	[WATCHER_OPENING] = {"nothing", "login"},
	[WATCHER_NOTHING] = {"nothing", "notification"},
	[WATCHER_EXAMINING] = {"to open the mailbox", "answer to EXAMINE"},
	[WATCHER_IDLE_ASKED] = {"IDLE, though it offers that", "answer to IDLE"},
	[WATCHER_IDLING] = {"IDLE", "notification"},
	[WATCHER_IDLE_ENDING] = {"IDLE when it was ended", "answer to the end of IDLE"},
	[WATCHER_POLLING] = {"NOOP", "answer to NOOP"},
	[WATCHER_FETCHING] = {"to fetch the new message", "answer to FETCH"},
	[WATCHER_LEAVING] = {"LOGOUT", "answer to LOGOUT"},
};

static struct imap *imap_of(struct watcher *watcher)
{
	return watcher->journey.run.session.imap;
}

static void start_watching(struct watcher *watcher, imap_time now)
{
	if (!watcher->polls) {
		imap_idle(imap_of(watcher), now);
		watcher->doing = WATCHER_IDLE_ASKED;
	} else if (now >= watcher->poll_at) {
		imap_command(imap_of(watcher), now, "NOOP");
		watcher->doing = WATCHER_POLLING;
	}
}

static void start_fetching(struct watcher *watcher, imap_time now)
{
	watcher->has_message = false;
	watcher->number = 0;
	watcher->looked_at = watcher->arrival_count;
	imap_command(imap_of(watcher), now, "UID FETCH %u (UID FLAGS BODY.PEEK[])", watcher->uid);
	watcher->doing = WATCHER_FETCHING;
}

/* Takes the next step to what is wished for, if no command is in the way. */
static void pursue(struct watcher *watcher, imap_time now)
{
	if (watcher->doing == WATCHER_IDLING && watcher->wish != WATCHER_TO_WATCH) {
		imap_idle_done(imap_of(watcher), now);
		watcher->doing = WATCHER_IDLE_ENDING;
	}
	if (watcher->doing != WATCHER_NOTHING)
		return;
	if (watcher->wish == WATCHER_TO_WATCH)
		start_watching(watcher, now);
	if (watcher->wish == WATCHER_TO_FETCH && !watcher->is_fulfilled)
		start_fetching(watcher, now);
	if (watcher->wish == WATCHER_TO_LEAVE && !watcher->is_gone) {
		imap_logout(imap_of(watcher), now);
		watcher->doing = WATCHER_LEAVING;
	}
}

/* They told of other messages. */
static void forget_arrivals(struct watcher *watcher)
{
	watcher->arrival_count -= watcher->looked_at;
	memmove(watcher->arrivals, watcher->arrivals + watcher->looked_at,
		watcher->arrival_count * sizeof watcher->arrivals[0]);
}

/* A command was answered well. */
static void take_success(struct watcher *watcher)
{
	struct imap *imap = imap_of(watcher);

	switch (watcher->doing) {
	case WATCHER_EXAMINING:
		watcher->polls = !imap_has(imap, "IDLE") && !imap_has(imap, "IMAP4rev2");
		watcher->arrival_count = 0;
		watcher->is_fulfilled = true;
		break;
	case WATCHER_POLLING:
		watcher->poll_at = clock_now() + POLL_FOR;
		watcher->is_fulfilled = watcher->wish == WATCHER_TO_WATCH;
		break;
	case WATCHER_FETCHING:
		if (watcher_arrived_at(watcher) == 0)
			forget_arrivals(watcher);
		watcher->is_fulfilled = watcher->wish == WATCHER_TO_FETCH;
		break;
	case WATCHER_LEAVING:
		watcher->is_gone = watcher->is_fulfilled = true;
		break;
	default:
		break;
	}
	watcher->doing = WATCHER_NOTHING;
}

/* False: it was refused. */
static bool take(struct watcher *watcher, const struct imap_reply *reply, struct failure *failure)
{
	if (reply->event == IMAP_PROMPT) {
		watcher->doing = WATCHER_IDLING;
		watcher->is_fulfilled = watcher->wish == WATCHER_TO_WATCH;
	}
	if (reply->event != IMAP_DONE) {
		take_data(watcher, reply);
		return true;
	}
	if (reply->status != IMAP_OK && watcher->doing != WATCHER_LEAVING) {
		refusal_set(failure, reply, CLASS_REFUSED, words[watcher->doing].refused);
		return false;
	}
	take_success(watcher);
	return true;
}

/* --- moving on -------------------------------------------------------------------------------- */

/* Whether it goes on talking; false with *failure when it broke. */
static bool converse(struct watcher *watcher, struct failure *failure)
{
	struct run *run = &watcher->journey.run;

	while (!watcher->is_gone && clock_now() < run->deadline) {
		struct imap_reply reply;

		pursue(watcher, clock_now());
		switch (session_next(&run->session, &reply, failure)) {
		case IMAP_WAIT:
			return true;
		case IMAP_FAILED:
			return false;
		case IMAP_CLOSED:
			watcher->is_gone = watcher->is_fulfilled = true;
			break;
		default:
			if (!take(watcher, &reply, failure))
				return false;
		}
	}
	return true;
}

/* The steps of a journey first, the watcher's own commands from then on. */
static bool go_on(struct watcher *watcher, const struct wait *wait, imap_time now,
		  struct failure *failure)
{
	struct journey *journey = &watcher->journey;
	enum step_progress progress;

	if (watcher->doing > WATCHER_OPENING)
		return converse(watcher, failure);
	progress = watcher->doing == WATCHER_OPENING ? journey_ready(journey, wait, now)
						     : journey_start(journey);
	watcher->doing = WATCHER_OPENING;
	if (progress == STEP_FAILED)
		*failure = journey->run.failure;
	if (progress != STEP_DONE)
		return progress == STEP_WAIT;
	watcher->doing = WATCHER_EXAMINING;
	imap_command(imap_of(watcher), clock_now(), "EXAMINE %m", watcher->mailbox);
	return converse(watcher, failure);
}

bool watcher_ready(struct watcher *watcher, const struct wait *wait, imap_time now,
		   struct failure *failure)
{
	struct failure why;

	if (watcher->is_gone || go_on(watcher, wait, now, &why))
		return true;
	watcher->is_gone = true;
	conn_close(&watcher->journey.run.session.conn);
	failure_set(failure, why.class, "second session: %s", why.text);
	memcpy(failure->code, why.code, sizeof failure->code);
	return false;
}

void watcher_wait(const struct watcher *watcher, struct wait *wait, imap_time now)
{
	if (watcher->is_gone || watcher->doing == WATCHER_UNOPENED)
		return;
	if (watcher->doing == WATCHER_OPENING)
		journey_wait(&watcher->journey, wait, now);
	else
		session_wait(&watcher->journey.run.session, wait);
	if (watcher->polls && watcher->doing == WATCHER_NOTHING &&
	    watcher->wish == WATCHER_TO_WATCH)
		wait_until(wait, watcher->poll_at);
}

/* --- wishes ----------------------------------------------------------------------------------- */

static void wish(struct watcher *watcher, enum watcher_wish wish)
{
	watcher->wish = wish;
	watcher->is_fulfilled =
		watcher->is_gone || (wish == WATCHER_TO_WATCH && watcher->doing == WATCHER_IDLING);
}

void watcher_watch(struct watcher *watcher)
{
	wish(watcher, WATCHER_TO_WATCH);
}

void watcher_fetch(struct watcher *watcher, uint64_t uid)
{
	watcher->uid = uid;
	wish(watcher, WATCHER_TO_FETCH);
}

void watcher_leave(struct watcher *watcher)
{
	wish(watcher, WATCHER_TO_LEAVE);
}

void watcher_forget_flags(struct watcher *watcher)
{
	watcher->is_flagged = false;
	watcher->flags_at = 0;
}

const char *watcher_awaits(const struct watcher *watcher)
{
	if (watcher->doing == WATCHER_OPENING)
		return journey_step(&watcher->journey)->awaits;
	return words[watcher->doing].awaited;
}

imap_time watcher_arrived_at(const struct watcher *watcher)
{
	for (unsigned i = 0; watcher->number > 0 && i < watcher->arrival_count; i++)
		if (watcher->arrivals[i].number >= watcher->number)
			return watcher->arrivals[i].at;
	return 0;
}
