/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phase.c - see phase.h. */
#include "phase.h"

static const char *const names[PHASE_COUNT] = {
	[PHASE_PASSWORD] = "password", [PHASE_DNS] = "dns",	      [PHASE_CONNECT] = "connect",
	[PHASE_TLS] = "tls",	       [PHASE_GREETING] = "greeting", [PHASE_AUTH] = "auth",
	[PHASE_LIST] = "list",	       [PHASE_QUOTA] = "quota",	      [PHASE_SELECT] = "select",
	[PHASE_SEARCH] = "search",     [PHASE_FETCH] = "fetch",	      [PHASE_APPEND] = "append",
	[PHASE_SYNC] = "sync",	       [PHASE_LOGOUT] = "logout",
};

const char *phase_name(enum phase phase)
{
	return names[phase];
}
