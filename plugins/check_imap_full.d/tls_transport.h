/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_transport.h - the octets beneath a TLS session. Reads ahead: GnuTLS asks for the five octets
 * of a record's head, then for the rest, and would have a system call for each.
 */
#ifndef TLS_TRANSPORT_H
#define TLS_TRANSPORT_H

#include <gnutls/gnutls.h>
#include "tls_fault.h"

/* A record of full length with its head (RFC 5246 section 6.2.3). */
enum { TLS_TRANSPORT_SIZE = 5 + 16384 + 2048 };

struct tls_transport {
	int fd;
	struct tls_peer_trace trace;
	size_t from, to; /* what was read ahead: octets[from] up to octets[to] */
	unsigned char octets[TLS_TRANSPORT_SIZE];
};

/* Borrows the descriptor, which does not block. The transport must outlive the session. */
void tls_transport_set(struct tls_transport *transport, int fd, gnutls_session_t session);

/* Whether there is something to read of which poll() knows nothing. */
bool tls_transport_has_input(const struct tls_transport *transport);

/* Looks ahead without taking, so that the trace shows enough to tell what speaks there. */
void tls_transport_peek(struct tls_transport *transport);

#endif
