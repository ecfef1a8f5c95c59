/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sasl.c - every mechanism against GNU SASL's server side, through libimapcheck, in memory;
   and against servers that do it wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sasl.h"
#include "sasl_library.h"
#include "text.h"

enum { WORD = 2000, SCRIPT = 4 };

/* The server's side. */
struct peer {
	const char *password;
	const char *iterations;
	struct tls_binding binding; /* of its end of the connection */
	const char *authzid;	    /* whom else the user may act as */
	bool has_no_ir;
	bool spoils_signature;
	bool adds_no_nonce; /* its first challenge has the client's nonce and nothing more */
	const char *script[SCRIPT]; /* its challenges, in place of the mechanism's */

	Gsasl *library;
	Gsasl_session *session;
	char heard[SCRIPT][WORD]; /* what the client said, decoded */
	unsigned count;
	bool is_over; /* only the tagged answer is missing */
};

/* How it ended. */
struct ending {
	enum imap_event event; /* DONE or FAILED */
	enum imap_status status;
	enum imap_fault fault;
	struct failure failure;
	char hint[300];
};

static const char *const awkward[] = {"opensesame", "quo\"te\\ %s%n {5} pass word",
				      "Gr\xc3\xbc\xc3\x9f Gott \xe2\x82\xac",
				      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
				      "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
				      "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
				      "CCCCCCCCCC"};

/* --- the server ------------------------------------------------------------------------------- */

static int give_binding(struct peer *peer, Gsasl_session *session, Gsasl_property property)
{
	enum tls_binding_kind kind =
		property == GSASL_CB_TLS_UNIQUE ? TLS_BINDING_UNIQUE : TLS_BINDING_EXPORTER;
	char *text;

	if (peer->binding.kind != kind)
		return GSASL_NO_CALLBACK;
	assert_int_equal(gsasl_base64_to(peer->binding.octets, peer->binding.length, &text, NULL),
			 GSASL_OK);
	gsasl_property_set(session, property, text);
	gsasl_free(text);
	return GSASL_OK;
}

static bool may_act(const struct peer *peer, const char *authzid)
{
	return !authzid || !authzid[0] || strcmp(authzid, "alice") == 0 ||
	       (peer->authzid && strcmp(authzid, peer->authzid) == 0);
}

static int serve(Gsasl *library, Gsasl_session *session, Gsasl_property property)
{
	struct peer *peer = gsasl_callback_hook_get(library);
	const char *user = gsasl_property_fast(session, GSASL_AUTHID);
	const char *authzid = gsasl_property_fast(session, GSASL_AUTHZID);

	switch (property) {
	case GSASL_PASSWORD:
		if (!user || strcmp(user, "alice") != 0 || !may_act(peer, authzid))
			return GSASL_NO_PASSWORD;
		return gsasl_property_set(session, property, peer->password);
	case GSASL_SCRAM_ITER:
		return gsasl_property_set(session, property,
					  peer->iterations ? peer->iterations : "4096");
	case GSASL_CB_TLS_UNIQUE:
	case GSASL_CB_TLS_EXPORTER:
		return give_binding(peer, session, property);
	case GSASL_VALIDATE_EXTERNAL:
		return may_act(peer, authzid) ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
	case GSASL_VALIDATE_ANONYMOUS:
		return GSASL_OK;
	default:
		return GSASL_NO_CALLBACK;
	}
}

static void tell(struct imap *imap, const char *line)
{
	imap_feed(imap, line, strlen(line), 0);
}

static void challenge(struct imap *imap, const char *octets, size_t length)
{
	char *text = NULL, line[WORD * 2];

	if (length > 0)
		assert_int_equal(gsasl_base64_to(octets, length, &text, NULL), GSASL_OK);
	snprintf(line, sizeof line, "+ %s\r\n", text ? text : "");
	tell(imap, line);
	gsasl_free(text);
}

