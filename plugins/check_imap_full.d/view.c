/* SPDX-License-Identifier: GPL-3.0-or-later */
/* view.c - see view.h. */
#include "view.h"

#include <string.h>

static void take_exists(struct view *view, uint32_t number, imap_time now)
{
	bool is_arrival = number > view->messages;

	view->messages = number;
	if (!is_arrival)
		return;
	if (view->arrival_count == VIEW_ARRIVALS)
		view->arrival_count--; /* the last one gives way to this one */
	if (view->looked_at > view->arrival_count)
		view->looked_at = view->arrival_count; /* which no fetch has seen */
	view->arrivals[view->arrival_count++] = (struct view_arrival){.number = number, .at = now};
}

/* What stood behind the expunged one moves up (RFC 9051 section 7.5.1). */
static void take_expunge(struct view *view, uint32_t number)
{
	if (number == 0 || number > view->messages)
		return;
	view->messages--;
	for (unsigned i = 0; i < view->arrival_count; i++)
		if (view->arrivals[i].number >= number)
			view->arrivals[i].number--;
	if (view->number == number) {
		view->number = 0;
		view->was_expunged = true;
	} else if (view->number > number) {
		view->number--;
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

static void take_body(struct view *view, const struct imap_arg *body)
{
	if (!body)
		return;
	view->has_message = body->type != IMAP_NIL;
	if (body->type != IMAP_STREAMED) {
		view->message.length = 0;
		octets_add(&view->message, imap_text(body));
	}
}

/* Told unasked it may come without the UID, by its number alone. */
static void take_fetch(struct view *view, const struct imap_reply *reply, imap_time now)
{
	const struct imap_arg *flags = imap_item(reply->args, "FLAGS");
	const struct imap_arg *told_uid = imap_item(reply->args, "UID");
	uint64_t uid;
	bool is_it = imap_number(told_uid, &uid) ? uid == view->uid : reply->number == view->number;

	if (!is_it || reply->number == 0 || view->uid == 0)
		return;
	if (view->is_fetching && told_uid) {
		view->number = reply->number;
		view->has_flag = has_flag(flags, "\\Flagged");
		take_body(view, imap_item(reply->args, "BODY[]"));
	}
	if (flags && !view->is_fetching) {
		view->is_flagged = has_flag(flags, "\\Flagged");
		view->flags_at = now;
	}
}

static void take_chunk(struct view *view, const struct imap_reply *reply)
{
	if (!view->is_fetching || !imap_is(reply->chunk_of, "BODY[]"))
		return;
	if (reply->chunk_at == 0)
		view->message.length = 0;
	octets_add(&view->message, reply->chunk);
}

void view_take(struct view *view, const struct imap_reply *reply, imap_time now)
{
	if (reply->event == IMAP_CHUNK)
		take_chunk(view, reply);
	if (reply->event != IMAP_DATA || !reply->numbered)
		return;
	if (imap_is(reply->name, "EXISTS"))
		take_exists(view, reply->number, now);
	if (imap_is(reply->name, "EXPUNGE"))
		take_expunge(view, reply->number);
	if (imap_is(reply->name, "FETCH"))
		take_fetch(view, reply, now);
}

void view_begin(struct view *view)
{
	view->arrival_count = 0;
}

void view_begin_fetch(struct view *view, uint64_t uid)
{
	view->uid = uid;
	view->is_fetching = true;
	view->has_message = false;
	view->has_flag = false;
	view->number = 0;
	view->looked_at = view->arrival_count;
}

void view_end_fetch(struct view *view)
{
	view->is_fetching = false;
	if (view_arrived_at(view) > 0)
		return;
	view->arrival_count -= view->looked_at;
	memmove(view->arrivals, view->arrivals + view->looked_at,
		view->arrival_count * sizeof view->arrivals[0]);
}

void view_forget_flags(struct view *view)
{
	view->is_flagged = false;
	view->flags_at = 0;
}

imap_time view_arrived_at(const struct view *view)
{
	for (unsigned i = 0; view->number > 0 && i < view->arrival_count; i++)
		if (view->arrivals[i].number >= view->number)
			return view->arrivals[i].at;
	return 0;
}
