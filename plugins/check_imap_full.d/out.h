/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out.h - the forms in which a run is told. Text, no opinion: each writes to `to` and keeps nothing. */
#ifndef OUT_H
#define OUT_H

#include <stdio.h>
#include "judge.h"

struct outcome {
	const struct config *config;
	const struct report *report;
	const struct verdict *verdict;
	time_t now; /* wall clock */
};

void out_nagios(FILE *to, const struct outcome *outcome);

#endif