/* Decodes what the client said, and keeps it. False for a command without an initial response. */
static bool hear(struct peer *peer, struct imap *imap, bool is_command, char **octets,
		 size_t *length)
{
	struct imap_span output = imap_output(imap);
	char line[WORD * 2], *word = line, *end;

	assert_true(output.length > 1 && output.length < sizeof line);
	memcpy(line, output.at, output.length);
	line[output.length] = '\0';
	imap_sent(imap, output.length, 0);
	end = strstr(line, "\r\n");
	assert_non_null(end);
	assert_true(end[2] == '\0');
	*end = '\0';
	for (int i = 0; is_command && word && i < 3; i++, word = word ? word + 1 : word)
		word = strchr(word, ' ');
	*octets = NULL;
	*length = 0;
	if (!word)
		return false;
	if (strcmp(word, "=") == 0)
		word = end;
	assert_int_equal(gsasl_base64_from(word, strlen(word), octets, length), GSASL_OK);
	if (peer->count < SCRIPT)
		snprintf(peer->heard[peer->count++], WORD, "%.*s", (int)*length, *octets);
	return true;
}

static void spoil(const struct peer *peer, char *output, size_t length)
{
	if (peer->spoils_signature && length > 3 && memcmp(output, "v=", 2) == 0)
		output[2] = output[2] == 'A' ? 'B' : 'A';
}

/* What comes next by the mechanism; false once the tagged answer was given. */
static bool step(struct peer *peer, struct imap *imap, const char *octets, size_t length)
{
	char *output = NULL;
	size_t output_length = 0;
	int result = GSASL_OK;

	if (!peer->is_over)
		result = gsasl_step(peer->session, octets, length, &output, &output_length);
	peer->is_over = result == GSASL_OK;
	if (result == GSASL_NEEDS_MORE || output_length > 0) {
		spoil(peer, output, output_length);
		challenge(imap, output, output_length);
		gsasl_free(output);
		return true;
	}
	gsasl_free(output);
	tell(imap, result == GSASL_OK ? "A1 OK in\r\n" : "A1 NO no\r\n");
	return false;
}

static void echo_nonce(const struct peer *peer, struct imap *imap)
{
	char text[WORD + 20];

	snprintf(text, sizeof text, "%s,s=QUJD,i=4096", strstr(peer->heard[0], ",r=") + 1);
	challenge(imap, text, strlen(text));
}

/* GNU SASL has no token mechanisms, and is not asked where the server has a script. */
static bool answer(struct peer *peer, struct imap *imap, unsigned turn, const char *octets,
		   size_t length)
{
	if (peer->adds_no_nonce && turn == 0) {
		echo_nonce(peer, imap);
		return true;
	}
	if (turn < SCRIPT && peer->script[turn]) {
		challenge(imap, peer->script[turn], strlen(peer->script[turn]));
		return true;
	}
	if (peer->session)
		return step(peer, imap, octets, length);
	tell(imap, peer->script[0] ? "A1 NO no\r\n" : "A1 OK in\r\n");
	return false;
}

/* --- the client ------------------------------------------------------------------------------- */

static struct imap *greet(const struct peer *peer, const struct sasl_request *request)
{
	struct imap *imap = imap_new(&imap_default_limits);
	struct imap_reply reply;
	char line[200];

	snprintf(line, sizeof line, "* OK [CAPABILITY IMAP4rev1 AUTH=%s%s] hi\r\n",
		 request->spec->mechanism, peer->has_no_ir ? "" : " SASL-IR");
	tell(imap, line);
	assert_int_equal(imap_next(imap, &reply), IMAP_GREETING);
	return imap;
}

static void converse(struct peer *peer, struct imap *imap, const struct sasl *sasl,
		     struct ending *ending)
{
	struct imap_reply reply;
	bool is_command = true;
	size_t length;
	char *octets;

	imap_authenticate(imap, 0, sasl_imap(sasl));
	for (unsigned turn = 0; turn < 100; is_command = false) {
		ending->event = imap_next(imap, &reply);
		ending->status = reply.status;
		if (ending->event != IMAP_WAIT)
			return;
		if (hear(peer, imap, is_command, &octets, &length))
			answer(peer, imap, turn++, octets ? octets : "", length);
		else if (sasl_imap(sasl)->client_first)
			tell(imap, "+ \r\n");
		else
			answer(peer, imap, turn++, NULL, 0);
		gsasl_free(octets);
	}
	fail_msg("the exchange does not end");
}

