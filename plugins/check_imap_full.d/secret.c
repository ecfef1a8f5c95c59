/* SPDX-License-Identifier: GPL-3.0-or-later */
/* secret.c - see secret.h. Must not know who the secret is for. */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mask.h"
#include "shell.h"

/* One octet more than the longest line with its end, so that a longer one shows. */
enum { ROOM = SECRET_MAX + 3 };

struct secret {
	struct secret_spec spec;
	struct shell shell; /* COMMAND */
	int fd;		    /* FILE: its descriptor, -1 once it was read */
	bool is_exposed;
	bool line_is_over; /* the rest of what comes is not wanted */
	size_t length;
	char text[ROOM];
};

/* --- life ------------------------------------------------------------------------------------ */

struct secret *secret_new(const struct secret_spec *spec)
{
	struct secret *secret = mmap(NULL, sizeof *secret, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		return NULL;
	/* Best effort both: a small RLIMIT_MEMLOCK is no reason to fail. */
	(void)mlock(secret, sizeof *secret);
	(void)madvise(secret, sizeof *secret, MADV_DONTDUMP);
	secret->spec = *spec;
	secret->fd = -1;
	shell_init(&secret->shell);
	if (spec->given) {
		secret->length = strnlen(spec->given, ROOM);
		memcpy(secret->text, spec->given, secret->length);
		explicit_bzero(spec->given, strlen(spec->given));
	}
	return secret;
}

void secret_free(struct secret *secret)
{
	if (!secret)
		return;
	shell_close(&secret->shell);
	if (secret->fd > STDIN_FILENO)
		close(secret->fd);
	explicit_bzero(secret, sizeof *secret);
	munmap(secret, sizeof *secret);
}

/* --- verdict --------------------------------------------------------------------------------- */

/* What cannot be used is forgotten at once. So nobody masks our own sentence, in which a short one
   would be found by chance: whoever puts foreign words into `what` masks those. */
static enum secret_progress fail(struct secret *secret, struct failure *failure, const char *what)
{
	const char *where = secret->spec.where ? secret->spec.where : "";
	const char *source = secret->spec.source == SECRET_ENV	     ? "password variable "
			     : secret->spec.source == SECRET_COMMAND ? "password command"
			     : secret->spec.source == SECRET_GIVEN   ? "password"
			     : strcmp(where, "-") == 0		     ? "standard input"
								     : "password file ";

	if (source[strlen(source) - 1] != ' ')
		where = "";
	failure_set(failure, CLASS_USAGE, "the %s%.200s %s", source, where, what);
	explicit_bzero(secret->text, sizeof secret->text);
	secret->length = 0;
	return SECRET_FAILED;
}

static enum secret_progress fail_errno(struct secret *secret, struct failure *failure, int error)
{
	char what[200];

	snprintf(what, sizeof what, "cannot be read: %s", strerror(error));
	return fail(secret, failure, what);
}

/* One, if there is one. */
static void take_line_end_off(struct secret *secret)
{
	const char *text = secret->text;

	if (secret->length == 0 || text[secret->length - 1] != '\n')
		return;
	secret->length--;
	if (secret->length > 0 && text[secret->length - 1] == '\r')
		secret->length--;
}

/* Whether what was read can be a password. */
static enum secret_progress judge(struct secret *secret, struct failure *failure)
{
	size_t length;

	take_line_end_off(secret);
	length = secret->length;
	if (length > SECRET_MAX)
		return fail(secret, failure, "holds more than 64 KiB");
	if (length == 0)
		return fail(secret, failure,
			    secret->spec.source == SECRET_COMMAND ? "printed nothing" : "is empty");
	if (memchr(secret->text, '\0', length))
		return fail(secret, failure, "holds a NUL octet");
	return SECRET_READY;
}

/* --- reading a line -------------------------------------------------------------------------- */

/* Whether read() would not block. Asked here, for this descriptor may be shared with others
   (standard input), whose reads would change with O_NONBLOCK. */
static bool is_readable(int fd)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};
	int ready;

	do
		ready = poll(&one, 1, 0);
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* Keeps the first line with its end, wipes what came behind it. */
static void keep(struct secret *secret, size_t got)
{
	char *end = memchr(secret->text + secret->length, '\n', got);
	size_t before = secret->length;

	secret->length += got;
	secret->line_is_over = end || secret->length == ROOM;
	if (end) {
		secret->length = (size_t)(end - secret->text) + 1;
		explicit_bzero(secret->text + secret->length, before + got - secret->length);
	}
}

enum reading { READING_MORE, READING_OVER, READING_BROKEN };

static enum reading read_line(struct secret *secret, int fd)
{
	while (!secret->line_is_over) {
		if (!is_readable(fd))
			return READING_MORE;

		ssize_t got = read(fd, secret->text + secret->length, ROOM - secret->length);

		if (got > 0)
			keep(secret, (size_t)got);
		else if (got == 0)
			secret->line_is_over = true;
		else if (errno == EAGAIN)
			return READING_MORE;
		else if (errno != EINTR)
			return READING_BROKEN;
	}
	return READING_OVER;
}

