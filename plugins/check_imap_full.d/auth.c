/* SPDX-License-Identifier: GPL-3.0-or-later */
/* auth.c - see auth.h. Nothing but the table: knows no server and no configuration. */
#include "auth.h"

#include <strings.h>

static const struct auth_spec specs[AUTH_COUNT] = {
	[AUTH_AUTO] = {.word = "auto",
		       .shown = "auto",
		       .secret = AUTH_SECRET_PASSWORD,
		       .takes_authzid = true},
	[AUTH_LOGIN] = {.word = "login",
			.shown = "LOGIN",
			.secret = AUTH_SECRET_PASSWORD,
			.reveals = true},
	[AUTH_PLAIN] = {.word = "plain",
			.mechanism = "PLAIN",
			.shown = "PLAIN",
			.secret = AUTH_SECRET_PASSWORD,
			.reveals = true,
			.takes_authzid = true},
	[AUTH_SASL_LOGIN] = {.word = "sasl-login",
			     .mechanism = "LOGIN",
			     .shown = "SASL LOGIN",
			     .secret = AUTH_SECRET_PASSWORD,
			     .reveals = true,
			     .server_first = true},
	[AUTH_CRAM_MD5] = {.word = "cram-md5",
			   .mechanism = "CRAM-MD5",
			   .shown = "CRAM-MD5",
			   .secret = AUTH_SECRET_PASSWORD,
			   .server_first = true},
	[AUTH_SCRAM_SHA_1] = {.word = "scram-sha-1",
			      .mechanism = "SCRAM-SHA-1",
			      .shown = "SCRAM-SHA-1",
			      .secret = AUTH_SECRET_PASSWORD,
			      .takes_authzid = true},
	[AUTH_SCRAM_SHA_256] = {.word = "scram-sha-256",
				.mechanism = "SCRAM-SHA-256",
				.shown = "SCRAM-SHA-256",
				.secret = AUTH_SECRET_PASSWORD,
				.takes_authzid = true},
	[AUTH_SCRAM_SHA_1_PLUS] = {.word = "scram-sha-1-plus",
				   .mechanism = "SCRAM-SHA-1-PLUS",
				   .shown = "SCRAM-SHA-1-PLUS",
				   .secret = AUTH_SECRET_PASSWORD,
				   .takes_authzid = true,
				   .binds = true},
	[AUTH_SCRAM_SHA_256_PLUS] = {.word = "scram-sha-256-plus",
				     .mechanism = "SCRAM-SHA-256-PLUS",
				     .shown = "SCRAM-SHA-256-PLUS",
				     .secret = AUTH_SECRET_PASSWORD,
				     .takes_authzid = true,
				     .binds = true},
	[AUTH_XOAUTH2] = {.word = "xoauth2",
			  .mechanism = "XOAUTH2",
			  .shown = "XOAUTH2",
			  .secret = AUTH_SECRET_TOKEN,
			  .reveals = true},
	[AUTH_OAUTHBEARER] = {.word = "oauthbearer",
			      .mechanism = "OAUTHBEARER",
			      .shown = "OAUTHBEARER",
			      .secret = AUTH_SECRET_TOKEN,
			      .reveals = true,
			      .takes_authzid = true},
	[AUTH_EXTERNAL] = {.word = "external",
			   .mechanism = "EXTERNAL",
			   .shown = "EXTERNAL",
			   .takes_authzid = true},
	[AUTH_ANONYMOUS] = {.word = "anonymous", .mechanism = "ANONYMOUS", .shown = "ANONYMOUS"},
	[AUTH_GSSAPI] = {.word = "gssapi",
			 .mechanism = "GSSAPI",
			 .shown = "GSSAPI",
			 .takes_authzid = true},
};

const struct auth_spec *auth_spec(enum auth auth)
{
	return &specs[auth];
}

enum auth auth_find_mechanism(const char *name)
{
	for (int i = 0; i < AUTH_COUNT; i++)
		if (specs[i].mechanism && strcasecmp(specs[i].mechanism, name) == 0)
			return (enum auth)i;
	return AUTH_AUTO;
}
