/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conversation_run.c - plays a conversation to a session and compares what it says and tells. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "conversation.h"
#include "conversation_event.h"
#include "conversation_steps.h"

enum { WORDS = 16, FEED = 65536, SECOND = 1000000000 };

struct run {
	struct conversation *conversation;
	struct conversation_cuts cuts;
	struct imap *imap;
	imap_time now;
	char *complaint;
	unsigned line;

	struct bytes wire; /* on its way to the session */
	size_t wire_at;	   /* octets of it that were fed */
	size_t fed;	   /* octets in all */
	size_t gathered;   /* steps whose bytes are on the wire already */

	/* CHUNKs of one literal and ITEMs of one response count as one event. */
	struct imap_reply reply; /* one that was told and not compared yet */
	bool has_reply;
	FILE *joined;
	char *joined_text;
	size_t joined_size;
	enum imap_event joined_event; /* IMAP_WAIT: nothing is being joined */
	struct bytes chunk;
	uint64_t chunk_total;
	unsigned items;

	/* the scripted mechanism */
	struct imap_sasl sasl;
	struct arena arena; /* where words live */
	struct bytes answers[WORDS];
	unsigned answer_count;
	unsigned answer_at;
};

__attribute__((format(printf, 2, 3))) static bool complain(struct run *run, const char *format, ...)
{
	va_list arguments;
	int length =
		snprintf(run->complaint, CONVERSATION_COMPLAINT,
			 "line %u (every %zu, at %zu): ", run->line, run->cuts.every, run->cuts.at);

	va_start(arguments, format);
	vsnprintf(run->complaint + length, CONVERSATION_COMPLAINT - (size_t)length, format,
		  arguments);
	va_end(arguments);
	return false;
}

static void add_bytes(struct bytes *bytes, const char *at, size_t length)
{
	if (length > bytes->room - bytes->length) {
		bytes->room = 2 * (bytes->length + length);
		bytes->at = must(realloc(bytes->at, bytes->room));
	}
	if (length > 0)
		memcpy(bytes->at + bytes->length, at, length);
	bytes->length += length;
}

/* --- the server's bytes --------------------------------------------------------------------- */

static bool is_active(enum step_kind kind)
{
	return kind != STEP_SERVER && kind != STEP_EVENT && kind != STEP_NOTHING &&
	       kind != STEP_CAPABILITIES;
}

/* Puts on the wire all that the server sends before anybody else does something. */
static void gather(struct run *run, size_t from)
{
	const struct step *steps = run->conversation->steps;

	for (size_t i = from; i < run->conversation->count && !is_active(steps[i].kind); i++) {
		run->gathered = i + 1;
		if (steps[i].kind != STEP_SERVER)
			continue;
		add_bytes(&run->wire, steps[i].bytes.at, steps[i].bytes.length);
	}
}

static bool feed(struct run *run)
{
	size_t length = run->wire.length - run->wire_at;

	if (length == 0)
		return false;
	if (length > FEED)
		length = FEED;
	if (run->cuts.every && length > run->cuts.every)
		length = run->cuts.every;
	if (run->cuts.at > run->fed && length > run->cuts.at - run->fed)
		length = run->cuts.at - run->fed;
	/* A copy of its own size: a read beyond it is seen by the sanitizer. */
	char *piece = must(malloc(length));
	memcpy(piece, run->wire.at + run->wire_at, length);
	imap_feed(run->imap, piece, length, run->now);
	free(piece);
	run->wire_at += length;
	run->fed += length;
	return true;
}

/* --- events --------------------------------------------------------------------------------- */

static void end_joining(struct run *run)
{
	if (run->joined_event == IMAP_CHUNK) {
		fprintf(run->joined, " %zu/%llu ", run->chunk.length,
			(unsigned long long)run->chunk_total);
		event_write_text(run->joined, (struct imap_span){run->chunk.at, run->chunk.length});
	} else if (run->items > 20) {
		fprintf(run->joined, " ... (%u items)", run->items);
	}
	run->joined_event = IMAP_WAIT;
	run->chunk.length = 0;
	run->items = 0;
}