static void start(struct peer *peer, const struct sasl_request *request)
{
	peer->count = 0;
	peer->is_over = false;
	assert_int_equal(gsasl_init(&peer->library), GSASL_OK);
	gsasl_callback_hook_set(peer->library, peer);
	gsasl_callback_set(peer->library, serve);
	peer->session = NULL;
	if (request->spec->secret != AUTH_SECRET_TOKEN)
		assert_int_equal(
			gsasl_server_start(peer->library, request->spec->mechanism, &peer->session),
			GSASL_OK);
}

static struct ending run(struct peer *peer, const struct sasl_request *request)
{
	struct ending ending = {.event = IMAP_FAILED};
	struct sasl *sasl = sasl_new(request, &ending.failure);
	struct imap *imap;

	if (!sasl)
		return ending;
	imap = greet(peer, request);
	start(peer, request);
	converse(peer, imap, sasl, &ending);
	if (ending.event == IMAP_FAILED) {
		ending.fault = imap_failure(imap)->fault;
		if (ending.fault == IMAP_FAULT_SASL)
			sasl_failure(sasl, &ending.failure);
		assert_int_equal(imap_output(imap).length, 0);
	}
	snprintf(ending.hint, sizeof ending.hint, "%s", sasl_hint(sasl));
	sasl_free(sasl);
	imap_free(imap);
	gsasl_finish(peer->session);
	gsasl_done(peer->library);
	return ending;
}

static struct sasl_request request_for(enum auth auth, const char *secret)
{
	return (struct sasl_request){.spec = auth_spec(auth),
				     .user = "alice",
				     .secret = text_span(secret),
				     .host = "imap.example.org",
				     .port = 993};
}

static struct tls_binding binding_of(enum tls_binding_kind kind, char octet)
{
	struct tls_binding binding = {.kind = kind, .length = kind == TLS_BINDING_UNIQUE ? 12 : 32};

	memset(binding.octets, octet, sizeof binding.octets);
	return binding;
}

static bool is_in(const struct ending *ending)
{
	return ending->event == IMAP_DONE && ending->status == IMAP_OK;
}

static void expect_failure(const struct ending *ending, enum failure_class class, const char *part)
{
	assert_int_equal(ending->event, IMAP_FAILED);
	if (ending->failure.class != class || !strstr(ending->failure.text, part))
		fail_msg("wanted %s: ...%s..., got %s: %s", failure_class_name(class), part,
			 failure_class_name(ending->failure.class), ending->failure.text);
}

/* --- well ------------------------------------------------------------------------------------- */

static const enum auth with_password[] = {
	AUTH_PLAIN,	    AUTH_SASL_LOGIN,	   AUTH_CRAM_MD5,	    AUTH_SCRAM_SHA_1,
	AUTH_SCRAM_SHA_256, AUTH_SCRAM_SHA_1_PLUS, AUTH_SCRAM_SHA_256_PLUS,
};

enum { PASSWORDS = sizeof awkward / sizeof *awkward };
enum { MECHANISMS = sizeof with_password / sizeof *with_password };

static void every_mechanism_logs_in_with_any_password(void **state)
{
	(void)state;
	for (int i = 0; i < MECHANISMS * PASSWORDS * 2; i++) {
		struct sasl_request request =
			request_for(with_password[i / PASSWORDS / 2], awkward[i / 2 % PASSWORDS]);
		struct peer peer = {.password = awkward[i / 2 % PASSWORDS], .has_no_ir = i % 2};
		struct ending ending;

		request.binding = peer.binding = binding_of(TLS_BINDING_EXPORTER, 'x');
		ending = run(&peer, &request);
		if (!is_in(&ending))
			fail_msg("%s: %s", request.spec->shown, ending.failure.text);
	}
}

