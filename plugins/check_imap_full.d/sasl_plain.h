/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl_plain.h - PLAIN (RFC 4616): one line of two names and the password. What most logins use, so
   GNU SASL need not be loaded for it. For sasl.c alone. */
#ifndef SASL_PLAIN_H
#define SASL_PLAIN_H

#include "sasl.h"

struct sasl_plain;

struct sasl_plain *sasl_plain_new(const struct sasl_request *request, struct failure *failure);
void sasl_plain_free(struct sasl_plain *plain); /* wipes; NULL is fine */
enum imap_sasl_result sasl_plain_step(void *plain, struct imap_span challenge,
				      struct imap_span *response);
void sasl_plain_failure(const struct sasl_plain *plain, struct failure *failure);

#endif
