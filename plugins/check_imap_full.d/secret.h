/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret.h - the password: where it comes from, where it lives, how it is wiped.
 *
 * One place holds it. It never enters a failure's text, a trace or a child's arguments.
 */
#ifndef SECRET_H
#define SECRET_H

#include <sys/types.h>
#include "failure.h"
#include "wait.h"

enum secret_source { SECRET_NONE, SECRET_GIVEN, SECRET_FILE, SECRET_ENV, SECRET_COMMAND };

enum { SECRET_MAX = 65536 };

struct secret_spec {
	enum secret_source source;
	const char *where; /* FILE: path or "-"; ENV: name; COMMAND: for /bin/sh -c; else NULL */
	char *given;	   /* GIVEN: the secret; else NULL. secret_new() wipes it there */
};

struct secret; /* opaque: locked and left out of core dumps where the system lets us */

enum secret_progress { SECRET_WAIT, SECRET_READY, SECRET_FAILED };

/* Makes the place for it; NULL when out of memory. Fetching begins at secret_start(). */
struct secret *secret_new(const struct secret_spec *spec);
void secret_free(
	struct secret *secret); /* wipes; a command still running is killed with its group */

/* Files, variables and given ones are READY or FAILED at once (class usage: empty, NUL, over 64
   KiB, unreadable: errno in words and the path); a pipe or terminal named as a file is WAITed for.
   A command: WAIT; it failed (class usage) when it exits other than 0 or prints nothing; its last
   stderr line ends the sentence. What counts is its own exit: children that it leaves behind are
   neither waited for nor ended. SIGCHLD must not be ignored by the program. */
enum secret_progress secret_start(struct secret *secret, struct failure *failure);
void secret_wait(const struct secret *secret, struct wait *wait);
enum secret_progress secret_ready(struct secret *secret, struct failure *failure);

/* Once READY, until secret_free(): the first line (of a variable or a given one: all), line end
   off. Empty after FAILED. */
struct imap_span secret_span(const struct secret *secret);

/* True when a password file can be read by others than its owner and group. */
bool secret_is_exposed(const struct secret *secret);

/* As mask_secret() in mask.h. */
void secret_mask(const struct secret *secret, char *text);

#endif
