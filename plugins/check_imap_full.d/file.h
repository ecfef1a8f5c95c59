/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file.h - a whole file in memory. Only a regular one: to read from a pipe or a device could take
   for ever. */
#ifndef FILE_H
#define FILE_H

#include "failure.h"

enum { FILE_SIZE_MAX = 16 * 1024 * 1024 };

struct file {
	char *text; /* not NUL-terminated */
	size_t length;
};

/* `what` begins the sentence about a failure ("CA file"). False with *failure (class usage). */
bool file_read(struct file *file, const char *what, const char *path, struct failure *failure);

void file_free(struct file *file); /* again is fine */
void file_wipe(struct file *file); /* the same for what may hold a key */

#endif
