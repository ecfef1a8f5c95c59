/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sasl_library.h - GNU SASL, opened when a mechanism wants it: it brings four more libraries, which
 * cost every run a sixth of its system calls, and few logins need any.
 */
#ifndef SASL_LIBRARY_H
#define SASL_LIBRARY_H

#include <gsasl.h>
#include "failure.h"

/* The functions that are used of it, without "gsasl_". */
#define SASL_LIBRARY_FUNCTIONS(X)                                                                  \
	X(base64_to)                                                                               \
	X(callback_set)                                                                            \
	X(client_start)                                                                            \
	X(done)                                                                                    \
	X(finish)                                                                                  \
	X(free)                                                                                    \
	X(init)                                                                                    \
	X(property_fast)                                                                           \
	X(property_set)                                                                            \
	X(property_set_raw)                                                                        \
	X(step)                                                                                    \
	X(strerror)

struct sasl_library {
	void *handle; /* NULL: not open */
#define SASL_LIBRARY_MEMBER(name) __typeof__(gsasl_##name) *name;
	SASL_LIBRARY_FUNCTIONS(SASL_LIBRARY_MEMBER)
#undef SASL_LIBRARY_MEMBER
};

/* False with *failure set (class internal). The one that this was built with is GSASL_SONAME. */
bool sasl_library_open(struct sasl_library *library, const char *soname, struct failure *failure);
void sasl_library_close(struct sasl_library *library); /* again is fine */

#endif
