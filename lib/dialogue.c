/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dialogue.c - what a response means, given the command in flight. The order of the protocol is
 * guarded here: what may come when.
 */
#include "machine.h"

#include <string.h>

static void fill(struct imap_reply *reply, const struct response *response)
{
	reply->status = response->status;
	reply->code = response->code;
	reply->code_args = response->code_args;
	reply->text = response->text;
	reply->name = response->name;
	reply->numbered = response->numbered;
	reply->number = response->number;
	reply->args = response->args;
}

static bool learn(struct imap *imap, const struct imap_arg *args)
{
	enum buf_result result = caps_learn(&imap->caps, args);

	imap->caps_came = true;
	if (result != BUF_OK)
		machine_fail(imap, IMAP_FAULT_MEMORY, "out of memory for the capabilities");
	return result == BUF_OK;
}

/* False when the session failed over it. */
static bool learn_from_code(struct imap *imap, const struct response *response)
{
	bool is_good = response->status == IMAP_OK || response->status == IMAP_PREAUTH;

	if (!is_good || !imap_is(response->code, "CAPABILITY"))
		return true;
	return learn(imap, response->code_args);
}

static enum imap_event take_greeting(struct imap *imap, const struct response *response)
{
	if (response->status == IMAP_BYE)
		return machine_fail_by_bye(imap, response);
	if (response->status != IMAP_OK && response->status != IMAP_PREAUTH)
		return machine_reject(imap, "the server sent neither OK, PREAUTH nor BYE");
	if (!learn_from_code(imap, response))
		return IMAP_FAILED;
	imap->reader.wants_greeting = false;
	imap->state = MACHINE_READY;
	return IMAP_GREETING;
}

static bool enables_utf8(const struct imap *imap, const struct response *response)
{
	if (!imap_is(response->name, "ENABLED") || strcmp(imap->command.name, "ENABLE") != 0)
		return false;
	for (const struct imap_arg *arg = response->args; arg; arg = arg->next) {
		if (imap_is(imap_text(arg), "UTF8=ACCEPT"))
			return true;
	}
	return false;
}

static enum imap_event take_untagged(struct imap *imap, const struct response *response)
{
	if (imap->state == MACHINE_GREETING)
		return take_greeting(imap, response);
	if (response->status == IMAP_BYE && imap->command.kind != COMMAND_LOGOUT)
		return machine_fail_by_bye(imap, response);
	if (response->status == IMAP_PREAUTH)
		return machine_reject(imap, "the server greeted again, with PREAUTH");
	if (!learn_from_code(imap, response))
		return IMAP_FAILED;
	if (imap_is(response->name, "CAPABILITY") && !response->numbered &&
	    !learn(imap, response->args))
		return IMAP_FAILED;
	if (enables_utf8(imap, response))
		imap->has_utf8 = true;
	return IMAP_DATA;
}

/* Whether the response began to come only after all that could be sent had left. What came before
   cannot be an answer: somebody guessed. */
static bool is_an_answer(const struct imap *imap)
{
	return command_has_left(&imap->command) && imap->begun_at >= imap->sent_after;
}

static enum imap_event take_continue(struct imap *imap, const struct response *response)
{
	struct command *command = &imap->command;

	if (command->kind == COMMAND_NONE)
		return machine_reject(imap, "the server asked to continue, \"+\", unasked");
	if (!is_an_answer(imap))
		return machine_reject(imap,
				      "the server asked to continue before the command was sent");
	if (command_is_stopped(command)) {
		command_go_on(command, &imap->trace, imap->fed_at);
		return IMAP_WAIT;
	}
	if (command->kind == COMMAND_AUTHENTICATE)
		return exchange_challenge(imap, response->text);
	if (command->kind != COMMAND_IDLE || command->is_idling)
		return machine_reject(imap, "the server asked to continue, \"+\", unasked");
	command->is_idling = true;
	return IMAP_PROMPT;
}

/* An OK that comes too early, or NULL. */
static const char *flaw_of_ok(const struct command *command)
{
	if (command_is_stopped(command))
		return "the server said OK before the command was sent as a whole";
	if (command->kind == COMMAND_AUTHENTICATE && !command->is_content)
		return "the server said OK before the exchange was complete";
	if (command->kind == COMMAND_IDLE && !command->is_ending)
		return "the server said OK before IDLE was ended";
	return NULL;
}

static bool is_tag(struct imap_span word, const char *tag)
{
	return word.length == strlen(tag) && memcmp(word.at, tag, word.length) == 0;
}

static const char *flaw_of_tagged(const struct imap *imap, const struct response *response)
{
	const struct command *command = &imap->command;

	if (command->kind == COMMAND_NONE)
		return "the server answered a command that was not given";
	if (!is_tag(response->tag, command->tag))
		return "the server answered with a tag that no command has";
	if (!is_an_answer(imap))
		return "the server answered before the command was sent";
	return response->status == IMAP_OK ? flaw_of_ok(command) : NULL;
}

/* Nobody knows what a login changed unless the server tells along with it. */
static void forget_after_login(struct imap *imap, const struct response *response)
{
	enum command_kind kind = imap->command.kind;
	bool is_login = kind == COMMAND_LOGIN || kind == COMMAND_AUTHENTICATE;

	if (is_login && response->status == IMAP_OK && !imap->caps_came)
		caps_forget(&imap->caps);
}

static enum imap_event take_tagged(struct imap *imap, const struct response *response,
				   struct imap_reply *reply)
{
	const char *flaw = flaw_of_tagged(imap, response);
	enum command_kind kind = imap->command.kind;

	if (flaw)
		return machine_reject(imap, flaw);
	if (!learn_from_code(imap, response))
		return IMAP_FAILED;
	forget_after_login(imap, response);
	reply->times = imap->command.times;
	reply->times.done_at = imap->fed_at;
	memcpy(imap->last_command, imap->command.name, sizeof(imap->last_command));
	command_clear(&imap->command);
	if (kind == COMMAND_LOGOUT)
		imap->state = MACHINE_LEAVING;
	if (kind != COMMAND_STARTTLS || response->status != IMAP_OK)
		return IMAP_DONE;
	imap->state = MACHINE_HANDOVER;
	return IMAP_SECURE;
}

enum imap_event dialogue_take(struct imap *imap, const struct response *response,
			      struct imap_reply *reply)
{
	fill(reply, response);
	switch (response->kind) {
	case RESPONSE_CONTINUE:
		return take_continue(imap, response);
	case RESPONSE_TAGGED:
		return take_tagged(imap, response, reply);
	default:
		return take_untagged(imap, response);
	}
}
