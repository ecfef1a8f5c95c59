/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shell.c - see shell.h. */
#include "shell.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"

void shell_init(struct shell *shell)
{
	*shell = (struct shell){.exit_fd = -1, .out = -1, .err = -1};
}

static void drop(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- start ----------------------------------------------------------------------------------- */

/* Runs in the child. The descriptors are moved out of the way first: where ours were closed at the
   start, one of them could be the number that another one is to get. */
static _Noreturn void become(const char *command, int in, int out, int err)
{
	setpgid(0, 0);
	in = fcntl(in, F_DUPFD_CLOEXEC, 3);
	out = fcntl(out, F_DUPFD_CLOEXEC, 3);
	err = fcntl(err, F_DUPFD_CLOEXEC, 3);
	if (dup2(in, STDIN_FILENO) == 0 && dup2(out, STDOUT_FILENO) == 1 &&
	    dup2(err, STDERR_FILENO) == 2)
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static bool fork_into(struct shell *shell, const char *command, int in, int out, int err)
{
	pid_t pid = child_fork();

	if (pid < 0)
		return false;
	if (pid == 0)
		become(command, in, out, err);
	setpgid(pid, pid); /* whoever of the two comes first */
	shell->pid = pid;
#ifdef SYS_pidfd_open
	shell->exit_fd = (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by nature */
#endif
	return true;
}

bool shell_start(struct shell *shell, const char *command, struct failure *failure)
{
	int out[2] = {-1, -1}, err[2] = {-1, -1};
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	bool is_running = in >= 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0 &&
			  fcntl(out[0], F_SETFL, O_NONBLOCK) == 0 &&
			  fcntl(err[0], F_SETFL, O_NONBLOCK) == 0 &&
			  fork_into(shell, command, in, out[1], err[1]);

	if (!is_running)
		failure_set(failure, CLASS_INTERNAL, "cannot run a command: %s", strerror(errno));
	drop(&in);
	drop(&out[1]);
	drop(&err[1]);
	shell->out = out[0];
	shell->err = err[0];
	return is_running;
}

/* --- while it runs --------------------------------------------------------------------------- */

void shell_wait(const struct shell *shell, struct wait *wait)
{
	if (shell->out >= 0)
		wait_fd(wait, shell->out, POLLIN);
	if (shell->err >= 0)
		wait_fd(wait, shell->err, POLLIN);
	if (shell->exit_fd >= 0)
		wait_fd(wait, shell->exit_fd, POLLIN);
	else if (shell->pid > 0)
		wait_until(wait, clock_now() + 10 * CLOCK_MILLISECOND);
}

static void keep_last_line(struct shell *shell, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		size_t used = strlen(shell->line);

		if (bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\0') {
			shell->line_is_over = true;
			continue;
		}
		if (shell->line_is_over)
			used = 0;
		shell->line_is_over = false;
		if (used + 1 < sizeof shell->line) {
			shell->line[used] = bytes[i];
			shell->line[used + 1] = '\0';
		}
	}
}

/* Bounded, so that a command that never stops talking cannot keep us from the clock. */
static void read_err(struct shell *shell)
{
	char bytes[4096];

	for (int rounds = 0; shell->err >= 0 && rounds < 32; rounds++) {
		ssize_t got = read(shell->err, bytes, sizeof bytes);

		if (got > 0)
			keep_last_line(shell, bytes, (size_t)got);
		else if (got == 0)
			drop(&shell->err);
		else if (errno != EINTR)
			break;
	}
	explicit_bzero(bytes, sizeof bytes);
}

/* Where somebody else took its status away (SIGCHLD ignored), it counts as failed. */
static bool reap(struct shell *shell)
{
	pid_t ended = shell->pid > 0 ? waitpid(shell->pid, &shell->status, WNOHANG) : 0;

	if (ended < 0 && errno == EINTR)
		return false;
	if (ended < 0)
		shell->status = 255 << 8;
	if (ended != 0)
		shell->pid = 0;
	return shell->pid == 0;
}

bool shell_has_ended(struct shell *shell)
{
	bool has_ended = reap(shell);

	if (has_ended)
		drop(&shell->exit_fd);
	read_err(shell);
	return has_ended;
}

void shell_close_out(struct shell *shell)
{
	drop(&shell->out);
}

/* --- end ------------------------------------------------------------------------------------- */

/* While the shell is not reaped its number cannot belong to another group. A killed process is gone
   at once, unless the kernel holds it: then nobody waits for it, and init reaps it after us. */
void shell_close(struct shell *shell)
{
	const struct timespec pause = {.tv_nsec = CLOCK_MILLISECOND};

	if (shell->pid > 0) {
		kill(-shell->pid, SIGKILL);
		kill(shell->pid, SIGKILL);
	}
	for (int tries = 0; tries < 30 && !reap(shell); tries++)
		nanosleep(&pause, NULL);
	drop(&shell->exit_fd);
	drop(&shell->out);
	drop(&shell->err);
	explicit_bzero(shell->line, sizeof shell->line);
}
