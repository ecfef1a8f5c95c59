/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_binding.h - what ties a login to the TLS connection that it is made over (RFC 5056). */
#ifndef TLS_BINDING_H
#define TLS_BINDING_H

#include <gnutls/gnutls.h>

enum tls_binding_kind { TLS_BINDING_NONE, TLS_BINDING_UNIQUE, TLS_BINDING_EXPORTER };

/* tls-exporter (RFC 9266) over TLS 1.3, tls-unique (RFC 5929) below it. */
struct tls_binding {
	enum tls_binding_kind kind; /* NONE: there is none to be had */
	size_t length;
	char octets[64];
};

void tls_binding_read(gnutls_session_t session, struct tls_binding *binding);

#endif
