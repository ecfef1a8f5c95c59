/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_fault.h - why a TLS connection broke, in words. */
#ifndef TLS_FAULT_H
#define TLS_FAULT_H

#include <gnutls/gnutls.h>
#include "failure.h"

/* What was seen of the peer beneath TLS. */
struct tls_peer_trace {
	char first[64]; /* the first octets that it sent */
	size_t first_length;
	bool is_closed;
	bool is_after_starttls;
	int error;	 /* errno of the last transfer that failed, EAGAIN included */
	bool has_spoken; /* something came through TLS: the server took us as we are */
	char ours[300];	 /* what the certificate is that we have for it; "" for none */
};

/* `error` is what gnutls_handshake() returned. Class tls, or certificate where the server wants one
   of ours or another one, or protocol where it does not speak TLS at all. */
void tls_handshake_fault(struct failure *failure, gnutls_session_t session, int error,
			 const struct tls_peer_trace *trace);

/* `error` is what a transfer returned. Class unavailable where the connection was cut, certificate
   where the server refuses ours as late as TLS 1.3 lets it. */
void tls_transfer_fault(struct failure *failure, gnutls_session_t session, int error,
			const struct tls_peer_trace *trace);

#endif
