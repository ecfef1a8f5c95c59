/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store.c - see store.h. Judges nothing, and leaves all that is unusual to GnuTLS. */
#include "store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cert.h"
#include "pem.h"

enum { FILE_SIZE_MAX = 16 * 1024 * 1024, NAMES_MAX = 2 * CERT_CHAIN_MAX };

/* A piece of DER. */
struct piece {
	const unsigned char *at;
	size_t length;
};

/* The names that matter, as DER; gnutls_free() frees each. */
struct names {
	gnutls_datum_t items[NAMES_MAX];
	unsigned count;
};

/* --- where the subject stands in a certificate's DER ---------------------------------------------
 */

/* Takes one element off the front of *rest; `content` is without its head. */
static bool take(struct piece *rest, struct piece *whole, struct piece *content)
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
	*whole = (struct piece){rest->at, head + length};
	*content = (struct piece){rest->at + head, length};
	rest->at += head + length;
	rest->length -= head + length;
	return true;
}

/* RFC 5280 section 4.1: Certificate { TBSCertificate { [0] version, serial, algorithm, issuer,
   validity, subject, ... */
static bool find_subject(struct piece der, struct piece *subject)
{
	struct piece whole, certificate, body, content;

	if (!take(&der, &whole, &certificate) || der.length != 0 ||
	    !take(&certificate, &whole, &body) || !take(&body, &whole, &content))
		return false;
	if (whole.at[0] == 0xa0 && !take(&body, &whole, &content))
		return false;
	for (int i = 0; i < 3; i++)
		if (!take(&body, &whole, &content))
			return false;
	return take(&body, subject, &content);
}

/* --- the names that matter
 * ------------------------------------------------------------------------- */

static bool holds(const struct names *names, struct piece name)
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
	if (holds(names, (struct piece){name.data, name.size}))
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

/* --- the bundle
 * -------------------------------------------------------------------------------------- */

/* The list owns it from then on. */
static bool add_anchor(gnutls_x509_trust_list_t list, struct piece der)
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

static bool pick(struct pem *pem, gnutls_x509_trust_list_t list, const struct names *names)
{
	struct piece der = {pem->room, 0};
	struct piece subject;
	enum pem_result result;

	while ((result = pem_next(pem, &der.length)) == PEM_FOUND) {
		if (!find_subject(der, &subject))
			return false;
		if (holds(names, subject) && !add_anchor(list, der))
			return false;
	}
	return result == PEM_END;
}

/* False when it cannot be read as a whole. */
static bool read_all(int fd, char *text, size_t length)
{
	size_t used = 0;
	ssize_t got;

	while (used < length && (got = read(fd, text + used, length - used)) > 0)
		used += (size_t)got;
	return used == length;
}

/* Its text; malloc'ed. NULL when it is no regular file, cannot be read, or is too large. */
static char *read_file(const char *path, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	struct stat about;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > 0 &&
	    about.st_size <= FILE_SIZE_MAX) {
		*length = (size_t)about.st_size;
		text = malloc(*length);
	}
	if (text && !read_all(fd, text, *length)) {
		free(text);
		text = NULL;
	}
	close(fd);
	return text;
}

/* The same for what was read from it. */
static bool pick_from(const char *text, size_t length, gnutls_x509_trust_list_t list,
		      const gnutls_x509_crt_t *chain, unsigned chain_length)
{
	struct names names = {.count = 0};
	unsigned char *room = malloc(length);
	struct pem pem;
	bool is_well;

	pem_begin(&pem, text, length, room);
	is_well = room && collect(&names, chain, chain_length) && pick(&pem, list, &names);
	clear(&names);
	free(room);
	return is_well;
}

bool store_pick(const char *path, gnutls_x509_trust_list_t list, const gnutls_x509_crt_t *chain,
		unsigned chain_length)
{
	size_t length;
	char *text = read_file(path, &length);
	bool is_well = text && pick_from(text, length, list, chain, chain_length);

	free(text);
	return is_well;
}
