/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_session.c - the steps that open and close an IMAP session: greeting, capabilities, STARTTLS,
   login, logout. */
#include <stdio.h>

#include "mechanism.h"
#include "refusal.h"
#include "steps.h"
#include "text.h"

static void keep_capabilities(struct run *run)
{
	if (imap_knows_capabilities(run->session.imap))
		text_clean(run->report.capabilities, sizeof run->report.capabilities,
			   imap_capabilities(run->session.imap));
}

/* --- greeting ------------------------------------------------------------------------------- */

static enum step_progress greeting_enter(struct run *run, imap_time now)
{
	(void)run;
	(void)now;
	return STEP_WAIT;
}

/* PREAUTH (RFC 9051 section 7.1.4): somebody is logged in already. An attacker in the middle says so
   to keep us from STARTTLS, and with credentials it means that the wrong thing is being checked. */
static enum step_progress greeting_reply(struct run *run, const struct imap_reply *reply)
{
	const struct config *config = run->config;

	if (reply->event != IMAP_GREETING)
		return STEP_WAIT;
	keep_capabilities(run);
	if (reply->status != IMAP_PREAUTH)
		return STEP_DONE;
	if (config->tls == CONFIG_TLS_STARTTLS) {
		failure_set(&run->failure, CLASS_PROTOCOL,
			    "server greets with PREAUTH, after which STARTTLS is impossible: "
			    "somebody may be in the middle");
		return STEP_FAILED;
	}
	if (config->user) {
		failure_set(&run->failure, CLASS_PROTOCOL,
			    "server greets with PREAUTH: the session is logged in already, %s "
			    "cannot be checked",
			    config->user);
		return STEP_FAILED;
	}
	return STEP_DONE;
}

const struct step step_greeting = {
	.phase = PHASE_GREETING,
	.awaits = "greeting",
	.enter = greeting_enter,
	.reply = greeting_reply,
};

/* --- capabilities, when the server did not volunteer them ------------------------------------ */

static enum step_progress capability_enter(struct run *run, imap_time now)
{
	if (imap_knows_capabilities(run->session.imap)) {
		keep_capabilities(run);
		return STEP_DONE;
	}
	imap_command(run->session.imap, now, "CAPABILITY");
	return STEP_WAIT;
}

static enum step_progress capability_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status != IMAP_OK) {
		refusal_set(&run->failure, reply, CLASS_REFUSED, "CAPABILITY");
		return STEP_FAILED;
	}
	if (!imap_knows_capabilities(run->session.imap)) {
		failure_set(&run->failure, CLASS_PROTOCOL,
			    "server answered CAPABILITY with OK but told no capabilities");
		return STEP_FAILED;
	}
	keep_capabilities(run);
	return STEP_DONE;
}

#define CAPABILITY_STEP(phase_)                                                                    \
	{                                                                                          \
		.phase = (phase_), .awaits = "answer to CAPABILITY", .enter = capability_enter,    \
		.reply = capability_reply,                                                         \
	}

const struct step step_capability_greeting = CAPABILITY_STEP(PHASE_GREETING);
const struct step step_capability_tls = CAPABILITY_STEP(PHASE_TLS);
const struct step step_capability_auth = CAPABILITY_STEP(PHASE_AUTH);

/* --- STARTTLS ------------------------------------------------------------------------------- */

static enum step_progress starttls_enter(struct run *run, imap_time now)
{
	if (!imap_has(run->session.imap, "STARTTLS")) {
		failure_set(&run->failure, CLASS_MISSING,
			    "server does not offer STARTTLS on port %u; it offers %s",
			    run->config->port, run->report.capabilities);
		return STEP_FAILED;
	}
	imap_starttls(run->session.imap, now);
	return STEP_WAIT;
}

static enum step_progress starttls_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_SECURE)
		return STEP_DONE;
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	refusal_set(&run->failure, reply, CLASS_REFUSED, "STARTTLS");
	return STEP_FAILED;
}

const struct step step_starttls = {
	.phase = PHASE_TLS,
	.awaits = "answer to STARTTLS",
	.enter = starttls_enter,
	.reply = starttls_reply,
};

/* --- login ---------------------------------------------------------------------------------- */

static enum mechanism_shield shield(const struct run *run)
{
	if (run->config->tls == CONFIG_TLS_NONE)
		return SHIELD_NONE;
	return run->report.tls.path.verified ? SHIELD_VERIFIED : SHIELD_UNVERIFIED;
}

static enum step_progress login_enter(struct run *run, imap_time now)
{
	const struct config *config = run->config;
	const char *mechanism =
		mechanism_choose(config, run->session.imap, shield(run), &run->failure);

	if (!mechanism)
		return STEP_FAILED;
	snprintf(run->report.mechanism, sizeof run->report.mechanism, "%s", mechanism);
	if (imap_is(text_span(mechanism), "LOGIN")) {
		imap_login(run->session.imap, now, config->user, secret_span(run->secret));
		return STEP_WAIT;
	}
	run->sasl = sasl_new(mechanism, config->user, secret_span(run->secret), &run->failure);
	if (!run->sasl)
		return STEP_FAILED;
	imap_authenticate(run->session.imap, now, sasl_imap(run->sasl));
	return STEP_WAIT;
}

static enum step_progress login_reply(struct run *run, const struct imap_reply *reply)
{
	char what[300];

	if (reply->event == IMAP_FAILED && run->failure.class == CLASS_AUTH && run->sasl)
		failure_set(&run->failure, CLASS_AUTH, "%s with the server failed: %s",
			    run->report.mechanism, sasl_reason(run->sasl));
	if (reply->event != IMAP_DONE)
		return STEP_WAIT;
	if (reply->status == IMAP_OK) {
		keep_capabilities(run);
		return STEP_DONE;
	}
	snprintf(what, sizeof what, "%s (%s%s)", run->config->user, run->report.mechanism,
		 run->config->auth == CONFIG_AUTH_AUTO ? ", chosen by auto" : "");
	refusal_set(&run->failure, reply, CLASS_AUTH, what);
	return STEP_FAILED;
}

const struct step step_login = {
	.phase = PHASE_AUTH,
	.awaits = "answer to the login",
	.enter = login_enter,
	.reply = login_reply,
};

/* --- logout --------------------------------------------------------------------------------- */

static enum step_progress logout_enter(struct run *run, imap_time now)
{
	imap_logout(run->session.imap, now);
	return STEP_WAIT;
}

/* However the connection ends after LOGOUT, the user's journey is over and was fine. */
static enum step_progress logout_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DATA && reply->status == IMAP_BYE)
		run->said_bye = true;
	if (reply->event != IMAP_DONE && reply->event != IMAP_CLOSED &&
	    reply->event != IMAP_FAILED)
		return STEP_WAIT;
	if (!run->said_bye)
		report_note(&run->report, "the server ended the session without BYE");
	return STEP_DONE;
}

const struct step step_logout = {
	.phase = PHASE_LOGOUT,
	.awaits = "answer to LOGOUT",
	.enter = logout_enter,
	.reply = logout_reply,
};
