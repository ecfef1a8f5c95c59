/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_session.c - the steps that open and close an IMAP session: greeting, capabilities,
   STARTTLS, logout. */
#include "refusal.h"
#include "steps.h"
#include "text.h"

/* --- greeting ------------------------------------------------------------------------------- */

static enum step_progress greeting_enter(struct run *run, imap_time now)
{
	(void)run;
	(void)now;
	return STEP_WAIT;
}

/* PREAUTH (RFC 9051 section 7.1.4): somebody is logged in already. An attacker in the middle says
   so to keep us from STARTTLS, and with credentials it means that the wrong thing is being checked.
 */
static enum step_progress greeting_reply(struct run *run, const struct imap_reply *reply)
{
	const struct config *config = run->config;

	if (reply->event != IMAP_GREETING)
		return STEP_WAIT;
	run_keep_capabilities(run);
	if (reply->status != IMAP_PREAUTH)
		return STEP_DONE;
	if (config->tls == CONFIG_TLS_STARTTLS) {
		failure_set(&run->failure, CLASS_PROTOCOL,
			    "server greets with PREAUTH, after which STARTTLS is impossible: "
			    "somebody may be in the middle");
		return STEP_FAILED;
	}
	if (config_logs_in(config)) {
		failure_set(&run->failure, CLASS_PROTOCOL,
			    "server greets with PREAUTH: the session is logged in already, %s "
			    "cannot be checked",
			    config->user ? config->user : "the login");
		return STEP_FAILED;
	}
	return STEP_DONE;
}

/* Silence is what a port says that waits for TLS from us. */
static void greeting_late(const struct run *run, struct failure *failure)
{
	struct imap_span line = imap_unfinished_line(run->session.imap);

	if (line.length > 0)
		failure_set(failure, CLASS_TIMEOUT, "no greeting came, only \"%.*s\"",
			    (int)line.length, line.at);
	else if (run->config->tls == CONFIG_TLS_IMPLICIT)
		failure_set(failure, CLASS_TIMEOUT, "no greeting came");
	else
		failure_set(failure, CLASS_TIMEOUT,
			    "no greeting came; if port %u wants TLS from the start, use "
			    "--tls=implicit",
			    run->config->port);
}

const struct step step_greeting = {
	.phase = PHASE_GREETING,
	.awaits = "greeting",
	.late = greeting_late,
	.enter = greeting_enter,
	.reply = greeting_reply,
};

/* --- capabilities, when the server did not volunteer them ------------------------------------ */

static enum step_progress capability_enter(struct run *run, imap_time now)
{
	if (imap_knows_capabilities(run->session.imap)) {
		run_keep_capabilities(run);
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
	run_keep_capabilities(run);
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
const struct step step_capability_login = CAPABILITY_STEP(PHASE_AUTH);
const struct step step_capability_list = CAPABILITY_STEP(PHASE_LIST);
const struct step step_capability_quota = CAPABILITY_STEP(PHASE_QUOTA);
const struct step step_capability_search = CAPABILITY_STEP(PHASE_SEARCH);
const struct step step_capability_append = CAPABILITY_STEP(PHASE_APPEND);
const struct step step_capability_sync = CAPABILITY_STEP(PHASE_SYNC);

/* --- STARTTLS ------------------------------------------------------------------------------- */

static enum step_progress starttls_enter(struct run *run, imap_time now)
{
	if (!imap_has(run->session.imap, "STARTTLS")) {
		failure_set(&run->failure, CLASS_MISSING,
			    "server does not offer STARTTLS on port %u (there may be a port for "
			    "--tls=implicit, usually 993); it offers %s",
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

/* --- logout --------------------------------------------------------------------------------- */

static enum step_progress logout_enter(struct run *run, imap_time now)
{
	imap_logout(run->session.imap, now);
	return STEP_WAIT;
}

/* Worth an alarm only to who judges the logout. */
static void miss_bye(struct run *run)
{
	static const char words[] = "the server ended the session without BYE";
	const struct config_threshold *limits = run->config->thresholds[PHASE_LOGOUT];
	struct failure failure;

	if (!limits[CONFIG_WARNING].is_set && !limits[CONFIG_CRITICAL].is_set) {
		report_note(&run->report, "%s", words);
		return;
	}
	failure_set(&failure, CLASS_PROTOCOL, "%s", words);
	report_problem(&run->report, PHASE_LOGOUT, &failure);
}

/* However the connection ends after LOGOUT, the user's journey is over and was fine. */
static enum step_progress logout_reply(struct run *run, const struct imap_reply *reply)
{
	if (reply->event == IMAP_DATA && reply->status == IMAP_BYE)
		run->said_bye = true;
	if (reply->event != IMAP_DONE && reply->event != IMAP_CLOSED && reply->event != IMAP_FAILED)
		return STEP_WAIT;
	if (!run->said_bye)
		miss_bye(run);
	return STEP_DONE;
}

const struct step step_logout = {
	.phase = PHASE_LOGOUT,
	.awaits = "answer to LOGOUT",
	.enter = logout_enter,
	.reply = logout_reply,
};
