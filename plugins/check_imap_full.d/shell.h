/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shell.h - one /bin/sh -c COMMAND under way, in a process group of its own. Its standard input is
 * /dev/null, its output comes through pipes. Knows nothing of passwords.
 */
#ifndef SHELL_H
#define SHELL_H

#include <sys/types.h>
#include "failure.h"
#include "wait.h"

enum { SHELL_LINE = 200 };

/* Whoever COMMAND leaves behind lives on once COMMAND itself has ended: an agent that it started
   (for SSH, for GnuPG) is meant to. Before that end all of its group goes with it. */
struct shell {
	pid_t pid;	       /* 0: not started, or ended and reaped */
	int exit_fd;	       /* readable once it ended; -1 where the kernel has no such thing */
	int out, err;	       /* to read from, non-blocking; -1 once ended */
	int status;	       /* as waitpid() tells it; valid once ended */
	char line[SHELL_LINE]; /* its last line on stderr that is not empty, NUL-terminated */
	bool line_is_over;
};

void shell_init(struct shell *shell);
void shell_close(
	struct shell *shell); /* if COMMAND still runs: kills its group, and reaps; again is fine */

/* False with *failure (class internal). */
bool shell_start(struct shell *shell, const char *command, struct failure *failure);

void shell_wait(const struct shell *shell, struct wait *wait);

/* Reads stderr; true once the shell itself has ended. What it wrote to `out` is then all there,
   though children that it left behind may hold the pipe open. */
bool shell_has_ended(struct shell *shell);

void shell_close_out(struct shell *shell); /* after its end of file */

#endif
