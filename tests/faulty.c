/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * faulty.c - the plugin in a world where calls fail: linked with it, and with --wrap for each call
 * below (tests.mk). What libraries call is not reached.
 *
 *	FAULT=CALL:N:ERRNO	the Nth one fails with that errno (a number)
 *	FAULT=CALL:*:ERRNO	every other one fails
 *	FAULT=CALL:*:short	each moves one octet at most (recv, send, sendmsg, read, write)
 *	FAULT_COUNTS=FILE	at the end, how often each was called: lines of "CALL N"; and
 *				"descriptors N", how many are open
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS = 64, EVERY = -1, DESCRIPTORS = 64 };

static struct {
	const char *name;
	long count;
} calls[CALLS];

static struct {
	bool is_read, is_short;
	char call[32];
	long at; /* EVERY: every other one */
	int error;
} fault;

static void read_fault(void)
{
	const char *text = getenv("FAULT");
	char at[16], what[16];

	fault.is_read = true;
	if (!text || sscanf(text, "%31[^:]:%15[^:]:%15s", fault.call, at, what) != 3)
		return;
	fault.at = at[0] == '*' ? EVERY : strtol(at, NULL, 10);
	fault.is_short = strcmp(what, "short") == 0;
	fault.error = (int)strtol(what, NULL, 10);
}

/* Counts the call; how many there were. */
static long count(const char *name)
{
	int i = 0;

	while (i < CALLS - 1 && calls[i].name && strcmp(calls[i].name, name) != 0)
		i++;
	calls[i].name = name;
	return ++calls[i].count;
}

static bool strikes(const char *name)
{
	if (!fault.is_read)
		read_fault();

	long number = count(name);
	if (strcmp(name, fault.call) != 0 || fault.is_short)
		return false;
	if (fault.at == EVERY ? number % 2 == 0 : number != fault.at)
		return false;
	errno = fault.error;
	return true;
}

static size_t shortened(const char *name, size_t size)
{
	return fault.is_short && strcmp(name, fault.call) == 0 && size > 1 ? 1 : size;
}

int __real_fcntl(int fd, int command, ...); /* NOLINT(bugprone-reserved-identifier) */

static int count_descriptors(void)
{
	int open_ones = 0;

	for (int fd = 0; fd < DESCRIPTORS; fd++)
		open_ones += __real_fcntl(fd, F_GETFD) >= 0;
	return open_ones;
}

__attribute__((destructor)) static void tell_counts(void)
{
	const char *path = getenv("FAULT_COUNTS");
	int descriptors = count_descriptors();
	int fd = path ? openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;

	fault.call[0] = '\0';
	if (fd >= 0)
		dprintf(fd, "descriptors %d\n", descriptors);
	for (int i = 0; fd >= 0 && i < CALLS && calls[i].name; i++)
		dprintf(fd, "%s %ld\n", calls[i].name, calls[i].count);
}

/* NOLINTBEGIN(bugprone-reserved-identifier,bugprone-macro-parentheses): the linker gives these
 * names. */
#define WRAP(type, name, parameters, arguments, failure)                                           \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return strikes(#name) ? failure : __real_##name arguments;                         \
	}

WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t number, size_t size), (number, size), NULL)
WRAP(void *, realloc, (void *old, size_t size), (old, size), NULL)
WRAP(FILE *, open_memstream, (char **text, size_t *size), (text, size), NULL)
WRAP(FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)
WRAP(int, socket, (int family, int type, int protocol), (family, type, protocol), -1)
WRAP(int, connect, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size), -1)
WRAP(int, getsockopt, (int fd, int level, int option, void *value, socklen_t *size),
     (fd, level, option, value, size), -1)
WRAP(int, setsockopt, (int fd, int level, int option, const void *value, socklen_t size),
     (fd, level, option, value, size), -1)
WRAP(int, getsockname, (int fd, struct sockaddr *own, socklen_t *size), (fd, own, size), -1)
WRAP(int, poll, (struct pollfd * fds, nfds_t number, int timeout), (fds, number, timeout), -1)
WRAP(int, ppoll,
     (struct pollfd * fds, nfds_t number, const struct timespec *timeout, const sigset_t *mask),
     (fds, number, timeout, mask), -1)
WRAP(int, __ppoll_chk,
     (struct pollfd * fds, nfds_t number, const struct timespec *timeout, const sigset_t *mask,
      size_t room),
     (fds, number, timeout, mask, room), -1)
WRAP(int, pipe2, (int fds[2], int flags), (fds, flags), -1)
WRAP(pid_t, fork, (void), (), -1)
WRAP(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options), -1)
WRAP(int, fstat, (int fd, struct stat *facts), (fd, facts), -1)
WRAP(int, mlock, (const void *at, size_t size), (at, size), -1)
WRAP(void *, mmap, (void *at, size_t size, int allowed, int flags, int fd, off_t from),
     (at, size, allowed, flags, fd, from), MAP_FAILED)
WRAP(int, madvise, (void *at, size_t size, int advice), (at, size, advice), -1)
WRAP(int, setitimer, (__itimer_which_t which, const struct itimerval *value, struct itimerval *old),
     (which, value, old), -1)
WRAP(int, sigaction, (int number, const struct sigaction *action, struct sigaction *old),
     (number, action, old), -1)
WRAP(int, sigprocmask, (int how, const sigset_t *mask, sigset_t *old), (how, mask, old), -1)
WRAP(int, dup2, (int from, int to), (from, to), -1)
WRAP(off_t, lseek, (int fd, off_t to, int whence), (fd, to, whence), -1)
WRAP(ssize_t, recv, (int fd, void *to, size_t size, int flags),
     (fd, to, shortened("recv", size), flags), -1)
WRAP(ssize_t, send, (int fd, const void *from, size_t size, int flags),
     (fd, from, shortened("send", size), flags), -1)
WRAP(ssize_t, read, (int fd, void *to, size_t size), (fd, to, shortened("read", size)), -1)
WRAP(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, shortened("write", size)),
     -1)

ssize_t __real_sendmsg(int fd, const struct msghdr *message, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags);

ssize_t __wrap_sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct msghdr less = *message;
	struct iovec first = *message->msg_iov;

	if (strikes("sendmsg"))
		return -1;
	first.iov_len = shortened("sendmsg", first.iov_len);
	if (first.iov_len < message->msg_iov->iov_len) {
		less.msg_iov = &first;
		less.msg_iovlen = 1;
	}
	return __real_sendmsg(fd, &less, flags);
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

/* Nothing is created. */
int __wrap_open(const char *path, int flags, ...)
{
	return strikes("open") ? -1 : __real_open(path, flags);
}

int __wrap_fcntl(int fd, int command, ...);

int __wrap_fcntl(int fd, int command, ...)
{
	va_list more;

	va_start(more, command);
	void *argument = va_arg(more, void *);
	va_end(more);
	return strikes("fcntl") ? -1 : __real_fcntl(fd, command, argument);
}
/* NOLINTEND(bugprone-reserved-identifier,bugprone-macro-parentheses) */
