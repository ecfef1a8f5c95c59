/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_date.c - INTERNALDATE, as a server may write it: what is taken lies within the years that
   four digits can tell, and is what was written. */
#include <time.h>

#include "fuzz.h"
#include "imapcheck.h"

enum { LENGTH = 26 };

/* Its fields by another way, where a zone of +0000 keeps them as they are. */
static void check_fields(const char *text, int64_t seconds)
{
	char shown[64];
	time_t at = (time_t)seconds;
	struct tm tm;

	if (memcmp(text + 21, "+0000", 5) != 0 || memcmp(text + 18, "60", 2) == 0)
		return;
	check(gmtime_r(&at, &tm) != NULL, "it is a time");
	strftime(shown, sizeof(shown), "%H:%M:%S", &tm);
	check(memcmp(shown, text + 12, 8) == 0, "its time of day is what was written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t year = 366 * 86400;
	int64_t seconds;
	char *text = fuzz_string(data, size);

	if (imap_date_time((struct imap_span){text, size}, &seconds)) {
		check(size == LENGTH, "all of it is read");
		check(seconds > -1971 * year && seconds < 8031 * year, "the year has four digits");
		check_fields(text, seconds);
	}
	free(text);
	return 0;
}
