/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cert_fault.c - puts a verification's finding into words. Verifies nothing itself. */
#include "cert_fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "text.h"

enum { DATE_TEXT = 40, AGE_TEXT = 40 };

/* The sentence under construction, and what all its parts need. */
struct words {
	char text[600];
	const struct cert_finding *finding;
	const struct cert *leaf;
	const struct cert_peer *peer;
	time_t now;
};

__attribute__((format(printf, 2, 3))) static void say(struct words *words, const char *format, ...)
{
	char part[400];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(part, sizeof(part), format, arguments);
	va_end(arguments);
	text_add(words->text, sizeof(words->text), "%s%s", words->text[0] ? "; " : "", part);
}

static const char *date_text(time_t at, char *text)
{
	struct tm utc;

	if (!gmtime_r(&at, &utc) || strftime(text, DATE_TEXT, "%Y-%m-%d %H:%M UTC", &utc) == 0)
		snprintf(text, DATE_TEXT, "an unknown date");
	return text;
}

static const char *age_text(double seconds, char *text)
{
	const char *unit = seconds < 7200 ? "minute" : seconds < 172800 ? "hour" : "day";
	double length = seconds < 7200 ? 60 : seconds < 172800 ? 3600 : 86400;
	long count = (long)(seconds / length + 0.5);

	snprintf(text, AGE_TEXT, "%ld %s%s", count, unit, count == 1 ? "" : "s");
	return text;
}

static const char *name_of(const struct cert *cert)
{
	return cert->subject[0] ? cert->subject : "no subject";
}

static const char *issuer_of(const struct cert *cert)
{
	return cert->issuer[0] ? cert->issuer : "nobody";
}

char *cert_describe(const struct cert *cert, char *text, size_t size)
{
	char begin[DATE_TEXT], end[DATE_TEXT];

	snprintf(text, size, "%s, issued by %s, valid %.10s to %.10s", name_of(cert),
		 issuer_of(cert), date_text(cert->not_before, begin),
		 date_text(cert->not_after, end));
	return text;
}

/* "the certificate" for the server's own, else which one. */
static const char *role_of(const struct words *words, const struct cert *cert, char *text,
			   size_t size)
{
	if (strcmp(cert->sha256, words->leaf->sha256) == 0)
		return "the certificate";
	snprintf(text, size, "the issuing certificate %s", name_of(cert));
	return text;
}

/* --- names ----------------------------------------------------------------------------------- */

bool cert_has_dns_name(gnutls_x509_crt_t crt)
{
	unsigned type;
	int got;

	for (unsigned i = 0;; i++) {
		char name[1];
		size_t length = sizeof(name);

		got = gnutls_x509_crt_get_subject_alt_name2(crt, i, name, &length, &type, NULL);
		if (got < 0 && got != GNUTLS_E_SHORT_MEMORY_BUFFER)
			return false;
		if (type == GNUTLS_SAN_DNSNAME)
			return true;
	}
}

/* The sentence ends in the subject: a reader who finds the name there will wonder. */
static bool is_in_cn(const struct cert *leaf, const char *name)
{
	char cn[300];

	snprintf(cn, sizeof(cn), "CN=%s", name);
	return strstr(leaf->subject, cn) != NULL;
}

static void tell_name(struct words *words)
{
	const char *name = words->peer->name;
	const char *names = words->leaf->names;

	if (words->finding->is_cn_only)
		say(words,
		    "the certificate has %s in its common name (CN) only, which does not count: it "
		    "needs a subject alternative name",
		    name);
	if (!(words->finding->status & GNUTLS_CERT_UNEXPECTED_OWNER))
		return;
	if (names[0] == '\0')
		say(words, "the certificate does not cover %s: it has no subject alternative name",
		    name);
	else if (words->peer->is_address)
		say(words,
		    "the certificate does not cover the address %s: pass --sni=NAME with a name "
		    "that "
		    "it covers: %s",
		    name, names);
	else
		say(words, "the certificate does not cover %s, it covers %s%s", name, names,
		    is_in_cn(words->leaf, name) ? " (its CN does not count)" : "");
}

/* --- trust ----------------------------------------------------------------------------------- */

static bool is_self_issued(const struct cert *cert)
{
	return strcmp(cert->subject, cert->issuer) == 0;
}

