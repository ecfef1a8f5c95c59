/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pki.c - see pki.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pki.h"

#include <dirent.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[200];

const char *pki_path(const char *name)
{
	static char paths[4][600];
	static unsigned turn;
	char *path = paths[turn++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

int pki_make(void **state)
{
	const char *source = getenv("srcdir");
	const char *temporary = getenv("TMPDIR");
	char command[600];

	(void)state;
	snprintf(folder, sizeof(folder), "%s/pki.XXXXXX", temporary ? temporary : "/tmp");
	if (!mkdtemp(folder))
		return -1;
	snprintf(command, sizeof(command), "'%s/tests/pki/make-pki' '%s'", source ? source : ".",
		 folder);
	return system(command) == 0 ? 0 : -1;
}

int pki_remove(void **state)
{
	DIR *listing = opendir(folder);
	struct dirent *entry;

	(void)state;
	while (listing && (entry = readdir(listing)))
		if (entry->d_name[0] != '.')
			unlink(pki_path(entry->d_name));
	if (listing)
		closedir(listing);
	return rmdir(folder);
}

unsigned pki_chain(const char *name, gnutls_x509_crt_t *chain)
{
	unsigned count = PKI_CHAIN_MAX;
	gnutls_datum_t pem;
	char file[100];

	snprintf(file, sizeof(file), "%s.pem", name);
	assert_int_equal(gnutls_load_file(pki_path(file), &pem), 0);
	assert_true(gnutls_x509_crt_list_import(chain, &count, &pem, GNUTLS_X509_FMT_PEM, 0) > 0);
	gnutls_free(pem.data);
	return count;
}

void pki_free(gnutls_x509_crt_t *chain, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		gnutls_x509_crt_deinit(chain[i]);
}
