/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_verify.h - the server's certificate, judged inside the handshake. */
#ifndef TLS_VERIFY_H
#define TLS_VERIFY_H

#include "tls.h"

/* Fills the path and the staple of *facts. True if the handshake may go on; else *refusal says why
   not. */
bool tls_verify(gnutls_session_t session, const struct tls_settings *settings,
		struct tls_facts *facts, struct failure *refusal);

#endif
