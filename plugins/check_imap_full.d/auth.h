/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth.h - the ways to log in that --auth can name, and what each of them asks for. Facts only: the
   choice is mechanism.c's. */
#ifndef AUTH_H
#define AUTH_H

#include <stdbool.h>
#include <stddef.h>

enum auth {
	AUTH_AUTO,
	AUTH_LOGIN, /* the LOGIN command, no SASL */
	AUTH_PLAIN,
	AUTH_SASL_LOGIN,
	AUTH_CRAM_MD5,
	AUTH_SCRAM_SHA_1,
	AUTH_SCRAM_SHA_256,
	AUTH_SCRAM_SHA_1_PLUS,
	AUTH_SCRAM_SHA_256_PLUS,
	AUTH_XOAUTH2,
	AUTH_OAUTHBEARER,
	AUTH_EXTERNAL,
	AUTH_ANONYMOUS,
	AUTH_GSSAPI,
	AUTH_COUNT
};

/* The words of --auth, in the order of the enum. */
#define AUTH_WORDS                                                                                 \
	"auto,login,plain,sasl-login,cram-md5,scram-sha-1,scram-sha-256,scram-sha-1-plus,"         \
	"scram-sha-256-plus,xoauth2,oauthbearer,external,anonymous,gssapi"

/* What the secret is to a mechanism. */
enum auth_secret { AUTH_SECRET_NONE, AUTH_SECRET_PASSWORD, AUTH_SECRET_TOKEN };

struct auth_spec {
	const char *word;	 /* as --auth takes it */
	const char *mechanism;	 /* its SASL name; NULL for AUTO and LOGIN */
	const char *shown;	 /* in sentences */
	enum auth_secret secret; /* without one (NONE) -u is not needed either */
	bool reveals;		 /* who reads along learns the secret */
	bool server_first;	 /* there is no initial response (RFC 4959) */
	bool takes_authzid;	 /* it can say "act as" */
	bool binds;		 /* to the TLS channel (RFC 5056) */
};

const struct auth_spec *auth_spec(enum auth auth);

/* By its SASL name, whatever the case: AUTH_AUTO if it is none of them. */
enum auth auth_find_mechanism(const char *name);

#endif