static void every_mechanism_is_refused_with_a_wrong_password(void **state)
{
	(void)state;
	for (int i = 0; i < MECHANISMS; i++) {
		struct sasl_request request = request_for(with_password[i], "wrong");
		struct peer peer = {.password = "right"};
		struct ending ending;

		request.binding = peer.binding = binding_of(TLS_BINDING_EXPORTER, 'x');
		ending = run(&peer, &request);
		assert_int_equal(ending.event, IMAP_DONE);
		assert_int_equal(ending.status, IMAP_NO);
	}
}

static void another_can_be_acted_as(void **state)
{
	static const enum auth auths[] = {AUTH_PLAIN, AUTH_SCRAM_SHA_1, AUTH_SCRAM_SHA_256};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sasl_request request = request_for(auths[i], "pw");
		struct peer peer = {.password = "pw", .authzid = "bob"};
		struct ending ending;

		request.authzid = "bob";
		ending = run(&peer, &request);
		assert_true(is_in(&ending));
		request.authzid = "carol";
		ending = run(&peer, &request);
		assert_false(is_in(&ending));
	}
}

static void external_says_only_whom_to_be(void **state)
{
	struct sasl_request request = request_for(AUTH_EXTERNAL, "");
	struct peer peer = {0};
	struct ending ending = run(&peer, &request);

	(void)state;
	assert_true(is_in(&ending));
	assert_string_equal(peer.heard[0], "alice");
	request.user = NULL;
	ending = run(&peer, &request);
	assert_true(is_in(&ending));
	assert_string_equal(peer.heard[0], "");
	request.authzid = "bob";
	ending = run(&peer, &request);
	assert_int_equal(ending.status, IMAP_NO);
	assert_string_equal(peer.heard[0], "bob");
}

static void anonymous_leaves_a_trace(void **state)
{
	struct sasl_request request = request_for(AUTH_ANONYMOUS, "");
	struct peer peer = {.has_no_ir = true};
	struct ending ending = run(&peer, &request);

	(void)state;
	assert_true(is_in(&ending));
	assert_string_equal(peer.heard[0], "alice");
	request.user = NULL;
	ending = run(&peer, &request);
	assert_true(is_in(&ending));
	assert_string_equal(peer.heard[0], "check_imap_full");
}

/* --- channel binding -------------------------------------------------------------------------- */

static void a_plus_mechanism_binds_to_either_kind(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct sasl_request request =
			request_for(i % 2 ? AUTH_SCRAM_SHA_1_PLUS : AUTH_SCRAM_SHA_256_PLUS, "pw");
		struct peer peer = {.password = "pw"};
		struct ending ending;

		request.binding = peer.binding =
			binding_of(i / 2 ? TLS_BINDING_UNIQUE : TLS_BINDING_EXPORTER, 'x');
		ending = run(&peer, &request);
		assert_true(is_in(&ending));
		assert_memory_equal(peer.heard[0], i / 2 ? "p=tls-unique," : "p=tls-exporter,", 13);
		peer.binding = binding_of(peer.binding.kind, 'y');
		ending = run(&peer, &request);
		assert_false(is_in(&ending));
	}
}

static void plain_scram_never_speaks_of_channel_binding(void **state)
{
	struct sasl_request request = request_for(AUTH_SCRAM_SHA_256, "pw");
	struct peer peer = {.password = "pw"};
	struct ending ending;

	(void)state;
	request.binding = peer.binding = binding_of(TLS_BINDING_EXPORTER, 'x');
	ending = run(&peer, &request);
	assert_true(is_in(&ending));
	assert_memory_equal(peer.heard[0], "n,,", 3);
}

static void without_a_binding_a_plus_mechanism_says_so(void **state)
{
	struct sasl_request request = request_for(AUTH_SCRAM_SHA_256_PLUS, "pw");
	struct peer peer = {.password = "pw"};
	struct ending ending = run(&peer, &request);

	(void)state;
	expect_failure(&ending, CLASS_MISSING, "nothing to bind");
}

/* --- SCRAM done wrong ------------------------------------------------------------------------- */

