/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_login.c - the step that logs in: once, by one mechanism, never again after a refusal. */
#include <stdio.h>

#include "mechanism.h"
#include "refusal.h"
#include "steps.h"
#include "text.h"

static enum mechanism_shield shield(const struct run *run)
{
	if (run->config->tls == CONFIG_TLS_NONE)
		return SHIELD_NONE;
	return run->report.tls.path.verified ? SHIELD_VERIFIED : SHIELD_UNVERIFIED;
}

static struct imap_span secret_of(const struct run *run)
{
	return run->secret ? secret_span(run->secret) : (struct imap_span){"", 0};
}

/* --- the words -------------------------------------------------------------------------------- */

/* "PLAIN, chosen by auto" */
static const char *add_mechanism(const struct run *run, char *text, size_t size)
{
	text_add(text, size, "%s%s", run->mechanism->shown,
		 run->config->auth == AUTH_AUTO ? ", chosen by auto" : "");
	return text;
}

/* "alice as bob (PLAIN, chosen by auto)" */
static const char *describe(const struct run *run, char *text, size_t size)
{
	const struct config *config = run->config;

	text[0] = '\0';
	text_add(text, size, "%.100s", config->user ? config->user : "the login");
	if (config->authzid)
		text_add(text, size, " as %.100s", config->authzid);
	text_add(text, size, " (");
	add_mechanism(run, text, size);
	text_add(text, size, ")");
	return text;
}

/* The mechanism gave up: it alone knows why. */
static void blame_mechanism(struct run *run)
{
	const struct imap_failure *broken = imap_failure(run->session.imap);
	struct failure why;
	char mechanism[80] = "";

	if (!broken || broken->fault != IMAP_FAULT_SASL)
		return;
	sasl_failure(run->sasl, &why);
	failure_set(&run->failure, why.class, "%s: %s",
		    add_mechanism(run, mechanism, sizeof mechanism), why.text);
}

/* --- the step --------------------------------------------------------------------------------- */

static enum step_progress authenticate(struct run *run, imap_time now)
{
	const struct config *config = run->config;
	struct sasl_request request = {
		.spec = run->mechanism,
		.user = config->user,
		.authzid = config->authzid,
		.secret = secret_of(run),
		.host = config->tls_settings.peer.name,
		.port = config->port,
	};

	if (run->session.conn.tls && run->mechanism->binds)
		tls_binding(run->session.conn.tls, &request.binding);
	run->sasl = sasl_new(&request, &run->failure);
	if (!run->sasl)
		return STEP_FAILED;
	imap_authenticate(run->session.imap, now, sasl_imap(run->sasl));
	return STEP_WAIT;
}

static enum step_progress login_enter(struct run *run, imap_time now)
{
	const struct config *config = run->config;

	run->mechanism = mechanism_choose(config, run->session.imap, shield(run), &run->failure);
	if (!run->mechanism)
		return STEP_FAILED;
	snprintf(run->report.mechanism, sizeof run->report.mechanism, "%s", run->mechanism->shown);
	if (run->mechanism->mechanism)
		return authenticate(run, now);
	imap_login(run->session.imap, now, config->user, secret_of(run));
	return STEP_WAIT;
}

/* The mechanism's copies of the secret go at once. */
static void forget_mechanism(struct run *run)
{
	sasl_free(run->sasl);
	run->sasl = NULL;
}

static enum step_progress login_end(struct run *run, const struct imap_reply *reply)
{
	char what[300];

	if (reply->status == IMAP_OK) {
		forget_mechanism(run);
		run_keep_capabilities(run);
		return STEP_DONE;
	}
	refusal_set_login(&run->failure, reply, run->mechanism, describe(run, what, sizeof what),
			  run->sasl ? sasl_hint(run->sasl) : "");
	return STEP_FAILED;
}

static enum step_progress login_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DONE)
		return login_end(run, reply);
	if (reply->event == IMAP_FAILED)
		blame_mechanism(run);
	return STEP_WAIT;
}

const struct step step_login = {
	.phase = PHASE_AUTH,
	.awaits = "answer to the login",
	.hint = "what the server asks about users (LDAP, SQL, PAM) may hang",
	.enter = login_enter,
	.reply = login_reply,
};
