/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl.h - one SASL exchange at work, in the shape that libimapcheck takes it. */
#ifndef SASL_H
#define SASL_H

#include "auth.h"
#include "failure.h"
#include "tls.h"

/* Who logs in where. All of it must outlive the exchange. */
struct sasl_request {
	const struct auth_spec *spec;
	const char *user;	 /* NULL: none was given */
	const char *authzid;	 /* whom to act as; NULL: oneself */
	struct imap_span secret; /* password or token; empty where the mechanism wants none */
	const char *host;	 /* the name that the certificate was verified for */
	unsigned short port;
	struct tls_binding binding; /* of the TLS channel; told to mechanisms that bind only */
};

struct sasl;

/* NULL with *failure set. */
struct sasl *sasl_new(const struct sasl_request *request, struct failure *failure);
void sasl_free(struct sasl *sasl); /* wipes; NULL is fine */

const struct imap_sasl *sasl_imap(const struct sasl *sasl); /* for imap_authenticate() */

/* Why it gave up (IMAP_FAULT_SASL): class, and a sentence that goes on after the mechanism's name,
   without secrets. A GSSAPI step may block while the Kerberos library asks a KDC: only the watchdog
   bounds that. */
void sasl_failure(const struct sasl *sasl, struct failure *failure);

/* What the server told of a refusal before its tagged NO (the error JSON of the token mechanisms),
   in words; "" for nothing. */
const char *sasl_hint(const struct sasl *sasl);

#endif
