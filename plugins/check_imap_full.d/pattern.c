/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern.c - see pattern.h. Matches nothing. */
#include "pattern.h"

#include <regex.h>
#include <string.h>

#include "value.h"

/* The library makes a copy of what is repeated for each time it may be: a{1,100} is worth 100. */
enum { WORTH_MAX = 600, NESTING_MAX = 32 };

struct pattern {
	const char *at;
	size_t outer[NESTING_MAX]; /* worth of what stands before each open group */
	unsigned depth;
	size_t worth;	   /* of the group under way */
	size_t last;	   /* of its last member */
	bool was_repeated; /* that ends in *, +, ? or {n} */
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

/* From behind its [ to its last octet. A ] that comes first is a member, and so is one in [:name:].
 */
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
	pattern->at += length + (pattern->at[length + 1] == '}');
	pattern->worth -= pattern->last < pattern->worth ? pattern->last : pattern->worth;
	add_member(pattern, bounded(pattern->last * times));
}

/* An asterisk and its like: what it stands behind may be repeated once more. Of what a plus stands
   behind the library makes a copy, so that ((a+)+)+ doubles with each of them. */
static void add_operator(struct pattern *pattern)
{
	size_t more = *pattern->at == '+' ? pattern->last + 1 : 1;

	pattern->worth = bounded(pattern->worth + more);
	pattern->last = bounded(pattern->last + more);
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

/* POSIX leaves a**, a+? and a{2}* undefined, and the library takes ever longer with each one more.
   In Perl the ? would end the match early. */
static const char *repetition_flaw(struct pattern *pattern)
{
	bool was_repeated = pattern->was_repeated;

	pattern->was_repeated = *pattern->at && strchr("*+?{", *pattern->at);
	return was_repeated && pattern->was_repeated ? "a repetition stands behind another one, "
						       "like *?, which is not POSIX extended"
						     : NULL;
}

static const char *take(struct pattern *pattern)
{
	const char *flaw = repetition_flaw(pattern);

	if (flaw)
		return flaw;
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

bool pattern_is_sound(const char *pattern, struct failure *failure)
{
	const char *flaw = find_flaw(pattern);
	regex_t regex = {0};
	char text[200];
	size_t groups;
	int error;

	if (flaw)
		return value_refuse(failure, "%s", flaw);
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
