/* SPDX-License-Identifier: GPL-3.0-or-later */
/* papers.c - writes one paper to the standard output: papers manual TEMPLATE, or papers NAME. */
#include <string.h>

#include "papers.h"

static const struct {
	const char *name;
	void (*write)(FILE *to);
} papers[] = {
	{"bash", papers_write_bash},	     {"zsh", papers_write_zsh},
	{"icinga", papers_write_icinga},     {"icinga-table", papers_write_icinga_table},
	{"director", papers_write_director},
};
enum { PAPERS = sizeof papers / sizeof papers[0] };

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

static int write_paper(const char *name)
{
	for (int i = 0; i < PAPERS; i++)
		if (strcmp(name, papers[i].name) == 0) {
			papers[i].write(stdout);
			return 0;
		}
	fputs("usage: papers manual TEMPLATE", stderr);
	for (int i = 0; i < PAPERS; i++)
		fprintf(stderr, " | %s", papers[i].name);
	fputc('\n', stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int status = strcmp(what, "manual") == 0 && argc == 3 ? write_manual(argv[2])
							      : write_paper(what);

	return fflush(stdout) != 0 ? 1 : status;
}
