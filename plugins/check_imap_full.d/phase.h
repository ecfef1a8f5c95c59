/* SPDX-License-Identifier: GPL-3.0-or-later */
/* phase.h - the parts of the journey that are timed, each on its own. */
#ifndef PHASE_H
#define PHASE_H

enum phase {
	PHASE_PASSWORD,
	PHASE_DNS,
	PHASE_CONNECT,
	PHASE_TLS,
	PHASE_GREETING,
	PHASE_AUTH,
	PHASE_LIST,
	PHASE_QUOTA,
	PHASE_SELECT,
	PHASE_SEARCH,
	PHASE_FETCH,
	PHASE_APPEND,
	PHASE_SYNC,
	PHASE_LOGOUT,
	PHASE_COUNT
};

const char *phase_name(enum phase phase);

#endif
