/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pin.h - a server's key, told by the SHA-256 of its SubjectPublicKeyInfo (RFC 7469 section 2.4),
   written sha256//BASE64 as curl does. */
#ifndef PIN_H
#define PIN_H

#include <gnutls/x509.h>
#include <stdbool.h>

enum { PIN_LENGTH = 32, PIN_TEXT = 56, PIN_MAX = 16 };

struct pin {
	unsigned char hash[PIN_LENGTH];
};

/* Those of which the server's key must be one; none: any key will do. */
struct pin_set {
	struct pin items[PIN_MAX];
	unsigned count;
};

bool pin_parse(struct pin *pin, const char *text);
bool pin_of(struct pin *pin, gnutls_x509_crt_t crt); /* false when the key cannot be told */
bool pin_is_among(const struct pin_set *pins, const struct pin *pin);
char *pin_write(const struct pin *pin, char text[PIN_TEXT]); /* returns `text` */

#endif
