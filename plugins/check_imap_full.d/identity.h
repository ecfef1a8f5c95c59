/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity.h - our own certificate and key, for a server that wants to know who asks. */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <gnutls/gnutls.h>
#include "failure.h"

/* PEM files. */
struct identity {
	const char *certificate; /* the chain, our own first; NULL: we have none */
	const char *key;	 /* NULL: in the same file */
};

/* Gives it to `credentials`, if there is one. False with *failure (class usage): a file cannot be
   read, the key is encrypted, the two do not belong together. */
bool identity_load(const struct identity *identity, gnutls_certificate_credentials_t credentials,
		   struct failure *failure);

/* Whether that would do: bad usage should be told before any connection is made. */
bool identity_is_usable(const struct identity *identity, struct failure *failure);

/* What the certificate is; "" for none. */
char *identity_describe(gnutls_certificate_credentials_t credentials, char *text, size_t size);

#endif
