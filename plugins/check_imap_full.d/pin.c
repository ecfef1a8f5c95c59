/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pin.c - see pin.h. Judges nothing. */
#include "pin.h"

#include <gnutls/crypto.h>
#include <stdio.h>
#include <string.h>
#include "der.h"

static const char PREFIX[] = "sha256//";

enum { BASE64_LENGTH = 44 }; /* of 32 octets, with one '=' */

bool pin_parse(struct pin *pin, const char *text)
{
	gnutls_datum_t base64, octets;
	char again[PIN_TEXT];

	if (strncmp(text, PREFIX, sizeof(PREFIX) - 1) != 0 ||
	    strlen(text) != sizeof(PREFIX) - 1 + BASE64_LENGTH)
		return false;
	base64 = (gnutls_datum_t){(unsigned char *)text + sizeof(PREFIX) - 1, BASE64_LENGTH};
	if (gnutls_base64_decode2(&base64, &octets) < 0)
		return false;
	if (octets.size == PIN_LENGTH)
		memcpy(pin->hash, octets.data, PIN_LENGTH);
	base64.size = octets.size;
	gnutls_free(octets.data);
	/* What GnuTLS reads generously is refused: a slip of the pen must not go unseen. */
	return base64.size == PIN_LENGTH && strcmp(pin_write(pin, again), text) == 0;
}

bool pin_of(struct pin *pin, gnutls_x509_crt_t crt)
{
	gnutls_datum_t raw;
	struct der subject, key;
	bool is_known;

	if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &raw) < 0)
		return false;
	is_known = der_certificate((struct der){raw.data, raw.size}, &subject, &key) &&
		   gnutls_hash_fast(GNUTLS_DIG_SHA256, key.at, key.length, pin->hash) == 0;
	gnutls_free(raw.data);
	return is_known;
}

bool pin_is_among(const struct pin_set *pins, const struct pin *pin)
{
	for (unsigned i = 0; i < pins->count; i++)
		if (memcmp(pins->items[i].hash, pin->hash, PIN_LENGTH) == 0)
			return true;
	return false;
}

char *pin_write(const struct pin *pin, char text[PIN_TEXT])
{
	const gnutls_datum_t octets = {(unsigned char *)pin->hash, PIN_LENGTH};
	gnutls_datum_t base64 = {NULL, 0};

	snprintf(text, PIN_TEXT, "%s", PREFIX);
	if (gnutls_base64_encode2(&octets, &base64) == 0 && base64.size == BASE64_LENGTH)
		snprintf(text, PIN_TEXT, "%s%.*s", PREFIX, (int)base64.size,
			 (const char *)base64.data);
	gnutls_free(base64.data);
	return text;
}
