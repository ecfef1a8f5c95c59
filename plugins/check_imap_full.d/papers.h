/* SPDX-License-Identifier: GPL-3.0-or-later */
/* papers.h - what is written for users from the tables of options, metrics and classes, when the
   program is built. Not part of the plugin. */
#ifndef PAPERS_H
#define PAPERS_H

#include <stdio.h>

/* The manual: copies `from`, and puts what it is about in place of the lines @OPTIONS@, @METRICS@
   and
   @CLASSES@, and the version in place of @VERSION@. */
void papers_write_manual(FILE *from, FILE *to);

void papers_write_bash(FILE *to);
void papers_write_zsh(FILE *to);

#endif
