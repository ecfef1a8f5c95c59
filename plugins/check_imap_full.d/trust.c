/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trust.c - loads trust anchors. Knows no connections and judges nothing. */
#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include "file.h"
#include "store.h"

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
	struct file file;
	gnutls_datum_t text;
	int count;

	if (!file_read(&file, "CA file", path, failure))
		return false;
	text = (gnutls_datum_t){(unsigned char *)file.text, (unsigned)file.length};
	count = gnutls_x509_trust_list_add_trust_mem(list, &text, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
	file_free(&file);
	if (count <= 0)
		failure_set(failure, CLASS_USAGE, "CA file %s holds no certificate in PEM form",
			    path);
	return count > 0;
}

static bool add_folder(gnutls_x509_trust_list_t list, const char *path, struct failure *failure)
{
	bool is_loaded;

	if (!is_readable_folder(path, failure))
		return false;
	is_loaded = store_load_folder(path, list);
	if (!is_loaded)
		failure_set(failure, CLASS_USAGE, "CA folder %s holds no certificate in PEM form",
			    path);
	return is_loaded;
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

/* Where the anchors can be looked at one by one. TRUST_BUNDLE is the file that GnuTLS was built to
   take for the system's store; it is not defined where GnuTLS does otherwise, or where that is not
   known: then there is nothing to look at. */
static struct store store_of(const struct trust *trust)
{
	struct store store = {trust->file, trust->folder};

#ifdef TRUST_BUNDLE
	if (!store.file && !store.folder)
		store.file = TRUST_BUNDLE;
#endif
	return store;
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
static gnutls_x509_trust_list_t pick(const struct store *store, const gnutls_x509_crt_t *chain,
				     unsigned chain_length, struct failure *failure)
{
	bool may_pick = chain_length > 0 && (store->file || store->folder);
	gnutls_x509_trust_list_t list = may_pick ? new_list(failure) : NULL;

	if (list && store_pick(store, list, chain, chain_length))
		return list;
	if (list)
		gnutls_x509_trust_list_deinit(list, 1);
	return NULL;
}

gnutls_x509_trust_list_t trust_list(const struct trust *trust, const gnutls_x509_crt_t *chain,
				    unsigned chain_length, bool *is_partial,
				    struct failure *failure)
{
	const struct store store = store_of(trust);
	gnutls_x509_trust_list_t list = pick(&store, chain, chain_length, failure);

	*is_partial = list != NULL;
	if (list)
		return list;
	list = new_list(failure);
	if (!list || fill(list, trust, failure))
		return list;
	gnutls_x509_trust_list_deinit(list, 1);
	return NULL;
}

/* Whatever the quick look does not recognize is GnuTLS's to judge. */
bool trust_is_readable(const struct trust *trust, struct failure *failure)
{
	const struct store store = {trust->file, trust->folder};
	gnutls_x509_trust_list_t list;
	bool is_partial;

	if ((!trust->file && !trust->folder) || store_holds_any(&store))
		return true;
	list = trust_list(trust, NULL, 0, &is_partial, failure);
	if (!list)
		return false;
	gnutls_x509_trust_list_deinit(list, 1);
	return true;
}
