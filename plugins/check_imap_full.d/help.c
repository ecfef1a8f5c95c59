/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help.c - what --help prints, made from the tables of options, metrics and classes. */
#include <string.h>

#include "options.h"
#include "text.h"

enum { WIDTH = 79, INDENT = 8 };

/* Writes words up to WIDTH, beginning in `column`; the lines that follow begin at `indent`. */
static void wrap(FILE *to, int column, int indent, const char *text)
{
	bool is_first = true;

	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		int length = (int)strcspn(text, " ");

		if (!is_first && column + 1 + length > WIDTH) {
			fprintf(to, "\n%*s", indent, "");
			column = indent;
			is_first = true;
		}
		fprintf(to, "%s%.*s", is_first ? "" : " ", length, text);
		column += length + !is_first;
		is_first = false;
		text += length;
	}
	fputc('\n', to);
}

static void print_heading(FILE *to, const char *text)
{
	fprintf(to, "\n%s:\n", text);
}

/* "  -u, -l, --username=NAME, --logname=NAME" */
static void print_names(FILE *to, const struct option_spec *spec)
{
	const char *names[] = {spec->name, spec->alias};
	int used = 0;

	for (const char *letter = spec->letters; *letter; letter++)
		used += fprintf(to, "%s-%c", used ? ", " : "  ", *letter);
	if (!used)
		fputs("    ", to);
	for (int i = 0; i < 2 && names[i]; i++) {
		fprintf(to, "%s--%s", i || used ? ", " : "  ", names[i]);
		if (spec->value)
			fprintf(to, spec->argument == ARGUMENT_OPTIONAL ? "[=%s]" : "=%s",
				spec->value);
	}
	fputc('\n', to);
}

/* "a,b,c" as " One of a, b, c." */
static void add_choices(char *text, size_t size, const char *choices)
{
	text_add(text, size, " One of ");
	for (; *choices; choices++)
		text_add(text, size, *choices == ',' ? "%c " : "%c", *choices);
	text_add(text, size, ".");
}

static void print_option(FILE *to, const struct option_spec *spec)
{
	char text[1200];

	print_names(to, spec);
	snprintf(text, sizeof text, "%s", spec->help);
	if (spec->choices)
		add_choices(text, sizeof text, spec->choices);
	if (spec->by_default)
		text_add(text, sizeof text, " Default: %s.", spec->by_default);
	fprintf(to, "%*s", INDENT, "");
	wrap(to, INDENT, INDENT, text);
}

static void print_options(FILE *to)
{
	for (int group = 0; group < GROUP_COUNT; group++) {
		print_heading(to, option_group_name((enum option_group)group));
		for (const struct option_spec *spec = option_specs; spec->name; spec++)
			if ((int)spec->group == group)
				print_option(to, spec);
	}
}

static void print_metrics(FILE *to)
{
	print_heading(to, "Metrics, for -w, -c and --measure (s: seconds, B: octets)");
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_spec *spec = metric_spec((enum metric)i);

		if (!spec->name)
			continue;
		int column = fprintf(to, "  %-19s%-3s", spec->name, spec->unit);

		wrap(to, column, column, spec->help);
	}
}

static void print_classes(FILE *to)
{
	struct config config;
	enum state states[] = {STATE_CRITICAL, STATE_WARNING, STATE_UNKNOWN};

	config_init(&config);
	print_heading(to, "Classes of failure, for --state, and what they are worth without it");
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		char text[300] = "";

		for (int class = 0; class < CLASS_COUNT; class ++)
			if (config.class_state[class] == states[i])
				text_add(text, sizeof text, "%s ",
					 failure_class_name((enum failure_class) class));
		int column = fprintf(to, "  %-12s", state_name(states[i]));

		wrap(to, column, column, text);
	}
}

static const char intro[] =
	"check_imap_full makes the journey that a mail client makes: name lookup,\n"
	"connection, TLS, greeting, login, opening a mailbox, fetching a message,\n"
	"logout. It times every step, and says in one line whether all is well, or which\n"
	"step is broken and why. Nothing in the mailbox changes.\n"
	"\n"
	"Usage:\n"
	"  check_imap_full -H HOST [OPTION...]\n"
	"        connection and certificate, no login\n"
	"  check_imap_full -H HOST -u NAME --password-file=FILE [OPTION...]\n"
	"        the whole journey\n";

static const char outro[] =
	"\n"
	"Exit status:\n"
	"  0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (also bad usage, --help and --version)\n"
	"\n"
	"Examples:\n"
	"  The whole journey; slow logins and a certificate that expires are told:\n"
	"    check_imap_full -H imap.example.org -u monitor \\\n"
	"        --password-file=/etc/icinga2/imap.secret -w auth=1,total=3 -c total=8\n"
	"  Only connection and certificate, over STARTTLS:\n"
	"    check_imap_full -H imap.example.org --tls=starttls -D 30,10\n"
	"  The engine passes an address; the certificate is for a name:\n"
	"    check_imap_full -H 192.0.2.7 --sni=imap.example.org\n"
	"\n"
	"More in the manual: man check_imap_full\n";

void options_print_help(FILE *to)
{
	fputs(intro, to);
	print_options(to);
	print_metrics(to);
	print_classes(to);
	fputs(outro, to);
}
