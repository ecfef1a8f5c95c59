/* SPDX-License-Identifier: GPL-3.0-or-later */
/* range.h - a threshold range of the Monitoring Plugins guidelines: 10, 10:, ~:10, 10:20, @10:20 */
#ifndef RANGE_H
#define RANGE_H

#include <stdbool.h>
#include <stddef.h>

struct range {
	double low, high; /* inclusive */
	bool low_is_open, high_is_open;
	bool alerts_inside; /* @ */
};

/* Strict, whatever the locale: decimal numbers with a point only; no exponent, hex, inf or nan. */
bool range_parse(const char *text, struct range *range);
bool range_alerts(const struct range *range, double value);

/* As perfdata wants it: 0:N and :N become N, N: keeps its colon. `size` of 64 is enough. */
char *range_text(const struct range *range, char *text, size_t size);

/* A number with a point whatever the locale, at most `decimals` digits after it, no exponent, no
   trailing zeros. */
char *range_number(double value, int decimals, char *text, size_t size);

#endif
