/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pattern.h - whether a regular expression is one that can be matched against what strangers write.
 */
#ifndef PATTERN_H
#define PATTERN_H

#include "failure.h"

/* False with *failure (class usage) if it is no POSIX extended regular expression, has no group or
   a back-reference, is written in another dialect, or would become too large. */
bool pattern_is_sound(const char *pattern, struct failure *failure);

#endif
