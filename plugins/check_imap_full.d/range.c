/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * range.c - threshold ranges: a strict reader in front of libmonitoringplug's, and numbers as
 * perfdata wants them. Nothing in here depends on the locale; nothing knows what is measured.
 */
#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "mp.h"
#include "range.h"

/* A double holds 15 decimal digits faithfully: no more are taken, no more are printed. */
enum { DIGITS_MAX = 15, DECIMALS_MAX = 9 };

static const char decimal_digits[] = "0123456789";

/* The C locale for this thread; glibc has it at hand, so it cannot fail there. */
static locale_t enter_c_locale(void)
{
	return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

static void leave_c_locale(locale_t before)
{
	locale_t ours = uselocale(before);
	if (ours != before)
		freelocale(ours);
}

/* The length of the number at the start of `text`: -12, 0.5, .5; 0 if there is none to be taken. */
static size_t measure_number(const char *text)
{
	size_t sign = *text == '-';
	size_t whole = strspn(text + sign, decimal_digits);
	const char *point = text + sign + whole;
	size_t decimals = *point == '.' ? strspn(point + 1, decimal_digits) : 0;
	if (*point == '.' && decimals == 0)
		return 0;
	if (whole + decimals == 0 || whole + decimals > DIGITS_MAX || decimals > DECIMALS_MAX)
		return 0;
	return sign + whole + decimals + (decimals > 0);
}

/* [@][low:][high], low being ~ or a number, not both missing, in order. */
static bool is_strict(const char *text)
{
	if (*text == '@')
		text++;
	const char *low = text;
	size_t length = *low == '~' ? 1 : measure_number(low);
	const char *colon = low + length;
	if (*colon != ':')
		return length > 0 && *low != '~' && *colon == '\0' && strtod(low, NULL) >= 0;

	const char *high = colon + 1;
	if (*high == '\0')
		return length > 0;
	if (high[measure_number(high)] != '\0')
		return false;
	return *low == '~' || strtod(length ? low : "0", NULL) <= strtod(high, NULL);
}

bool range_parse(const char *text, struct range *range)
{
	locale_t before = enter_c_locale();
	struct mp_range parsed;
	bool is_range = is_strict(text) && mp_range_parse(text, &parsed);
	leave_c_locale(before);
	if (!is_range)
		return false;
	*range = (struct range){
		.low = parsed.start,
		.high = parsed.end,
		.low_is_open = parsed.start_infinity,
		.high_is_open = parsed.end_infinity,
		.alerts_inside = parsed.alert_inside,
	};
	return true;
}

bool range_alerts(const struct range *range, double value)
{
	bool is_inside = (range->low_is_open || value >= range->low) &&
			 (range->high_is_open || value <= range->high);
	return is_inside == range->alerts_inside;
}

char *range_text(const struct range *range, char *text, size_t size)
{
	char low[32], high[32];
	range_number(range->low, DECIMALS_MAX, low, sizeof(low));
	range_number(range->high, DECIMALS_MAX, high, sizeof(high));
	bool starts_at_zero = !range->low_is_open && range->low == 0;
	bool is_short = starts_at_zero && !range->high_is_open;
	snprintf(text, size, "%s%s%s%s", range->alerts_inside ? "@" : "",
		 is_short	      ? ""
		 : range->low_is_open ? "~"
				      : low,
		 is_short ? "" : ":", range->high_is_open ? "" : high);
	return text;
}

/* How many decimals a double can still tell of a number this large. */
static int tell_decimals(double value, int wanted)
{
	int left = DIGITS_MAX - 1;
	for (double rest = fabs(value); rest >= 10 && left > 0; rest /= 10)
		left--;
	return wanted < left ? wanted : left;
}

static void trim_zeros(char *number)
{
	if (strchr(number, '.')) {
		char *end = number + strlen(number);
		while (end[-1] == '0')
			*--end = '\0';
		if (end[-1] == '.')
			end[-1] = '\0';
	}
	if (strcmp(number, "-0") == 0)
		memmove(number, "0", 2);
}

char *range_number(double value, int decimals, char *text, size_t size)
{
	assert(isfinite(value));
	locale_t before = enter_c_locale();
	snprintf(text, size, "%.*f", tell_decimals(value, decimals), value);
	leave_c_locale(before);
	trim_zeros(text);
	return text;
}
