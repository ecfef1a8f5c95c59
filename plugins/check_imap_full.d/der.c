/* SPDX-License-Identifier: GPL-3.0-or-later */
/* der.c - see der.h. Each length is one that a stranger chose. */
#include "der.h"

bool der_take(struct der *rest, struct der *whole, struct der *content)
{
	size_t head = 2, length;

	if (rest->length < 2)
		return false;
	length = rest->at[1];
	if (length >= 0x80) {
		unsigned bytes = rest->at[1] & 0x7fu;

		if (bytes == 0 || bytes > 3 || rest->length < 2 + bytes)
			return false;
		length = 0;
		for (unsigned i = 0; i < bytes; i++)
			length = length << 8 | rest->at[2 + i];
		head += bytes;
	}
	if (length > rest->length - head)
		return false;
	*whole = (struct der){rest->at, head + length};
	*content = (struct der){rest->at + head, length};
	rest->at += head + length;
	rest->length -= head + length;
	return true;
}

/* Certificate { TBSCertificate { [0] version, serial, algorithm, issuer, validity, subject, key,
 * ...
 */
bool der_certificate(struct der certificate, struct der *subject, struct der *key)
{
	struct der whole, outer, body, content;

	if (!der_take(&certificate, &whole, &outer) || certificate.length != 0 ||
	    !der_take(&outer, &whole, &body) || !der_take(&body, &whole, &content))
		return false;
	if (whole.at[0] == 0xa0 && !der_take(&body, &whole, &content))
		return false;
	for (int i = 0; i < 3; i++)
		if (!der_take(&body, &whole, &content))
			return false;
	return der_take(&body, subject, &content) && der_take(&body, key, &content);
}
