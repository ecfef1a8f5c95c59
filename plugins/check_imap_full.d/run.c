/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.c - see run.h. */
#include "run.h"

#include <string.h>

#include "text.h"

/* Each line of the dialogue, for -vvv. The session masks what we send; a server may still echo. */
static void trace(void *context, bool sent, struct imap_span line, imap_time now)
{
	struct run *run = context;
	char text[420];

	if (line.length >= sizeof text)
		line.length = sizeof text - 1;
	memcpy(text, line.at, line.length);
	text[line.length] = '\0';
	if (run->secret)
		secret_mask(run->secret, text);
	report_line(&run->report, now, sent, text_span(text));
}

bool run_init(struct run *run, const struct config *config)
{
	memset(run, 0, sizeof *run);
	run->config = config;
	report_init(&run->report);
	dial_init(&run->dial);
	if (!session_init(&run->session))
		return false;
	if (config->verbosity >= 3)
		imap_trace(run->session.imap, trace, run);
	if (config->user)
		run->secret = secret_new(&config->secret);
	return !config->user || run->secret;
}

void run_free(struct run *run)
{
	sasl_free(run->sasl);
	session_free(&run->session);
	dial_close(&run->dial);
	resolve_free(run->resolve);
	secret_free(run->secret);
	report_free(&run->report);
}
