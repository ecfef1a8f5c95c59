/* SPDX-License-Identifier: GPL-3.0-or-later */
/* papers.c - writes one paper to the standard output: papers manual TEMPLATE | bash | zsh. */
#include <string.h>

#include "papers.h"

static int write_manual(const char *path)
{
	FILE *from = fopen(path, "r");

	if (!from) {
		perror(path);
		return 1;
	}
	papers_write_manual(from, stdout);
	fclose(from);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int status = 0;

	if (strcmp(what, "manual") == 0 && argc == 3)
		status = write_manual(argv[2]);
	else if (strcmp(what, "bash") == 0)
		papers_write_bash(stdout);
	else if (strcmp(what, "zsh") == 0)
		papers_write_zsh(stdout);
	else
		status = 2;
	if (status == 2)
		fputs("usage: papers manual TEMPLATE | bash | zsh\n", stderr);
	return fflush(stdout) != 0 ? 1 : status;
}
