/* SPDX-License-Identifier: GPL-3.0-or-later */
/* value.h - the forms in which values of options come: words, numbers, lists. */
#ifndef VALUE_H
#define VALUE_H

#include "failure.h"

/* Sets *failure (class usage); always false. */
__attribute__((format(printf, 2, 3))) bool value_refuse(struct failure *failure, const char *format,
							...);

/* Index of `word` in the comma-separated `words`, whatever its case; -1 if it is none of them. */
int value_find_word(const char *words, const char *word);
bool value_take_word(const char *words, const char *value, int *index, struct failure *failure);

/* Digits, and a point with digits behind it where `decimals` are allowed. */
bool value_take_number(const char *text, bool decimals, double *number);
bool value_take_port(const char *text, unsigned short *port); /* 1 to 65535 */

/* The next item of a comma-separated list, which *list is moved behind; false at its end. Too long
   ones are cut, and so unknown. */
bool value_next_item(const char **list, char *item, size_t size);

#endif
