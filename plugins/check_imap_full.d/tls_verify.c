/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_verify.c - see tls_verify.h. Sends nothing: what is refused here ends the handshake. */
#include "tls_verify.h"

#include <time.h>
#include "text.h"

/* One certificate more than cert_verify() takes is enough for it to see that they are too many. */
enum { CHAIN_MAX = CERT_CHAIN_MAX + 1 };

/* What is being judged. */
struct hearing {
	const struct tls_settings *settings;
	gnutls_x509_crt_t chain[CHAIN_MAX];
	unsigned count;
	gnutls_datum_t response;	  /* the OCSP response for the first of them; empty: none */
	gnutls_x509_trust_list_t anchors; /* NULL where they do not matter */
	struct tls_facts *facts;
	struct failure *refusal;
};

/* --- the chain ---------------------------------------------------------------------------------
 */

static bool import(gnutls_x509_crt_t *crt, const gnutls_datum_t *der)
{
	if (gnutls_x509_crt_init(crt) != 0)
		return false;
	if (gnutls_x509_crt_import(*crt, der, GNUTLS_X509_FMT_DER) == 0)
		return true;
	gnutls_x509_crt_deinit(*crt);
	return false;
}

static bool import_all(struct hearing *hearing, gnutls_session_t session)
{
	unsigned sent = 0;
	const gnutls_datum_t *ders = gnutls_certificate_get_peers(session, &sent);

	while (hearing->count < sent && hearing->count < CHAIN_MAX &&
	       import(&hearing->chain[hearing->count], &ders[hearing->count]))
		hearing->count++;
	if (hearing->count == sent || hearing->count == CHAIN_MAX)
		return true;
	failure_set(hearing->refusal, CLASS_CERTIFICATE,
		    "certificate %u of the %u that the server sent is not well-formed",
		    hearing->count + 1, sent);
	return false;
}

static void forget_anchors(struct hearing *hearing)
{
	if (hearing->anchors)
		gnutls_x509_trust_list_deinit(hearing->anchors, 1);
	hearing->anchors = NULL;
}

/* What came of it is in facts->path. False when the chain could not even be judged. */
static bool judge_with(struct hearing *hearing, unsigned count_for_trust, bool *is_partial)
{
	const struct tls_settings *settings = hearing->settings;
	struct cert_path *path = &hearing->facts->path;

	forget_anchors(hearing);
	hearing->anchors = trust_list(&settings->trust, hearing->chain, count_for_trust, is_partial,
				      hearing->refusal);
	if (hearing->anchors) {
		cert_verify(path, hearing->chain, hearing->count, hearing->anchors, &settings->peer,
			    tls_priority_profile(settings->priority));
		return true;
	}
	/* Who wants no verification needs nobody to trust. */
	cert_list(path, hearing->chain, hearing->count);
	path->fault = *hearing->refusal;
	return settings->insecure;
}

/* Few anchors suffice for what verifies. A fault is told only by the light of them all. */
static bool judge_chain(struct hearing *hearing)
{
	bool is_partial = false;

	if (!judge_with(hearing, hearing->count, &is_partial))
		return false;
	if (hearing->facts->path.verified || !is_partial)
		return true;
	return judge_with(hearing, 0, &is_partial);
}

/* --- the staple --------------------------------------------------------------------------------
 */

/* Its key has to fit: a name alone could be anybody's. */
static bool has_signed(gnutls_x509_crt_t issuer, gnutls_x509_crt_t crt)
{
	const unsigned flags = GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_CA_SIGN;
	unsigned status = 0;

	return gnutls_x509_crt_verify(crt, &issuer, 1, flags, &status) == 0 &&
	       !(status & (GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNATURE_FAILURE));
}

/* NULL if it is unknown; *is_ours: the caller frees it. */
static gnutls_x509_crt_t find_issuer(const struct hearing *hearing, bool *is_ours)
{
	gnutls_x509_crt_t leaf = hearing->chain[0], issuer = NULL;

	*is_ours = false;
	for (unsigned i = 0; i < hearing->count; i++)
		if (gnutls_x509_crt_check_issuer(leaf, hearing->chain[i]) &&
		    has_signed(hearing->chain[i], leaf))
			return hearing->chain[i];
	if (!hearing->anchors || gnutls_x509_trust_list_get_issuer(hearing->anchors, leaf, &issuer,
								   GNUTLS_TL_GET_COPY) != 0)
		return NULL;
	*is_ours = true;
	return issuer;
}

static void read_staple(struct hearing *hearing)
{
	gnutls_x509_crt_t issuer = NULL;
	bool is_ours = false;

	if (hearing->response.size > 0)
		issuer = find_issuer(hearing, &is_ours);
	staple_read(&hearing->facts->staple, &hearing->response, hearing->chain[0], issuer,
		    time(NULL));
	if (is_ours)
		gnutls_x509_crt_deinit(issuer);
}

/* The path's own fault, if there is one, keeps its words. */
static void add_fault(struct cert_path *path, const char *words)
{
	char text[sizeof(path->fault.text)] = "", what[400];

	text_add(text, sizeof(text), "%s", words);
	if (path->verified)
		text_add(text, sizeof(text), " (%s)",
			 cert_describe(&path->certs[0], what, sizeof(what)));
	else
		text_add(text, sizeof(text), "; %s", path->fault.text);
	path->verified = path->is_pinned = false;
	failure_set(&path->fault, CLASS_CERTIFICATE, "%s", text);
}

static void judge_staple(struct hearing *hearing)
{
	const struct staple *staple = &hearing->facts->staple;
	struct cert_path *path = &hearing->facts->path;
	char words[400];

	staple_describe(staple, words, sizeof(words));
	if (staple->status == STAPLE_REVOKED) {
		add_fault(path, words);
		return;
	}
	/* To demand a staple is the authority's way; a pin asks no authority. */
	if (path->is_pinned || staple->status == STAPLE_GOOD || !staple_is_due(hearing->chain[0]))
		return;
	text_add(words, sizeof(words), ", and the certificate demands a good one (must-staple)");
	add_fault(path, words);
}

/* --- all ---------------------------------------------------------------------------------------
 */

static bool hear(struct hearing *hearing, gnutls_session_t session)
{
	const struct tls_settings *settings = hearing->settings;
	const struct cert_path *path = &hearing->facts->path;

	if (!import_all(hearing, session))
		return false;
	if (settings->pins.count > 0)
		cert_verify_pin(&hearing->facts->path, hearing->chain, hearing->count,
				&settings->pins);
	else if (!judge_chain(hearing))
		return false;
	if (hearing->count > 0) {
		gnutls_ocsp_status_request_get2(session, 0, &hearing->response);
		read_staple(hearing);
		judge_staple(hearing);
	}
	if (!path->verified)
		*hearing->refusal = path->fault;
	return path->verified || settings->insecure;
}

bool tls_verify(gnutls_session_t session, const struct tls_settings *settings,
		struct tls_facts *facts, struct failure *refusal)
{
	struct hearing hearing = {.settings = settings, .facts = facts, .refusal = refusal};
	bool is_accepted = hear(&hearing, session);

	forget_anchors(&hearing);
	for (unsigned i = 0; i < hearing.count; i++)
		gnutls_x509_crt_deinit(hearing.chain[i]);
	return is_accepted;
}