static void a_wrong_signature_is_told_as_what_it_means(void **state)
{
	struct sasl_request request = request_for(AUTH_SCRAM_SHA_256, "pw");
	struct peer peer = {.password = "pw", .spoils_signature = true};
	struct ending ending = run(&peer, &request);

	(void)state;
	expect_failure(&ending, CLASS_AUTH, "the server's signature is wrong");
}

static void iterations_have_bounds_on_both_sides(void **state)
{
	static const struct {
		const char *count, *words;
	} counts[] = {{"1", "1 SCRAM iterations, and fewer than 4096 are refused"},
		      {"4095", "4095 SCRAM iterations"},
		      {"1000001", "1000001 SCRAM iterations, and more than 1000000 are refused"},
		      {"4294967296", "more than 1000000"},
		      {"4096", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		struct sasl_request request =
			request_for(i % 2 ? AUTH_SCRAM_SHA_256 : AUTH_SCRAM_SHA_1, "pw");
		struct peer peer = {.password = "pw", .iterations = counts[i].count};
		struct ending ending = run(&peer, &request);

		if (counts[i].words)
			expect_failure(&ending, CLASS_PROTOCOL, counts[i].words);
		else
			assert_true(is_in(&ending));
		/* The proof did not leave. */
		assert_int_equal(peer.count, counts[i].words ? 1 : 3);
	}
}

static void a_server_that_names_its_error_is_quoted(void **state)
{
	struct sasl_request request = request_for(AUTH_SCRAM_SHA_1, "pw");
	struct peer peer = {.password = "pw", .script = {NULL, "e=invalid-proof"}};
	struct ending ending = run(&peer, &request);

	(void)state;
	expect_failure(&ending, CLASS_AUTH, "refused the proof: invalid-proof");
	peer.script[1] = "e=|`$\n\x1b[31m";
	ending = run(&peer, &request);
	expect_failure(&ending, CLASS_AUTH, "refused the proof: ??? [31m");
}

/* The secret is longer than what is kept of a refusal: cut first, it would not be known again. */
static const char long_secret[] = "ya29-0123456789-0123456789-0123456789-0123456789-0123456789-"
				  "0123456789-0123456789-0123456789-0123456789";

static void a_secret_in_a_named_error_is_masked_before_it_is_cut(void **state)
{
	struct sasl_request request = request_for(AUTH_SCRAM_SHA_1, long_secret);
	char error[300];
	struct peer peer = {.password = long_secret, .script = {NULL, error}};
	struct ending ending;

	(void)state;
	snprintf(error, sizeof error, "e=no such password: %s\n", long_secret);
	ending = run(&peer, &request);
	expect_failure(&ending, CLASS_AUTH, "refused the proof: no such password: ***");
	assert_null(strstr(ending.failure.text, "ya29"));
}

static void a_nonce_that_is_not_continued_is_a_fault(void **state)
{
	struct sasl_request request = request_for(AUTH_SCRAM_SHA_1, "pw");
	struct peer peer = {.script = {"r=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA,s=QUJD,i=4096"}};
	struct ending ending = run(&peer, &request);

	(void)state;
	expect_failure(&ending, CLASS_PROTOCOL, "does not continue the nonce");
}

/* Its proof would be of nothing that the server chose (RFC 5802 section 5.1). */
static void a_nonce_that_the_server_adds_nothing_to_is_a_fault(void **state)
{
	struct sasl_request request = request_for(AUTH_SCRAM_SHA_256, "pw");
	struct peer peer = {.adds_no_nonce = true};
	struct ending ending = run(&peer, &request);

	(void)state;
	expect_failure(&ending, CLASS_PROTOCOL, "does not continue the nonce");
	assert_int_equal(peer.count, 1);
}

static const char *const malformed[] = {
	"",
	"=",
	"r=",
	"r=x",
	"r=x,s=,i=4096",
	"r=x,s=QQ==,i=",
	"r=x,s=QQ==,i=abc",
	"r=x,s=QQ==,i=-1",
	"m=ext,r=x,s=QQ==,i=4096",
	"r=x,i=4096,s=QQ==",
	"r=x,s=%%%,i=4096",
	"r=x,s=QQ==,i=4096,",
	"v=",
	"v=AAAA",
	"v=%%%",
	"v=AAAA,x",
	"e=",
	",,,,",
	"\x01\x02\xff\xfe",
	"n,,n=alice,r=x",
	"r=x,s=QQ==,i=99999999999999999999999999999999",
};

static void malformed_challenges_never_end_in_a_login(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof malformed / sizeof *malformed * 2; i++) {
		struct sasl_request request = request_for(AUTH_SCRAM_SHA_256, "pw");
		struct peer peer = {.password = "pw"};
		struct ending ending;

		peer.script[i % 2] = malformed[i / 2];
		ending = run(&peer, &request);
		assert_int_equal(ending.event, IMAP_FAILED);
		assert_int_equal(ending.fault, IMAP_FAULT_SASL);
		assert_true(ending.failure.class == CLASS_PROTOCOL ||
			    ending.failure.class == CLASS_AUTH);
	}
}

