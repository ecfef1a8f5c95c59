/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store.h - takes from a bundle of trust anchors those that a chain can lead to.
 *
 * To load all of a system's anchors costs more than the rest of a check. An anchor matters only if
 * it is named as the issuer of a certificate of the chain, or bears the name of one: GnuTLS never
 * looks at others.
 */
#ifndef STORE_H
#define STORE_H

#include <gnutls/x509.h>
#include <stdbool.h>

/* Adds those of the PEM file `path` to `list`. False when the file cannot be read in this way: then
   it has to be loaded as a whole, into another list. */
bool store_pick(const char *path, gnutls_x509_trust_list_t list, const gnutls_x509_crt_t *chain,
		unsigned chain_length);

#endif
