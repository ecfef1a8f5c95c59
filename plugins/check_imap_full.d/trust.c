/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust.c - loads trust anchors. Knows no connections and judges nothing. */
#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "store.h"

enum { FILE_SIZE_MAX = 16 * 1024 * 1024 };

/* Only regular files: reading from a pipe or a device could take for ever. */
static bool is_readable_file(const char *path, struct failure *failure)
{
	struct stat about;
	FILE *file;

	if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
		failure_set(failure, CLASS_USAGE, "CA file %s is not a file", path);
	else if (!(file = fopen(path, "re")))
		failure_set(failure, CLASS_USAGE, "CA file %s: %s", path, strerror(errno));
	else {
		fclose(file);
		if (about.st_size <= FILE_SIZE_MAX)
			return true;
		failure_set(failure, CLASS_USAGE, "CA file %s is too large", path);
	}
	return false;
}

static bool is_readable_folder(const char *path, struct failure *failure)
{
	DIR *folder = opendir(path);

	if (!folder) {
		failure_set(failure, CLASS_USAGE, "CA folder %s: %s", path, strerror(errno));
		return false;
	}
	closedir(folder);
	return true;
}

static bool add_file(gnutls_x509_trust_list_t list, const char *path, struct failure *failure)
{
	int count;

	if (!is_readable_file(path, failure))
		return false;
	count = gnutls_x509_trust_list_add_trust_file(list, path, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
	if (count <= 0)
		failure_set(failure, CLASS_USAGE, "CA file %s holds no certificate in PEM form%s%s",
			    path, count < 0 ? ": " : "", count < 0 ? gnutls_strerror(count) : "");
	return count > 0;
}

static bool add_folder(gnutls_x509_trust_list_t list, const char *path, struct failure *failure)
{
	int count;

	if (!is_readable_folder(path, failure))
		return false;
	count = gnutls_x509_trust_list_add_trust_dir(list, path, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
	if (count <= 0)
		failure_set(failure, CLASS_USAGE, "CA folder %s holds no certificate in PEM form",
			    path);
	return count > 0;
}

static bool add_system(gnutls_x509_trust_list_t list, struct failure *failure)
{
	int count = gnutls_x509_trust_list_add_system_trust(list, 0, 0);

	if (count <= 0)
		failure_set(failure, CLASS_USAGE,
			    "the system has no trust anchors: install ca-certificates or pass "
			    "--ca-file=FILE");
	return count > 0;
}

static bool fill(gnutls_x509_trust_list_t list, const struct trust *trust, struct failure *failure)
{
	if (!trust->file && !trust->folder)
		return add_system(list, failure);
	if (trust->file && !add_file(list, trust->file, failure))
		return false;
	return !trust->folder || add_folder(list, trust->folder, failure);
}

/* The one PEM file that the anchors come from, or NULL. TRUST_BUNDLE is the file that GnuTLS was
   built to take for the system's store; it is not defined where GnuTLS does otherwise, or where
   that is not known. */
static const char *bundle(const struct trust *trust)
{
	if (trust->folder)
		return NULL;
	if (trust->file)
		return trust->file;
#ifdef TRUST_BUNDLE
	return TRUST_BUNDLE;
#else
	return NULL;
#endif
}

static gnutls_x509_trust_list_t new_list(struct failure *failure)
{
	gnutls_x509_trust_list_t list;

	if (gnutls_x509_trust_list_init(&list, 0) == 0)
		return list;
	failure_set(failure, CLASS_INTERNAL, "out of memory");
	return NULL;
}

/* NULL when they have to be loaded all. */
static gnutls_x509_trust_list_t pick(const char *path, const gnutls_x509_crt_t *chain,
				     unsigned chain_length, struct failure *failure)
{
	gnutls_x509_trust_list_t list = path && chain_length > 0 ? new_list(failure) : NULL;

	if (list && store_pick(path, list, chain, chain_length))
		return list;
	if (list)
		gnutls_x509_trust_list_deinit(list, 1);
	return NULL;
}

gnutls_x509_trust_list_t trust_list(const struct trust *trust, const gnutls_x509_crt_t *chain,
				    unsigned chain_length, bool *is_partial,
				    struct failure *failure)
{
	gnutls_x509_trust_list_t list = pick(bundle(trust), chain, chain_length, failure);

	*is_partial = list != NULL;
	if (list)
		return list;
	list = new_list(failure);
	if (!list || fill(list, trust, failure))
		return list;
	gnutls_x509_trust_list_deinit(list, 1);
	return NULL;
}

bool trust_is_readable(const struct trust *trust, struct failure *failure)
{
	gnutls_x509_trust_list_t list;
	bool is_partial;

	if (!trust->file && !trust->folder)
		return true;
	list = trust_list(trust, NULL, 0, &is_partial, failure);
	if (!list)
		return false;
	gnutls_x509_trust_list_deinit(list, 1);
	return true;
}