/* Bytes that look like the mechanism's, in any order; the same ones in each run. */
static void noise(char *text, size_t size, unsigned *seed)
{
	static const char letters[] = "rsive=,,==A/+09nmp \x01\x7f\xc3";
	size_t length = 1 + (*seed >> 8) % (size - 2);

	for (size_t i = 0; i < length; i++) {
		*seed = *seed * 1103515245U + 12345U;
		text[i] = letters[(*seed >> 16) % (sizeof letters - 1)];
	}
	text[length] = '\0';
}

static void noise_never_ends_in_a_login(void **state)
{
	static const enum auth auths[] = {AUTH_SCRAM_SHA_1, AUTH_SCRAM_SHA_256, AUTH_PLAIN,
					  AUTH_EXTERNAL, AUTH_ANONYMOUS};
	unsigned seed = 4711;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct sasl_request request = request_for(auths[i % 5], "pw");
		struct peer peer = {.password = "pw"};
		char text[60];
		struct ending ending;

		noise(text, sizeof text, &seed);
		peer.script[i / 5 % 2] = text;
		if (i % 5 > 1)
			peer.script[0] = text;
		ending = run(&peer, &request);
		assert_int_equal(ending.event, IMAP_FAILED);
	}
}

static void a_server_that_never_has_enough_is_left(void **state)
{
	struct sasl_request request = request_for(AUTH_PLAIN, "pw");
	struct peer peer = {.script = {"more"}};
	struct ending ending = run(&peer, &request);

	(void)state;
	expect_failure(&ending, CLASS_PROTOCOL, "more than the mechanism has to say");
}

static void what_saslprep_forbids_is_our_own_fault(void **state)
{
	struct sasl_request request = request_for(AUTH_CRAM_MD5, "latin1 \xe4 here");
	struct peer peer = {.password = "x"};
	struct ending ending = run(&peer, &request);

	(void)state;
	expect_failure(&ending, CLASS_USAGE, "not UTF-8");
}

static void gssapi_without_a_ticket_names_the_service(void **state)
{
	struct sasl_request request = request_for(AUTH_GSSAPI, "");
	struct sasl *sasl;
	struct imap_span response;
	struct failure failure;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* the libraries below leak there */
#endif
	setenv("KRB5CCNAME", "FILE:/nonexistent/cache", 1);
	setenv("KRB5_CONFIG", "/dev/null", 1);
	sasl = sasl_new(&request, &failure);
	if (!sasl)
		skip();
	assert_int_equal(sasl_imap(sasl)->step(sasl_imap(sasl)->context, (struct imap_span){"", 0},
					       &response),
			 IMAP_SASL_FAILED);
	sasl_failure(sasl, &failure);
	assert_int_equal(failure.class, CLASS_AUTH);
	assert_non_null(strstr(failure.text, "imap/imap.example.org"));
	sasl_free(sasl);
}

