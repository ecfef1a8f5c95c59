/* SPDX-License-Identifier: GPL-3.0-or-later */
/* file.c - see file.h. Must not know what is in the files. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What it holds up to the size it had; a file that shrinks meanwhile is its shorter self. */
static bool fill(int fd, struct file *file, size_t size)
{
	ssize_t got = 0;

	while (file->length < size) {
		got = read(fd, file->text + file->length, size - file->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		file->length += (size_t)got;
	}
	return got >= 0;
}

static bool read_open(int fd, struct file *file, const char *what, const char *path,
		      struct failure *failure)
{
	struct stat about;

	if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
		failure_set(failure, CLASS_USAGE, "%s %s is not a file", what, path);
	else if (about.st_size > FILE_SIZE_MAX)
		failure_set(failure, CLASS_USAGE, "%s %s is too large", what, path);
	else if (!(file->text = malloc((size_t)about.st_size + 1)))
		failure_set(failure, CLASS_INTERNAL, "out of memory");
	else if (!fill(fd, file, (size_t)about.st_size))
		failure_set(failure, CLASS_USAGE, "%s %s: %s", what, path, strerror(errno));
	else
		return true;
	return false;
}

bool file_read(struct file *file, const char *what, const char *path, struct failure *failure)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool is_read;

	*file = (struct file){NULL, 0};
	if (fd < 0) {
		failure_set(failure, CLASS_USAGE, "%s %s: %s", what, path, strerror(errno));
		return false;
	}
	is_read = read_open(fd, file, what, path, failure);
	close(fd);
	if (!is_read)
		file_free(file);
	return is_read;
}

void file_free(struct file *file)
{
	free(file->text);
	*file = (struct file){NULL, 0};
}

void file_wipe(struct file *file)
{
	if (file->text)
		explicit_bzero(file->text, file->length);
	file_free(file);
}
