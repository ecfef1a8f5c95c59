/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * watchdog.h - the last resort beside the loop's deadline: a timer that ends the process with a
 * status line prepared beforehand, whatever a library or a kernel call is doing. Process-wide, so
 * only main may use it.
 */
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include <signal.h>
#include "config.h"

/* Arms the timer for the configured timeout plus a tenth of a second, and answers SIGTERM, SIGINT
   and SIGHUP the same way. `phase` is read when it strikes. Set once. */
void watchdog_arm(const struct config *config, const volatile sig_atomic_t *phase);

/* The output is about to be written: from now on a strike adds nothing to it, and ends the process
   with this status. */
void watchdog_hush(int status);

#endif
