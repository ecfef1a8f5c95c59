/* SPDX-License-Identifier: GPL-3.0-or-later */
/* saslserver.h - what the two halves of the test server share: saslserver.c speaks IMAP and TLS,
   saslserver_login.c logs in. */
#ifndef SASLSERVER_H
#define SASLSERVER_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

enum { LINE = 200000 };

struct settings {
	const char *certificate, *key; /* PEM; NULL: no TLS */
	const char *client_ca;	       /* PEM: ask for a client certificate; NULL: do not */
	const char *version;	       /* "1.2", "1.3" or NULL for both */
	const char *mechanisms;	       /* "PLAIN SCRAM-SHA-256 COMMAND": COMMAND is LOGIN */
	const char *user, *password;
	const char *authzid;	/* whom the user may act as, too */
	const char *iterations; /* of SCRAM */
	const char *error;	/* what a refused token is told, in place of JSON of our own */
	const char *refusal;	/* "NO [CODE] text" in place of our own */
	const char *fault;	/* "signature", "early", "more", or "" */
	const char *host;	/* imap/HOST is our Kerberos name */
	bool has_sasl_ir;
	bool is_starttls;
};

/* One connection. */
struct link {
	const struct settings *settings;
	int fd;
	gnutls_session_t tls; /* NULL while in clear */
	bool has_client_certificate;
	char buffer[4096];
	size_t at, used;
	char line[LINE]; /* the latest one, without its end */
};

bool link_read_line(struct link *link); /* false: the peer is gone */
bool link_read(struct link *link, char *to, size_t length);
void link_say(struct link *link, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether `word` is among the words of the list. */
bool is_listed(const char *list, const char *word);

/* Each takes one attempt, logs it, and answers it as a whole; true when it is logged in. `rest` is
   what follows the command's name, in link->line. */
bool login_authenticate(struct link *link, const char *tag, char *rest);
bool login_command(struct link *link, const char *tag, char *rest);

#endif