/* The second is a library, but another one. */
static void a_gnu_sasl_that_cannot_be_loaded_is_told(void **state)
{
	static const char *const names[] = {"libno-such-thing.so.0", "libc.so.6"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct sasl_library library;
		struct failure failure;

		assert_false(sasl_library_open(&library, names[i], &failure));
		assert_int_equal(failure.class, CLASS_INTERNAL);
		assert_non_null(strstr(failure.text, "GNU SASL"));
		assert_non_null(strstr(failure.text, i == 0 ? names[i] : "gsasl_"));
		sasl_library_close(&library);
	}
}

/* --- tokens ----------------------------------------------------------------------------------- */

static void tokens_are_sent_as_their_papers_say(void **state)
{
	struct sasl_request request = request_for(AUTH_XOAUTH2, "ya29.x-_~+/=");
	struct peer peer = {.has_no_ir = true};
	struct ending ending = run(&peer, &request);

	(void)state;
	assert_true(is_in(&ending));
	assert_string_equal(peer.heard[0], "user=alice\001auth=Bearer ya29.x-_~+/=\001\001");
	request.spec = auth_spec(AUTH_OAUTHBEARER);
	request.user = "a,b=c";
	ending = run(&peer, &request);
	assert_true(is_in(&ending));
	assert_string_equal(peer.heard[0], "n,a=a=2Cb=3Dc,\001host=imap.example.org\001port=993\001"
					   "auth=Bearer ya29.x-_~+/=\001\001");
	request.authzid = "bob";
	ending = run(&peer, &request);
	assert_memory_equal(peer.heard[0], "n,a=bob,\001", 9);
}

static void a_refused_token_says_why(void **state)
{
	static const struct {
		const char *json, *hint;
	} errors[] = {
		{"{\"status\":\"invalid_token\",\"scope\":\"mail\"}",
		 "status invalid_token (expired, revoked or not a token of this service), scope "
		 "mail"},
		{"{\"status\":\"400\",\"schemes\":\"Bearer\",\"scope\":\"https://mail.google.com/"
		 "\"}",
		 "status 400 (expired, revoked or not a token of this service), scope "
		 "https://mail.google.com/"},
		{"{\"status\":\"new\",\"scope\":\"a|b\\u0000\\n`c`\"}", "status new"},
		{"{\"status\":7,\"scope\":[]}", ""},
		{"{\"status\":", "{?status?:"},
		{"[1]", ""},
		{"go <away> | $now", "go ?away? ? ?now"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof *errors * 2; i++) {
		struct sasl_request request =
			request_for(i % 2 ? AUTH_XOAUTH2 : AUTH_OAUTHBEARER, "ya29.abc");
		struct peer peer = {.script = {errors[i / 2].json}};
		struct ending ending = run(&peer, &request);

		assert_int_equal(ending.status, IMAP_NO);
		assert_string_equal(peer.heard[1], i % 2 ? "" : "\001");
		if (!errors[i / 2].hint[0])
			assert_string_equal(ending.hint, "");
		else if (!strstr(ending.hint, errors[i / 2].hint) && !strchr(ending.hint, '{'))
			fail_msg("%s: %s", errors[i / 2].json, ending.hint);
		assert_null(strpbrk(ending.hint, "|`$<>\n"));
	}
}

#define SIX_TENS "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 "

static void a_token_in_an_error_is_masked_before_it_is_cut(void **state)
{
	static const char *const errors[] = {
		"{\"status\":\"401\",\"error_description\":\"bad token %s\"}",
		"{\"status\":\"bad token %s\"}",
		"{\"scope\":\"-----------------------------------------bad token %s\"}",
		SIX_TENS SIX_TENS "0123456789 bad token %s",
	};

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		struct sasl_request request = request_for(AUTH_XOAUTH2, long_secret);
		char error[600];
		struct peer peer = {.script = {error}};
		struct ending ending;

		const char *gap = strstr(errors[i], "%s");

		snprintf(error, sizeof error, "%.*s%s%s", (int)(gap - errors[i]), errors[i],
			 long_secret, gap + 2);
		ending = run(&peer, &request);
		assert_int_equal(ending.status, IMAP_NO);
		assert_non_null(strstr(ending.hint, "bad token ***"));
		assert_null(strstr(ending.hint, "ya29"));
	}
}

