/* SPDX-License-Identifier: GPL-3.0-or-later */
/* steps_net.c - the steps before IMAP: secret, name, connection, TLS. */
#include <errno.h>
#include <string.h>

#include "proxy_header.h"
#include "steps.h"

static enum step_progress password_result(enum secret_progress progress)
{
	if (progress == SECRET_WAIT)
		return STEP_WAIT;
	return progress == SECRET_READY ? STEP_DONE : STEP_FAILED;
}

static enum step_progress password_enter(struct run *run, imap_time now)
{
	enum secret_progress progress = secret_start(run->secret, &run->failure);

	(void)now;
	if (progress == SECRET_READY && secret_is_exposed(run->secret))
		report_note(&run->report, "other users can read the password file %s",
			    run->config->secret.where);
	return password_result(progress);
}

static void password_wait(const struct run *run, struct wait *wait, imap_time now)
{
	(void)now;
	secret_wait(run->secret, wait);
}

static enum step_progress password_ready(struct run *run, const struct wait *wait, imap_time now)
{
	(void)wait;
	(void)now;
	return password_result(secret_ready(run->secret, &run->failure));
}

const struct step step_secret = {
	.phase = PHASE_PASSWORD,
	.awaits = "password",
	.enter = password_enter,
	.wait = password_wait,
	.ready = password_ready,
	.is_untimed = true,
};

const struct step step_password = {
	.phase = PHASE_PASSWORD,
	.awaits = "password from the command",
	.enter = password_enter,
	.wait = password_wait,
	.ready = password_ready,
};

/* --- dns ------------------------------------------------------------------------------------ */

static enum step_progress dns_ready(struct run *run, const struct wait *wait, imap_time now)
{
	resolve_ready(run->resolve, wait, now);
	if (!resolve_may_connect(run->resolve, now))
		return STEP_WAIT;
	if (resolve_addresses(run->resolve)->count > 0)
		return STEP_DONE;
	resolve_failure(run->resolve, &run->failure);
	return STEP_FAILED;
}

static enum step_progress dns_enter(struct run *run, imap_time now)
{
	const struct config *config = run->config;
	struct wait nothing;

	run->resolve = resolve_new(config->host.lookup, config->family, config->port,
				   config->nameserver, &run->failure);
	if (!run->resolve)
		return STEP_FAILED;
	wait_clear(&nothing);
	return dns_ready(run, &nothing, now);
}

static void dns_wait(const struct run *run, struct wait *wait, imap_time now)
{
	(void)now;
	resolve_wait(run->resolve, wait);
}

static void dns_late(const struct run *run, struct failure *failure)
{
	resolve_failure(run->resolve, failure);
}

const struct step step_dns = {
	.phase = PHASE_DNS,
	.awaits = "answer from the name server",
	.enter = dns_enter,
	.wait = dns_wait,
	.ready = dns_ready,
	.late = dns_late,
};

/* --- connect -------------------------------------------------------------------------------- */

static void connect_record(struct run *run, imap_time now)
{
	const struct race *race = &run->dial.race;

	run->report.attempt_count = 0;
	for (unsigned i = 0; i < race->count; i++) {
		const struct race_lane *lane = &race->lanes[i];
		struct report_attempt *attempt = &run->report.attempts[run->report.attempt_count];

		if (lane->status == RACE_IDLE)
			continue;
		run->report.attempt_count++;
		address_text(&lane->address, attempt->address);
		attempt->began_at = lane->started_at;
		attempt->error = lane->status == RACE_RUNNING ? -1 : lane->error;
		attempt->lasted_for =
			(lane->status == RACE_RUNNING ? now : lane->ended_at) - lane->started_at;
	}
}

/* The first octets on a new connection: they fit into its empty buffer. */
static bool connect_introduce(struct run *run, const struct address *server)
{
	struct address own = {.length = sizeof own.in6};
	char header[PROXY_HEADER_SIZE];
	size_t length;

	if (getsockname(run->session.conn.fd, &own.sa, &own.length) < 0) {
		failure_set(&run->failure, CLASS_INTERNAL, "our own address is not known: %s",
			    strerror(errno));
		return false;
	}
	length = proxy_header(&own, server, header);
	if (conn_write(&run->session.conn, header, length, &run->failure) == (ssize_t)length)
		return true;
	failure_set(&run->failure, CLASS_CONNECT, "the PROXY header could not be sent");
	return false;
}

static enum step_progress connect_go_on(struct run *run, imap_time now)
{
	enum dial_progress progress = dial_ready(&run->dial, now);
	struct address winner;

