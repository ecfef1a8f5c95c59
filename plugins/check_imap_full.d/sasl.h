/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl.h - SASL mechanisms (GNU SASL) in the shape that libimapcheck takes them. */
#ifndef SASL_H
#define SASL_H

#include "failure.h"

struct sasl;

/* Begins `mechanism` ("PLAIN"); `user` and `secret` must outlive it. NULL with *failure set. */
struct sasl *sasl_new(const char *mechanism, const char *user, struct imap_span secret,
		      struct failure *failure);
void sasl_free(struct sasl *sasl); /* wipes; NULL is fine */

const struct imap_sasl *sasl_imap(const struct sasl *sasl); /* for imap_authenticate() */

/* Why it gave up (IMAP_FAULT_SASL): a sentence without secrets. */
const char *sasl_reason(const struct sasl *sasl);

#endif
