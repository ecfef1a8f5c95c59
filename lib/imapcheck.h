/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * imapcheck.h - an IMAP client session as a pure machine (RFC 9051, RFC 3501).
 *
 * No sockets, no clock, no printing, no TLS in here. Bytes and time come in as arguments, bytes and
 * events come out:
 *
 *	imap_feed()	bytes that the server sent
 *	imap_next()	what they mean, one event at a time, until IMAP_WAIT
 *	imap_output()	bytes that want to be sent; imap_sent() says how many left
 *
 * One command is in flight at a time. An answer of NO or BAD is data. A broken session is a
 *failure: the first one stays, and afterwards nothing is sent and nothing more is told. A caller's
 *mistake (a command while another is in flight, say) is an assert.
 *
 * Everything a reply points at belongs to the session and is valid until the next call of
 * imap_next() or imap_feed().
 */
#ifndef IMAPCHECK_H
#define IMAPCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t imap_time; /* nanoseconds of any monotonic clock */

struct imap_span {
	const char *at; /* not NUL-terminated unless it is said */
	size_t length;
};

/* What one server may make this session keep. Beyond it the session fails (IMAP_FAULT_PROTOCOL). */
struct imap_limits {
	size_t line;	 /* octets of one line, literals not counted */
	size_t response; /* octets kept of one response, everything counted */
	size_t literal;	 /* a longer literal is streamed (IMAP_CHUNK), never kept */
	unsigned depth;	 /* parentheses in parentheses */
};

extern const struct imap_limits imap_default_limits; /* 64 KiB, 1 MiB, 16 KiB, 32 */

/* --- what the server said ------------------------------------------------------------------- */

enum imap_arg_type {
	IMAP_NIL,
	IMAP_ATOM,   /* also numbers, flags and BODY[...]<n>, which is one atom */
	IMAP_STRING, /* quoted, unescaped */
	IMAP_LITERAL,
	IMAP_STREAMED, /* a literal that went by as IMAP_CHUNK: only its size is known */
	IMAP_LIST,
};

/* One node of a response's argument tree. */
struct imap_arg {
	enum imap_arg_type type;
	struct imap_span text; /* ATOM, STRING, LITERAL; followed by a NUL that is not counted */
	uint64_t size;	       /* STREAMED: its octets */
	const struct imap_arg *first; /* LIST: its first member, NULL when empty */
	const struct imap_arg *next;  /* the next one in the same list */
};

enum imap_event {
	IMAP_WAIT,     /* nothing to tell: send what wants to be sent, feed what comes */
	IMAP_GREETING, /* the first response, OK or PREAUTH (a BYE there is a failure) */
	IMAP_DATA,     /* one untagged response */
	IMAP_ITEM,     /* one number of a SEARCH or SORT response, whose length has no limit; the
			  response's own IMAP_DATA follows with args NULL */
	IMAP_CHUNK,    /* a piece of a streamed literal */
	IMAP_PROMPT,   /* the server's '+' to a command that waits for the caller: IDLE */
	IMAP_SECURE,   /* STARTTLS was accepted (filled as for DONE): go on until WAIT, wrap the
			  transport, then call imap_secured() */
	IMAP_DONE,     /* the tagged response to the command in flight */
	IMAP_CLOSED,   /* the server closed after LOGOUT was given; told once */
	IMAP_FAILED,   /* see imap_failure(); told again at each further call */
};

enum imap_status { IMAP_NONE, IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_BYE, IMAP_PREAUTH };

/* When a command lived. */
struct imap_times {
	imap_time queued_at; /* given to the session */
	imap_time sent_at;   /* its last octet left */
	imap_time first_at;  /* the first octet came that the server sent after that */
	imap_time done_at;   /* its tagged response was complete */
};

struct imap_reply {
	enum imap_event event;

	/* GREETING, DATA, DONE: status responses (RFC 9051 section 7.1); NONE for other data. */
	enum imap_status status;
	struct imap_span code; /* "AUTHENTICATIONFAILED", upper case; empty without one */
	const struct imap_arg *code_args; /* what follows the code within its brackets */
	struct imap_span text;		  /* the human part; raw bytes of the server */

