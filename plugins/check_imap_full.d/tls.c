/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls.c - a TLS client session on a non-blocking descriptor. Knows no IMAP and does not wait. */
#include "tls.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tls_fault.h"
#include "tls_transport.h"
#include "tls_verify.h"

enum { WARNINGS_MAX = 16 };

/* Our certificate is shown to whoever asks, also where the server's list of authorities leaves out
   the one that a shortened chain of ours ends in. */
static const unsigned FLAGS =
	GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS | GNUTLS_FORCE_CLIENT_CERT;

struct tls {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	const struct tls_settings *settings;
	bool is_up;
	bool is_refused; /* by us: `refusal` says why */
	struct failure refusal;
	struct tls_facts facts;
	struct tls_transport transport;
};

/* --- the server's certificate ------------------------------------------------------------------
 */

static void note_session(struct tls *tls)
{
	const char *version = gnutls_protocol_get_name(gnutls_protocol_get_version(tls->session));
	const char *cipher = gnutls_ciphersuite_get(tls->session);

	snprintf(tls->facts.version, sizeof(tls->facts.version), "%s", version ? version : "");
	snprintf(tls->facts.cipher, sizeof(tls->facts.cipher), "%s", cipher ? cipher : "");
	tls->facts.asked_for_ours = gnutls_certificate_client_get_request_status(tls->session);
}

static int check_certificate(gnutls_session_t session)
{
	struct tls *tls = gnutls_session_get_ptr(session);

	note_session(tls);
	if (tls_verify(session, tls->settings, &tls->facts, &tls->refusal))
		return 0;
	tls->is_refused = true;
	return GNUTLS_E_CERTIFICATE_ERROR;
}

/* --- life ----------------------------------------------------------------------------------------
 */

/* Whoever recorded the packets could read the password with them: no SSLKEYLOGFILE, no
   GNUTLS_DEBUG_LEVEL. */
static void keep_keys(gnutls_session_t session)
{
	gnutls_session_set_keylog_function(session, NULL);
	gnutls_global_set_log_level(0);
}

/* 0 or an error of GnuTLS. */
static int set_up(struct tls *tls, int fd)
{
	const struct cert_peer *peer = &tls->settings->peer;
	int error;

	if ((error = gnutls_init(&tls->session, FLAGS)) < 0 ||
	    (error = tls_priority_set(tls->session, tls->settings->priority, tls->settings->min)) <
		    0 ||
	    (error = gnutls_ocsp_status_request_enable_client(tls->session, NULL, 0, NULL)) < 0 ||
	    (error = gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE,
					    tls->credentials)) < 0)
		return error;
	if (!peer->is_address &&
	    (error = gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, peer->name,
					    strlen(peer->name))) < 0)
		return error;
	keep_keys(tls->session);
	gnutls_certificate_set_verify_function(tls->credentials, check_certificate);
	gnutls_session_set_ptr(tls->session, tls);
	tls_transport_set(&tls->transport, fd, tls->session);
	tls->transport.trace.is_after_starttls = tls->settings->after_starttls;
	return 0;
}

struct tls *tls_new(const struct tls_settings *settings, int fd, struct failure *failure)
{
	struct tls *tls = calloc(1, sizeof(*tls));
	int error = 0;

	if (!tls || gnutls_certificate_allocate_credentials(&tls->credentials) < 0) {
		failure_set(failure, CLASS_INTERNAL, "out of memory");
		free(tls);
		return NULL;
	}
	tls->settings = settings;
	if (identity_load(&settings->identity, tls->credentials, failure)) {
		error = set_up(tls, fd);
		if (error == 0)
			return tls;
		failure_set(failure, CLASS_INTERNAL, "TLS cannot be set up: %s",
			    gnutls_strerror(error));
	}
	tls_free(tls);
	return NULL;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	if (tls->session)
		gnutls_deinit(tls->session);
	if (tls->credentials)
		gnutls_certificate_free_credentials(tls->credentials);
	free(tls);
}

const struct tls_facts *tls_facts(const struct tls *tls)
{
	return &tls->facts;
}

