/* SPDX-License-Identifier: GPL-3.0-or-later */
/* papers_completion.c - the tables as completions for bash and zsh. */
#include <string.h>

#include "options.h"
#include "papers.h"

static void write_metrics(FILE *to, const char *behind)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		fprintf(to, "%s%s%s", i ? " " : "", metric_spec((enum metric)i)->name, behind);
}

static void write_classes(FILE *to, const char *between, const char *behind)
{
	for (int i = 0; i < CLASS_COUNT; i++)
		fprintf(to, "%s%s%s", i ? between : "", failure_class_name((enum failure_class)i),
			behind);
}

static void write_choices(FILE *to, const char *choices)
{
	for (; *choices; choices++)
		fputc(*choices == ',' ? ' ' : *choices, to);
}

/* --- bash ------------------------------------------------------------------------------------ */

static void write_bash_pattern(FILE *to, const struct option_spec *spec)
{
	fputc('\t', to);
	for (const char *letter = spec->letters; *letter; letter++)
		fprintf(to, "-%c | ", *letter);
	fprintf(to, spec->alias ? "--%s | --%s)" : "--%s)", spec->name, spec->alias);
}

static void write_bash_values(FILE *to, const struct option_spec *spec)
{
	static const char *const actions[] = {
		[KIND_FILE] = "compgen -f -- \"$cur\"",
		[KIND_FOLDER] = "compgen -d -- \"$cur\"",
		[KIND_HOST] = "compgen -A hostname -- \"$cur\"",
		[KIND_COMMAND] = "compgen -c -- \"$cur\"",
		[KIND_TEXT] = "",
		[KIND_METRICS] = "compgen -P \"$done\" -W \"$metrics\" -- \"${cur##*,}\"",
		[KIND_RANGES] = "compgen -P \"$done\" -S = -W \"$metrics\" -- \"${cur##*,}\"",
		[KIND_STATES] = "compgen -S = -W \"$classes\" -- \"$cur\"",
	};

	write_bash_pattern(to, spec);
	if (spec->choices) {
		fputs(" mapfile -t COMPREPLY < <(compgen -W '", to);
		write_choices(to, spec->choices);
		fputs("' -- \"$cur\") ;;\n", to);
	} else if (spec->kind == KIND_TEXT) {
		fputs(" COMPREPLY=() ;;\n", to);
	} else {
		fprintf(to, " mapfile -t COMPREPLY < <(%s)%s ;;\n", actions[spec->kind],
			spec->kind == KIND_RANGES || spec->kind == KIND_STATES
				? "; compopt -o nospace"
				: "");
	}
}

static void write_bash_names(FILE *to)
{
	for (const struct option_spec *spec = option_specs; spec->name; spec++)
		fprintf(to, "%s--%s%s", spec == option_specs ? "" : " ", spec->name,
			spec->argument == ARGUMENT_REQUIRED ? "=" : "");
}

void papers_write_bash(FILE *to)
{
	fputs("# Completion for check_imap_full in bash; made from its table of options.\n"
	      "_check_imap_full() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tlocal metrics='",
	      to);
	write_metrics(to, "");
	fputs("'\n\tlocal classes='", to);
	write_classes(to, " ", "");
	fputs("'\n"
	      "\t# bash takes \"--name=value\" for three words.\n"
	      "\tif [[ $cur == = ]]; then\n"
	      "\t\tcur=\n"
	      "\telif [[ $prev == = && $COMP_CWORD -gt 2 ]]; then\n"
	      "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n"
	      "\tlocal done=${cur%\"${cur##*,}\"}\n"
	      "\tcase $prev in\n\t",
	      to);
	write_classes(to, " | ", "");
	fputs(") mapfile -t COMPREPLY < <(compgen -W 'ok warning critical unknown' -- \"$cur\") "
	      ";;\n",
	      to);
	for (const struct option_spec *spec = option_specs; spec->name; spec++)
		if (spec->argument == ARGUMENT_REQUIRED)
			write_bash_values(to, spec);
	fputs("\t*)\n\t\tmapfile -t COMPREPLY < <(compgen -W '", to);
	write_bash_names(to);
	fputs("' -- \"$cur\")\n"
	      "\t\t[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace\n"
	      "\t\t;;\n"
	      "\tesac\n"
	      "}\n"
	      "complete -F _check_imap_full check_imap_full\n",
	      to);
}

/* --- zsh ------------------------------------------------------------------------------------- */

/* The first sentence, quoted for a single-quoted string with [] and : in it. */
static void write_zsh_text(FILE *to, const char *text)
{
	for (; *text && !(text[0] == '.' && (text[1] == ' ' || !text[1])); text++) {
		if (*text == '\'')
			fputs("'\\'", to);
		else if (strchr("[]:\\", *text))
			fputc('\\', to);
		fputc(*text, to);
	}
}

static void write_zsh_action(FILE *to, const struct option_spec *spec)
{
	static const char *const actions[] = {
		[KIND_TEXT] = "",
		[KIND_FILE] = "_files",
		[KIND_FOLDER] = "_files -/",
		[KIND_HOST] = "_hosts",
		[KIND_COMMAND] = "_cmdstring",
		[KIND_METRICS] = "_values -s , metric $metrics",
		[KIND_RANGES] = "_values -s , metric $metrics",
		[KIND_STATES] = "compadd -S = -a classes",
	};

	if (spec->argument == ARGUMENT_NONE)
		return;
	fputs(spec->argument == ARGUMENT_OPTIONAL ? "::" : ":", to);
	write_zsh_text(to, spec->value);
	fputc(':', to);
	if (spec->choices) {
		fputc('(', to);
		write_choices(to, spec->choices);
		fputc(')', to);
	} else {
		fputs(actions[spec->kind], to);
	}
}

static void write_zsh_others(FILE *to, const struct option_spec *spec)
{
	if (spec->is_repeatable) {
		fputc('*', to);
		return;
	}
	fputc('(', to);
	for (const char *letter = spec->letters; *letter; letter++)
		fprintf(to, "-%c ", *letter);
	if (spec->alias)
		fprintf(to, "--%s ", spec->alias);
	fprintf(to, "--%s)", spec->name);
}

static void write_zsh_option(FILE *to, const struct option_spec *spec, const char *name,
			     const char *joint)
{
	fputs(" \\\n\t'", to);
	write_zsh_others(to, spec);
	fprintf(to, "%s%s[", name, spec->argument == ARGUMENT_NONE ? "" : joint);
	write_zsh_text(to, spec->help);
	fputc(']', to);
	write_zsh_action(to, spec);
	fputc('\'', to);
}

void papers_write_zsh(FILE *to)
{
	char name[40];

	fputs("#compdef check_imap_full\n"
	      "# Made from the table of options of check_imap_full.\n"
	      "local -a metrics classes\n"
	      "metrics=(",
	      to);
	write_metrics(to, "");
	fputs(")\nclasses=(", to);
	write_classes(to, " ", "");
	fputs(")\n_arguments -s -S", to);
	for (const struct option_spec *spec = option_specs; spec->name; spec++) {
		const char *names[] = {spec->name, spec->alias};

		for (const char *letter = spec->letters; *letter; letter++) {
			snprintf(name, sizeof name, "-%c", *letter);
			write_zsh_option(to, spec, name, "+");
		}
		for (int i = 0; i < 2 && names[i]; i++) {
			snprintf(name, sizeof name, "--%s", names[i]);
			write_zsh_option(to, spec, name, "=");
		}
	}
	fputc('\n', to);
}
