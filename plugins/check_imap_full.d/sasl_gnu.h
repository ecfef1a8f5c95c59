/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl_gnu.h - the mechanisms that GNU SASL speaks; it is loaded for them. For sasl.c alone, which
 * says what each does. */
#ifndef SASL_GNU_H
#define SASL_GNU_H

#include "sasl.h"

/* What a client takes for safe and bearable (RFC 7677 section 4; 1.7 s for the most, in one call
   that cannot be interrupted). */
enum { SASL_ITERATIONS_MIN = 4096, SASL_ITERATIONS_MAX = 1000000 };

struct sasl_gnu;

struct sasl_gnu *sasl_gnu_new(const struct sasl_request *request, struct failure *failure);
void sasl_gnu_free(struct sasl_gnu *gnu);
enum imap_sasl_result sasl_gnu_step(void *gnu, struct imap_span challenge,
				    struct imap_span *response);
void sasl_gnu_failure(const struct sasl_gnu *gnu, struct failure *failure);

#endif
