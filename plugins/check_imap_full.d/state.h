/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.h - the four states of a monitoring plugin; their numbers are the exit codes. */
#ifndef STATE_H
#define STATE_H

#include <stdbool.h>

enum state { STATE_OK, STATE_WARNING, STATE_CRITICAL, STATE_UNKNOWN };

const char *state_name(enum state state);	      /* "WARNING" */
bool state_find(const char *text, enum state *state); /* ok, warning, ... in any case, or 0 to 3 */
enum state state_worse(enum state one, enum state other); /* CRITICAL, WARNING, UNKNOWN, OK */

#endif
