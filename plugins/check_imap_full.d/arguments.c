/* SPDX-License-Identifier: GPL-3.0-or-later */
/* arguments.c - see arguments.h. Must not know the configuration, and never echoes what could be a
   secret. */
#include "arguments.h"

#include <string.h>

static const struct option_spec *find_letter(char letter)
{
	for (const struct option_spec *spec = option_specs; spec->name; spec++)
		if (letter && strchr(spec->letters, letter))
			return spec;
	return NULL;
}

static bool is_named(const struct option_spec *spec, const char *name, size_t length)
{
	const char *names[] = {spec->name, spec->alias};

	for (int i = 0; i < 2; i++)
		if (names[i] && strlen(names[i]) == length && !memcmp(names[i], name, length))
			return true;
	return false;
}

static const struct option_spec *find_name(const char *name, size_t length)
{
	for (const struct option_spec *spec = option_specs; spec->name; spec++)
		if (is_named(spec, name, length))
			return spec;
	return NULL;
}

/* An empty value in an ini file arrives as "--password" alone: the next option is not its value. */
static bool is_option(const char *text)
{
	if (text[0] != '-' || text[1] == '\0')
		return false;
	if (text[1] == '-')
		return text[2] == '\0' || find_name(text + 2, strcspn(text + 2, "="));
	return text[2] == '\0' && find_letter(text[1]);
}

static enum arguments_found fail(struct failure *failure, const char *label, const char *text)
{
	failure_set(failure, CLASS_USAGE, "%s %s", label, text);
	return ARGUMENTS_BAD;
}

static enum arguments_found take_separate(struct arguments *arguments, struct argument *found,
					  struct failure *failure)
{
	if (arguments->next < arguments->argc && !is_option(arguments->argv[arguments->next])) {
		found->value = arguments->argv[arguments->next++];
		if (found->value[0] != '\0')
			return ARGUMENTS_OPTION;
	}
	failure_set(failure, CLASS_USAGE, "%s needs a value (%s), but it is %s", found->label,
		    found->spec->value, found->value ? "empty" : "missing");
	return ARGUMENTS_BAD;
}

static enum arguments_found take_letter(struct arguments *arguments, struct argument *found,
					struct failure *failure)
{
	char letter = *arguments->cluster++;
	char *rest = arguments->cluster;

	if (*rest == '\0')
		arguments->cluster = NULL;
	snprintf(found->label, sizeof found->label, "-%c", letter);
	found->spec = arguments->last = find_letter(letter);
	if (!found->spec)
		return fail(failure, found->label, "is not an option (see --help)");
	if (found->spec->argument != ARGUMENT_REQUIRED)
		return ARGUMENTS_OPTION;
	arguments->cluster = NULL;
	if (*rest == '\0')
		return take_separate(arguments, found, failure);
	found->value = rest;
	if (*rest != '=')
		return ARGUMENTS_OPTION;
	failure_set(failure, CLASS_USAGE, "%s takes its value without '=': %s %s or --%s=%s",
		    found->label, found->label, found->spec->value, found->spec->name,
		    found->spec->value);
	return ARGUMENTS_BAD;
}

/* How much of it can be an option's name. */
static size_t name_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
}

/* The option that a value sticks to: "--password: x", or "--password x" in one word; "--passwordx"
   only where the value is a secret. */
static const struct option_spec *find_joined(const char *name)
{
	const struct option_spec *spec = find_name(name, name_length(name));

	if (spec)
		return spec;
	for (spec = option_specs; spec->name; spec++) {
		size_t length = strlen(spec->name);

		if (spec->is_secret && strncmp(spec->name, name, length) == 0 &&
		    name[length] != '-')
			return spec;
	}
	return NULL;
}

static enum arguments_found refuse_joined(struct arguments *arguments, char *name,
					  struct argument *found, struct failure *failure)
{
	arguments->last = found->spec;
	found->value = found->spec->is_secret ? name + strlen(found->spec->name) : NULL;
	failure_set(failure, CLASS_USAGE, "--%s takes its value behind '=', or as the next word",
		    found->spec->name);
	return ARGUMENTS_BAD;
}

/* What cannot be part of a name is not repeated, for it may be a secret. */
static enum arguments_found refuse_name(const char *name, size_t length, struct failure *failure)
{
	const struct option_spec *like = option_specs;
	size_t shown = name_length(name) < 60 ? name_length(name) : 60;

	while (like->name && (strncmp(like->name, name, length) || length < 3))
		like++;
	failure_set(failure, CLASS_USAGE, "--%.*s%s is not an option (%s%s%s)", (int)shown, name,
		    shown < length ? "..." : "",
		    like->name ? "names are not abbreviated: --" : "see --help",
		    like->name ? like->name : "", like->name ? "?" : "");
	return ARGUMENTS_BAD;
}

static enum arguments_found take_name(struct arguments *arguments, char *name,
				      struct argument *found, struct failure *failure)
{
	size_t length = strcspn(name, "=");

	found->spec = arguments->last = find_name(name, length);
	if (!found->spec && (found->spec = find_joined(name)))
		return refuse_joined(arguments, name, found, failure);
	if (!found->spec)
		return refuse_name(name, length, failure);
	snprintf(found->label, sizeof found->label, "--%.*s", (int)length, name);
	if (name[length] == '\0')
		return found->spec->argument == ARGUMENT_REQUIRED
			       ? take_separate(arguments, found, failure)
			       : ARGUMENTS_OPTION;
	if (found->spec->argument == ARGUMENT_NONE)
		return fail(failure, found->label, "takes no value");
	found->value = name + length + 1;
	if (found->value[0] != '\0' || found->spec->argument == ARGUMENT_OPTIONAL)
		return ARGUMENTS_OPTION;
	failure_set(failure, CLASS_USAGE, "%s needs a value (%s), but it is empty", found->label,
		    found->spec->value);
	return ARGUMENTS_BAD;
}

/* Words that follow a secret are most likely the rest of it, left without quotes. What follows a
   '=' may be one whose option begins with a dash that is none. */
static enum arguments_found refuse_operand(const struct arguments *arguments, char *operand,
					   struct argument *found, struct failure *failure)
{
	if (arguments->last && arguments->last->is_secret) {
		found->spec = arguments->last;
		found->value = operand;
		failure_set(failure, CLASS_USAGE,
			    "--%s takes one value, but more words follow: quote it",
			    found->spec->name);
	} else {
		size_t shown = strcspn(operand, "=");

		failure_set(failure, CLASS_USAGE,
			    "\"%.*s%s\" belongs to no option (a host is given with -H)", (int)shown,
			    operand, operand[shown] ? "..." : "");
	}
	return ARGUMENTS_BAD;
}

enum arguments_found arguments_next(struct arguments *arguments, struct argument *found,
				    struct failure *failure)
{
	*found = (struct argument){0};
	if (arguments->cluster)
		return take_letter(arguments, found, failure);
	if (arguments->next >= arguments->argc)
		return ARGUMENTS_END;

	char *text = arguments->argv[arguments->next++];

	if (arguments->are_operands || text[0] != '-' || text[1] == '\0')
		return refuse_operand(arguments, text, found, failure);
	if (strcmp(text, "--") == 0) {
		arguments->are_operands = true;
		return arguments_next(arguments, found, failure);
	}
	if (text[1] == '-')
		return take_name(arguments, text + 2, found, failure);
	arguments->cluster = text + 1;
	return take_letter(arguments, found, failure);
}
