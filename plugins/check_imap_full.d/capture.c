/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture.c - see capture.h. Knows neither IMAP nor how long it may take. */
#include "capture.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "mime.h"
#include "text.h"
#include "transfer.h"

/* --- the number ------------------------------------------------------------------------------ */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digit by digit: strtod() would read the locale's point, "0x1p3" and "inf". */
bool capture_number(struct imap_span text, double *number)
{
	enum { DIGITS = 15 };
	bool has_sign = text.length > 0 && (text.at[0] == '-' || text.at[0] == '+');
	size_t whole = has_sign, end;
	double scale = 1;
	uint64_t value = 0;
	int digits = 0;

	while (whole < text.length && is_digit(text.at[whole]))
		whole++;
	end = whole + (whole < text.length && text.at[whole] == '.');
	while (end > whole && end < text.length && is_digit(text.at[end]))
		end++;
	if (whole == (size_t)has_sign || end < text.length || end == whole + 1)
		return false;
	for (size_t i = has_sign; i < end; i++) {
		if (i == whole || (i > whole && digits == DIGITS))
			continue; /* the point; decimals that no double holds */
		value = value * 10 + (uint64_t)(text.at[i] - '0');
		digits += value > 0;
		scale *= i > whole ? 10 : 1;
		if (digits > DIGITS)
			return false;
	}
	*number = (double)value / scale;
	if (text.at[0] == '-' && value > 0)
		*number = -*number;
	return true;
}

/* --- the message ----------------------------------------------------------------------------- */

struct matching {
	const char *pattern;
	regex_t regex;
	size_t used; /* octets that it was matched against; 0: it is not compiled */
};

static void drop_regex(struct matching *matching)
{
	if (matching->used > 0)
		regfree(&matching->regex);
	matching->used = 0;
}

/* The library keeps what it learns from the text, and a sender who knows the pattern could make it
   learn without end: so it starts anew now and then. */
static bool prepare_regex(struct matching *matching, size_t length)
{
	if (matching->used + length > CAPTURE_LINE)
		drop_regex(matching);
	if (matching->used == 0) {
		memset(&matching->regex, 0, sizeof matching->regex);
		if (regcomp(&matching->regex, matching->pattern, REG_EXTENDED) != 0)
			return false;
	}
	matching->used += length + 1;
	return true;
}

static void take_group(struct imap_span line, const struct re_registers *groups,
		       struct capture_finding *finding)
{
	struct imap_span group = {"", 0};

	if (groups->num_regs > 1 && groups->start[1] >= 0)
		group = (struct imap_span){line.at + groups->start[1],
					   (size_t)(groups->end[1] - groups->start[1])};
	finding->outcome = CAPTURE_NUMBER;
	if (capture_number(group, &finding->number))
		return;
	finding->outcome = CAPTURE_NO_NUMBER;
	text_clean(finding->text, sizeof finding->text, group);
}

/* regexec() tells want of memory as "no match"; re_search() does not. Groups cost far more than a
   yes or no, so they are asked for only where there is a match. */
static void match(regex_t *regex, struct imap_span line, struct capture_finding *finding)
{
	struct re_registers groups = {0};
	int length = (int)line.length;
	int at = re_search(regex, line.at, length, 0, length, NULL);

	if (at >= 0)
		at = re_search(regex, line.at, length, 0, length, &groups);
	finding->outcome = at == -1 ? CAPTURE_NO_LINE : CAPTURE_TOO_COSTLY;
	if (at >= 0)
		take_group(line, &groups, finding);
	free(groups.start);
	free(groups.end);
}

static void find_in(const char *pattern, struct imap_span lines, struct capture_finding *finding)
{
	struct matching matching = {.pattern = pattern};
	struct imap_span line;

	while (finding->outcome == CAPTURE_NO_LINE && transfer_line(&lines, &line)) {
		if (line.length > CAPTURE_LINE)
			line.length = CAPTURE_LINE;
		if (prepare_regex(&matching, line.length))
			match(&matching.regex, line, finding);
		else
			finding->outcome = CAPTURE_TOO_COSTLY;
	}
	drop_regex(&matching);
}

void capture_find(const char *pattern, struct imap_span message, struct capture_finding *finding)
{
	struct octets lines = {.at = malloc(CAPTURE_OCTETS), .size = CAPTURE_OCTETS};

	*finding = (struct capture_finding){.outcome = CAPTURE_NO_LINE};
	if (message.length > CAPTURE_OCTETS)
		message.length = CAPTURE_OCTETS;
	if (lines.at && mime_read(message, &lines, &lines))
		find_in(pattern, octets_span(&lines), finding);
	else
		finding->outcome = CAPTURE_TOO_COSTLY;
	free(lines.at);
}