	connect_record(run, now);
	if (progress == DIAL_WAIT)
		return STEP_WAIT;
	if (progress == DIAL_LOST) {
		dial_failure(&run->dial, &run->failure);
		return STEP_FAILED;
	}
	conn_open(&run->session.conn, dial_take(&run->dial, &winner));
	run->server = winner;
	address_text(&winner, run->report.address);
	if (run->config->haproxy_protocol && !connect_introduce(run, &winner))
		return STEP_FAILED;
	return STEP_DONE;
}

static enum step_progress connect_enter(struct run *run, imap_time now)
{
	struct address_list literal = {.count = 1};

	if (run->resolve) {
		dial_add(&run->dial, resolve_addresses(run->resolve),
			 !resolve_finished(run->resolve));
		return connect_go_on(run, now);
	}
	if (run->first) {
		literal.items[0] = run->server;
	} else {
		literal.items[0] = run->config->host.address;
		address_set_port(&literal.items[0], run->config->port);
	}
	dial_add(&run->dial, &literal, false);
	return connect_go_on(run, now);
}

/* The lookup goes on beside the race: what comes late still takes part. */
static bool connect_is_looking_up(const struct run *run)
{
	return run->resolve && !resolve_finished(run->resolve);
}

static void connect_wait(const struct run *run, struct wait *wait, imap_time now)
{
	dial_wait(&run->dial, wait, now);
	if (connect_is_looking_up(run))
		resolve_wait(run->resolve, wait);
}

static enum step_progress connect_ready(struct run *run, const struct wait *wait, imap_time now)
{
	if (connect_is_looking_up(run)) {
		resolve_ready(run->resolve, wait, now);
		dial_add(&run->dial, resolve_addresses(run->resolve),
			 !resolve_finished(run->resolve));
	}
	return connect_go_on(run, now);
}

static void connect_late(const struct run *run, struct failure *failure)
{
	dial_failure(&run->dial, failure);
}

const struct step step_connect = {
	.phase = PHASE_CONNECT,
	.awaits = "connection",
	.enter = connect_enter,
	.wait = connect_wait,
	.ready = connect_ready,
	.late = connect_late,
	.hint = "the host is down, or a firewall drops the packets",
};

/* --- tls ------------------------------------------------------------------------------------ */

/* --insecure: the journey goes on, the fault is told. */
static void tls_complain(struct run *run)
{
	failure_set(&run->failure, CLASS_POLICY, "certificate accepted by --insecure: %s",
		    run->report.tls.path.fault.text);
	run_mask(run, run->failure.text);
	report_problem(&run->report, PHASE_TLS, &run->failure);
}

/* Worth saying, no reason for an alarm. */
static void tls_note(struct run *run)
{
	const struct tls_facts *facts = &run->report.tls;
	char text[200];

	if (run->config->tls_settings.identity.certificate && !facts->asked_for_ours)
		report_note(&run->report, "the server did not ask for the client certificate");
	if (facts->path.verified &&
	    (facts->staple.status == STAPLE_INVALID || facts->staple.status == STAPLE_UNKNOWN))
		report_note(&run->report, "%s", staple_describe(&facts->staple, text, sizeof text));
}

static enum step_progress tls_go_on(struct run *run)
{
	enum tls_progress progress = conn_handshake(&run->session.conn, &run->failure);

	if (progress == TLS_WAIT)
		return STEP_WAIT;
	run->report.has_tls = true;
	run->report.tls = *tls_facts(run->session.conn.tls);
	if (progress == TLS_FAILED)
		return STEP_FAILED;
	if (run->config->tls == CONFIG_TLS_STARTTLS)
		imap_secured(run->session.imap);
	if (!run->report.tls.path.verified)
		tls_complain(run);
	tls_note(run);
	return STEP_DONE;
}

static enum step_progress tls_enter(struct run *run, imap_time now)
{
	(void)now;
	if (run->config->tls == CONFIG_TLS_STARTTLS &&
	    !session_may_secure(&run->session, &run->failure))
		return STEP_FAILED;
	if (!conn_secure(&run->session.conn, &run->config->tls_settings, &run->failure))
		return STEP_FAILED;
	return tls_go_on(run);
}

static void tls_wait(const struct run *run, struct wait *wait, imap_time now)
{
	(void)now;
	conn_wait(&run->session.conn, wait, false);
}

static enum step_progress tls_ready(struct run *run, const struct wait *wait, imap_time now)
{
	(void)wait;
	(void)now;
	return tls_go_on(run);
}

const struct step step_tls = {
	.phase = PHASE_TLS,
	.awaits = "end of the TLS handshake",
	.hint = "the server is overloaded, or this is not a port for TLS",
	.enter = tls_enter,
	.wait = tls_wait,
	.ready = tls_ready,
};