static void a_token_is_refused_but_once(void **state)
{
	struct sasl_request request = request_for(AUTH_XOAUTH2, "token");
	struct peer peer = {.script = {"{}", "{}"}};
	struct ending ending = run(&peer, &request);

	(void)state;
	expect_failure(&ending, CLASS_PROTOCOL, "more than the mechanism has to say");
}

static void an_ok_after_an_error_is_not_believed(void **state)
{
	struct sasl_request request = request_for(AUTH_XOAUTH2, "token");
	struct peer peer = {.has_no_ir = false};
	struct failure failure;
	struct sasl *sasl = sasl_new(&request, &failure);
	struct imap *imap = greet(&peer, &request);
	struct imap_reply reply;

	(void)state;
	imap_authenticate(imap, 0, sasl_imap(sasl));
	imap_sent(imap, imap_output(imap).length, 0);
	challenge(imap, "{}", 2);
	assert_int_equal(imap_next(imap, &reply), IMAP_WAIT);
	imap_sent(imap, imap_output(imap).length, 0);
	tell(imap, "A1 OK in\r\n");
	assert_int_equal(imap_next(imap, &reply), IMAP_FAILED);
	imap_free(imap);
	sasl_free(sasl);
}

static void what_is_no_token_is_not_sent(void **state)
{
	static const char *const secrets[] = {"to ken", "to\001ken", "t\xc3\xb6ken", "token\r"};

	(void)state;
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		struct sasl_request request = request_for(AUTH_OAUTHBEARER, secrets[i]);
		struct peer peer = {0};
		struct ending ending = run(&peer, &request);

		expect_failure(&ending, CLASS_USAGE, "is a token");
	}
	struct sasl_request request = request_for(AUTH_XOAUTH2, "token");
	struct peer peer = {0};
	struct ending ending;

	request.user = "alice\001auth=Bearer x";
	ending = run(&peer, &request);
	expect_failure(&ending, CLASS_USAGE, "control character");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mechanism_logs_in_with_any_password),
		cmocka_unit_test(every_mechanism_is_refused_with_a_wrong_password),
		cmocka_unit_test(another_can_be_acted_as),
		cmocka_unit_test(external_says_only_whom_to_be),
		cmocka_unit_test(anonymous_leaves_a_trace),
		cmocka_unit_test(a_plus_mechanism_binds_to_either_kind),
		cmocka_unit_test(plain_scram_never_speaks_of_channel_binding),
		cmocka_unit_test(without_a_binding_a_plus_mechanism_says_so),
		cmocka_unit_test(a_wrong_signature_is_told_as_what_it_means),
		cmocka_unit_test(iterations_have_bounds_on_both_sides),
		cmocka_unit_test(a_server_that_names_its_error_is_quoted),
		cmocka_unit_test(a_secret_in_a_named_error_is_masked_before_it_is_cut),
		cmocka_unit_test(a_nonce_that_is_not_continued_is_a_fault),
		cmocka_unit_test(a_nonce_that_the_server_adds_nothing_to_is_a_fault),
		cmocka_unit_test(malformed_challenges_never_end_in_a_login),
		cmocka_unit_test(noise_never_ends_in_a_login),
		cmocka_unit_test(a_server_that_never_has_enough_is_left),
		cmocka_unit_test(what_saslprep_forbids_is_our_own_fault),
		cmocka_unit_test(gssapi_without_a_ticket_names_the_service),
		cmocka_unit_test(a_gnu_sasl_that_cannot_be_loaded_is_told),
		cmocka_unit_test(tokens_are_sent_as_their_papers_say),
		cmocka_unit_test(a_refused_token_says_why),
		cmocka_unit_test(a_token_in_an_error_is_masked_before_it_is_cut),
		cmocka_unit_test(a_token_is_refused_but_once),
		cmocka_unit_test(an_ok_after_an_error_is_not_believed),
		cmocka_unit_test(what_is_no_token_is_not_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
