/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls.h - TLS on a connected, non-blocking descriptor (GnuTLS).
 *
 * The certificate is judged inside the handshake: where it does not verify and `insecure` is not
 * asked for, the handshake fails and no application byte ever leaves.
 */
#ifndef TLS_H
#define TLS_H

#include "cert.h"
#include "identity.h"
#include "staple.h"
#include "tls_binding.h"
#include "tls_priority.h"
#include "trust.h"
#include "wait.h"

struct tls_settings {
	enum tls_version min;
	const char *priority; /* of GnuTLS, takes the place of `min`; or NULL */
	struct trust trust;
	struct pin_set pins; /* if there are any, they count and the chain does not */
	bool insecure;
	bool after_starttls;   /* the server agreed to TLS: it has no reason to speak in clear */
	struct cert_peer peer; /* whom to expect; its name is sent as SNI unless it is an address */
	struct identity identity; /* shown to a server that asks and that was accepted */
};

/* What is known of a connection once the handshake is over, well or not. */
struct tls_facts {
	char version[16]; /* "TLS1.3" */
	char cipher[64];
	struct cert_path path;
	struct staple staple;
	bool asked_for_ours; /* the server wanted a certificate of ours */
};

struct tls;

enum tls_progress { TLS_WAIT, TLS_UP, TLS_FAILED };

/* NULL with *failure set. Borrows `settings` and the descriptor, which must outlive it. */
struct tls *tls_new(const struct tls_settings *settings, int fd, struct failure *failure);
void tls_free(struct tls *tls); /* NULL is fine; does not close the descriptor and sends nothing */

enum tls_progress tls_handshake(struct tls *tls, struct failure *failure);
const struct tls_facts *tls_facts(const struct tls *tls);

/* What a SASL mechanism may bind its login to, once it is up. */
void tls_binding(const struct tls *tls, struct tls_binding *binding);

/* What poll() should wait for while the handshake or a transfer is under way. */
short tls_events(const struct tls *tls);

enum { TLS_AGAIN = -1, TLS_BROKEN = -2 };

/* Octets moved; 0 (read only): the peer closed; TLS_AGAIN; TLS_BROKEN with *failure set. A close
   without close_notify counts as a close. */
ssize_t tls_read(struct tls *tls, void *to, size_t size, struct failure *failure);
ssize_t tls_write(struct tls *tls, const void *from, size_t size, struct failure *failure);

/* Whether there is something to read of which poll() knows nothing. */
bool tls_has_input(const struct tls *tls);

void tls_bye(struct tls *tls); /* close_notify, if it can be sent at once */

#endif
