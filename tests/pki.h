/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pki.h - the test certificates of pki/README.md, made for one test program and removed after it.
 */
#ifndef PKI_H
#define PKI_H

#include <gnutls/x509.h>

enum { PKI_CHAIN_MAX = 24 };

/* cmocka group fixtures: make them in a new folder under TMPDIR, remove the folder. */
int pki_make(void **state);
int pki_remove(void **state);

/* "FOLDER/NAME", valid until the next but three calls. */
const char *pki_path(const char *name);

/* Loads NAME's certificates; pki_free() frees them. Returns how many there are. */
unsigned pki_chain(const char *name, gnutls_x509_crt_t *chain);
void pki_free(gnutls_x509_crt_t *chain, unsigned count);

#endif
