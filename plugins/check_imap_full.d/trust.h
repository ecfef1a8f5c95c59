/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust.h - the trust anchors: the system's store, or a file or folder that the user names. */
#ifndef TRUST_H
#define TRUST_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include "failure.h"

struct trust {
	const char *file;   /* PEM bundle, or NULL */
	const char *folder; /* of PEM files, or NULL; both NULL: the system's store */
};

/* Whether the files can be read and hold a certificate at all: bad usage should be told before any
   connection is made (class usage). The system's store is not looked at. */
bool trust_is_readable(const struct trust *trust, struct failure *failure);

/* A trust list for verifying `chain` (as sent, leaf first). *is_partial: it holds only the anchors
   that this chain can lead to; a chain that does not verify with it should be judged again with all
   of them, for which chain_length is 0. NULL with *failure set. The caller frees it with
   gnutls_x509_trust_list_deinit(list, 1). */
gnutls_x509_trust_list_t trust_list(const struct trust *trust, const gnutls_x509_crt_t *chain,
				    unsigned chain_length, bool *is_partial,
				    struct failure *failure);

#endif
