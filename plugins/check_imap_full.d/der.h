/* SPDX-License-Identifier: GPL-3.0-or-later */
/* der.h - just enough of DER to find a name and a key in a certificate without taking all of it
   apart. */
#ifndef DER_H
#define DER_H

#include <stdbool.h>
#include <stddef.h>

/* A view of some DER. */
struct der {
	const unsigned char *at;
	size_t length;
};

/* Takes one element off the front of *rest; `content` is without its head. False if it is none. */
bool der_take(struct der *rest, struct der *whole, struct der *content);

/* Where the subject and the SubjectPublicKeyInfo stand (RFC 5280 section 4.1), heads included.
   False if it is no certificate. */
bool der_certificate(struct der certificate, struct der *subject, struct der *key);

#endif
