/* SPDX-License-Identifier: GPL-3.0-or-later */
/* papers_manual.c - the tables in the language of man(7). */
#include "autoconfig.h"

#include <string.h>

#include "options.h"
#include "papers.h"

/* One word. In an option every hyphen is a minus, which can be searched for and copied. */
static void write_word(FILE *to, const char *word, size_t length)
{
	bool is_option = word[0] == '-' || memmem(word, length, "=-", 2);

	for (size_t i = 0; i < length; i++) {
		if (word[i] == '\\')
			fputs("\\e", to);
		else if (word[i] == '-' && is_option)
			fputs("\\-", to);
		else if (word[i] == '\'')
			fputs("\\(aq", to);
		else
			fputc(word[i], to);
	}
}

/* Words up to the width of a terminal. Sentences begin on lines of their own, as man(7) wants it; a
   line that begins with a dot would be a command. */
static void write_text(FILE *to, const char *text)
{
	size_t column = 0;

	while (*text) {
		size_t length = strcspn(text, " ");
		const char *next = text + length + (text[length] != '\0');
		bool is_end = *next == '\0' || text[length - 1] == '.';

		if (column == 0 && text[0] == '.')
			fputs("\\&", to);
		write_word(to, text, length);
		column += length + 1;
		if (is_end || column + strcspn(next, " ") > 70)
			column = 0;
		fputc(column == 0 ? '\n' : ' ', to);
		text = next;
	}
}

static void write_value(FILE *to, const struct option_spec *spec, bool is_letter)
{
	bool is_optional = spec->argument == ARGUMENT_OPTIONAL;

	if (spec->argument == ARGUMENT_NONE)
		return;
	fputs(is_optional ? "[=" : is_letter ? " " : "=", to);
	fputs("\\fI", to);
	write_word(to, spec->value, strlen(spec->value));
	fputs(is_optional ? "\\fR]" : "\\fR", to);
}

static void write_names(FILE *to, const struct option_spec *spec)
{
	const char *names[] = {spec->name, spec->alias};
	const char *comma = "";

	for (const char *letter = spec->letters; *letter; letter++, comma = ", ") {
		fprintf(to, "%s\\fB\\-%c\\fR", comma, *letter);
		write_value(to, spec, true);
	}
	for (int i = 0; i < 2 && names[i]; i++, comma = ", ") {
		fprintf(to, "%s\\fB\\-\\-", comma);
		for (const char *at = names[i]; *at; at++)
			fprintf(to, *at == '-' ? "\\-" : "%c", *at);
		fputs("\\fR", to);
		write_value(to, spec, false);
	}
	fputc('\n', to);
}

static void write_choices(FILE *to, const char *choices)
{
	fputs("One of ", to);
	while (*choices) {
		size_t length = strcspn(choices, ",");

		fprintf(to, "\\fB%.*s\\fR%s", (int)length, choices,
			choices[length] ? ",\n" : ".\n");
		choices += length + (choices[length] != '\0');
	}
}

static void write_option(FILE *to, const struct option_spec *spec)
{
	char text[300];

	fputs(".TP\n", to);
	write_names(to, spec);
	write_text(to, spec->help);
	if (spec->choices)
		write_choices(to, spec->choices);
	if (spec->is_repeatable)
		fputs("Can be given more than once.\n", to);
	if (spec->by_default) {
		snprintf(text, sizeof text, "Default: %s.", spec->by_default);
		write_text(to, text);
	}
}

static void write_options(FILE *to)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		fprintf(to, ".SS %s\n", option_group_name((enum option_group)group));
		for (const struct option_spec *spec = option_specs; spec->name; spec++)
			if ((int)spec->group == group)
				write_option(to, spec);
	}
}

static const char *unit_in_words(const char *unit)
{
	return strcmp(unit, "s") == 0	? " (seconds)"
	       : strcmp(unit, "B") == 0 ? " (octets)"
	       : strcmp(unit, "%") == 0 ? " (percent)"
					: "";
}

static void write_metrics(FILE *to)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_spec *spec = metric_spec((enum metric)i);

		fprintf(to, ".TP\n\\fB%s\\fR%s\n", spec->name, unit_in_words(spec->unit));
		write_text(to, spec->help);
	}
}

static const char *const class_words[CLASS_COUNT] = {
	[CLASS_USAGE] = "a bad option, an unreadable file, a contradiction",
	[CLASS_INTERNAL] = "the check itself failed, for lack of memory for instance",
	[CLASS_RESOLVE] = "the name could not be looked up",
	[CLASS_CONNECT] = "no address could be reached",
	[CLASS_TIMEOUT] = "the deadline passed",
	[CLASS_TLS] = "the TLS handshake failed",
	[CLASS_CERTIFICATE] = "the certificate does not verify: expired, another name, not trusted",
	[CLASS_PROTOCOL] = "the other side does not speak IMAP, or breaks its rules",
	[CLASS_MISSING] = "something that is needed is not offered",
	[CLASS_AUTH] = "the login was refused because of the credentials",
	[CLASS_UNAVAILABLE] = "the service is unavailable, for reasons of its own",
	[CLASS_REFUSED] = "a command other than the login was refused",
	[CLASS_ALTERED] = "a message came back changed",
	[CLASS_POLICY] = "something was permitted that should not be",
};

static void write_classes(FILE *to)
{
	static struct config config;

	config_init(&config);
	for (int i = 0; i < CLASS_COUNT; i++)
		fprintf(to, ".TP\n\\fB%s\\fR (%s)\n%s\n", failure_class_name((enum failure_class)i),
			state_name(config.class_state[i]), class_words[i]);
}

void papers_write_manual(FILE *from, FILE *to)
{
	static const char marker[] = "@VERSION@";
	char line[1000];

	while (fgets(line, sizeof line, from)) {
		char *at = strstr(line, marker);

		if (strcmp(line, "@OPTIONS@\n") == 0)
			write_options(to);
		else if (strcmp(line, "@METRICS@\n") == 0)
			write_metrics(to);
		else if (strcmp(line, "@CLASSES@\n") == 0)
			write_classes(to);
		else if (at)
			fprintf(to, "%.*s%s%s", (int)(at - line), line, PACKAGE_VERSION,
				at + sizeof marker - 1);
		else
			fputs(line, to);
	}
}
