/* SPDX-License-Identifier: GPL-3.0-or-later */
/* capture.c - see capture.h. Knows neither IMAP nor how long it may take. */
#include "capture.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "mime.h"
#include "text.h"
#include "transfer.h"
#include "value.h"

/* --- the pattern ----------------------------------------------------------------------------- */

/* The library makes a copy of what is repeated for each time it may be: a{1,100} is worth 100. */
enum { WORTH_MAX = 1000, NESTING_MAX = 32 };

struct pattern {
	const char *at;
	size_t outer[NESTING_MAX]; /* worth of what stands before each open group */
	unsigned depth;
	size_t worth; /* of the group under way */
	size_t last;  /* of its last member */
};

static const char *const back_reference = "it has a back-reference, which could take for ever";

/* Behind a backslash. What POSIX leaves undefined is mostly meant as in Perl: \d would be a "d". */
static const char *escape_flaw(char escaped)
{
	if (escaped >= '1' && escaped <= '9')
		return back_reference;
	if (escaped == 'd' || escaped == 'D')
		return "\\d is not POSIX extended: write [0-9] or [^0-9]";
	if ((escaped >= 'a' && escaped <= 'z') || (escaped >= 'A' && escaped <= 'Z'))
		return strchr("wWsSbB", escaped)
			       ? NULL
			       : "a backslash before a letter is not POSIX extended, but for \\w, "
				 "\\s, \\b and their opposites";
	return NULL;
}

/* From behind its [ to its last octet. A ] that comes first is a member, and so is one in [:name:]. */
static const char *skip_bracket(const char *at)
{
	at += *at == '^';
	at += *at == ']';
	while (*at && *at != ']') {
		char kind = at[0] == '[' && strchr(".:=", at[1]) ? at[1] : '\0';

		at += kind ? 2 : 1;
		while (kind && *at && (at[0] != kind || at[1] != ']'))
			at++;
		at += kind && *at ? 2 : 0;
	}
	return at;
}

static size_t bounded(size_t number)
{
	return number < WORTH_MAX ? number : WORTH_MAX + 1;
}

static void add_member(struct pattern *pattern, size_t worth)
{
	pattern->last = worth;
	pattern->worth = bounded(pattern->worth + worth);
}

/* {n}, {n,} or {n,m}: the larger number counts. Of anything else the library will complain. */
static void repeat(struct pattern *pattern)
{
	size_t length = strspn(pattern->at + 1, "0123456789,");
	size_t times = 1, number = 0;

	for (size_t i = 1; i <= length; i++) {
		bool is_comma = pattern->at[i] == ',';

		number = is_comma ? 0 : bounded(number * 10 + (size_t)(pattern->at[i] - '0'));
		times = number > times ? number : times;
	}
	pattern->at += length;
	pattern->worth -= pattern->last < pattern->worth ? pattern->last : pattern->worth;
	add_member(pattern, bounded(pattern->last * times));
}

/* An asterisk and its like: what it stands behind may be repeated once more. */
static void add_operator(struct pattern *pattern)
{
	pattern->worth = bounded(pattern->worth + 1);
	pattern->last = bounded(pattern->last + 1);
}

static const char *open_group(struct pattern *pattern)
{
	if (pattern->depth == NESTING_MAX)
		return "its groups are nested too deeply";
	pattern->outer[pattern->depth++] = pattern->worth;
	pattern->worth = pattern->last = 0;
	return NULL;
}

static void close_group(struct pattern *pattern)
{
	size_t worth = pattern->worth;

	if (pattern->depth == 0)
		return; /* the library has a word for that */
	pattern->worth = pattern->outer[--pattern->depth];
	add_member(pattern, bounded(worth + 1));
}

static const char *take(struct pattern *pattern)
{
	switch (*pattern->at) {
	case '\\':
		if (pattern->at[1] == '\0')
			return NULL;
		add_member(pattern, 1);
		return escape_flaw(*++pattern->at);
	case '[':
		pattern->at = skip_bracket(pattern->at + 1);
		add_member(pattern, 1);
		return NULL;
	case '{':
		repeat(pattern);
		return NULL;
	case '*':
	case '+':
	case '?':
		add_operator(pattern);
		return NULL;
	case '(':
		return open_group(pattern);
	case ')':
		close_group(pattern);
		return NULL;
	default:
		add_member(pattern, 1);
		return NULL;
	}
}

/* What the library would not complain of, or only once it has eaten all memory. */
static const char *find_flaw(const char *text)
{
	struct pattern pattern = {.at = text};
	const char *flaw = NULL;

	while (*pattern.at && !flaw) {
		flaw = take(&pattern);
		if (pattern.worth > WORTH_MAX)
			flaw = "it is too large: what is repeated counts as often";
		if (*pattern.at)
			pattern.at++;
	}
	return flaw;
}

bool capture_is_sound(const char *pattern, struct failure *failure)
{
	const char *flaw = find_flaw(pattern);
	regex_t regex = {0};
	char text[200];
	size_t groups;
	int error;

	if (flaw)
		return value_refuse(failure, flaw);
	error = regcomp(&regex, pattern, REG_EXTENDED);
	if (error) {
		regerror(error, &regex, text, sizeof text);
		failure_set(failure, CLASS_USAGE, "it is no POSIX extended regular expression: %s",
			    text);
		return false;
	}
	groups = regex.re_nsub;
	regfree(&regex);
	if (groups == 0)
		return value_refuse(failure, "it needs a group around the number, like ([0-9]+)");
	return true;
}

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
	if (lines.at && mime_read(message, &lines))
		find_in(pattern, octets_span(&lines), finding);
	else
		finding->outcome = CAPTURE_TOO_COSTLY;
	free(lines.at);
}
