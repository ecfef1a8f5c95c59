/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session.c - see session.h. Knows no phases and no commands. */
#include "session.h"

#include "clock.h"

enum { PIECE = 16384, PIECES_AT_ONCE = 64 };

bool session_init(struct session *session)
{
	conn_init(&session->conn);
	session->imap = imap_new(&imap_default_limits);
	return session->imap != NULL;
}

void session_free(struct session *session)
{
	conn_close(&session->conn);
	imap_free(session->imap);
	session->imap = NULL;
}

/* The session's own faults in our classes. The mechanism's reason is put in by who knows it. */
static void tell(const struct imap_failure *from, struct failure *failure)
{
	static const enum failure_class classes[] = {
		[IMAP_FAULT_PROTOCOL] = CLASS_PROTOCOL,
		[IMAP_FAULT_UNAVAILABLE] = CLASS_UNAVAILABLE,
		[IMAP_FAULT_SASL] = CLASS_AUTH,
		[IMAP_FAULT_MEMORY] = CLASS_INTERNAL,
	};

	failure_set(failure, classes[from->fault], "%s", from->text);
	for (size_t i = 0; i < sizeof failure->code; i++)
		failure->code[i] = from->code[i];
}

enum sending { SENDING_NOTHING, SENDING_DONE, SENDING_BROKEN };

/* DONE: something was sent; all, or as much as the connection takes for now. */
static enum sending send_output(struct session *session, struct failure *failure)
{
	struct imap_span output = imap_output(session->imap);
	enum sending sending = SENDING_NOTHING;

	while (output.length > 0) {
		ssize_t sent = conn_write(&session->conn, output.at, output.length, failure);

		if (sent == CONN_BROKEN)
			return SENDING_BROKEN;
		if (sent == CONN_AGAIN)
			return sending;
		imap_sent(session->imap, (size_t)sent, clock_now());
		output = imap_output(session->imap);
		sending = SENDING_DONE;
	}
	return sending;
}

/* False when there is nothing to read now, or the connection broke (*failure is set then). */
static bool receive(struct session *session, struct failure *failure, bool *broke)
{
	char piece[PIECE];
	ssize_t received = conn_read(&session->conn, piece, sizeof piece, failure);

	*broke = received == CONN_BROKEN;
	if (received < 0)
		return false;
	imap_feed(session->imap, piece, (size_t)received, clock_now());
	return true;
}

enum imap_event session_next(struct session *session, struct imap_reply *reply,
			     struct failure *failure)
{
	session->is_unread = false;
	for (int pieces = 0; pieces < PIECES_AT_ONCE; pieces++) {
		enum sending sending = send_output(session, failure);
		enum imap_event event = imap_next(session->imap, reply);
		bool broke;

		if (event == IMAP_FAILED)
			tell(imap_failure(session->imap), failure);
		if (event != IMAP_WAIT)
			return event;
		/* The answer takes its time; whatever else comes meanwhile, poll() tells. */
		if (sending == SENDING_DONE && !conn_has_input(&session->conn))
			return IMAP_WAIT;
		/* A server that closes has often said why: read before complaining of the write. */
		if (!receive(session, failure, &broke))
			return broke || sending == SENDING_BROKEN ? IMAP_FAILED : IMAP_WAIT;
	}
	/* A flood that means nothing: let others, and the deadline, have their turn. */
	session->is_unread = true;
	return IMAP_WAIT;
}

bool session_may_secure(struct session *session, struct failure *failure)
{
	struct imap_reply reply;

	if (imap_next(session->imap, &reply) != IMAP_FAILED)
		return true;
	tell(imap_failure(session->imap), failure);
	return false;
}

void session_wait(const struct session *session, struct wait *wait)
{
	conn_wait(&session->conn, wait, imap_output(session->imap).length > 0);
	if (session->is_unread || conn_has_input(&session->conn))
		wait_until(wait, clock_now());
}
