/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve_fault.h - why a name has no address, in words. */
#ifndef RESOLVE_FAULT_H
#define RESOLVE_FAULT_H

#include "failure.h"

enum { RESOLVE_PENDING = -1 }; /* beside c-ares's own: no answer yet */

/* `status` of c-ares; `family` that was asked for; `servers` that were asked, as text. */
void resolve_fault(struct failure *failure, int status, const char *name, int family,
		   const char *servers);

#endif
