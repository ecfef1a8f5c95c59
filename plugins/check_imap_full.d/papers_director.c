/* SPDX-License-Identifier: GPL-3.0-or-later */
/* papers_director.c - the table of options as a basket of Icinga Director: a service template with
   a field for each option. The command itself stays what it is, an external one: Director knows no
   environment of a command, and would lose the way of the password. No object has a uuid: Director
   1.10, which Debian 12 has, restores none that has one. */
#include <jansson.h>
#include <string.h>

#include "options.h"
#include "papers.h"

static const char data_type[] = "Icinga\\Module\\Director\\DataType\\DataType";

struct basket {
	json_t *fields; /* every field by its number, and */
	json_t *used;	/* what the template says of each */
	json_t *lists;
};

static void set(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, json_string(text));
}

/* The kind of a field, with what the kind wants to know. */
static const char *kind_of_field(const struct option_spec *spec, const char *variable,
				 json_t *settings)
{
	if (spec->choices) {
		set(settings, "behavior", "strict");
		set(settings, "data_type", "string");
		set(settings, "datalist", variable);
		return "Datalist";
	}
	if (spec->argument == ARGUMENT_NONE)
		return spec->is_repeatable ? "Number" : "Boolean";
	if (strcmp(spec->value, "N") == 0)
		return "Number";
	if (spec->argument == ARGUMENT_REQUIRED && (spec->is_repeatable || papers_takes_list(spec)))
		return "Array";
	set(settings, "visibility", spec->is_secret ? "hidden" : "visible");
	return "String";
}

static void add_list(struct basket *basket, const char *variable, const char *choices)
{
	json_t *list = json_object();
	json_t *entries = json_array();

	while (*choices) {
		size_t length = strcspn(choices, ",");
		json_t *entry = json_object();

		json_object_set_new(entry, "entry_name", json_stringn(choices, length));
		json_object_set_new(entry, "entry_value", json_stringn(choices, length));
		set(entry, "format", "string");
		json_object_set_new(entry, "allowed_roles", json_null());
		json_array_append_new(entries, entry);
		choices += length + (choices[length] != '\0');
	}
	set(list, "list_name", variable);
	set(list, "owner", "check_imap_full");
	json_object_set_new(list, "entries", entries);
	json_object_set_new(basket->lists, variable, list);
}

/* Director's own order of members, as an export of the basket would have it. */
static void add_field(struct basket *basket, const char *variable, const char *caption,
		      const char *description, const char *kind, json_t *settings)
{
	json_t *field = json_object();
	json_t *use = json_object();
	size_t number = json_array_size(basket->used) + 1;
	char text[100];

	set(field, "varname", variable);
	set(field, "caption", caption);
	set(field, "description", description);
	snprintf(text, sizeof text, "%s%s", data_type, kind);
	set(field, "datatype", text);
	json_object_set_new(field, "format", json_null());
	json_object_set_new(field, "settings", settings);
	json_object_set_new(field, "category", json_null());
	snprintf(text, sizeof text, "%zu", number);
	json_object_set_new(basket->fields, text, field);

	json_object_set_new(use, "datafield_id", json_integer((json_int_t)number));
	set(use, "is_required", "n");
	json_object_set_new(use, "var_filter", json_null());
	json_array_append_new(basket->used, use);
}

static void add_option(void *with, const struct option_spec *spec)
{
	struct basket *basket = with;
	json_t *settings = json_object();
	char variable[60], caption[60];
	char description[1400];

	if (strcmp(spec->name, "password-env") == 0) {
		json_decref(settings);
		return;
	}
	papers_variable(spec, variable, sizeof variable);
	papers_describe(spec, description, sizeof description);
	snprintf(caption, sizeof caption, "IMAP: %s", variable + strlen("imap_full_"));
	for (char *at = caption; *at; at++)
		if (*at == '_')
			*at = ' ';
	if (spec->choices)
		add_list(basket, variable, spec->choices);
	add_field(basket, variable, caption,
		  spec->is_secret ? "The password; it travels by the environment." : description,
		  kind_of_field(spec, variable, settings), settings);
}

static json_t *make_command(void)
{
	json_t *command = json_object();

	set(command, "object_name", "imap_full");
	set(command, "object_type", "external_object");
	set(command, "command", "check_imap_full");
	set(command, "methods_execute", "PluginCheck");
	return command;
}

static json_t *make_template(json_t *fields)
{
	json_t *template = json_object();

	set(template, "object_name", "imap_full");
	set(template, "object_type", "template");
	set(template, "check_command", "imap_full");
	set(template, "check_interval", "60");
	set(template, "retry_interval", "30");
	set(template, "max_check_attempts", "3");
	json_object_set_new(template, "fields", fields);
	return template;
}

static void add_type(json_t *all, const char *type, json_t *object)
{
	json_object_set_new(all, type, json_object());
	json_object_set_new(json_object_get(all, type), "imap_full", object);
}

void papers_write_director(FILE *to)
{
	json_t *all = json_object();
	struct basket basket = {json_object(), json_array(), json_object()};
	json_t *settings = json_object();

	papers_each_option(add_option, &basket);
	set(settings, "visibility", "visible");
	add_field(&basket, "imap_full_runbook", "IMAP: runbook",
		  "The address of the page RUNBOOK.md, for the link in a notification.", "String",
		  settings);
	add_type(all, "ExternalCommand", make_command());
	add_type(all, "ServiceTemplate", make_template(basket.used));
	json_object_set_new(all, "DataList", basket.lists);
	json_object_set_new(all, "Datafield", basket.fields);
	json_dumpf(all, to, JSON_INDENT(4));
	fputc('\n', to);
	json_decref(all);
}