	/* DATA, ITEM, CHUNK: other untagged responses. */
	struct imap_span name; /* "EXISTS", "FETCH", "LIST": upper case */
	bool numbered;	       /* whether a number stood before the name: "* 7 EXISTS" */
	uint32_t number;
	const struct imap_arg *args; /* the arguments' first; NULL for none */

	uint64_t item; /* ITEM */

	/* CHUNK */
	struct imap_span chunk;
	struct imap_span chunk_of; /* the atom before the literal, "BODY[]"; or empty */
	uint64_t chunk_at;	   /* offset of this piece */
	uint64_t chunk_total;	   /* the literal's announced size */

	struct imap_times times; /* DONE, SECURE */
};

/* --- what went wrong ------------------------------------------------------------------------ */

enum imap_fault {
	IMAP_FAULT_PROTOCOL, /* not IMAP, against its grammar or order, or beyond the limits; or a
				command that cannot be sent, see imap_command() */
	IMAP_FAULT_UNAVAILABLE, /* BYE as greeting or in the middle, or the connection closed */
	IMAP_FAULT_SASL,	/* the mechanism gave up: ask it why */
	IMAP_FAULT_MEMORY,
};

struct imap_failure {
	enum imap_fault fault;
	char code[32];	/* response code of a BYE, if imap_known_code() knows it, or "" */
	char text[400]; /* one sentence without a full stop; may hold raw bytes of the server */
};

/* --- life ----------------------------------------------------------------------------------- */

struct imap;

/* A session that waits for a greeting; NULL when out of memory. The caller frees it. */
struct imap *imap_new(const struct imap_limits *limits);
void imap_free(struct imap *imap); /* wipes what was queued; NULL is fine */

/* Bytes arrived at `now`; length 0: the peer closed. Copies them. Feed at most 64 KiB at a time and
   call imap_next() until IMAP_WAIT in between. Any bytes between IMAP_SECURE and imap_secured()
   fail the session; after a failure and after LOGOUT's answer nothing that comes matters. */
void imap_feed(struct imap *imap, const void *bytes, size_t length, imap_time now);

/* Tells the next event and fills *reply for it. */
enum imap_event imap_next(struct imap *imap, struct imap_reply *reply);

/* What wants to be sent now; empty while a continuation is awaited. Valid until the next call. */
struct imap_span imap_output(const struct imap *imap);
void imap_sent(struct imap *imap, size_t length, imap_time now);

/* NULL while the session is well. */
const struct imap_failure *imap_failure(const struct imap *imap);

/* --- commands ------------------------------------------------------------------------------- */

/*
 * Queues a command; its tag and CRLF are added. In `format`:
 *
 *	%a	const char *		an atom or other text that is sent as it is
 *	%s	const char *		a string: quoted, or a literal where it must be
 *	%m	const char *		a mailbox name in UTF-8: modified UTF-7 (RFC 3501 section
 *					5.1.3) or, once UTF8=ACCEPT is enabled, UTF-8
 *	%u	uint64_t		a number
 *	%k	const char *		search keys (RFC 9051 section 6.4.4) in which
 *					imap_search_flaw() finds none; CHARSET UTF-8
 *					stands before them where their strings need it
 *	%K	const char *		the same without a charset, for SORT
 *	%b	const struct imap_span *  a literal, NULs allowed
 *	%%				a percent sign
 *
 * A literal waits for the server's '+' unless LITERAL+ or LITERAL- (RFC 7888) is offered; there can
 * be 16 in one command. A string is quoted unless it holds CR, LF, octets beyond ASCII (before
 * UTF8=ACCEPT) or more than 4096 octets.
 *
 * What a user wrote must not break out of its place: CR or LF in %a, and a mailbox name that is not
 * UTF-8, fail the session with nothing sent. Look at them before where you want a better word.
 */
void imap_command(struct imap *imap, imap_time now, const char *format, ...);

/* LOGIN (RFC 9051 section 6.2.3). `secret` appears in no trace. */
void imap_login(struct imap *imap, imap_time now, const char *user, struct imap_span secret);

