/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_range.c - threshold ranges: what is taken is a proper interval, and its perfdata form means
   the same. */
#include <math.h>

#include "fuzz.h"
#include "range.h"

static void check_number(double value, int decimals)
{
	char text[64];

	range_number(value, decimals, text, sizeof(text));
	check(strspn(text, "0123456789.-") == strlen(text) && text[0], "a number is digits");
}

static void try_range(const char *text)
{
	static const double values[] = {-1e9, -1, -0.5, 0, 0.5, 1, 10, 1e9};
	struct range range;
	struct range again;
	char shown[64];

	if (!range_parse(text, &range))
		return;
	check(range.low_is_open || isfinite(range.low), "a bound is a number");
	check(range.high_is_open || isfinite(range.high), "a bound is a number");
	check(range.low_is_open || range.high_is_open || range.low <= range.high,
	      "the bounds are in order");
	check(strlen(range_text(&range, shown, sizeof(shown))) < sizeof(shown), "it fits");
	if (!range_parse(shown, &again))
		return; /* numbers that took more than there is room for */
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		bool is_near = fabs(values[i] - range.low) < 1e-3 * fabs(range.low) + 1e-3 ||
			       fabs(values[i] - range.high) < 1e-3 * fabs(range.high) + 1e-3;
		check(is_near || range_alerts(&range, values[i]) == range_alerts(&again, values[i]),
		      "the perfdata form means the same");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	double value;

	if (size > 200)
		return 0;
	char *text = fuzz_string(data, size);

	try_range(text);
	free(text);
	if (size >= sizeof(value)) {
		memcpy(&value, data, sizeof(value));
		if (isfinite(value) && fabs(value) < 1e15)
			check_number(value, data[0] % 7);
	}
	return 0;
}
