/* SPDX-License-Identifier: GPL-3.0-or-later */
/* failure.h - the classes of failure, and one failure: its class and the sentence that tells it. */
#ifndef FAILURE_H
#define FAILURE_H

#include "imapcheck.h"

enum failure_class {
	CLASS_USAGE,
	CLASS_INTERNAL,
	CLASS_RESOLVE,
	CLASS_CONNECT,
	CLASS_TIMEOUT,
	CLASS_TLS,
	CLASS_CERTIFICATE,
	CLASS_PROTOCOL,
	CLASS_MISSING,
	CLASS_AUTH,
	CLASS_UNAVAILABLE,
	CLASS_REFUSED,
	CLASS_ALTERED,
	CLASS_POLICY,
	CLASS_COUNT
};

const char *failure_class_name(enum failure_class class);
bool failure_class_find(const char *name, enum failure_class *class);

/* One sentence, without a full stop, without the phase and the host (the output adds them). Text of
   a server, certificate or name lookup enters only through failure_set() and is cleaned there. */
struct failure {
	enum failure_class class;
	char code[32];	/* the server's response code, if it is a known one, or "" */
	char text[600]; /* printable ASCII without | ` $ < > */
};

/* Formats and cleans. */
__attribute__((format(printf, 3, 4))) void
failure_set(struct failure *failure, enum failure_class class, const char *format, ...);

#endif
