/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_priority.h - what may be negotiated: versions, ciphers, and how strong certificates must be.
 */
#ifndef TLS_PRIORITY_H
#define TLS_PRIORITY_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include "failure.h"

enum tls_version { TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3 };

/* Whether `text` is a priority string of GnuTLS; else *failure (class usage) names the place. */
bool tls_priority_fits(const char *text, struct failure *failure);

/* 0 or an error of GnuTLS. `text` NULL: what suits `min`. */
int tls_priority_set(gnutls_session_t session, const char *text, enum tls_version min);

/* How strong the certificates must be: what the string says by %PROFILE_, else MEDIUM. */
gnutls_certificate_verification_profiles_t tls_priority_profile(const char *text);

#endif