enum imap_sasl_result {
	IMAP_SASL_MORE,	 /* send the response; another challenge is due */
	IMAP_SASL_DONE,	 /* send the response; the mechanism is content with an OK now */
	IMAP_SASL_FAILED /* send nothing: the session fails with IMAP_FAULT_SASL */
};

/* One SASL mechanism at work; base64 is the session's affair. */
struct imap_sasl {
	const char *mechanism;
	bool client_first; /* whether it has an initial response (RFC 4959) */
	/* Takes the decoded challenge (empty for the initial response), sets *response to bytes
	   that stay valid until the next call. */
	enum imap_sasl_result (*step)(void *context, struct imap_span challenge,
				      struct imap_span *response);
	void *context;
};

/* AUTHENTICATE (RFC 9051 section 6.2.2). `sasl` must live until IMAP_DONE or a failure. An OK that
   comes before the mechanism is content fails the session. What is sent appears in no trace. */
void imap_authenticate(struct imap *imap, imap_time now, const struct imap_sasl *sasl);

void imap_starttls(struct imap *imap, imap_time now); /* IMAP_SECURE, or IMAP_DONE with NO or BAD */
void imap_secured(struct imap *imap); /* TLS is up: all that was learnt before is forgotten */

void imap_idle(struct imap *imap, imap_time now);      /* RFC 2177: PROMPT, then DATA ... */
void imap_idle_done(struct imap *imap, imap_time now); /* ... until this (after PROMPT); DONE */

void imap_logout(struct imap *imap, imap_time now); /* from here on closing is no failure */

/* --- what is known -------------------------------------------------------------------------- */

/* Whether the server told its capabilities since the connection, TLS or login last changed them. */
bool imap_knows_capabilities(const struct imap *imap);
bool imap_has(const struct imap *imap, const char *capability); /* case does not matter */
struct imap_span imap_capabilities(const struct imap *imap);	/* as told, one space between */

/* --- small help for readers of replies ------------------------------------------------------ */

bool imap_is(struct imap_span span, const char *text);	       /* case does not matter */
bool imap_number(const struct imap_arg *arg, uint64_t *value); /* an atom of digits */
struct imap_span imap_text(const struct imap_arg *arg);	       /* "" for NIL, LIST, NULL */
/* The value after the data item `name` in FETCH's list: imap_item(args, "UID"); NULL if absent. */
const struct imap_arg *imap_item(const struct imap_arg *args, const char *name);

/* What is wrong with a user's search keys, in words; NULL if they can be sent. */
const char *imap_search_flaw(const char *keys);

/* An INTERNALDATE, "17-Jul-2026 02:44:25 -0700" (RFC 9051 section 9, date-time), in seconds since
   1970-01-01 UTC; false if it is none. */
bool imap_date_time(struct imap_span text, int64_t *unix_seconds);

/* The beginning, of at most 60 octets, of a line that has not ended yet; empty between lines. Valid
   until the next call of the session. */
struct imap_span imap_unfinished_line(const struct imap *imap);

/* What the first bytes of a peer look like: "HTTP", "SSH", "SMTP", "FTP", "POP3", "TLS", "IMAP",
   "binary data", or NULL when nothing is known. */
const char *imap_looks_like(struct imap_span first);

/* Mailbox names, RFC 3501 section 5.1.3: `size` octets of room, false if it does not fit or is not
   well-formed. */
bool imap_mailbox_encode(const char *utf8, char *utf7, size_t size);
bool imap_mailbox_decode(const char *utf7, char *utf8, size_t size);

enum { IMAP_TRACE_LINE = 400 };

/* Told of each line that is sent or received, without its CRLF, IMAP_TRACE_LINE octets at most;
   secrets show as "***", a literal's contents as "(N octets)". What was not complete when the
   session failed is told too. For the user's eyes; raw bytes of the server. */
typedef void imap_tracer(void *context, bool sent, struct imap_span line, imap_time now);
void imap_trace(struct imap *imap, imap_tracer *tracer, void *context);

/* The response code as its registry has it (IANA, "IMAP Response Codes"), or a few that are seen
   without being in there; NULL for any other word, which may be anything a server likes to say. */
const char *imap_known_code(struct imap_span code);

const char *imap_event_name(enum imap_event event);
const char *imap_status_name(enum imap_status status);

#endif