/* Where the chain as sent ends: the certificate whose issuer was not found. */
static void read_top(const struct words *words, char *subject, char *issuer, size_t size)
{
	const struct cert_finding *finding = words->finding;
	gnutls_x509_crt_t top = finding->chain[0];
	gnutls_datum_t dn = {NULL, 0};

	for (unsigned i = 1; i < finding->length; i++)
		if (gnutls_x509_crt_check_issuer(top, finding->chain[i]) &&
		    !gnutls_x509_crt_check_issuer(top, top))
			top = finding->chain[i];
	subject[0] = issuer[0] = '\0';
	if (gnutls_x509_crt_get_dn3(top, &dn, 0) == 0)
		text_clean(subject, size, (struct imap_span){(const char *)dn.data, dn.size});
	gnutls_free(dn.data);
	dn = (gnutls_datum_t){NULL, 0};
	if (gnutls_x509_crt_get_issuer_dn3(top, &dn, 0) == 0)
		text_clean(issuer, size, (struct imap_span){(const char *)dn.data, dn.size});
	gnutls_free(dn.data);
}

static void tell_unknown_issuer(struct words *words)
{
	unsigned sent = words->finding->length;
	const char *plural = sent == 1 ? "" : "s";
	char subject[160], issuer[160];

	read_top(words, subject, issuer, sizeof(subject));
	if (is_self_issued(words->leaf))
		say(words,
		    "the certificate is self-signed and not among the trusted ones: --pin or "
		    "--ca-file would trust it");
	else if (strcmp(subject, issuer) == 0)
		say(words, "the %u certificate%s sent end in %s, which is not trusted", sent,
		    plural, subject);
	else
		say(words,
		    "the issuer %s is not trusted, and the server sent %u certificate%s: maybe an "
		    "intermediate is missing, or its CA has to be given by --ca-file",
		    issuer[0] ? issuer : "without a name", sent, plural);
}

static void tell_trust(struct words *words)
{
	unsigned status = words->finding->status;

	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		tell_unknown_issuer(words);
	if (status & GNUTLS_CERT_SIGNATURE_FAILURE)
		say(words, "a signature in the chain is false: not by %s, or altered",
		    issuer_of(words->leaf));
	if (status & GNUTLS_CERT_SIGNER_NOT_CA)
		say(words, "the issuer %s is no certificate authority", issuer_of(words->leaf));
	if (status & GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE)
		say(words, "the issuer %s may not issue this (name or path length constraints)",
		    issuer_of(words->leaf));
	if (status & (GNUTLS_CERT_REVOKED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE))
		say(words, "the certificate is revoked");
}

/* --- dates ----------------------------------------------------------------------------------- */

static bool tell_dates_of(struct words *words, const struct cert *cert)
{
	char role[200], date[DATE_TEXT], age[AGE_TEXT];

	if (cert->not_after < words->now) {
		say(words,
		    "%s expired %s ago, on %s: renew it, or, if that is done, reload the server",
		    role_of(words, cert, role, sizeof(role)),
		    age_text(difftime(words->now, cert->not_after), age),
		    date_text(cert->not_after, date));
		return true;
	}
	if (cert->not_before > words->now) {
		say(words, "%s is not valid before %s, in %s: is the clock of this machine right?",
		    role_of(words, cert, role, sizeof(role)), date_text(cert->not_before, date),
		    age_text(difftime(cert->not_before, words->now), age));
		return true;
	}
	return false;
}

/* The server's own dates always matter; those of others only where they made the verification fail.
 */
static void tell_dates(struct words *words)
{
	static const unsigned bits = GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED;
	const struct cert_finding *finding = words->finding;

	if (tell_dates_of(words, words->leaf))
		return;
	for (unsigned i = 0; i < finding->link_count; i++) {
		const struct cert_link *link = &finding->links[i];

		if ((link->output & bits) &&
		    (tell_dates_of(words, &link->cert) ||
		     (link->has_issuer && tell_dates_of(words, &link->issuer))))
			return;
	}
	if (finding->status & bits)
		say(words, "a certificate of the path is outside its dates");
}

/* --- strength and purpose --------------------------------------------------------------------- */

