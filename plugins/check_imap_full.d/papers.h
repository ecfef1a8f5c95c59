/* SPDX-License-Identifier: GPL-3.0-or-later */
/* papers.h - what is written for users from the tables of options, metrics and classes, when the
   program is built. Not part of the plugin. */
#ifndef PAPERS_H
#define PAPERS_H

#include <stdbool.h>
#include <stdio.h>

/* The manual: copies `from`, and puts what it is about in place of the lines @OPTIONS@, @METRICS@
   and
   @CLASSES@, and the version in place of @VERSION@. */
void papers_write_manual(FILE *from, FILE *to);

void papers_write_bash(FILE *to);
void papers_write_zsh(FILE *to);

/* The CheckCommand imap_full of Icinga 2, its variables as a table, and Director's basket for it.
 */
void papers_write_icinga(FILE *to);
void papers_write_icinga_table(FILE *to);
void papers_write_director(FILE *to);

/* What the last three share: each option that an engine may set, the name of its variable, what is
   said about it, and whether several values are to be one, with commas between them. */
struct option_spec;
void papers_each_option(void (*each)(void *with, const struct option_spec *spec), void *with);
void papers_variable(const struct option_spec *spec, char *name, size_t size);
void papers_describe(const struct option_spec *spec, char *text, size_t size);
bool papers_takes_list(const struct option_spec *spec);

#endif
