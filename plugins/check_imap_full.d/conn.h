/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conn.h - bytes to and from one server, in clear or through TLS. Knows no IMAP and no phases. */
#ifndef CONN_H
#define CONN_H

#include "tls.h"

struct conn {
	int fd;		 /* -1 while there is none */
	struct tls *tls; /* NULL while in clear */
	bool tls_is_up;
};

enum { CONN_AGAIN = TLS_AGAIN, CONN_BROKEN = TLS_BROKEN };

void conn_init(struct conn *conn);
void conn_open(struct conn *conn, int fd); /* takes the descriptor */
void conn_close(struct conn *conn); /* close_notify where it can be sent at once; then closes */

/* Begins TLS; then call conn_handshake() until it is not TLS_WAIT. False with *failure set. */
bool conn_secure(struct conn *conn, const struct tls_settings *settings, struct failure *failure);
enum tls_progress conn_handshake(struct conn *conn, struct failure *failure);

/* As tls_read() and tls_write(). */
ssize_t conn_read(struct conn *conn, void *to, size_t size, struct failure *failure);
ssize_t conn_write(struct conn *conn, const void *from, size_t size, struct failure *failure);

/* As tls_has_input(). */
bool conn_has_input(const struct conn *conn);

void conn_wait(const struct conn *conn, struct wait *wait, bool wants_to_write);

#endif