/* --- file ------------------------------------------------------------------------------------ */

static enum secret_progress ready_file(struct secret *secret, struct failure *failure)
{
	enum reading reading = read_line(secret, secret->fd);
	int error = errno;

	if (reading == READING_MORE)
		return SECRET_WAIT;
	if (secret->fd > STDIN_FILENO)
		close(secret->fd);
	secret->fd = -1;
	return reading == READING_OVER ? judge(secret, failure)
				       : fail_errno(secret, failure, error);
}

/* O_NONBLOCK: opening a FIFO must not wait for somebody who writes. */
static enum secret_progress start_file(struct secret *secret, struct failure *failure)
{
	struct stat facts;

	if (strcmp(secret->spec.where, "-") == 0) {
		secret->fd = STDIN_FILENO;
		return ready_file(secret, failure);
	}
	secret->fd = open(secret->spec.where, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (secret->fd < 0 || fstat(secret->fd, &facts) != 0)
		return fail_errno(secret, failure, errno);
	if (S_ISDIR(facts.st_mode))
		return fail_errno(secret, failure, EISDIR);
	secret->is_exposed = S_ISREG(facts.st_mode) && (facts.st_mode & S_IROTH);
	return ready_file(secret, failure);
}

bool secret_is_exposed(const struct secret *secret)
{
	return secret->is_exposed;
}

/* --- command --------------------------------------------------------------------------------- */

static enum secret_progress judge_command(struct secret *secret, struct failure *failure)
{
	char *line = secret->shell.line, what[SHELL_LINE + 60];
	int status = secret->shell.status;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return judge(secret, failure);
	/* A shell that traces (set -x) shows on stderr what it prints. */
	take_line_end_off(secret);
	secret_mask(secret, line);
	snprintf(what, sizeof what, "%s %d%s%s",
		 WIFSIGNALED(status) ? "was killed by signal" : "failed with exit status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), line[0] ? ": " : "",
		 line);
	return fail(secret, failure, what);
}

/* A command that says more than its first line must not fill the pipe and wait for us. */
static void discard(struct shell *shell)
{
	char bytes[4096];

	for (int rounds = 0; shell->out >= 0 && rounds < 32; rounds++) {
		ssize_t got = read(shell->out, bytes, sizeof bytes);

		if (got == 0)
			shell_close_out(shell);
		else if (got < 0 && errno != EINTR)
			break;
	}
	explicit_bzero(bytes, sizeof bytes);
}

static enum secret_progress ready_command(struct secret *secret, struct failure *failure)
{
	/* Asked before the pipe is read: what it wrote before its end is then not missed. */
	bool has_ended = shell_has_ended(&secret->shell);

	if (secret->shell.out >= 0)
		read_line(secret, secret->shell.out);
	if (secret->length > SECRET_MAX + 2)
		return fail(secret, failure, "prints more than 64 KiB in a line");
	if (has_ended)
		return judge_command(secret, failure);
	if (secret->line_is_over)
		discard(&secret->shell);
	return SECRET_WAIT;
}

static enum secret_progress start_command(struct secret *secret, struct failure *failure)
{
	return shell_start(&secret->shell, secret->spec.where, failure) ? SECRET_WAIT
									: SECRET_FAILED;
}

/* --- all sources ----------------------------------------------------------------------------- */

static enum secret_progress start_env(struct secret *secret, struct failure *failure)
{
	const char *value = getenv(secret->spec.where);

	if (!value)
		return fail(secret, failure, "is not set");
	secret->length = strnlen(value, ROOM);
	memcpy(secret->text, value, secret->length);
	return judge(secret, failure);
}

enum secret_progress secret_start(struct secret *secret, struct failure *failure)
{
	switch (secret->spec.source) {
	case SECRET_FILE:
		return start_file(secret, failure);
	case SECRET_ENV:
		return start_env(secret, failure);
	case SECRET_COMMAND:
		return start_command(secret, failure);
	case SECRET_GIVEN:
	case SECRET_NONE:
		break;
	}
	return judge(secret, failure);
}

void secret_wait(const struct secret *secret, struct wait *wait)
{
	if (secret->fd >= 0)
		wait_fd(wait, secret->fd, POLLIN);
	shell_wait(&secret->shell, wait);
}

enum secret_progress secret_ready(struct secret *secret, struct failure *failure)
{
	switch (secret->spec.source) {
	case SECRET_FILE:
		return ready_file(secret, failure);
	case SECRET_COMMAND:
		return ready_command(secret, failure);
	case SECRET_ENV:
	case SECRET_GIVEN:
	case SECRET_NONE:
		break;
	}
	return judge(secret, failure);
}

void secret_mask(const struct secret *secret, char *text)
{
	mask_secret(secret_span(secret), text);
}

struct imap_span secret_span(const struct secret *secret)
{
	return (struct imap_span){secret->text, secret->length};
}
