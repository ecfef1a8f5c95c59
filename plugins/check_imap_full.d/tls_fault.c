/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_fault.c - puts errors of GnuTLS into words. Touches no descriptor. */
#include "tls_fault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- alerts -------------------------------------------------------------------------------------
 */

struct alert_words {
	gnutls_alert_description_t alert;
	const char *words;
};

static const struct alert_words faults[] = {
	{GNUTLS_A_HANDSHAKE_FAILURE, "the server found no common cipher or TLS version"},
	{GNUTLS_A_INSUFFICIENT_SECURITY, "the server wants stronger ciphers than ours"},
	{GNUTLS_A_PROTOCOL_VERSION, "the server offers none of our TLS versions, see --tls-min"},
	{GNUTLS_A_UNRECOGNIZED_NAME,
	 "the server does not know the name it was asked for, see --sni"},
	{GNUTLS_A_INTERNAL_ERROR, "the server has a fault of its own"},
	{GNUTLS_A_ACCESS_DENIED, "the server denies access"},
	{0, "the server ended TLS"},
};

static const struct alert_words refusals[] = {
	{GNUTLS_A_UNSUPPORTED_CERTIFICATE,
	 "the server cannot use the kind of our client certificate"},
	{GNUTLS_A_CERTIFICATE_REVOKED, "the server says that our client certificate is revoked"},
	{GNUTLS_A_CERTIFICATE_EXPIRED, "the server says that our client certificate expired"},
	{GNUTLS_A_UNKNOWN_CA, "the server does not trust who issued our client certificate"},
	{GNUTLS_A_ACCESS_DENIED, "the server denies access to our client certificate"},
	{0, "the server refuses our client certificate"},
};

/* The last one of the list is for all others. */
static const char *find_words(const struct alert_words *list, gnutls_alert_description_t alert)
{
	while (list->alert != 0 && list->alert != alert)
		list++;
	return list->words;
}

/* "alert 48: Unknown CA" */
static const char *alert_text(gnutls_alert_description_t alert, char *text, size_t size)
{
	const char *name = gnutls_alert_get_name(alert);

	snprintf(text, size, "alert %u: %s", (unsigned)alert, name ? name : "unknown");
	return text;
}

static void tell_alert(struct failure *failure, gnutls_session_t session)
{
	gnutls_alert_description_t alert = gnutls_alert_get(session);
	char text[80];

	failure_set(failure, CLASS_TLS, "%s (%s)", find_words(faults, alert),
		    alert_text(alert, text, sizeof(text)));
}

/* After it asked for our certificate that is what an alert is about. Until TLS 1.2 there was none
   for "yours is missing", so servers send what they like. */
static void tell_refusal(struct failure *failure, gnutls_session_t session, const char *ours)
{
	gnutls_alert_description_t alert = gnutls_alert_get(session);
	char text[80];

	alert_text(alert, text, sizeof(text));
	if (ours[0])
		failure_set(failure, CLASS_CERTIFICATE, "%s (%s): %s", find_words(refusals, alert),
			    text, ours);
	else
		failure_set(failure, CLASS_CERTIFICATE,
			    "the server wants a client certificate, and ends TLS without one (%s): "
			    "see --client-cert",
			    text);
}

static void tell_any_alert(struct failure *failure, gnutls_session_t session,
			   const struct tls_peer_trace *trace)
{
	if (gnutls_certificate_client_get_request_status(session) && !trace->has_spoken)
		tell_refusal(failure, session, trace->ours);
	else
		tell_alert(failure, session);
}

/* --- handshake --------------------------------------------------------------------------- */

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

	if (trace->is_after_starttls)
		failure_set(failure, CLASS_PROTOCOL,
			    "what came after the server's OK to STARTTLS is not TLS: somebody may "
			    "be injecting commands, or the server forgot to begin TLS");
	else if (looks && strcmp(looks, "IMAP") == 0)
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

static const char closing_hint[] =
	"see its log, or whether a load balancer has no server behind it";

void tls_handshake_fault(struct failure *failure, gnutls_session_t session, int error,
			 const struct tls_peer_trace *trace)
{
	if (error == GNUTLS_E_FATAL_ALERT_RECEIVED || error == GNUTLS_E_WARNING_ALERT_RECEIVED)
		tell_any_alert(failure, session, trace);
	else if (is_cut(error, trace))
		failure_set(failure, CLASS_TLS,
			    "the server closed the connection in the TLS handshake (%s): %s",
			    strerror(trace->error), closing_hint);
	else if (!speaks_tls(trace))
		tell_stranger(failure, trace);
	else if (trace->is_closed)
		failure_set(failure, CLASS_TLS,
			    "the server closed the connection in the TLS handshake: %s",
			    closing_hint);
	else if (error == GNUTLS_E_UNSUPPORTED_VERSION_PACKET)
		tell_version(failure, session);
	else if (error == GNUTLS_E_DH_PRIME_UNACCEPTABLE)
		failure_set(failure, CLASS_TLS,
			    "the server's Diffie-Hellman key is too weak: 2048 bits are needed");
	else
		failure_set(failure, CLASS_TLS, "the TLS handshake failed: %s",
			    gnutls_strerror(error));
}

/* --- transfer ---------------------------------------------------------------------------- */

void tls_transfer_fault(struct failure *failure, gnutls_session_t session, int error,
			const struct tls_peer_trace *trace)
{
	if (error == GNUTLS_E_FATAL_ALERT_RECEIVED)
		tell_any_alert(failure, session, trace);
	else if (is_cut(error, trace))
		failure_set(failure, CLASS_UNAVAILABLE, "the connection broke: %s",
			    strerror(trace->error));
	else
		failure_set(failure, CLASS_TLS, "TLS failed: %s", gnutls_strerror(error));
}
