/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ocsp.h - OCSP responses, right and wrong ones, about the test certificates. */
#ifndef OCSP_H
#define OCSP_H

#include <gnutls/x509.h>
#include <time.h>

enum ocsp_answer { OCSP_GOOD, OCSP_REVOKED, OCSP_UNKNOWN };

/* What it should say. Names are those of pki/README.md. */
struct ocsp_wish {
	const char *about;  /* whose certificate */
	const char *issuer; /* by whom it is; NULL: ca */
	const char *signer; /* whose key signs; NULL: the issuer's. Its certificate comes along */
	enum ocsp_answer answer;
	int reason; /* REVOKED: CRLReason; -1: none */
	time_t this_update;
	time_t next_update; /* 0: not told */
	time_t revoked_at;
	int response_status; /* of the whole: 0 is successful, else there is nothing more in it */
};

/* DER; the caller frees it with gnutls_free(). */
gnutls_datum_t ocsp_make(const struct ocsp_wish *wish);

#endif
