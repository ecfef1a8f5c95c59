/* SPDX-License-Identifier: GPL-3.0-or-later */
/* date.c - INTERNALDATE (RFC 9051 section 9, date-time) as a moment. Asks no clock and no time
 * zone. */
#include "imapcheck.h"

#include <string.h>

enum { DATE_TIME_LENGTH = 26 }; /* "dd-Mon-yyyy hh:mm:ss +zzzz" */

/* `length` digits, or false; a leading blank stands for a zero where `may_be_blank`. */
static bool digits(const char *at, int length, bool may_be_blank, int *value)
{
	*value = 0;
	for (int i = 0; i < length; i++) {
		if (may_be_blank && i == 0 && at[0] == ' ')
			continue;
		if (at[i] < '0' || at[i] > '9')
			return false;
		*value = *value * 10 + (at[i] - '0');
	}
	return true;
}

static bool month(const char *at, int *value)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (imap_is((struct imap_span){at, 3},
			    (const char[]){names[3 * i], names[3 * i + 1], names[3 * i + 2],
					   '\0'})) {
			*value = i + 1;
			return true;
		}
	return false;
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar. Counting years from March puts the leap
   day at a year's end. */
static int64_t days_from_civil(int year, int month_of_year, int day)
{
	int64_t y = month_of_year > 2 ? year : year - 1;
	int64_t era = y / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * ((month_of_year + 9) % 12) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static bool zone(const char *at, int *seconds)
{
	int hours, minutes;

	if ((at[0] != '+' && at[0] != '-') || !digits(at + 1, 2, false, &hours) ||
	    !digits(at + 3, 2, false, &minutes) || minutes > 59)
		return false;
	*seconds = (hours * 60 + minutes) * 60 * (at[0] == '-' ? -1 : 1);
	return true;
}

bool imap_date_time(struct imap_span text, int64_t *unix_seconds)
{
	const char *at = text.at;
	int day, mon, year, hour, minute, second, offset;

	if (text.length != DATE_TIME_LENGTH || at[2] != '-' || at[6] != '-' || at[11] != ' ' ||
	    at[14] != ':' || at[17] != ':' || at[20] != ' ')
		return false;
	if (!digits(at, 2, true, &day) || !month(at + 3, &mon) ||
	    !digits(at + 7, 4, false, &year) || !digits(at + 12, 2, false, &hour) ||
	    !digits(at + 15, 2, false, &minute) || !digits(at + 18, 2, false, &second) ||
	    !zone(at + 21, &offset))
		return false;
	if (day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
		return false;
	*unix_seconds = days_from_civil(year, mon, day) * 86400 + hour * 3600 + minute * 60 +
			second - offset;
	return true;
}
