/* SPDX-License-Identifier: GPL-3.0-or-later */
/* watcher.c - see watcher.h. Knows not what the watching is for. */
#include "watcher.h"

#include <stdlib.h>
#include <string.h>

#include "refusal.h"

enum { POLL_FOR = CLOCK_SECOND / 4, TURN_FOR = CLOCK_SECOND / 10 };

struct watcher *watcher_new(struct run *first, const char *mailbox)
{
	struct watcher *watcher = calloc(1, sizeof *watcher);

	if (!watcher)
		return NULL;
	watcher->mailbox = mailbox;
	watcher->view.message.at = malloc(WATCHER_OCTETS);
	watcher->view.message.size = WATCHER_OCTETS;
	plan_make_second(&watcher->journey.plan, first->config);
	if (run_init_beside(&watcher->journey.run, first) && watcher->view.message.at)
		return watcher;
	watcher_free(watcher);
	return NULL;
}

void watcher_free(struct watcher *watcher)
{
	if (!watcher)
		return;
	run_free(&watcher->journey.run);
	free(watcher->view.message.at);
	free(watcher);
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

static void start_polling(struct watcher *watcher, imap_time now)
{
	imap_command(imap_of(watcher), now, "NOOP");
	watcher->doing = WATCHER_POLLING;
}

static void start_watching(struct watcher *watcher, imap_time now)
{
	if (!watcher->polls) {
		imap_idle(imap_of(watcher), now);
		watcher->doing = WATCHER_IDLE_ASKED;
	} else if (now >= watcher->poll_at) {
		start_polling(watcher, now);
	}
}

static void start_fetching(struct watcher *watcher, imap_time now)
{
	if (watcher->refreshes) {
		watcher->refreshes = false;
		start_polling(watcher, now);
		return;
	}
	view_begin_fetch(&watcher->view, watcher->uid);
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

/* A command was answered well. */
static void take_success(struct watcher *watcher)
{
	struct imap *imap = imap_of(watcher);

	switch (watcher->doing) {
	case WATCHER_EXAMINING:
		watcher->polls = !imap_has(imap, "IDLE") && !imap_has(imap, "IMAP4rev2");
		view_begin(&watcher->view);
		watcher->is_fulfilled = true;
		break;
	case WATCHER_POLLING:
		watcher->poll_at = clock_now() + POLL_FOR;
		watcher->is_fulfilled = watcher->wish == WATCHER_TO_WATCH;
		break;
	case WATCHER_FETCHING:
		view_end_fetch(&watcher->view);
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
		view_take(&watcher->view, reply, clock_now());
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

/* The first session, and the deadline, must have their turn. */
static imap_time end_of_turn(const struct run *run)
{
	imap_time until = clock_now() + TURN_FOR;

	return until < run->deadline ? until : run->deadline;
}

/* Whether it goes on talking; false with *failure when it broke. A flood of news must not keep
   others from their turn. */
static bool converse(struct watcher *watcher, struct failure *failure)
{
	struct run *run = &watcher->journey.run;
	imap_time until = end_of_turn(run);

	while (!watcher->is_gone) {
		struct imap_reply reply;

		if (clock_now() >= until) {
			run->session.is_unread = true;
			return true;
		}
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
	struct failure why = {.class = CLASS_INTERNAL};

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

void watcher_fetch(struct watcher *watcher, uint64_t uid, bool refresh)
{
	watcher->uid = uid;
	watcher->refreshes = refresh;
	wish(watcher, WATCHER_TO_FETCH);
}

void watcher_leave(struct watcher *watcher)
{
	wish(watcher, WATCHER_TO_LEAVE);
}

const char *watcher_awaits(const struct watcher *watcher)
{
	if (watcher->doing == WATCHER_OPENING)
		return journey_step(&watcher->journey)->awaits;
	return words[watcher->doing].awaited;
}
