/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pem.h - the certificates in a PEM bundle, one after the other, as DER. */
#ifndef PEM_H
#define PEM_H

#include <stddef.h>

#include "der.h"

/* A walk through a bundle. */
struct pem {
	char *at, *end;
};

/* Borrows the bundle's text, and writes each certificate's DER over the base64 that it came from.
 */
void pem_begin(struct pem *pem, char *text, size_t length);

enum pem_result {
	PEM_FOUND, /* *der is the next certificate, in the bundle's text */
	PEM_END,
	PEM_ODD, /* what begins as a certificate does not go on as one */
};

enum pem_result pem_next(struct pem *pem, struct der *der);

#endif
