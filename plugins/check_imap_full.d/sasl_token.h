/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sasl_token.h - XOAUTH2 and OAUTHBEARER (RFC 7628): one line that carries a token. For sasl.c
   alone, which says what each does. */
#ifndef SASL_TOKEN_H
#define SASL_TOKEN_H

#include "sasl.h"

struct sasl_token;

struct sasl_token *sasl_token_new(const struct sasl_request *request, struct failure *failure);
void sasl_token_free(struct sasl_token *token);
enum imap_sasl_result sasl_token_step(void *token, struct imap_span challenge,
				      struct imap_span *response);
void sasl_token_failure(const struct sasl_token *token, struct failure *failure);
const char *sasl_token_hint(const struct sasl_token *token);

#endif