static void begin_joining(struct run *run, const struct imap_reply *reply)
{
	run->joined_event = reply->event;
	run->chunk_total = reply->chunk_total;
	fputs(imap_event_name(reply->event), run->joined);
	event_write_name(run->joined, reply);
	if (reply->event != IMAP_CHUNK)
		return;
	fputc(' ', run->joined);
	event_write_atom(run->joined, reply->chunk_of);
}

static void join(struct run *run, const struct imap_reply *reply)
{
	if (run->joined_event == IMAP_WAIT)
		begin_joining(run, reply);
	if (reply->event == IMAP_ITEM) {
		if (++run->items <= 20)
			fprintf(run->joined, " %llu", (unsigned long long)reply->item);
		return;
	}
	add_bytes(&run->chunk, reply->chunk.at, reply->chunk.length);
}

static bool goes_on(const struct run *run, const struct imap_reply *reply)
{
	if (run->joined_event == IMAP_WAIT)
		return true;
	return reply->event == run->joined_event &&
	       (reply->event == IMAP_ITEM || run->chunk.length < run->chunk_total);
}

/* The session's next word; IMAP_WAIT when it has none and the wire is empty. */
static void ask(struct run *run)
{
	if (run->has_reply)
		return;
	while (imap_next(run->imap, &run->reply) == IMAP_WAIT && feed(run))
		;
	run->has_reply = run->reply.event != IMAP_WAIT;
}

static bool is_joined(enum imap_event event)
{
	return event == IMAP_CHUNK || event == IMAP_ITEM;
}

/* The next event as text, in run->joined_text; false if there is none. */
static bool pull(struct run *run)
{
	rewind(run->joined);
	ask(run);
	if (!run->has_reply)
		return false;
	if (!is_joined(run->reply.event)) {
		event_write(run->joined, run->imap, &run->reply);
		run->has_reply = false;
	}
	while (run->has_reply && is_joined(run->reply.event) && goes_on(run, &run->reply)) {
		join(run, &run->reply);
		run->has_reply = false;
		ask(run);
	}
	if (run->joined_event != IMAP_WAIT)
		end_joining(run);
	fputc('\0', run->joined);
	fflush(run->joined);
	return true;
}

/* All that was sent must have been read, and nothing been told that no E: line expects. */
static bool settle(struct run *run)
{
	if (pull(run))
		return complain(run, "nothing more was expected before, but: %s", run->joined_text);
	return true;
}

/* The first run's failure is the one that all must have, word for word. */
static bool is_same_failure(struct run *run)
{
	struct conversation *conversation = run->conversation;

	if (!conversation->failure)
		conversation->failure = must(strdup(run->joined_text));
	if (strcmp(conversation->failure, run->joined_text) == 0)
		return true;
	return complain(run, "at another cut it failed with: %s, now: %s", conversation->failure,
			run->joined_text);
}

/* `failed protocol "words"`: the words are somewhere in the sentence. */
static bool is_failure(const char *expected, const char *told)
{
	const char *words = strchr(expected, '"');
	size_t head = words ? (size_t)(words - expected) : strlen(expected);

	if (strncmp(expected, told, head) != 0 || !words)
		return false;
	char *wanted = must(strndup(words + 1, strlen(words + 1) - 1));
	bool is_in = strstr(told, wanted) != NULL;
	free(wanted);
	return is_in;
}

static bool expect(struct run *run, const char *expected)
{
	if (!pull(run))
		return complain(run, "nothing was told instead of: %s", expected);
	if (strncmp(expected, "failed ", 7) == 0) {
		if (is_failure(expected, run->joined_text))
			return is_same_failure(run);
	} else if (strcmp(expected, run->joined_text) == 0) {
		return true;
	}
	return complain(run, "expected: %s, told: %s", expected, run->joined_text);
}

/* --- the client's bytes --------------------------------------------------------------------- */

static void send_octets(struct run *run, size_t length)
{
	size_t step = run->cuts.every ? run->cuts.every : length;

	for (; length > 0; length -= step) {
		if (step > length)
			step = length;
		imap_sent(run->imap, step, run->now);
	}
}

