/* SPDX-License-Identifier: GPL-3.0-or-later */
/* papers_icinga.c - the table of options as a CheckCommand of Icinga 2, and as the table of its
   variables. How an option becomes an argument follows from the kind of its argument alone, so a
   new row of the table needs nothing here. */
#include <string.h>

#include "options.h"
#include "papers.h"
#include "text.h"

/* These two first: an engine knows a host by its address, and a certificate is for a name. */
static const char *const foremost[] = {"hostname", "sni"};
enum { FOREMOST = sizeof foremost / sizeof foremost[0] };

static bool is_foremost(const struct option_spec *spec)
{
	for (int i = 0; i < FOREMOST; i++)
		if (strcmp(spec->name, foremost[i]) == 0)
			return true;
	return false;
}

/* What asks for no run, or for an output that Icinga cannot read, is nothing to configure. */
static bool is_for_engines(const struct option_spec *spec)
{
	return spec->answer == OPTIONS_RUN && !spec->tells_form;
}

void papers_each_option(void (*each)(void *with, const struct option_spec *spec), void *with)
{
	for (int i = 0; i < FOREMOST; i++)
		for (const struct option_spec *spec = option_specs; spec->name; spec++)
			if (strcmp(spec->name, foremost[i]) == 0)
				each(with, spec);
	for (const struct option_spec *spec = option_specs; spec->name; spec++)
		if (is_for_engines(spec) && !is_foremost(spec))
			each(with, spec);
}

/* Icinga's plugins say address for the host, and ipv4 where we say use-ipv4. */
void papers_variable(const struct option_spec *spec, char *name, size_t size)
{
	const char *from = strcmp(spec->name, "hostname") == 0	 ? "address"
			   : strncmp(spec->name, "use-", 4) == 0 ? spec->name + 4
								 : spec->name;

	snprintf(name, size, "imap_full_%s", from);
	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
}

void papers_describe(const struct option_spec *spec, char *text, size_t size)
{
	snprintf(text, size, "%s", spec->help);
	if (spec->choices) {
		text_add(text, size, " One of ");
		for (const char *at = spec->choices; *at; at++)
			text_add(text, size, *at == ',' ? "%c " : "%c", *at);
		text_add(text, size, ".");
	}
	if (spec->by_default)
		text_add(text, size, " Default: %s.", spec->by_default);
}

/* NAME[,NAME]: the list is one value, and a second one would replace the first. */
bool papers_takes_list(const struct option_spec *spec)
{
	return !spec->is_repeatable && spec->value && strstr(spec->value, "[,");
}

/* --- the command ------------------------------------------------------------------------------ */

static void write_string(FILE *to, const char *text)
{
	fputc('"', to);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', to);
		fputc(*text, to);
	}
	fputc('"', to);
}

/* How the value gets there; `name` is the variable. */
static void write_value(FILE *to, const struct option_spec *spec, const char *name)
{
	if (strcmp(spec->name, "password-env") == 0)
		fputs("\t\t\t\tset_if = {{ macro(\"$imap_full_password$\") != \"\" }}\n"
		      "\t\t\t\tvalue = \"IMAP_FULL_PASSWORD\"\n",
		      to);
	else if (spec->argument == ARGUMENT_OPTIONAL)
		fprintf(to,
			"\t\t\t\tskip_key = true\n"
			"\t\t\t\tset_if = {{ !!macro(\"$%s$\") }}\n"
			"\t\t\t\tvalue = {{\n"
			"\t\t\t\t\tvar value = macro(\"$%s$\")\n"
			"\t\t\t\t\treturn typeof(value) == Boolean ? \"--%s\" : \"--%s=\" + value\n"
			"\t\t\t\t}}\n",
			name, name, spec->name, spec->name);
	else if (spec->argument == ARGUMENT_NONE && spec->is_repeatable)
		fprintf(to,
			"\t\t\t\tskip_key = true\n"
			"\t\t\t\tset_if = \"$%s$\"\n"
			"\t\t\t\tvalue = {{ range(number(macro(\"$%s$\"))).map(n => \"--%s\") }}\n",
			name, name, spec->name);
	else if (spec->argument == ARGUMENT_NONE)
		fprintf(to, "\t\t\t\tset_if = \"$%s$\"\n", name);
	else if (papers_takes_list(spec))
		fprintf(to,
			"\t\t\t\tset_if = {{ !!macro(\"$%s$\") }}\n"
			"\t\t\t\tvalue = {{\n"
			"\t\t\t\t\tvar value = macro(\"$%s$\")\n"
			"\t\t\t\t\treturn typeof(value) == Array ? value.join(\",\") : value\n"
			"\t\t\t\t}}\n",
			name, name);
	else
		fprintf(to, "\t\t\t\tvalue = \"$%s$\"\n", name);
}

