/* SPDX-License-Identifier: GPL-3.0-or-later */
/* conn.c - one connection, in clear or through TLS. Knows no IMAP, no phases, and does not wait. */
#include "conn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void conn_init(struct conn *conn)
{
	*conn = (struct conn){.fd = -1};
}

void conn_open(struct conn *conn, int fd)
{
	*conn = (struct conn){.fd = fd};
}

void conn_close(struct conn *conn)
{
	if (conn->tls && conn->tls_is_up)
		tls_bye(conn->tls);
	tls_free(conn->tls);
	if (conn->fd >= 0)
		close(conn->fd);
	conn_init(conn);
}

bool conn_secure(struct conn *conn, const struct tls_settings *settings, struct failure *failure)
{
	conn->tls = tls_new(settings, conn->fd, failure);
	return conn->tls != NULL;
}

enum tls_progress conn_handshake(struct conn *conn, struct failure *failure)
{
	enum tls_progress progress = tls_handshake(conn->tls, failure);

	conn->tls_is_up = progress == TLS_UP;
	return progress;
}

/* The class does not depend on TLS being in between: the connection is gone. */
static ssize_t fail(struct failure *failure)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK)
		return CONN_AGAIN;
	failure_set(failure, CLASS_UNAVAILABLE, "the connection broke: %s", strerror(errno));
	return CONN_BROKEN;
}

ssize_t conn_read(struct conn *conn, void *to, size_t size, struct failure *failure)
{
	ssize_t got;

	if (conn->tls_is_up)
		return tls_read(conn->tls, to, size, failure);
	do
		got = recv(conn->fd, to, size, 0);
	while (got < 0 && errno == EINTR);
	return got >= 0 ? got : fail(failure);
}

ssize_t conn_write(struct conn *conn, const void *from, size_t size, struct failure *failure)
{
	ssize_t sent;

	if (conn->tls_is_up)
		return tls_write(conn->tls, from, size, failure);
	do
		sent = send(conn->fd, from, size, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent >= 0 ? sent : fail(failure);
}

bool conn_has_input(const struct conn *conn)
{
	return conn->tls_is_up && tls_has_input(conn->tls);
}

void conn_wait(const struct conn *conn, struct wait *wait, bool wants_to_write)
{
	if (conn->tls && !conn->tls_is_up)
		wait_fd(wait, conn->fd, tls_events(conn->tls));
	else
		wait_fd(wait, conn->fd, wants_to_write ? POLLIN | POLLOUT : POLLIN);
}
