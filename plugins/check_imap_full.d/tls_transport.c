/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_transport.c - see tls_transport.h. Knows no TLS and does not wait. */
#include "tls_transport.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum { IOV_COUNT_MAX = 64 };

static void note_first_octets(struct tls_peer_trace *trace, const void *octets, size_t length)
{
	size_t room = sizeof(trace->first) - trace->first_length;

	if (length > room)
		length = room;
	memcpy(trace->first + trace->first_length, octets, length);
	trace->first_length += length;
}

static ssize_t receive(struct tls_transport *transport, void *to, size_t size)
{
	ssize_t got = recv(transport->fd, to, size, 0);

	if (got > 0)
		note_first_octets(&transport->trace, to, (size_t)got);
	else if (got == 0)
		transport->trace.is_closed = true;
	else
		transport->trace.error = errno;
	return got;
}

static size_t take(struct tls_transport *transport, void *to, size_t size)
{
	size_t length = transport->to - transport->from;

	if (length > size)
		length = size;
	memcpy(to, transport->octets + transport->from, length);
	transport->from += length;
	return length;
}

static ssize_t pull(gnutls_transport_ptr_t context, void *to, size_t size)
{
	struct tls_transport *transport = context;
	ssize_t got;

	if (tls_transport_has_input(transport))
		return (ssize_t)take(transport, to, size);
	got = receive(transport, transport->octets, sizeof(transport->octets));
	if (got <= 0)
		return got;
	transport->from = 0;
	transport->to = (size_t)got;
	return (ssize_t)take(transport, to, size);
}

static ssize_t push(gnutls_transport_ptr_t context, const giovec_t *vector, int count)
{
	struct tls_transport *transport = context;
	struct iovec copy[IOV_COUNT_MAX];
	struct msghdr message = {.msg_iov = copy};
	ssize_t sent;

	if (count > IOV_COUNT_MAX)
		count = IOV_COUNT_MAX;
	for (int i = 0; i < count; i++)
		copy[i] = (struct iovec){vector[i].iov_base, vector[i].iov_len};
	message.msg_iovlen = (size_t)count;
	sent = sendmsg(transport->fd, &message, MSG_NOSIGNAL);
	if (sent < 0)
		transport->trace.error = errno;
	return sent;
}

void tls_transport_set(struct tls_transport *transport, int fd, gnutls_session_t session)
{
	transport->fd = fd;
	gnutls_transport_set_ptr(session, transport);
	gnutls_transport_set_pull_function(session, pull);
	gnutls_transport_set_vec_push_function(session, push);
}

bool tls_transport_has_input(const struct tls_transport *transport)
{
	return transport->from < transport->to;
}

void tls_transport_peek(struct tls_transport *transport)
{
	char more[sizeof(transport->trace.first)];
	ssize_t got = recv(transport->fd, more, sizeof(more), MSG_PEEK | MSG_DONTWAIT);

	if (got > 0)
		note_first_octets(&transport->trace, more, (size_t)got);
}
