/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spent.c - runs a command and writes what it cost: microseconds of CPU, KiB at its peak, status.
 *
 *	spent FILE COMMAND [ARGUMENT...]
 *
 * A large program that measures its children counts itself in: a child has its parent's memory
 * until it is another program, and the kernel keeps the peak. So this small one stands in between.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long microseconds(struct timeval time)
{
	return (long)time.tv_sec * 1000000 + (long)time.tv_usec;
}

static int tell(const char *path, const struct rusage *usage, int status)
{
	FILE *to = fopen(path, "w");
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

	if (!to)
		return 1;
	fprintf(to, "%ld %ld %d\n", microseconds(usage->ru_utime) + microseconds(usage->ru_stime),
		usage->ru_maxrss, code);
	return fclose(to) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t child;

	if (argc < 3)
		return 2;
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child)
		return 1;
	return tell(argv[1], &usage, status);
}