static unsigned rsa_bits_needed(gnutls_certificate_verification_profiles_t profile)
{
	static const struct {
		gnutls_certificate_verification_profiles_t profile;
		gnutls_sec_param_t strength;
	} strengths[] = {
		{GNUTLS_PROFILE_VERY_WEAK, GNUTLS_SEC_PARAM_VERY_WEAK},
		{GNUTLS_PROFILE_LOW, GNUTLS_SEC_PARAM_LOW},
		{GNUTLS_PROFILE_LEGACY, GNUTLS_SEC_PARAM_LEGACY},
		{GNUTLS_PROFILE_HIGH, GNUTLS_SEC_PARAM_HIGH},
		{GNUTLS_PROFILE_ULTRA, GNUTLS_SEC_PARAM_ULTRA},
		{GNUTLS_PROFILE_FUTURE, GNUTLS_SEC_PARAM_FUTURE},
	};
	gnutls_sec_param_t strength = GNUTLS_SEC_PARAM_MEDIUM;

	for (size_t i = 0; i < sizeof(strengths) / sizeof(strengths[0]); i++)
		if (strengths[i].profile == profile)
			strength = strengths[i].strength;
	return gnutls_sec_param_to_pk_bits(GNUTLS_PK_RSA, strength);
}

static bool tell_strength_of(struct words *words, gnutls_x509_crt_t crt, unsigned position)
{
	unsigned needed = rsa_bits_needed(words->finding->profile);
	unsigned bits = 0;
	int key = gnutls_x509_crt_get_pk_algorithm(crt, &bits);
	int signature = gnutls_x509_crt_get_signature_algorithm(crt);
	const char *role = position == 0 ? "the certificate" : "an issuing certificate";

	if (key == GNUTLS_PK_RSA && bits < needed) {
		say(words, "the key of %s is too weak: RSA with %u bits, %u are needed", role, bits,
		    needed);
		return true;
	}
	if (signature > 0 && !gnutls_sign_is_secure2((gnutls_sign_algorithm_t)signature,
						     GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS)) {
		say(words, "%s is signed with %s, which is too weak", role,
		    gnutls_sign_get_name((gnutls_sign_algorithm_t)signature));
		return true;
	}
	return false;
}

static void tell_strength(struct words *words)
{
	const struct cert_finding *finding = words->finding;

	if (!(finding->status & GNUTLS_CERT_INSECURE_ALGORITHM))
		return;
	for (unsigned i = 0; i < finding->length; i++)
		if (tell_strength_of(words, finding->chain[i], i))
			return;
	say(words, "the certificate or one of its issuers uses an algorithm that is too weak");
}

static void tell_purpose(struct words *words)
{
	if (words->finding->status & GNUTLS_CERT_PURPOSE_MISMATCH)
		say(words, "the certificate is not meant for servers (extended key usage)");
	if (words->finding->status & GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS)
		say(words, "the certificate has a critical extension that is not known here");
}

/* --- the sentence ------------------------------------------------------------------------------
 */

static bool is_signed_strangely(const struct words *words)
{
	for (unsigned i = 0; i < words->finding->length; i++)
		if (gnutls_x509_crt_get_signature_algorithm(words->finding->chain[i]) ==
		    GNUTLS_SIGN_UNKNOWN)
			return true;
	return false;
}

/* GnuTLS says no more than that it does not trust what it cannot read. */
static void tell_other(struct words *words)
{
	gnutls_datum_t text = {NULL, 0};

	if (is_signed_strangely(words))
		say(words, "the certificate is signed in a way that is not known here: its "
			   "authority should issue another");
	else if (gnutls_certificate_verification_status_print(words->finding->status,
							      GNUTLS_CRT_X509, &text, 0) == 0)
		say(words, "%.*s", (int)text.size, (const char *)text.data);
	else
		say(words, "the certificate is not valid");
	gnutls_free(text.data);
}

void cert_fault(struct failure *failure, const struct cert_finding *finding,
		const struct cert *leaf, const struct cert_peer *peer, time_t now)
{
	struct words words = {.finding = finding, .leaf = leaf, .peer = peer, .now = now};
	char what[400];

	tell_dates(&words);
	tell_name(&words);
	tell_trust(&words);
	tell_strength(&words);
	tell_purpose(&words);
	if (words.text[0] == '\0')
		tell_other(&words);
	text_add(words.text, sizeof(words.text), " (%s)", cert_describe(leaf, what, sizeof(what)));
	failure_set(failure, CLASS_CERTIFICATE, "%s", words.text);
}
