/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_fault.c - puts errors of GnuTLS into words. Touches no descriptor. */
#include "tls_fault.h"

#include <errno.h>
#include <string.h>

/* --- alerts -------------------------------------------------------------------------------------
 */

static const struct alert_words {
	gnutls_alert_description_t alert;
	enum failure_class class;
	const char *words;
} alerts[] = {
	{GNUTLS_A_HANDSHAKE_FAILURE, CLASS_TLS,
	 "the server found no common cipher or TLS version (alert handshake_failure)"},
	{GNUTLS_A_INSUFFICIENT_SECURITY, CLASS_TLS,
	 "the server wants stronger ciphers than ours (alert insufficient_security)"},
	{GNUTLS_A_PROTOCOL_VERSION, CLASS_TLS,
	 "the server offers none of our TLS versions (alert protocol_version): see --tls-min"},
	{GNUTLS_A_UNRECOGNIZED_NAME, CLASS_TLS,
	 "the server does not know the name it was asked for (alert unrecognized_name): see --sni"},
	{GNUTLS_A_INTERNAL_ERROR, CLASS_TLS,
	 "the server has a fault of its own (alert internal_error)"},
	{GNUTLS_A_CERTIFICATE_REQUIRED, CLASS_CERTIFICATE,
	 "the server wants a client certificate (alert certificate_required)"},
	{GNUTLS_A_BAD_CERTIFICATE, CLASS_CERTIFICATE,
	 "the server refuses our client certificate, or wants one (alert bad_certificate)"},
	{GNUTLS_A_UNSUPPORTED_CERTIFICATE, CLASS_CERTIFICATE,
	 "the server refuses our client certificate (alert unsupported_certificate)"},
	{GNUTLS_A_CERTIFICATE_REVOKED, CLASS_CERTIFICATE,
	 "the server says that our client certificate is revoked (alert certificate_revoked)"},
	{GNUTLS_A_CERTIFICATE_EXPIRED, CLASS_CERTIFICATE,
	 "the server says that our client certificate expired (alert certificate_expired)"},
	{GNUTLS_A_CERTIFICATE_UNKNOWN, CLASS_CERTIFICATE,
	 "the server refuses our client certificate (alert certificate_unknown)"},
	{GNUTLS_A_UNKNOWN_CA, CLASS_CERTIFICATE,
	 "the server does not know who issued our client certificate (alert unknown_ca)"},
	{GNUTLS_A_ACCESS_DENIED, CLASS_CERTIFICATE,
	 "the server denies access to our client certificate (alert access_denied)"},
};

static const char *alert_name(gnutls_alert_description_t alert)
{
	const char *name = gnutls_alert_get_name(alert);

	return name ? name : "unknown";
}

static void tell_alert(struct failure *failure, gnutls_session_t session)
{
	gnutls_alert_description_t alert = gnutls_alert_get(session);

	for (size_t i = 0; i < sizeof(alerts) / sizeof(alerts[0]); i++)
		if (alerts[i].alert == alert) {
			failure_set(failure, alerts[i].class, "%s", alerts[i].words);
			return;
		}
	failure_set(failure, CLASS_TLS, "the server ended TLS with alert %u: %s", (unsigned)alert,
		    alert_name(alert));
}

/* Until TLS 1.2 there is no alert for "your certificate is missing": servers send what they like.
 */
static void tell_handshake_alert(struct failure *failure, gnutls_session_t session)
{
	if (!gnutls_certificate_client_get_request_status(session)) {
		tell_alert(failure, session);
		return;
	}
	failure_set(
		failure, CLASS_CERTIFICATE,
		"the server wants a client certificate: it asked for one, then ended TLS (alert "
		"%u: %s)",
		(unsigned)gnutls_alert_get(session), alert_name(gnutls_alert_get(session)));
}

/* --- handshake
 * ------------------------------------------------------------------------------------ */

static bool is_cut(int error, const struct tls_peer_trace *trace)
{
	return (error == GNUTLS_E_PULL_ERROR || error == GNUTLS_E_PUSH_ERROR) &&
	       trace->error != 0 && trace->error != EAGAIN;
}

/* A TLS record begins with its type, 20 to 24, and the version's major number, 3. */
static bool speaks_tls(const struct tls_peer_trace *trace)
{
	return trace->first_length < 2 ||
	       (trace->first[0] >= 20 && trace->first[0] <= 24 && trace->first[1] == 3);
}

static void tell_stranger(struct failure *failure, const struct tls_peer_trace *trace)
{
	const char *looks = imap_looks_like((struct imap_span){trace->first, trace->first_length});

	if (looks && strcmp(looks, "IMAP") == 0)
		failure_set(failure, CLASS_PROTOCOL,
			    "the server speaks IMAP in clear on this port: use --tls=starttls");
	else if (looks)
		failure_set(failure, CLASS_PROTOCOL,
			    "the server does not speak TLS on this port: it looks like %s", looks);
	else
		failure_set(failure, CLASS_PROTOCOL, "the server does not speak TLS on this port");
}

static void tell_version(struct failure *failure, gnutls_session_t session)
{
	const char *name = gnutls_protocol_get_name(gnutls_protocol_get_version(session));

	failure_set(failure, CLASS_TLS,
		    "the server speaks only %s, which is not allowed: see --tls-min",
		    name ? name : "another version of TLS");
}

void tls_handshake_fault(struct failure *failure, gnutls_session_t session, int error,
			 const struct tls_peer_trace *trace)
{
	if (error == GNUTLS_E_FATAL_ALERT_RECEIVED || error == GNUTLS_E_WARNING_ALERT_RECEIVED)
		tell_handshake_alert(failure, session);
	else if (is_cut(error, trace))
		failure_set(failure, CLASS_TLS, "the connection broke in the TLS handshake: %s",
			    strerror(trace->error));
	else if (!speaks_tls(trace))
		tell_stranger(failure, trace);
	else if (trace->is_closed)
		failure_set(failure, CLASS_TLS,
			    "the server closed the connection in the TLS handshake");
	else if (error == GNUTLS_E_UNSUPPORTED_VERSION_PACKET)
		tell_version(failure, session);
	else if (error == GNUTLS_E_DH_PRIME_UNACCEPTABLE)
		failure_set(failure, CLASS_TLS,
			    "the server's Diffie-Hellman key is too weak: 2048 bits are needed");
	else
		failure_set(failure, CLASS_TLS, "the TLS handshake failed: %s",
			    gnutls_strerror(error));
}

/* --- transfer
 * -------------------------------------------------------------------------------------- */

void tls_transfer_fault(struct failure *failure, gnutls_session_t session, int error,
			const struct tls_peer_trace *trace)
{
	if (error == GNUTLS_E_FATAL_ALERT_RECEIVED)
		tell_alert(failure, session);
	else if (is_cut(error, trace))
		failure_set(failure, CLASS_UNAVAILABLE, "the connection broke: %s",
			    strerror(trace->error));
	else
		failure_set(failure, CLASS_TLS, "TLS failed: %s", gnutls_strerror(error));
}