void tls_binding(const struct tls *tls, struct tls_binding *binding)
{
	tls_binding_read(tls->session, binding);
}

short tls_events(const struct tls *tls)
{
	return gnutls_record_get_direction(tls->session) ? POLLOUT : POLLIN;
}

/* --- handshake --------------------------------------------------------------------------- */

static enum tls_progress fail(struct tls *tls, int error, struct failure *failure)
{
	gnutls_alert_send_appropriate(tls->session, error);
	if (tls->is_refused) {
		*failure = tls->refusal;
		return TLS_FAILED;
	}
	tls_transport_peek(&tls->transport);
	identity_describe(tls->credentials, tls->transport.trace.ours,
			  sizeof(tls->transport.trace.ours));
	tls_handshake_fault(failure, tls->session, error, &tls->transport.trace);
	return TLS_FAILED;
}

/* GnuTLS comes back after each message that is none of the application's (a session ticket), also
   where more was read ahead, of which poll() would not tell. */
static bool can_go_on(const struct tls *tls, ssize_t result)
{
	return result == GNUTLS_E_AGAIN && tls_events(tls) == POLLIN &&
	       tls_transport_has_input(&tls->transport);
}

enum tls_progress tls_handshake(struct tls *tls, struct failure *failure)
{
	int error = 0;

	if (tls->is_up)
		return TLS_UP;
	for (int warnings = 0; warnings < WARNINGS_MAX; warnings++) {
		do
			error = gnutls_handshake(tls->session);
		while (can_go_on(tls, error));
		if (error == 0) {
			tls->is_up = true;
			note_session(tls);
			return TLS_UP;
		}
		if (error == GNUTLS_E_AGAIN || error == GNUTLS_E_INTERRUPTED)
			return TLS_WAIT;
		if (gnutls_error_is_fatal(error))
			break;
	}
	return fail(tls, error, failure);
}

/* --- transfer ---------------------------------------------------------------------------- */

/* What a server may say in mid-stream without harm: a request to handshake anew, which is not
   granted, or a warning. */
static bool is_harmless(ssize_t error)
{
	return error == GNUTLS_E_REHANDSHAKE || error == GNUTLS_E_WARNING_ALERT_RECEIVED ||
	       error == GNUTLS_E_INTERRUPTED;
}

static ssize_t break_off(struct tls *tls, ssize_t error, struct failure *failure)
{
	identity_describe(tls->credentials, tls->transport.trace.ours,
			  sizeof(tls->transport.trace.ours));
	tls_transfer_fault(failure, tls->session, (int)error, &tls->transport.trace);
	return TLS_BROKEN;
}

ssize_t tls_read(struct tls *tls, void *to, size_t size, struct failure *failure)
{
	ssize_t got;

	for (int harmless = 0; harmless < WARNINGS_MAX; harmless++) {
		do
			got = gnutls_record_recv(tls->session, to, size);
		while (can_go_on(tls, got));
		if (got > 0)
			tls->transport.trace.has_spoken = true;
		if (got >= 0)
			return got;
		if (got == GNUTLS_E_AGAIN)
			return TLS_AGAIN;
		if (got == GNUTLS_E_PREMATURE_TERMINATION)
			return 0;
		if (!is_harmless(got))
			break;
	}
	return break_off(tls, got, failure);
}

ssize_t tls_write(struct tls *tls, const void *from, size_t size, struct failure *failure)
{
	ssize_t sent;

	do
		sent = gnutls_record_send(tls->session, from, size);
	while (sent == GNUTLS_E_INTERRUPTED);
	if (sent >= 0)
		return sent;
	if (sent == GNUTLS_E_AGAIN)
		return TLS_AGAIN;
	return break_off(tls, sent, failure);
}

bool tls_has_input(const struct tls *tls)
{
	return tls_transport_has_input(&tls->transport) ||
	       gnutls_record_check_pending(tls->session) > 0;
}

void tls_bye(struct tls *tls)
{
	if (tls->is_up)
		gnutls_bye(tls->session, GNUTLS_SHUT_WR);
}
