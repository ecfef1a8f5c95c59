/* SPDX-License-Identifier: GPL-3.0-or-later */
/* errand.c - see errand.h. */
#include "errand.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"

void errand_init(struct errand *errand)
{
	*errand = (struct errand){.out = -1};
}

static bool reap(struct errand *errand)
{
	pid_t ended = errand->pid > 0 ? waitpid(errand->pid, NULL, WNOHANG) : 0;

	if (ended > 0 || (ended < 0 && errno != EINTR))
		errand->pid = 0;
	return errand->pid == 0;
}

/* A killed process is gone at once, unless the kernel holds it: then nobody waits for it. */
void errand_close(struct errand *errand)
{
	const struct timespec pause = {.tv_nsec = CLOCK_MILLISECOND / 10};

	if (errand->out >= 0)
		close(errand->out);
	errand->out = -1;
	if (errand->pid > 0)
		kill(errand->pid, SIGKILL);
	for (int tries = 0; tries < 300 && !reap(errand); tries++)
		nanosleep(&pause, NULL);
	errand->pid = 0;
}

/* --- in the child ---------------------------------------------------------------------------- */

/* What it holds already: its share of our memory, most of which it will never touch. */
static rlim_t measure_memory(void)
{
	unsigned long data = 0;
	FILE *from = fopen("/proc/self/statm", "re");

	if (!from)
		return 0;
	if (fscanf(from, "%*u %*u %*u %*u %*u %lu", &data) != 1)
		data = 0;
	fclose(from);
	return (rlim_t)data * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void limit_memory(void)
{
	rlim_t held = measure_memory();
	struct rlimit limit;

	if (held == 0 || getrlimit(RLIMIT_DATA, &limit) != 0)
		return;
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > held + ERRAND_MEMORY)
		limit.rlim_cur = held + ERRAND_MEMORY;
	setrlimit(RLIMIT_DATA, &limit);
}

/* Our output speaks for the whole program: a child has no say, and a library that dies must not
   have a last word. */
static void become_child(void)
{
	int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(nowhere, fd);
	limit_memory();
}

static _Noreturn void perform(errand_work *work, const void *task, int to, size_t size)
{
	char result[ERRAND_RESULT] __attribute__((aligned(16))) = "";

	work(task, result);
	_exit(write(to, result, size) == (ssize_t)size ? 0 : 1); /* a pipe takes so little whole */
}

/* --- in the parent --------------------------------------------------------------------------- */

bool errand_start(struct errand *errand, errand_work *work, const void *task, size_t size,
		  struct failure *failure)
{
	int ends[2] = {-1, -1};

	assert(size <= ERRAND_RESULT && errand->pid == 0);
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0)
		errand->pid = child_fork();
	if (ends[0] >= 0 && errand->pid == 0) {
		become_child();
		perform(work, task, ends[1], size);
	}
	if (ends[0] < 0 || errand->pid < 0) {
		failure_set(failure, CLASS_INTERNAL, "cannot start a child process: %s",
			    strerror(errno));
		errand->pid = 0;
	}
	if (ends[1] >= 0)
		close(ends[1]);
	errand->out = ends[0];
	errand->size = size;
	errand->got = 0;
	return errand->pid > 0;
}

void errand_wait(const struct errand *errand, struct wait *wait)
{
	wait_fd(wait, errand->out, POLLIN);
}

enum errand_progress errand_ready(struct errand *errand)
{
	ssize_t got = read(errand->out, errand->result + errand->got, errand->size - errand->got);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return ERRAND_WAIT;
	if (got > 0)
		errand->got += (size_t)got;
	if (got > 0 && errand->got < errand->size)
		return ERRAND_WAIT;
	errand_close(errand);
	return errand->got == errand->size ? ERRAND_READY : ERRAND_DIED;
}
