/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options.h - the one table that describes every option, and the two things that are done with it
 * at the start of a run. Parsing, --help, the man page's OPTIONS, the completions and the Icinga
 * CheckCommand come from the table, so they cannot disagree.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdio.h>
#include "config.h"

enum option_argument { ARGUMENT_NONE, ARGUMENT_REQUIRED, ARGUMENT_OPTIONAL };

enum option_group {
	GROUP_SERVER,
	GROUP_TLS,
	GROUP_LOGIN,
	GROUP_MAILBOX,
	GROUP_WRITING,
	GROUP_JUDGING,
	GROUP_OUTPUT,
	GROUP_COUNT
};

enum options_answer { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_BAD };

/* What a value is made of, for those who complete it. */
enum option_kind {
	KIND_TEXT,
	KIND_FILE,
	KIND_FOLDER,
	KIND_HOST,
	KIND_COMMAND,
	KIND_METRICS, /* METRIC[,METRIC] */
	KIND_RANGES,  /* METRIC=RANGE[,METRIC=RANGE] */
	KIND_STATES   /* CLASS=STATE */
};

struct option_spec {
	const char *letters; /* "ul": synonyms, the first one is shown first; "" for none */
	const char *name;    /* "username" */
	const char *alias;   /* another long name, NULL for none */
	enum option_argument argument;
	const char *value; /* what --help calls it: "NAME"; NULL without an argument */
	const char
		*choices; /* "implicit,starttls,none" if the value is one of few words, or NULL */
	enum option_kind kind;
	enum option_group group;
	const char *by_default;	    /* in words, NULL for none */
	bool is_repeatable;	    /* each time it adds; of the others the last one counts */
	bool is_secret;		    /* its value is wiped from the process list */
	bool tells_form;	    /* heeded even behind a mistake, which is told in this form */
	enum options_answer answer; /* OPTIONS_RUN, or what the program is to do instead of a run */
	const char *help;	    /* one or more sentences; plain text, wrapped when shown */
	/* Takes the value (NULL without one) into the configuration. False with *failure set to
	   what is wrong with it; the caller puts the option's name before that. */
	bool (*apply)(struct config *config, char *value, struct failure *failure);
};

extern const struct option_spec option_specs[]; /* ends with name NULL */
const char *option_group_name(enum option_group group);

/* The first thing that main does: copies the arguments, then wipes the secrets among the originals,
   however they are spelled, so that the process list shows neither them nor their length. The copy
   is one block, which the caller frees; the originals are not to be looked at again. NULL when out
   of memory. */
char **options_hide_secrets(int argc, char **argv);

/* Reads the arguments (extra-opts already spliced in) into *config, sets the defaults and checks
   what contradicts. *config points into `argv` and into itself from then on: it must not be copied,
   and `argv` must outlive it. OPTIONS_BAD: *failure says which option and what it takes. */
enum options_answer options_parse(int argc, char **argv, struct config *config,
				  struct failure *failure);

void options_print_help(FILE *to);

#endif