static void write_argument(void *with, const struct option_spec *spec)
{
	FILE *to = with;
	char name[60];
	char text[1400];

	if (spec->is_secret)
		return;
	papers_variable(spec, name, sizeof name);
	papers_describe(spec, text, sizeof text);
	fprintf(to, "\t\t\t\"--%s\" = {\n", spec->name);
	write_value(to, spec, name);
	fputs("\t\t\t\tdescription = ", to);
	write_string(to, text);
	fputs("\n\t\t\t}\n", to);
}

void papers_write_icinga(FILE *to)
{
	fputs("/* SPDX-License-Identifier: GPL-3.0-or-later */\n"
	      "/*\n"
	      " * The CheckCommand imap_full: every option of check_imap_full as a variable "
	      "imap_full_*. Made from the\n"
	      " * plugin's table of options: do not edit it.\n"
	      " *\n"
	      " * Put it into /etc/icinga2/conf.d/ (one node) or "
	      "/etc/icinga2/zones.d/global-templates/ (several), never into\n"
	      " * the ITL's own folders: it has to be read after the ITL. Should the ITL bring an "
	      "imap_full of its own one day,\n"
	      " * that one counts and this is skipped.\n"
	      " *\n"
	      " * imap_full_sni comes first: Icinga knows the host by its address, a certificate "
	      "is "
	      "for a name. Say which.\n"
	      " * The password goes by the environment, not by the command line.\n"
	      " */\n"
	      "try {\n"
	      "\tobject CheckCommand \"imap_full\" {\n"
	      "\t\timport \"ipv4-or-ipv6\"\n"
	      "\n"
	      "\t\tcommand = [ PluginContribDir + \"/check_imap_full\" ]\n"
	      "\n"
	      "\t\tenv = {\n"
	      "\t\t\tIMAP_FULL_PASSWORD = \"$imap_full_password$\"\n"
	      "\t\t}\n"
	      "\n"
	      "\t\targuments = {\n",
	      to);
	papers_each_option(write_argument, to);
	fputs("\t\t}\n"
	      "\n"
	      "\t\tvars.imap_full_address = \"$check_address$\"\n"
	      "\t\tvars.imap_full_password = \"\"\n"
	      "\t\tvars.check_ipv4 = \"$imap_full_ipv4$\"\n"
	      "\t\tvars.check_ipv6 = \"$imap_full_ipv6$\"\n"
	      "\t}\n"
	      "} except {\n"
	      "}\n",
	      to);
}

/* --- the table of its variables --------------------------------------------------------------- */

static const char *shape(const struct option_spec *spec)
{
	if (spec->argument == ARGUMENT_NONE)
		return spec->is_repeatable ? "A number." : "`true` or `false`.";
	if (spec->argument == ARGUMENT_OPTIONAL)
		return "A string, or `true` for the option alone.";
	if (spec->is_repeatable || papers_takes_list(spec))
		return "A string or an array.";
	return "";
}

static void write_row(void *with, const struct option_spec *spec)
{
	FILE *to = with;
	char name[60];
	char text[1400];
	const char *what = shape(spec);

	if (strcmp(spec->name, "password-env") == 0)
		return;
	papers_variable(spec, name, sizeof name);
	papers_describe(spec, text, sizeof text);
	fprintf(to, "| %s | **Optional.** %s%s", name, what, *what ? " " : "");
	if (spec->is_secret) {
		fputs("The password; it travels by the environment. |\n", to);
		return;
	}
	for (const char *at = text; *at; at++)
		fprintf(to, strchr("|<>*_\\", *at) ? "\\%c" : "%c", *at);
	fputs(" |\n", to);
}

void papers_write_icinga_table(FILE *to)
{
	fputs("<!-- SPDX-License-Identifier: GPL-3.0-or-later -->\n"
	      "# Variables of the CheckCommand imap_full\n\n"
	      "Made from the plugin's table of options, as is imap_full.conf.\n\n"
	      "| Name | Description |\n"
	      "|---|---|\n",
	      to);
	papers_each_option(write_row, to);
}
