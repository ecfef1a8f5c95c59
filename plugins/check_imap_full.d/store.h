/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store.h - takes from files of trust anchors those that a chain can lead to.
 *
 * To load all of a system's anchors costs more than the rest of a check. An anchor matters only if
 * it is named as the issuer of a certificate of the chain, or bears the name of one: GnuTLS never
 * looks at others.
 */
#ifndef STORE_H
#define STORE_H

#include <gnutls/x509.h>
#include <stdbool.h>

/* Where anchors are: a PEM file, a folder of such files, or both; NULL for none. */
struct store {
	const char *file;
	const char *folder;
};

/* Adds those that matter to `list`. False when the store cannot be read in this way: then it has to
   be loaded as a whole, into another list. */
bool store_pick(const struct store *store, gnutls_x509_trust_list_t list,
		const gnutls_x509_crt_t *chain, unsigned chain_length);

/* Adds all of a folder's. False when there is none. Not GnuTLS's own way, which reads whatever a
   link leads to: pipes, devices, files of any size. */
bool store_load_folder(const char *folder, gnutls_x509_trust_list_t list);

/* Whether each of the two holds what looks like a certificate. False proves nothing. */
bool store_holds_any(const struct store *store);

#endif
