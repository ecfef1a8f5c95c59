/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run.h - one run in flight: everything that its steps share. No globals stand beside it, so many
   runs at once are an array of these. */
#ifndef RUN_H
#define RUN_H

#include "config.h"
#include "dial.h"
#include "report.h"
#include "resolve.h"
#include "sasl.h"
#include "secret.h"
#include "session.h"

struct run {
	const struct config *config;
	struct report report;

	struct secret *secret;	 /* NULL without a login */
	struct resolve *resolve; /* NULL for an address literal */
	struct dial dial;
	struct session session;
	struct sasl *sasl; /* of the login under way */

	uint32_t messages; /* EXISTS, kept up to date by every untagged one */
	uint64_t fetched;  /* octets of what --fetch fetched */
	bool has_fetched;  /* the server sent a message for it */
	bool said_bye;	   /* the server answered LOGOUT with its BYE */

	struct failure failure; /* why the step that returned STEP_FAILED failed */
};

bool run_init(struct run *run, const struct config *config); /* false when out of memory */
void run_free(struct run *run); /* closes everything, wipes the secret, frees the report */

#endif
