/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pem.h - the certificates in a PEM bundle, one after the other, as DER. */
#ifndef PEM_H
#define PEM_H

#include <stddef.h>

/* A walk through a bundle. */
struct pem {
	const char *at, *end;
	unsigned char *room;	   /* takes the DER of one certificate */
	unsigned char values[256]; /* of each byte in base64 */
};

/* Borrows the bundle's text, and room of the same length. */
void pem_begin(struct pem *pem, const char *text, size_t length, unsigned char *room);

enum pem_result {
	PEM_FOUND, /* room holds the next certificate */
	PEM_END,
	PEM_ODD, /* what begins as a certificate does not go on as one */
};

enum pem_result pem_next(struct pem *pem, size_t *length);

#endif
