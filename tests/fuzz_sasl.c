/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_sasl.c - challenges of a server's choice to each mechanism.
 *
 * Input: octet 0 chooses the mechanism; the rest is challenges, octet 0xff between them. A
 * challenge that begins with octet 0xfe goes on from the client's own nonce, as SCRAM wants it.
 *
 * What must hold: no more than a bounded number of steps, no secret in a sentence or a hint, and no
 * SCRAM is content with a server that did not prove itself.
 */
#include <ctype.h>
#include <dlfcn.h>

#include "fuzz.h"
#include "sasl.h"

enum { MANY = 64 };

static const char secret[] = "correct-horse-0815";

static void check_sentence(const char *text)
{
	for (const char *at = text; *at; at++)
		check(isprint((unsigned char)*at) && !strchr("|`$<>", *at), "it can be printed");
	check(!strstr(text, secret), "no sentence shows the secret");
}

/* The nonce of "n,,n=alice,r=NONCE", kept from the first response. */
struct nonce {
	char text[80];
};

static void keep_nonce(struct nonce *nonce, struct imap_span response)
{
	const char *at = response.length ? memmem(response.at, response.length, ",r=", 3) : NULL;

	if (!at || nonce->text[0])
		return;
	snprintf(nonce->text, sizeof(nonce->text), "%.*s",
		 (int)(response.at + response.length - at - 3), at + 3);
}

/* A copy of its own size. */
static struct imap_span challenge_of(const uint8_t *data, size_t size, const struct nonce *nonce,
				     char **copy)
{
	bool goes_on = size > 0 && data[0] == 0xfe;
	size_t room = size + sizeof(nonce->text) + 4;
	size_t used = 0;

	*copy = malloc(room);
	check(*copy != NULL, "memory");
	if (goes_on) {
		used = (size_t)snprintf(*copy, room, "r=%s", nonce->text);
		data++;
		size--;
	}
	if (size > 0)
		memcpy(*copy + used, data, size);
	return (struct imap_span){*copy, used + size};
}

static void converse(const struct sasl *sasl, const uint8_t *data, size_t size)
{
	const struct imap_sasl *face = sasl_imap(sasl);
	enum imap_sasl_result result = IMAP_SASL_MORE;
	struct imap_span response = {"", 0};
	struct nonce nonce = {""};
	unsigned steps = 0;

	if (face->client_first)
		result = face->step(face->context, (struct imap_span){"", 0}, &response);
	while (size > 0 && result != IMAP_SASL_FAILED) {
		const uint8_t *end = memchr(data, 0xff, size);
		size_t length = end ? (size_t)(end - data) : size;
		char *copy;
		keep_nonce(&nonce, response);
		struct imap_span challenge = challenge_of(data, length, &nonce, &copy);
		result = face->step(face->context, challenge, &response);
		free(copy);
		check(++steps < MANY, "an exchange comes to an end");
		check(result != IMAP_SASL_DONE || strncmp(face->mechanism, "SCRAM", 5) != 0,
		      "SCRAM is not content with a server that knows no password");
		length += end ? 1 : 0;
		data += length;
		size -= length;
	}
	if (result == IMAP_SASL_FAILED) {
		struct failure failure = {.text = ""};
		sasl_failure(sasl, &failure);
		check(failure.text[0] != '\0', "each failure has a sentence");
		check_sentence(failure.text);
	}
	check_sentence(sasl_hint(sasl));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum auth tried[] = {
		AUTH_PLAIN,	  AUTH_SASL_LOGIN,    AUTH_CRAM_MD5,
		AUTH_SCRAM_SHA_1, AUTH_SCRAM_SHA_256, AUTH_XOAUTH2,
		AUTH_OAUTHBEARER, AUTH_EXTERNAL,      AUTH_SCRAM_SHA_256_PLUS,
		AUTH_ANONYMOUS,
	};
	struct sasl_request request = {
		.user = "alice",
		.secret = {secret, sizeof(secret) - 1},
		.host = "imap.example.org",
		.port = 993,
	};
	static void *library; /* kept, so that it is not loaded each time anew */
	struct failure failure = {.text = ""};

	if (!library)
		library = dlopen(GSASL_SONAME, RTLD_NOW | RTLD_LOCAL);
	if (size < 1)
		return 0;
	request.spec = auth_spec(tried[data[0] % (sizeof(tried) / sizeof(tried[0]))]);
	request.binding.kind = TLS_BINDING_UNIQUE;
	request.binding.length = 12;
	struct sasl *sasl = sasl_new(&request, &failure);
	if (sasl)
		converse(sasl, data + 1, size - 1);
	sasl_free(sasl);
	return 0;
}