static bool compare_output(struct run *run, const struct step *step)
{
	if (!settle(run))
		return false;
	struct imap_span output = imap_output(run->imap);
	const char *end = memchr(output.at, '\n', output.length);
	size_t length = step->bytes.length;

	if (strcmp(step->text, "*") == 0 && end) {
		send_octets(run, (size_t)(end + 1 - output.at));
		return true;
	}
	if (output.length >= length && memcmp(output.at, step->bytes.at, length) == 0) {
		send_octets(run, length);
		return true;
	}
	return complain(run, "the client sent: %.*s", (int)output.length, output.at);
}

/* --- calls ---------------------------------------------------------------------------------- */

/* The length of a word up to its end: a quote or a blank that is not escaped. */
static size_t word_length(const char *from, char end)
{
	size_t length = 0;

	while (from[length] && from[length] != end)
		length += from[length] == '\\' && from[length + 1] ? 2 : 1;
	return length;
}

/* Words between blanks, or in quotes, with escapes. */
static unsigned split(struct run *run, const char *text, struct bytes *words)
{
	unsigned count = 0;

	while (count < WORDS && *text) {
		bool is_quoted = *text == '"';
		const char *from = text + is_quoted;
		size_t length = word_length(from, is_quoted ? '"' : ' ');
		if (!conversation_unescape(&run->arena, from, length, &words[count++]))
			return 0;
		text = from + length;
		text += is_quoted && *text;
		text += strspn(text, " ");
	}
	return count;
}

/* An answer is `RESPONSE`, `CHALLENGE=>RESPONSE` or `!`, which gives up. */
static enum imap_sasl_result answer(void *context, struct imap_span challenge,
				    struct imap_span *response)
{
	struct run *run = context;

	if (run->answer_at == run->answer_count)
		return IMAP_SASL_FAILED;
	const char *text = run->answers[run->answer_at].at;
	size_t length = run->answers[run->answer_at++].length;
	const char *arrow = memmem(text, length, "=>", 2);
	if (arrow && (challenge.length != (size_t)(arrow - text) ||
		      memcmp(challenge.at, text, challenge.length) != 0)) {
		complain(run, "the mechanism was challenged with: %.*s", (int)challenge.length,
			 challenge.at);
		return IMAP_SASL_FAILED;
	}
	if (length == 1 && text[0] == '!')
		return IMAP_SASL_FAILED;
	*response = (struct imap_span){text, length};
	if (arrow)
		*response = (struct imap_span){arrow + 2, length - (size_t)(arrow + 2 - text)};
	return run->answer_at == run->answer_count ? IMAP_SASL_DONE : IMAP_SASL_MORE;
}

static void call_authenticate(struct run *run, const struct bytes *words, unsigned count)
{
	run->sasl = (struct imap_sasl){.mechanism = words[1].at,
				       .client_first = strcmp(words[2].at, "first") == 0,
				       .step = answer,
				       .context = run};
	run->answer_at = 0;
	run->answer_count = count - 3;
	memcpy(run->answers, words + 3, run->answer_count * sizeof(*words));
	imap_authenticate(run->imap, run->now, &run->sasl);
}

static void call_limits(struct run *run, const struct bytes *words, unsigned count)
{
	struct imap_limits limits = imap_default_limits;

	for (unsigned i = 1; i < count; i++) {
		size_t value = strtoul(strchr(words[i].at, '=') + 1, NULL, 10);
		if (words[i].at[0] == 'd')
			limits.depth = (unsigned)value;
		else if (strncmp(words[i].at, "li", 2) == 0 && words[i].at[2] == 'n')
			limits.line = value;
		else if (words[i].at[0] == 'r')
			limits.response = value;
		else
			limits.literal = value;
	}
	imap_free(run->imap);
	run->imap = imap_new(&limits);
}

static bool call_with_text(struct run *run, const char *verb, const char *text,
			   const struct bytes *words)
{
	struct imap_span second = {words[2].at, words[2].length};

	if (strcmp(verb, "command") == 0)
		imap_command(run->imap, run->now, "%a", text + strlen("command "));
	else if (strcmp(verb, "login") == 0)
		imap_login(run->imap, run->now, words[1].at, second);
	else if (strcmp(verb, "examine") == 0)
		imap_command(run->imap, run->now, "EXAMINE %m", words[1].at);
	else if (strcmp(verb, "search") == 0)
		imap_command(run->imap, run->now, "UID SEARCH CHARSET UTF-8 SUBJECT %s",
			     words[1].at);
	else if (strcmp(verb, "append") == 0)
		imap_command(run->imap, run->now, "APPEND %m %b", words[1].at, &second);
	else
		return false;
	return true;
}

