/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - see store.h. Judges nothing, and leaves all that is unusual to GnuTLS. */
#include "store.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cert.h"
#include "der.h"
#include "file.h"
#include "pem.h"

enum { NAMES_MAX = 2 * CERT_CHAIN_MAX };

/* The names that matter, as DER; gnutls_free() frees each. */
struct names {
	gnutls_datum_t items[NAMES_MAX];
	unsigned count;
};

/* --- the names that matter --------------------------------------------------------------- */

static bool holds(const struct names *names, struct der name)
{
	for (unsigned i = 0; i < names->count; i++)
		if (names->items[i].size == name.length &&
		    memcmp(names->items[i].data, name.at, name.length) == 0)
			return true;
	return false;
}

static bool add_name(struct names *names, gnutls_x509_crt_t crt,
		     int (*get)(gnutls_x509_crt_t, gnutls_datum_t *))
{
	gnutls_datum_t name;

	if (names->count == NAMES_MAX || get(crt, &name) != 0)
		return false;
	if (holds(names, (struct der){name.data, name.size}))
		gnutls_free(name.data);
	else
		names->items[names->count++] = name;
	return true;
}

static bool collect(struct names *names, const gnutls_x509_crt_t *chain, unsigned length)
{
	names->count = 0;
	for (unsigned i = 0; i < length; i++)
		if (!add_name(names, chain[i], gnutls_x509_crt_get_raw_issuer_dn) ||
		    !add_name(names, chain[i], gnutls_x509_crt_get_raw_dn))
			return false;
	return true;
}

static void clear(struct names *names)
{
	while (names->count > 0)
		gnutls_free(names->items[--names->count].data);
}

/* --- files --------------------------------------------------------------------------------------
 */

/* The list owns it from then on. */
static bool add_anchor(gnutls_x509_trust_list_t list, struct der der)
{
	const gnutls_datum_t datum = {(unsigned char *)der.at, (unsigned)der.length};
	gnutls_x509_crt_t crt;

	if (gnutls_x509_crt_init(&crt) != 0)
		return false;
	if (gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER) == 0 &&
	    gnutls_x509_trust_list_add_cas(list, &crt, 1, 0) == 1)
		return true;
	gnutls_x509_crt_deinit(crt);
	return false;
}

/* What is done with a file. */
typedef bool visitor(struct pem *pem, void *context);

struct picking {
	gnutls_x509_trust_list_t list;
	struct names names;
};

static bool pick(struct pem *pem, void *context)
{
	struct picking *picking = context;
	struct der der, subject, key;
	enum pem_result result;

	while ((result = pem_next(pem, &der)) == PEM_FOUND) {
		if (!der_certificate(der, &subject, &key))
			return false;
		if (holds(&picking->names, subject) && !add_anchor(picking->list, der))
			return false;
	}
	return result == PEM_END;
}

static bool load(struct pem *pem, void *context)
{
	const gnutls_datum_t text = {(unsigned char *)pem->at, (unsigned)(pem->end - pem->at)};

	return gnutls_x509_trust_list_add_trust_mem(context, &text, NULL, GNUTLS_X509_FMT_PEM, 0,
						    0) > 0;
}

static bool find_any(struct pem *pem, void *context)
{
	struct der der, subject, key;

	(void)context;
	return pem_next(pem, &der) == PEM_FOUND && der_certificate(der, &subject, &key);
}

/* False where it cannot be read. */
static bool visit_file(const char *path, visitor *visit, void *context)
{
	struct failure ignored;
	struct file file;
	struct pem pem;
	bool is_well;

	if (!file_read(&file, "", path, &ignored))
		return false;
	pem_begin(&pem, file.text, file.length);
	is_well = visit(&pem, context);
	file_free(&file);
	return is_well;
}

/* How many of its files were visited well; `enough` ends it. Those that are something else do not
   matter. */
static unsigned visit_folder(const char *path, visitor *visit, void *context, unsigned enough)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;
	unsigned count = 0;

	while (folder && count < enough && (entry = readdir(folder))) {
		char name[PATH_MAX];

		if (entry->d_type != DT_REG && entry->d_type != DT_LNK &&
		    entry->d_type != DT_UNKNOWN)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		count += visit_file(name, visit, context);
	}
	if (folder)
		closedir(folder);
	return count;
}

bool store_pick(const struct store *store, gnutls_x509_trust_list_t list,
		const gnutls_x509_crt_t *chain, unsigned chain_length)
{
	struct picking picking = {.list = list};
	bool is_well = collect(&picking.names, chain, chain_length) &&
		       (!store->file || visit_file(store->file, pick, &picking));

	if (is_well && store->folder)
		visit_folder(store->folder, pick, &picking, UINT_MAX);
	clear(&picking.names);
	return is_well;
}

bool store_load_folder(const char *folder, gnutls_x509_trust_list_t list)
{
	return visit_folder(folder, load, list, UINT_MAX) > 0;
}

bool store_holds_any(const struct store *store)
{
	return (!store->file || visit_file(store->file, find_any, NULL)) &&
	       (!store->folder || visit_folder(store->folder, find_any, NULL, 1) > 0);
}
