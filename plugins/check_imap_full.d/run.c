/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c - see run.h. */
#include "run.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

void run_mask(const struct run *run, char *text)
{
	if (run->secret)
		secret_mask(run->secret, text);
}

void run_keep_capabilities(struct run *run)
{
	char *text = run->report.capabilities;

	if (!imap_knows_capabilities(run->session.imap))
		return;
	text_clean(text, sizeof run->report.capabilities, imap_capabilities(run->session.imap));
	run_mask(run, text);
}

/* Each line of the dialogue, for -vvv. The session masks what we send; a server may still echo. The
   mask wants a text that is cleaned, for a secret may hide behind a tab, and that says where it was
   cut. */
static void trace(void *context, bool sent, struct imap_span line, imap_time now)
{
	struct run *run = context;
	struct run *first = run->first ? run->first : run;
	char text[420];

	text_clean(text, sizeof text - strlen("..."), line);
	if (line.length >= IMAP_TRACE_LINE)
		strcat(text, "...");
	run_mask(run, text);
	report_line(&first->report, now, run->first ? 2 : 1, sent, text_span(text));
}

/* What can be taken down from the first moment on. */
static void init_parts(struct run *run)
{
	report_init(&run->report);
	errand_init(&run->errand);
	dial_init(&run->dial);
	dial_init(&run->probe.dial);
	conn_init(&run->probe.session.conn);
	conn_init(&run->session.conn);
}

static bool init_session(struct run *run)
{
	if (!session_init(&run->session))
		return false;
	if (run->config->verbosity >= 3)
		imap_trace(run->session.imap, trace, run);
	return true;
}

bool run_init(struct run *run, const struct config *config, imap_time deadline)
{
	memset(run, 0, sizeof *run);
	run->config = config;
	run->deadline = deadline;
	init_parts(run);
	if (!init_session(run))
		return false;
	if (config->capture) {
		run->message.at = malloc(CAPTURE_OCTETS);
		run->message.size = run->message.at ? CAPTURE_OCTETS : 0;
	}
	if (config->capture && !run->message.at)
		return false;
	if (config_needs_secret(config))
		run->secret = secret_new(&config->secret);
	return !config_needs_secret(config) || run->secret;
}

bool run_init_beside(struct run *run, struct run *first)
{
	memset(run, 0, sizeof *run);
	run->first = first;
	run->config = first->config;
	run->deadline = first->deadline;
	run->secret = first->secret;
	run->server = first->server;
	init_parts(run);
	return init_session(run);
}

/* What came in clear before STARTTLS may be the word of somebody in the middle: none of it reaches
   whoever reads the output. */
static bool is_anybodys_word(const struct run *run)
{
	return run->config->tls == CONFIG_TLS_STARTTLS && !run->report.has_tls;
}

/* "The human-readable text contains a special alert that MUST be presented to the user" (RFC 9051
   section 7.1). A WEBALERT is Gmail's; its tagged NO tells the rest. */
static void notice_alert(struct run *run, const struct imap_reply *reply)
{
	char text[600]; /* longer than a note: what is masked must not be cut before */

	if (is_anybodys_word(run) ||
	    (!imap_is(reply->code, "ALERT") && !imap_is(reply->code, "WEBALERT")))
		return;
	text_clean(text, sizeof text, reply->text);
	run_mask(run, text);
	report_note(&run->report, "the server's alert: %s", text);
}

void run_notice(struct run *run, const struct imap_reply *reply)
{
	notice_alert(run, reply);
	if (reply->event != IMAP_DATA || !reply->numbered)
		return;
	if (imap_is(reply->name, "EXISTS"))
		run->messages = reply->number;
	if (imap_is(reply->name, "EXPUNGE") && reply->number > 0 &&
	    reply->number <= run->messages) {
		run->messages--;
		run->has_expunged = true;
	}
}

void run_free(struct run *run)
{
	writing_free(&run->writing);
	uid_set_free(&run->hit_set);
	errand_close(&run->errand);
	free(run->message.at);
	probe_free(&run->probe);
	sasl_free(run->sasl);
	session_free(&run->session);
	dial_close(&run->dial);
	resolve_free(run->resolve);
	if (!run->first)
		secret_free(run->secret);
	report_free(&run->report);
}
