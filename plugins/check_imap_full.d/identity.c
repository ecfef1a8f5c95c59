/* SPDX-License-Identifier: GPL-3.0-or-later */
/* identity.c - see identity.h. Must not know whether a server ever asks. */
#include "identity.h"

#include <stdlib.h>
#include <string.h>
#include "cert.h"
#include "file.h"

static const char *key_file(const struct identity *identity)
{
	return identity->key ? identity->key : identity->certificate;
}

/* --- why not -----------------------------------------------------------------------------------
 */

static gnutls_datum_t datum(const struct file *file)
{
	return (gnutls_datum_t){(unsigned char *)file->text, (unsigned)file->length};
}

static bool holds(const struct file *file, const char *text)
{
	return memmem(file->text, file->length, text, strlen(text)) != NULL;
}

static bool is_encrypted(const struct file *file)
{
	return holds(file, "-----BEGIN ENCRYPTED PRIVATE KEY-----") ||
	       holds(file, "Proc-Type: 4,ENCRYPTED");
}

static int try_certificate(const struct file *file)
{
	const gnutls_datum_t pem = datum(file);
	gnutls_x509_crt_t *chain;
	unsigned count;
	int error = gnutls_x509_crt_list_import2(&chain, &count, &pem, GNUTLS_X509_FMT_PEM, 0);

	for (unsigned i = 0; error >= 0 && i < count; i++)
		gnutls_x509_crt_deinit(chain[i]);
	if (error >= 0)
		gnutls_free(chain);
	return error;
}

static int try_key(const struct file *file)
{
	const gnutls_datum_t pem = datum(file);
	gnutls_x509_privkey_t key;
	int error = gnutls_x509_privkey_init(&key);

	if (error < 0)
		return error;
	error = gnutls_x509_privkey_import2(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
	gnutls_x509_privkey_deinit(key);
	return error;
}

/* GnuTLS takes both at once, so which of them it did not like has to be found out. */
static void tell(const struct identity *identity, const struct file *certificate,
		 const struct file *key, int error, struct failure *failure)
{
	if (try_certificate(certificate) < 0)
		failure_set(failure, CLASS_USAGE,
			    "--client-cert %s holds no certificate in PEM form",
			    identity->certificate);
	else if (is_encrypted(key))
		failure_set(failure, CLASS_USAGE,
			    "--client-%s %s: the key is encrypted, and only one without a "
			    "passphrase can be used here",
			    identity->key ? "key" : "cert", key_file(identity));
	else if (try_key(key) < 0 && !identity->key)
		failure_set(failure, CLASS_USAGE,
			    "--client-cert %s holds no key in PEM form: give --client-key=FILE",
			    identity->certificate);
	else if (try_key(key) < 0)
		failure_set(failure, CLASS_USAGE, "--client-key %s holds no key in PEM form",
			    identity->key);
	else if (error == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
		failure_set(failure, CLASS_USAGE,
			    "--client-key %s does not belong to --client-cert %s",
			    key_file(identity), identity->certificate);
	else
		failure_set(failure, CLASS_USAGE, "--client-cert %s cannot be used: %s",
			    identity->certificate, gnutls_strerror(error));
}

/* --- loading -----------------------------------------------------------------------------------
 */

static bool use(const struct identity *identity, gnutls_certificate_credentials_t credentials,
		const struct file *certificate, const struct file *key, struct failure *failure)
{
	const gnutls_datum_t certificate_pem = datum(certificate), key_pem = datum(key);
	int error = gnutls_certificate_set_x509_key_mem2(credentials, &certificate_pem, &key_pem,
							 GNUTLS_X509_FMT_PEM, NULL, 0);

	if (error < 0)
		tell(identity, certificate, key, error, failure);
	return error >= 0;
}

bool identity_load(const struct identity *identity, gnutls_certificate_credentials_t credentials,
		   struct failure *failure)
{
	struct file certificate, key;
	bool is_loaded = false;

	if (!identity->certificate)
		return true;
	if (!file_read(&certificate, "--client-cert", identity->certificate, failure))
		return false;
	if (file_read(&key, identity->key ? "--client-key" : "--client-cert", key_file(identity),
		      failure)) {
		is_loaded = use(identity, credentials, &certificate, &key, failure);
		file_wipe(&key);
	}
	file_wipe(&certificate);
	return is_loaded;
}

bool identity_is_usable(const struct identity *identity, struct failure *failure)
{
	gnutls_certificate_credentials_t credentials;
	bool is_usable;

	if (!identity->certificate)
		return true;
	if (gnutls_certificate_allocate_credentials(&credentials) < 0) {
		failure_set(failure, CLASS_INTERNAL, "out of memory");
		return false;
	}
	is_usable = identity_load(identity, credentials, failure);
	gnutls_certificate_free_credentials(credentials);
	return is_usable;
}

char *identity_describe(gnutls_certificate_credentials_t credentials, char *text, size_t size)
{
	gnutls_datum_t raw;
	gnutls_x509_crt_t crt;
	struct cert_path path;

	text[0] = '\0';
	if (gnutls_certificate_get_crt_raw(credentials, 0, 0, &raw) < 0 ||
	    gnutls_x509_crt_init(&crt) < 0)
		return text;
	if (gnutls_x509_crt_import(crt, &raw, GNUTLS_X509_FMT_DER) == 0) {
		cert_list(&path, &crt, 1);
		cert_describe(&path.certs[0], text, size);
	}
	gnutls_x509_crt_deinit(crt);
	return text;
}
