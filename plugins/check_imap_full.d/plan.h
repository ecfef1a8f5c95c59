/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan.h - the ordered steps of one run, as the configuration asks for them. */
#ifndef PLAN_H
#define PLAN_H

#include "steps.h"

enum { PLAN_MAX = 50 };

struct plan {
	const struct step *steps[PLAN_MAX];
	unsigned count;
};

void plan_make(struct plan *plan, const struct config *config);

/* What takes a second session to the end of its login. */
void plan_make_second(struct plan *plan, const struct config *config);

#endif
