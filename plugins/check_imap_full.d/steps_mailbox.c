/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_mailbox.c - the step that fetches a message. Nothing changes by it: BODY.PEEK. */
#include <inttypes.h>

#include "refusal.h"
#include "steps.h"

/* What --capture looks at comes along in the same round trip. */
static const char *wanted_items(const struct config *config)
{
	if (config->fetch == CONFIG_FETCH_MESSAGE)
		return "BODY.PEEK[]";
	return config->capture ? "BODY.PEEK[HEADER] BODY.PEEK[]<0.65536>" : "BODY.PEEK[HEADER]";
}

/* The highest UID is the newest message; "*" names it without a search. */
static enum step_progress fetch_ask(struct run *run, imap_time now)
{
	const char *items = wanted_items(run->config);

	run->fetch_tries++;
	if (run->messages == 0 || (run->config->search && run->newest_hit == 0)) {
		report_value(&run->report, METRIC_SIZE, 0);
		return STEP_DONE;
	}
	if (run->config->search)
		imap_command(run->session.imap, now, "UID FETCH %u (UID %a)",
			     (uint64_t)run->newest_hit, items);
	else
		imap_command(run->session.imap, now, "UID FETCH * (UID %a)", items);
	return STEP_WAIT;
}

static enum step_progress fetch_enter(struct run *run, imap_time now)
{
	run->message.length = 0;
	run->fetched = 0;
	run->has_fetched = false;
	return fetch_ask(run, now);
}

static const char *fetch_item(const struct run *run)
{
	return run->config->fetch == CONFIG_FETCH_MESSAGE ? "BODY[]" : "BODY[HEADER]";
}

/* Not every server names the origin of a part, <0>, in its answer. */
static bool is_message(struct imap_span item)
{
	return imap_is(item, "BODY[]") || imap_is(item, "BODY[]<0>");
}

static void keep_chunk(struct run *run, const struct imap_reply *reply)
{
	if (!is_message(reply->chunk_of))
		return;
	if (reply->chunk_at == 0)
		run->message.length = 0;
	octets_add(&run->message, reply->chunk);
}

/* What was not streamed. */
static void keep_message(struct run *run, const struct imap_reply *reply)
{
	const struct imap_arg *body = imap_item(reply->args, "BODY[]<0>");

	if (!body)
		body = imap_item(reply->args, "BODY[]");
	if (!body || body->type == IMAP_STREAMED)
		return;
	run->message.length = 0;
	octets_add(&run->message, imap_text(body));
}

/* One of the mailbox's messages; with --search the very one that was asked for. */
static bool is_asked_for(const struct run *run, const struct imap_reply *reply)
{
	uint64_t uid;

	if (!imap_is(reply->name, "FETCH") || !reply->numbered || reply->number == 0 ||
	    reply->number > run->messages)
		return false;
	return !run->config->search ||
	       (imap_number(imap_item(reply->args, "UID"), &uid) && uid == run->newest_hit);
}

/* The first one counts: changed flags of others may follow. */
static void fetch_data(struct run *run, const struct imap_reply *reply)
{
	const struct imap_arg *body = imap_item(reply->args, fetch_item(run));

	if (run->has_fetched || !is_asked_for(run, reply) || !body)
		return;
	if (body->type == IMAP_STREAMED)
		run->fetched = body->size;
	else if (body->type == IMAP_STRING || body->type == IMAP_LITERAL)
		run->fetched = body->text.length;
	else
		return; /* NIL: the message is gone (RFC 2180 section 4.1.2) */
	run->has_fetched = true;
	keep_message(run, reply);
}

static void blame_server(struct run *run)
{
	static const char words[] = "server answered FETCH with OK but sent no message, though";

	if (run->config->search)
		failure_set(&run->failure, CLASS_PROTOCOL, "%s UID %" PRIu32 " matches --search",
			    words, run->newest_hit);
	else
		failure_set(&run->failure, CLASS_PROTOCOL, "%s the mailbox has %" PRIu32, words,
			    run->messages);
}

/* Whether a message is owed: a match may be the one that somebody deleted meanwhile. */
static bool is_owed(const struct run *run)
{
	return run->config->search ? run->newest_hit > 0 && !run->has_expunged : run->messages > 0;
}

/* Between EXAMINE and FETCH somebody may have deleted the newest message: NOOP lets the server say
   so (RFC 2180), and the one that is the newest now is asked for. */
static enum step_progress fetch_again(struct run *run)
{
	enum { TRIES = 3 };

	if (run->fetch_tries < TRIES) {
		run->is_catching_up = true;
		imap_command(run->session.imap, clock_now(), "NOOP");
		return STEP_WAIT;
	}
	blame_server(run);
	return STEP_FAILED;
}

static enum step_progress fetch_over(struct run *run, const struct imap_reply *reply)
{
	if (reply->status != IMAP_OK) {
		refusal_set(&run->failure, reply, CLASS_REFUSED, "to fetch the newest message");
		return STEP_FAILED;
	}
	if (run->is_catching_up) {
		run->is_catching_up = false;
		return fetch_ask(run, clock_now());
	}
	if (!run->has_fetched && is_owed(run))
		return fetch_again(run);
	if (!run->has_fetched && run->newest_hit > 0)
		report_note(&run->report,
			    "the newest match is gone: somebody deleted it meanwhile");
	report_value(&run->report, METRIC_SIZE, (double)run->fetched);
	return STEP_DONE;
}

static enum step_progress fetch_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DONE)
		return fetch_over(run, reply);
	if (reply->event == IMAP_CHUNK)
		keep_chunk(run, reply);
	if (reply->event == IMAP_DATA)
		fetch_data(run, reply);
	return STEP_WAIT;
}

const struct step step_fetch = {
	.phase = PHASE_FETCH,
	.awaits = "answer to FETCH",
	.hint = "the server's storage may hang",
	.enter = fetch_enter,
	.reply = fetch_reply,
};
