/* SPDX-License-Identifier: GPL-3.0-or-later */
/* child.c - see child.h. */
#include "child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

static void begin(pid_t parent)
{
	static const int reset[] = {SIGPIPE, SIGCHLD, SIGALRM, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
	sigset_t none;

	for (size_t i = 0; i < sizeof reset / sizeof reset[0]; i++)
		signal(reset[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

/* What comes while all is blocked strikes the child at the end of begin(), by default then, and us
   after fork(), as it always does. */
pid_t child_fork(void)
{
	pid_t parent = getpid(), pid;
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid == 0)
		begin(parent);
	else
		sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}
