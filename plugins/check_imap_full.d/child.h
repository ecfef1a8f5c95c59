/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child.h - a child process at its birth: what it must not have of ours. Knows not what it is for.
 */
#ifndef CHILD_H
#define CHILD_H

#include <sys/types.h>

/* As fork(). In the child none of our signal handlers runs, not even for a signal that comes at
   once: ours print a status line, and one is enough. It dies with us. */
pid_t child_fork(void);

#endif