static bool call_verb(struct run *run, const char *verb)
{
	if (strcmp(verb, "starttls") == 0)
		imap_starttls(run->imap, run->now);
	else if (strcmp(verb, "idle") == 0)
		imap_idle(run->imap, run->now);
	else if (strcmp(verb, "idle-done") == 0)
		imap_idle_done(run->imap, run->now);
	else if (strcmp(verb, "logout") == 0)
		imap_logout(run->imap, run->now);
	else
		return false;
	return true;
}

static bool call(struct run *run, const char *text)
{
	struct bytes words[WORDS] = {0};
	unsigned count = split(run, text, words);
	bool is_known = count > 0;

	if (!is_known)
		;
	else if (strcmp(words[0].at, "authenticate") == 0 && count > 2)
		call_authenticate(run, words, count);
	else if (strcmp(words[0].at, "limits") == 0)
		call_limits(run, words, count);
	else
		is_known = call_verb(run, words[0].at) ||
			   (count > 1 && call_with_text(run, words[0].at, text, words));
	return is_known || complain(run, "no such call: %s", text);
}

/* --- steps ---------------------------------------------------------------------------------- */

static bool compare_capabilities(struct run *run, const char *expected)
{
	struct imap_span told = imap_capabilities(run->imap);

	if (strcmp(expected, "unknown") == 0)
		return !imap_knows_capabilities(run->imap) ||
		       complain(run, "the capabilities are known");
	if (strlen(expected) == told.length && memcmp(expected, told.at, told.length) == 0)
		return true;
	return complain(run, "the capabilities are: %.*s", (int)told.length, told.at);
}

static bool take(struct run *run, size_t at)
{
	const struct step *step = &run->conversation->steps[at];

	run->line = step->line;
	if (at >= run->gathered)
		gather(run, at);
	switch (step->kind) {
	case STEP_CLIENT:
		return compare_output(run, step);
	case STEP_CALL:
		return call(run, step->text);
	case STEP_EVENT:
		return expect(run, step->text);
	case STEP_CAPABILITIES:
		return compare_capabilities(run, step->text);
	case STEP_CLOSE:
		if (!settle(run))
			return false;
		imap_feed(run->imap, "", 0, run->now);
		return true;
	case STEP_SECURE:
		if (!settle(run))
			return false;
		imap_secured(run->imap);
		return true;
	case STEP_TIME:
		run->now += (imap_time)(strtod(step->text, NULL) * SECOND);
		return true;
	default:
		return true;
	}
}

/* Once failed, a session says nothing and tells the same, whatever comes. */
static bool stays_failed(struct run *run)
{
	struct imap_reply reply;

	if (!imap_failure(run->imap))
		return true;
	imap_feed(run->imap, "* OK hello\r\n", 12, run->now);
	if (imap_next(run->imap, &reply) != IMAP_FAILED || imap_output(run->imap).length > 0)
		return complain(run, "the failed session went on");
	event_write(run->joined, run->imap, &reply);
	return true;
}

static bool finish(struct run *run)
{
	if (imap_failure(run->imap))
		return stays_failed(run);
	if (!settle(run))
		return false;
	struct imap_span output = imap_output(run->imap);
	return output.length == 0 ||
	       complain(run, "the client also sent: %.*s", (int)output.length, output.at);
}

bool conversation_run(struct conversation *conversation, struct conversation_cuts cuts,
		      char *complaint)
{
	struct run run = {.conversation = conversation,
			  .cuts = cuts,
			  .complaint = complaint,
			  .now = SECOND,
			  .imap = imap_new(&imap_default_limits)};
	bool is_good = true;

	arena_init(&run.arena, CONVERSATION_TEXT_MAX);
	run.joined = must(open_memstream(&run.joined_text, &run.joined_size));
	for (size_t i = 0; i < conversation->count && is_good; i++)
		is_good = take(&run, i);
	is_good = is_good && finish(&run);
	arena_free(&run.arena);
	fclose(run.joined);
	free(run.joined_text);
	free(run.wire.at);
	free(run.chunk.at);
	imap_free(run.imap);
	return is_good;
}
