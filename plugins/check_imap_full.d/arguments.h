/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arguments.h - the argument vector, taken apart option by option. Knows how options are spelled,
 * not what they mean.
 *
 * -Hvalue, -H value, --name=value, --name value, -4v, -vvv and "--" are understood. A long name is
 * never abbreviated: a configuration must not change its meaning when an option is added.
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include "options.h"

struct arguments {
	int argc;
	char **argv;
	int next;			/* index of the next one to look at: start at 1 */
	char *cluster;			/* what is left of "-4v", or NULL */
	bool are_operands;		/* "--" was seen */
	const struct option_spec *last; /* the option seen last, or NULL */
};

struct argument {
	const struct option_spec *spec; /* NULL when it is not known */
	char label[40];			/* as the user spelled it: "-w" or "--warning" */
	char *value;			/* points into argv, NULL without one */
};

enum arguments_found { ARGUMENTS_OPTION, ARGUMENTS_BAD, ARGUMENTS_END };

/* ARGUMENTS_BAD: *failure says what is wrong, and one may go on with the next. If the wrong thing
   belongs to a secret option, found->spec and found->value tell it, for wiping. */
enum arguments_found arguments_next(struct arguments *arguments, struct argument *found,
				    struct failure *failure);

#endif
