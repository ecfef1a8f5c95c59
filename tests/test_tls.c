/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_tls.c - TLS against a server in the same thread, over a pair of sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "conn.h"
#include "ocsp.h"
#include "pki.h"

static const char ALL_VERSIONS[] =
	"NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+SIGN-ALL:+SHA1:%VERIFY_ALLOW_BROKEN";

/* Both ends of a connection. */
struct world {
	struct tls_settings settings;
	char ca_file[600], client_cert[600], client_key[600]; /* named by the settings */
	struct conn conn;
	int server_fd;
	gnutls_session_t server;
	gnutls_certificate_credentials_t credentials;
	bool wants_client_certificate;
	gnutls_datum_t response;      /* stapled, unless it is empty */
	int client_answer;	      /* what the server makes of a client certificate; 0: fine */
	unsigned client_certificates; /* how many the server was shown */
	bool server_is_up;
	int server_error;
	struct failure failure;
};

static void trust(struct world *world, const char *name)
{
	snprintf(world->ca_file, sizeof(world->ca_file), "%s", pki_path(name));
	world->settings.trust.file = world->ca_file;
}

static struct world *open_world(void)
{
	struct world *world = calloc(1, sizeof(*world));
	int fds[2];

	assert_non_null(world);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	conn_open(&world->conn, fds[0]);
	world->server_fd = fds[1];
	world->settings.min = TLS_1_2;
	world->settings.peer.name = "imap.example.org";
	trust(world, "ca.pem");
	return world;
}

static void close_world(struct world *world)
{
	conn_close(&world->conn);
	if (world->server)
		gnutls_deinit(world->server);
	if (world->credentials)
		gnutls_certificate_free_credentials(world->credentials);
	if (world->server_fd >= 0)
		close(world->server_fd);
	gnutls_free(world->response.data);
	free(world);
}

static int staple(gnutls_session_t session, void *context, gnutls_datum_t *response)
{
	const struct world *world = context;

	(void)session;
	response->data = gnutls_malloc(world->response.size);
	assert_non_null(response->data);
	memcpy(response->data, world->response.data, world->response.size);
	response->size = world->response.size;
	return 0;
}

/* Accepts a client certificate, whatever it is, and counts. */
static int take_client_certificate(gnutls_session_t session)
{
	struct world *world = gnutls_session_get_ptr(session);
	unsigned count = 0;

	gnutls_certificate_get_peers(session, &count);
	world->client_certificates += count;
	return world->client_answer;
}

static void serve(struct world *world, const char *name, const char *priority)
{
	char certificate[100], key[100];

	snprintf(certificate, sizeof(certificate), "%s.pem", name);
	snprintf(key, sizeof(key), "%s.key", name);
	assert_int_equal(gnutls_certificate_allocate_credentials(&world->credentials), 0);
	assert_int_equal(gnutls_certificate_set_x509_key_file(world->credentials,
							      pki_path(certificate), pki_path(key),
							      GNUTLS_X509_FMT_PEM),
			 0);
	assert_int_equal(gnutls_init(&world->server, GNUTLS_SERVER | GNUTLS_NONBLOCK), 0);
	assert_int_equal(gnutls_priority_set_direct(world->server, priority, NULL), 0);
	gnutls_credentials_set(world->server, GNUTLS_CRD_CERTIFICATE, world->credentials);
	if (world->wants_client_certificate) {
		gnutls_certificate_server_set_request(world->server, GNUTLS_CERT_REQUIRE);
		gnutls_certificate_set_verify_function(world->credentials, take_client_certificate);
	}
	if (world->response.size > 0)
		gnutls_certificate_set_ocsp_status_request_function(world->credentials, staple,
								    world);
	gnutls_session_set_ptr(world->server, world);
	gnutls_transport_set_int(world->server, world->server_fd);
}

static void step_server(struct world *world)
{
	if (!world->server || world->server_is_up || world->server_error)
		return;
	int got = gnutls_handshake(world->server);

	world->server_is_up = got == 0;
	if (got != 0 && gnutls_error_is_fatal(got)) {
		world->server_error = got;
		gnutls_alert_send_appropriate(world->server, got);
	}
}

static enum tls_progress shake(struct world *world)
{
	enum tls_progress progress;
	int turns = 0;

	assert_true(conn_secure(&world->conn, &world->settings, &world->failure));
	do {
		progress = conn_handshake(&world->conn, &world->failure);
		step_server(world);
	} while (progress == TLS_WAIT && ++turns < 50);
	return progress;
}

static const struct tls_facts *facts(const struct world *world)
{
	return tls_facts(world->conn.tls);
}

static void expect(const struct world *world, enum failure_class class, const char *part)
{
	if (world->failure.class != class || !strstr(world->failure.text, part))
		fail_msg("wanted %s: ...%s..., got %s: %s", failure_class_name(class), part,
			 failure_class_name(world->failure.class), world->failure.text);
	if (getenv("SHOW_SENTENCES"))
		print_message("# %s: %s\n", failure_class_name(class), world->failure.text);
}

static void expect_refusal(const char *name, const char *part)
{
	struct world *world = open_world();
	char byte;

	serve(world, name, ALL_VERSIONS);
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_CERTIFICATE, part);
	assert_false(facts(world)->path.verified);
	assert_true(facts(world)->path.count > 0);
	/* Nothing but handshake and alert has left. */
	for (int i = 0; i < 5; i++)
		step_server(world);
	assert_true(!world->server_is_up ||
		    gnutls_record_recv(world->server, &byte, 1) == GNUTLS_E_FATAL_ALERT_RECEIVED);
	close_world(world);
}

/* --- well -------------------------------------------------------------------------------- */

static void a_good_server_is_accepted(void **state)
{
	struct world *world = open_world();

	(void)state;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	assert_string_equal(facts(world)->version, "TLS1.3");
	assert_true(strncmp(facts(world)->cipher, "TLS_AES", 7) == 0 ||
		    strncmp(facts(world)->cipher, "TLS_CHACHA", 10) == 0);
	assert_true(facts(world)->path.verified);
	assert_int_equal(facts(world)->path.count, 2);
	assert_true(facts(world)->path.certs[1].is_anchor);
	close_world(world);
}

static void finish_server(struct world *world)
{
	for (int i = 0; i < 5 && !world->server_is_up; i++)
		step_server(world);
	assert_true(world->server_is_up);
}

static void bytes_go_both_ways(void **state)
{
	struct world *world = open_world();
	char got[10] = "";

	(void)state;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), CONN_AGAIN);
	assert_int_equal(conn_write(&world->conn, "hello", 5, &world->failure), 5);
	assert_int_equal(gnutls_record_recv(world->server, got, sizeof(got)), 5);
	assert_memory_equal(got, "hello", 5);
	assert_int_equal(gnutls_record_send(world->server, "* OK", 4), 4);
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), 4);
	assert_memory_equal(got, "* OK", 4);
	assert_int_equal(gnutls_bye(world->server, GNUTLS_SHUT_WR), 0);
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), 0);
	close_world(world);
}

/* What was read ahead is not for poll() to tell. */
static void records_that_came_together_are_read_one_by_one(void **state)
{
	static const char *const words[] = {"one", "two", "six"};
	struct world *world = open_world();
	char got[10];

	(void)state;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(gnutls_record_send(world->server, words[i], 3), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), 3);
		assert_memory_equal(got, words[i], 3);
		assert_int_equal(conn_has_input(&world->conn), i < 2);
	}
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), CONN_AGAIN);
	close_world(world);
}

static void a_close_without_notice_counts_as_a_close(void **state)
{
	struct world *world = open_world();
	char got[10];

	(void)state;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	close(world->server_fd);
	world->server_fd = -1;
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), 0);
	close_world(world);
}

static void writing_to_a_closed_peer_raises_no_signal(void **state)
{
	struct world *world = open_world();
	ssize_t sent = 0;

	(void)state;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	close(world->server_fd);
	world->server_fd = -1;
	for (int i = 0; i < 3 && sent >= 0; i++)
		sent = conn_write(&world->conn, "hello", 5, &world->failure);
	assert_int_equal(sent, CONN_BROKEN);
	expect(world, CLASS_UNAVAILABLE, "the connection broke: Broken pipe");
	close_world(world);
}

static void keys_may_be_updated_in_mid_stream(void **state)
{
	struct world *world = open_world();
	char got[10];

	(void)state;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	assert_int_equal(gnutls_session_key_update(world->server, GNUTLS_KU_PEER), 0);
	assert_int_equal(gnutls_record_send(world->server, "after", 5), 5);
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), 5);
	close_world(world);
}

static void a_wish_to_handshake_anew_is_not_granted(void **state)
{
	struct world *world = open_world();
	char got[10];

	(void)state;
	serve(world, "good", "NORMAL:-VERS-TLS1.3");
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	assert_int_equal(gnutls_rehandshake(world->server), 0);
	assert_int_equal(gnutls_record_send(world->server, "after", 5), 5);
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), 5);
	assert_memory_equal(got, "after", 5);
	close_world(world);
}

/* --- names ------------------------------------------------------------------------------- */

static void sni_carries_names_but_no_addresses(void **state)
{
	struct world *world = open_world();
	char name[100];
	size_t size = sizeof(name);
	unsigned type;

	(void)state;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	assert_int_equal(gnutls_server_name_get(world->server, name, &size, &type, 0), 0);
	assert_string_equal(name, "imap.example.org");
	close_world(world);

	world = open_world();
	world->settings.peer = (struct cert_peer){"127.0.0.1", true, {127, 0, 0, 1}, 4};
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	size = sizeof(name);
	assert_int_equal(gnutls_server_name_get(world->server, name, &size, &type, 0),
			 GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
	close_world(world);
}

static void certificates_that_do_not_verify_are_refused(void **state)
{
	(void)state;
	expect_refusal("expired", "expired 12 days ago");
	expect_refusal("notyet", "not valid before");
	expect_refusal("wrongname", "does not cover imap.example.org, it covers other.example.org");
	expect_refusal("cnonly", "common name (CN) only");
	expect_refusal("selfsigned", "self-signed");
	expect_refusal("unknown", "issuer CN=Other CA is not trusted");
	expect_refusal("missing", "sent 1 certificate");
	expect_refusal("rsa1024", "RSA with 1024 bits");
	expect_refusal("clientonly", "not meant for servers");
}

static void insecure_goes_on_and_keeps_the_fault(void **state)
{
	static const struct {
		const char *name, *fault;
	} cases[] = {
		{"expired", "expired 12 days ago"}, {"notyet", "not valid before"},
		{"wrongname", "does not cover"},    {"cnonly", "common name (CN) only"},
		{"selfsigned", "self-signed"},	    {"unknown", "is not trusted"},
		{"missing", "intermediate"},	    {"rsa1024", "too weak"},
		{"clientonly", "not meant for"},    {"muststaple", "must-staple"},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *world = open_world();

		world->settings.insecure = true;
		serve(world, cases[i / 2].name,
		      i % 2 ? "NORMAL:-VERS-TLS1.3" : "NORMAL:-VERS-ALL:+VERS-TLS1.3");
		assert_int_equal(shake(world), TLS_UP);
		assert_false(facts(world)->path.verified);
		assert_int_equal(facts(world)->path.fault.class, CLASS_CERTIFICATE);
		assert_non_null(strstr(facts(world)->path.fault.text, cases[i / 2].fault));
		close_world(world);
	}
}

static void insecure_needs_nobody_to_trust(void **state)
{
	struct world *world = open_world();

	(void)state;
	world->settings.insecure = true;
	trust(world, "none.pem");
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	assert_false(facts(world)->path.verified);
	assert_int_equal(facts(world)->path.count, 1);
	assert_non_null(strstr(facts(world)->path.fault.text, "none.pem: No such file"));
	close_world(world);
}

static void an_unreadable_ca_file_is_bad_usage(void **state)
{
	struct world *world = open_world();

	(void)state;
	trust(world, "none.pem");
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_USAGE, "No such file");
	close_world(world);
}

/* --- versions ---------------------------------------------------------------------------- */

static enum tls_progress shake_versions(struct world *world, enum tls_version min,
					const char *priority)
{
	world->settings.min = min;
	serve(world, "rsa2048", priority);
	return shake(world);
}

static void old_versions_are_refused_by_default(void **state)
{
	struct world *world = open_world();

	(void)state;
	assert_int_equal(
		shake_versions(world, TLS_1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0"),
		TLS_FAILED);
	expect(world, CLASS_TLS, "not allowed: see --tls-min");
	close_world(world);
}

static void old_versions_work_when_allowed(void **state)
{
	struct world *world = open_world();

	(void)state;
	assert_int_equal(shake_versions(world, TLS_1_0, "NORMAL:-VERS-ALL:+VERS-TLS1.0"), TLS_UP);
	assert_string_equal(facts(world)->version, "TLS1.0");
	close_world(world);
	world = open_world();
	assert_int_equal(shake_versions(world, TLS_1_1, "NORMAL:-VERS-ALL:+VERS-TLS1.1"), TLS_UP);
	assert_string_equal(facts(world)->version, "TLS1.1");
	close_world(world);
	world = open_world();
	assert_int_equal(shake_versions(world, TLS_1_1, "NORMAL:-VERS-ALL:+VERS-TLS1.0"),
			 TLS_FAILED);
	close_world(world);
}

static void newest_version_can_be_asked_for(void **state)
{
	struct world *world = open_world();

	(void)state;
	assert_int_equal(shake_versions(world, TLS_1_3, "NORMAL"), TLS_UP);
	assert_string_equal(facts(world)->version, "TLS1.3");
	close_world(world);
	world = open_world();
	assert_int_equal(shake_versions(world, TLS_1_3, "NORMAL:-VERS-TLS1.3"), TLS_FAILED);
	expect(world, CLASS_TLS, "TLS version");
	close_world(world);
}

static void no_common_cipher_is_told(void **state)
{
	struct world *world = open_world();

	(void)state;
	serve(world, "good", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA");
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_TLS, "no common cipher");
	close_world(world);
}

/* --- client certificates ----------------------------------------------------------------- */

static const char TLS12[] = "NORMAL:-VERS-TLS1.3";
static const char TLS13[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

/* Serves `name` to a client that has the certificate `ours`, "" for none. */
static struct world *ask_for_ours(const char *ours, const char *name, const char *priority,
				  int answer)
{
	struct world *world = open_world();
	char file[100];

	world->wants_client_certificate = true;
	world->client_answer = answer;
	snprintf(file, sizeof(file), "%s.pem", ours);
	snprintf(world->client_cert, sizeof(world->client_cert), "%s", pki_path(file));
	snprintf(file, sizeof(file), "%s.key", ours);
	snprintf(world->client_key, sizeof(world->client_key), "%s", pki_path(file));
	if (ours[0])
		world->settings.identity = (struct identity){world->client_cert, world->client_key};
	serve(world, name, priority);
	return world;
}

/* The refusal, which TLS 1.3 tells at the first read only. */
static void expect_refused_client(struct world *world, const char *part)
{
	char got[10];

	if (shake(world) == TLS_UP) {
		assert_string_equal(facts(world)->version, "TLS1.3");
		for (int i = 0; i < 5; i++)
			step_server(world);
		assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure),
				 CONN_BROKEN);
	}
	expect(world, CLASS_CERTIFICATE, part);
}

static void a_wish_for_a_client_certificate_is_told(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *world = ask_for_ours("", "good", i ? TLS13 : TLS12, 0);

		expect_refused_client(world, "the server wants a client certificate");
		expect(world, CLASS_CERTIFICATE, "see --client-cert");
		close_world(world);
	}
}

static void a_client_certificate_is_shown_to_who_asks(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *world = ask_for_ours("client", "good", i ? TLS13 : TLS12, 0);

		assert_int_equal(shake(world), TLS_UP);
		finish_server(world);
		assert_int_equal(world->client_certificates, 1);
		assert_true(facts(world)->asked_for_ours);
		close_world(world);
	}
}

static void a_client_certificate_is_not_shown_unasked(void **state)
{
	struct world *world = ask_for_ours("client", "good", "NORMAL", 0);

	(void)state;
	gnutls_certificate_server_set_request(world->server, GNUTLS_CERT_IGNORE);
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	assert_int_equal(world->client_certificates, 0);
	assert_false(facts(world)->asked_for_ours);
	close_world(world);
}

/* Servers send the names of the authorities that they trust. */
static void a_client_certificate_of_an_unnamed_authority_is_shown(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *world = ask_for_ours("client-other", "good", i ? TLS13 : TLS12, 0);

		assert_true(gnutls_certificate_set_x509_trust_file(world->credentials,
								   pki_path("ca.pem"),
								   GNUTLS_X509_FMT_PEM) > 0);
		assert_int_equal(shake(world), TLS_UP);
		finish_server(world);
		assert_int_equal(world->client_certificates, 1);
		close_world(world);
	}
}

static void a_server_that_does_not_verify_sees_no_client_certificate(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct world *world =
			ask_for_ours("client", "selfsigned", i % 2 ? TLS13 : TLS12, 0);

		world->settings.insecure = i / 2;
		assert_int_equal(shake(world), i / 2 ? TLS_UP : TLS_FAILED);
		for (int turn = 0; turn < 5; turn++)
			step_server(world);
		assert_int_equal(world->client_certificates, i / 2);
		close_world(world);
	}
}

static void a_refused_client_certificate_is_told_with_what_it_is(void **state)
{
	static const struct {
		int answer;
		const char *words;
	} cases[] = {
		{GNUTLS_E_CERTIFICATE_ERROR, "the server refuses our client certificate (alert 42"},
		{GNUTLS_E_UNSUPPORTED_CERTIFICATE_TYPE, "the server cannot use the kind of our"},
		{GNUTLS_E_CERTIFICATE_REQUIRED, "the server refuses our client certificate (alert"},
		{GNUTLS_E_INTERNAL_ERROR, "the server refuses our client certificate (alert 80"},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct world *world =
			ask_for_ours("client", "good", i % 2 ? TLS13 : TLS12, cases[i / 2].answer);

		expect_refused_client(world, cases[i / 2].words);
		expect(world, CLASS_CERTIFICATE, "): CN=alice, issued by CN=Test CA, valid 2");
		close_world(world);
	}
}

/* After it has spoken an alert is about something else. */
static void an_alert_in_mid_stream_does_not_blame_the_client_certificate(void **state)
{
	struct world *world = ask_for_ours("client", "good", TLS13, 0);
	char got[10];

	(void)state;
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	assert_int_equal(gnutls_record_send(world->server, "* OK", 4), 4);
	assert_int_equal(gnutls_alert_send(world->server, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR),
			 0);
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), 4);
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), CONN_BROKEN);
	expect(world, CLASS_TLS, "the server has a fault of its own (alert 80");
	close_world(world);
}

static void a_client_key_that_went_away_is_bad_usage(void **state)
{
	struct world *world = ask_for_ours("nothing", "good", "NORMAL", 0);

	(void)state;
	assert_false(conn_secure(&world->conn, &world->settings, &world->failure));
	expect(world, CLASS_USAGE, "nothing.pem: No such file");
	close_world(world);
}

/* --- pins -------------------------------------------------------------------------------- */

static struct world *pin_to(const char *pinned, const char *name, const char *priority)
{
	struct world *world = open_world();
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain(pinned, chain);

	world->settings.pins.count = 1;
	assert_true(pin_of(&world->settings.pins.items[0], chain[0]));
	pki_free(chain, count);
	trust(world, "nothing.pem"); /* nobody looks */
	serve(world, name, priority);
	return world;
}

static void a_pinned_key_needs_no_authority(void **state)
{
	static const char *const names[] = {"good", "selfsigned", "expired", "wrongname",
					    "rsa1024"};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(names) / sizeof(names[0]); i++) {
		struct world *world = pin_to(names[i / 2], names[i / 2], i % 2 ? TLS13 : TLS12);

		assert_int_equal(shake(world), TLS_UP);
		assert_true(facts(world)->path.verified && facts(world)->path.is_pinned);
		close_world(world);
	}
}

static void another_key_than_the_pinned_one_is_refused(void **state)
{
	struct world *world = pin_to("good", "soon", "NORMAL");

	(void)state;
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_CERTIFICATE, "the server's key is not the pinned one: it has sha256//");
	close_world(world);
	world = pin_to("good", "soon", "NORMAL");
	world->settings.insecure = true;
	assert_int_equal(shake(world), TLS_UP);
	assert_false(facts(world)->path.verified);
	assert_non_null(strstr(facts(world)->path.fault.text, "not the pinned one"));
	close_world(world);
}

/* --- priority strings -------------------------------------------------------------------- */

static enum tls_progress shake_priority(struct world *world, const char *ours, const char *name,
					const char *theirs)
{
	world->settings.priority = ours;
	serve(world, name, theirs);
	return shake(world);
}

static void a_priority_string_decides_what_is_negotiated(void **state)
{
	struct world *world = open_world();

	(void)state;
	assert_int_equal(shake_priority(world,
					"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+"
					"CHACHA20-POLY1305",
					"good", "NORMAL"),
			 TLS_UP);
	assert_string_equal(facts(world)->version, "TLS1.2");
	assert_non_null(strstr(facts(world)->cipher, "CHACHA20"));
	close_world(world);
	world = open_world();
	assert_int_equal(shake_priority(world, "NORMAL:-VERS-ALL:+VERS-TLS1.3", "good", TLS12),
			 TLS_FAILED);
	expect(world, CLASS_TLS, "version");
	close_world(world);
}

static void a_priority_string_does_not_soften_what_certificates_must_be(void **state)
{
	static const char *const strings[] = {"NORMAL", "LEGACY", "NORMAL:%VERIFY_ALLOW_BROKEN",
					      "PERFORMANCE:%COMPAT"};

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		struct world *world = open_world();

		assert_int_equal(shake_priority(world, strings[i], "rsa1024", ALL_VERSIONS),
				 TLS_FAILED);
		expect(world, CLASS_CERTIFICATE, "RSA with 1024 bits, 2048 are needed");
		close_world(world);
	}
}

static void a_profile_in_a_priority_string_counts(void **state)
{
	struct world *world = open_world();

	(void)state;
	assert_int_equal(shake_priority(world, "NORMAL:%PROFILE_HIGH", "rsa2048", "NORMAL"),
			 TLS_FAILED);
	expect(world, CLASS_CERTIFICATE, "RSA with 2048 bits, 3072 are needed");
	close_world(world);
	world = open_world();
	assert_int_equal(shake_priority(world, "NORMAL:%PROFILE_LOW", "rsa1024", "NORMAL"), TLS_UP);
	assert_true(facts(world)->path.verified);
	close_world(world);
}

/* RFC 2409 section 6.2: 1024 bits. */
static const char SMALL_PRIME[] =
	"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
	"020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
	"4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF";

static void a_small_diffie_hellman_prime_is_refused(void **state)
{
	/* Without the groups of RFC 7919: else the server would not choose one of its own. */
	static const char *const strings[] = {"NORMAL:-GROUP-DH-ALL", "LEGACY:-GROUP-DH-ALL"};
	unsigned char octets[128];
	size_t size = sizeof(octets);

	(void)state;
	assert_int_equal(gnutls_hex2bin(SMALL_PRIME, strlen(SMALL_PRIME), octets, &size), 0);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		const gnutls_datum_t prime = {octets, (unsigned)size};
		const gnutls_datum_t generator = {(unsigned char *)"\2", 1};
		struct world *world = open_world();
		gnutls_dh_params_t params;

		world->settings.priority = strings[i];
		serve(world, "rsa2048",
		      "NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL:+GROUP-SECP256R1");
		assert_int_equal(gnutls_dh_params_init(&params), 0);
		assert_int_equal(gnutls_dh_params_import_raw(params, &prime, &generator), 0);
		gnutls_certificate_set_dh_params(world->credentials, params);
		assert_int_equal(shake(world), TLS_FAILED);
		expect(world, CLASS_TLS, "Diffie-Hellman key is too weak: 2048 bits are needed");
		close_world(world);
		gnutls_dh_params_deinit(params);
	}
}

/* --- staples ----------------------------------------------------------------------------- */

static struct ocsp_wish answer(enum ocsp_answer answer, const char *about)
{
	time_t now = time(NULL);

	return (struct ocsp_wish){.about = about,
				  .answer = answer,
				  .reason = 1,
				  .this_update = now - 3600,
				  .next_update = now + 86400,
				  .revoked_at = 1700000000};
}

static struct world *serve_stapled(const char *name, const struct ocsp_wish *wish,
				   const char *priority)
{
	struct world *world = open_world();

	world->response = ocsp_make(wish);
	serve(world, name, priority);
	return world;
}

static void a_good_staple_is_a_fact(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ocsp_wish wish = answer(OCSP_GOOD, i ? "good" : "muststaple");
		struct world *world = serve_stapled(wish.about, &wish, i ? TLS13 : TLS12);

		assert_int_equal(shake(world), TLS_UP);
		assert_true(facts(world)->path.verified);
		assert_int_equal(facts(world)->staple.status, STAPLE_GOOD);
		close_world(world);
	}
}

static void a_revoked_certificate_is_refused(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct ocsp_wish wish = answer(OCSP_REVOKED, "good");
		struct world *world = serve_stapled("good", &wish, i ? TLS13 : TLS12);

		assert_int_equal(shake(world), TLS_FAILED);
		expect(world, CLASS_CERTIFICATE,
		       "the certificate was revoked on 2023-11-14 22:13 UTC: key compromise "
		       "(stapled OCSP response) (CN=imap.example.org, issued by CN=Test CA");
		assert_int_equal(facts(world)->staple.status, STAPLE_REVOKED);
		assert_false(facts(world)->path.verified);
		close_world(world);
	}
}

static void a_revocation_counts_for_a_pinned_key_as_well(void **state)
{
	struct ocsp_wish wish = answer(OCSP_REVOKED, "intermediate");
	struct world *world;

	(void)state;
	wish.issuer = "sub-ca";
	world = pin_to("intermediate", "intermediate", "NORMAL");
	world->response = ocsp_make(&wish);
	gnutls_certificate_set_ocsp_status_request_function(world->credentials, staple, world);
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_CERTIFICATE, "revoked on 2023-11-14");
	close_world(world);
}

static void a_revocation_and_another_fault_are_both_told(void **state)
{
	struct ocsp_wish wish = answer(OCSP_REVOKED, "expired");
	struct world *world = serve_stapled("expired", &wish, "NORMAL");

	(void)state;
	world->settings.insecure = true;
	assert_int_equal(shake(world), TLS_UP);
	assert_non_null(strstr(facts(world)->path.fault.text, "revoked on"));
	assert_non_null(strstr(facts(world)->path.fault.text, "expired 12 days ago"));
	close_world(world);
}

static void a_useless_staple_is_a_fault_only_where_one_is_due(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		bool is_due = i % 2;
		const char *name = is_due ? "muststaple" : "good";
		struct ocsp_wish wish = answer(i / 2 == 0 ? OCSP_UNKNOWN : OCSP_GOOD, name);
		struct world *world;

		if (i / 2 == 1)
			wish.next_update = time(NULL) - 3600;
		if (i / 2 == 2)
			wish.signer = "other-ca";
		if (i / 2 == 3)
			wish.about = "soon";
		world = serve_stapled(name, &wish, "NORMAL");
		assert_int_equal(shake(world), is_due ? TLS_FAILED : TLS_UP);
		assert_true(facts(world)->staple.status == STAPLE_UNKNOWN ||
			    facts(world)->staple.status == STAPLE_INVALID);
		assert_int_equal(facts(world)->path.verified, !is_due);
		if (is_due)
			expect(world, CLASS_CERTIFICATE, "the certificate demands a good one");
		close_world(world);
	}
}

static void a_missing_staple_is_a_fault_where_one_is_due(void **state)
{
	struct world *world = open_world();

	(void)state;
	serve(world, "muststaple", "NORMAL");
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_CERTIFICATE,
	       "the server stapled no OCSP response, and the certificate demands a good one "
	       "(must-staple)");
	close_world(world);
	world = pin_to("muststaple", "muststaple", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	close_world(world);
}

/* A self-signed authority that has all of ca's marks, but the key of twin-ca. */
static gnutls_x509_crt_t make_impostor(void)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX], impostor;
	gnutls_x509_privkey_t key;
	gnutls_datum_t dn, pem;
	unsigned char id[40];
	size_t size = sizeof(id);

	assert_int_equal(gnutls_load_file(pki_path("twin-ca.key"), &pem), 0);
	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_import(key, &pem, GNUTLS_X509_FMT_PEM), 0);
	gnutls_free(pem.data);
	pki_chain("ca", chain);
	assert_int_equal(gnutls_x509_crt_get_subject_key_id(chain[0], id, &size, NULL), 0);
	assert_int_equal(gnutls_x509_crt_get_dn3(chain[0], &dn, 0), 0);
	pki_free(chain, 1);
	assert_int_equal(gnutls_x509_crt_init(&impostor), 0);
	assert_int_equal(gnutls_x509_crt_set_version(impostor, 3), 0);
	assert_int_equal(gnutls_x509_crt_set_serial(impostor, "1", 1), 0);
	assert_int_equal(gnutls_x509_crt_set_dn(impostor, (const char *)dn.data, NULL), 0);
	assert_int_equal(gnutls_x509_crt_set_issuer_dn(impostor, (const char *)dn.data, NULL), 0);
	assert_int_equal(gnutls_x509_crt_set_activation_time(impostor, time(NULL) - 3600), 0);
	assert_int_equal(gnutls_x509_crt_set_expiration_time(impostor, time(NULL) + 3600), 0);
	assert_int_equal(gnutls_x509_crt_set_basic_constraints(impostor, 1, -1), 0);
	assert_int_equal(gnutls_x509_crt_set_subject_key_id(impostor, id, size), 0);
	assert_int_equal(gnutls_x509_crt_set_key(impostor, key), 0);
	assert_int_equal(gnutls_x509_crt_sign2(impostor, impostor, key, GNUTLS_DIG_SHA256, 0), 0);
	gnutls_free(dn.data);
	gnutls_x509_privkey_deinit(key);
	return impostor;
}

/* Has the server send `name`'s certificate, then the impostor. */
static void send_impostor(struct world *world, const char *name)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	gnutls_privkey_t key;
	gnutls_datum_t pem;
	gnutls_pcert_st sent[2];
	unsigned count = 2;
	char file[100];

	pki_chain(name, chain);
	chain[1] = make_impostor();
	snprintf(file, sizeof(file), "%s.key", name);
	assert_int_equal(gnutls_load_file(pki_path(file), &pem), 0);
	assert_int_equal(gnutls_privkey_init(&key), 0);
	assert_int_equal(gnutls_privkey_import_x509_raw(key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0),
			 0);
	gnutls_free(pem.data);
	assert_int_equal(gnutls_pcert_import_x509_list(sent, chain, &count, 0), 0);
	gnutls_certificate_free_keys(world->credentials);
	assert_int_equal(gnutls_certificate_set_key(world->credentials, NULL, 0, sent, 2, key), 0);
	pki_free(chain, 2);
}

/* Who holds a revoked key may send along an authority of the right name, and its good word. */
static void the_authority_of_a_staple_is_who_signed_the_certificate(void **state)
{
	struct ocsp_wish wish = answer(OCSP_GOOD, "muststaple");
	struct world *world;

	(void)state;
	wish.issuer = "twin-ca";
	world = serve_stapled("muststaple", &wish, "NORMAL");
	send_impostor(world, "muststaple");
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_CERTIFICATE, "not signed by the certificate's authority");
	close_world(world);
}

/* --- strangers --------------------------------------------------------------------------- */

static void expect_stranger(const char *says, const char *part)
{
	struct world *world = open_world();

	assert_true(write(world->server_fd, says, strlen(says)) > 0);
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_PROTOCOL, part);
	close_world(world);
}

static void servers_without_tls_are_told_by_what_they_say(void **state)
{
	(void)state;
	expect_stranger("* OK [CAPABILITY IMAP4rev1] ready\r\n",
			"the server speaks IMAP in clear on this port: use --tls=starttls");
	expect_stranger("* BYE too many connections\r\n", "IMAP in clear");
	expect_stranger("HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP");
	expect_stranger("SSH-2.0-OpenSSH_9.2\r\n", "SSH");
	expect_stranger("+OK POP3 ready\r\n", "POP3");
	expect_stranger("220 mail.example.org ESMTP\r\n", "SMTP");
	expect_stranger("hey you\r\n", "does not speak TLS");
}

static void garbage_after_a_record_header_fails(void **state)
{
	struct world *world = open_world();
	char record[300] = {22, 3, 3, 1, 0};

	(void)state;
	memset(record + 5, 'x', sizeof(record) - 5);
	assert_int_equal(write(world->server_fd, record, sizeof(record)), sizeof(record));
	assert_int_equal(shake(world), TLS_FAILED);
	assert_int_equal(world->failure.class, CLASS_TLS);
	close_world(world);
}

static void a_close_in_mid_handshake_is_told(void **state)
{
	struct world *world = open_world();

	(void)state;
	shutdown(world->server_fd, SHUT_WR);
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_TLS, "closed the connection in the TLS handshake");
	close_world(world);
}

static void a_silent_server_is_waited_for(void **state)
{
	struct world *world = open_world();
	struct wait wait;

	(void)state;
	assert_int_equal(shake(world), TLS_WAIT);
	wait_clear(&wait);
	conn_wait(&world->conn, &wait, false);
	assert_int_equal(wait.count, 1);
	assert_int_equal(wait.fds[0].events, POLLIN);
	close_world(world);
}

static void endless_warnings_are_not_heard_out(void **state)
{
	static const char warning[] = {21, 3, 3, 0, 2, 1, 90}; /* user_canceled */
	struct world *world = open_world();

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(write(world->server_fd, warning, sizeof(warning)),
				 sizeof(warning));
	assert_int_equal(shake(world), TLS_FAILED);
	assert_int_equal(world->failure.class, CLASS_TLS);
	close_world(world);
}

/* --- in clear ---------------------------------------------------------------------------- */

static void a_connection_in_clear_carries_bytes(void **state)
{
	struct world *world = open_world();
	struct wait wait;
	char got[10];

	(void)state;
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), CONN_AGAIN);
	assert_int_equal(conn_write(&world->conn, "hello", 5, &world->failure), 5);
	assert_int_equal(read(world->server_fd, got, sizeof(got)), 5);
	wait_clear(&wait);
	conn_wait(&world->conn, &wait, true);
	assert_int_equal(wait.fds[0].events, POLLIN | POLLOUT);
	close(world->server_fd);
	world->server_fd = -1;
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), 0);
	assert_int_equal(conn_write(&world->conn, "hello", 5, &world->failure), CONN_BROKEN);
	expect(world, CLASS_UNAVAILABLE, "Broken pipe");
	close_world(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_server_is_accepted),
		cmocka_unit_test(bytes_go_both_ways),
		cmocka_unit_test(records_that_came_together_are_read_one_by_one),
		cmocka_unit_test(a_close_without_notice_counts_as_a_close),
		cmocka_unit_test(writing_to_a_closed_peer_raises_no_signal),
		cmocka_unit_test(keys_may_be_updated_in_mid_stream),
		cmocka_unit_test(a_wish_to_handshake_anew_is_not_granted),
		cmocka_unit_test(sni_carries_names_but_no_addresses),
		cmocka_unit_test(certificates_that_do_not_verify_are_refused),
		cmocka_unit_test(insecure_goes_on_and_keeps_the_fault),
		cmocka_unit_test(insecure_needs_nobody_to_trust),
		cmocka_unit_test(an_unreadable_ca_file_is_bad_usage),
		cmocka_unit_test(old_versions_are_refused_by_default),
		cmocka_unit_test(old_versions_work_when_allowed),
		cmocka_unit_test(newest_version_can_be_asked_for),
		cmocka_unit_test(no_common_cipher_is_told),
		cmocka_unit_test(a_wish_for_a_client_certificate_is_told),
		cmocka_unit_test(a_client_certificate_is_shown_to_who_asks),
		cmocka_unit_test(a_client_certificate_is_not_shown_unasked),
		cmocka_unit_test(a_client_certificate_of_an_unnamed_authority_is_shown),
		cmocka_unit_test(a_server_that_does_not_verify_sees_no_client_certificate),
		cmocka_unit_test(a_refused_client_certificate_is_told_with_what_it_is),
		cmocka_unit_test(an_alert_in_mid_stream_does_not_blame_the_client_certificate),
		cmocka_unit_test(a_client_key_that_went_away_is_bad_usage),
		cmocka_unit_test(a_pinned_key_needs_no_authority),
		cmocka_unit_test(another_key_than_the_pinned_one_is_refused),
		cmocka_unit_test(a_priority_string_decides_what_is_negotiated),
		cmocka_unit_test(a_priority_string_does_not_soften_what_certificates_must_be),
		cmocka_unit_test(a_profile_in_a_priority_string_counts),
		cmocka_unit_test(a_small_diffie_hellman_prime_is_refused),
		cmocka_unit_test(a_good_staple_is_a_fact),
		cmocka_unit_test(a_revoked_certificate_is_refused),
		cmocka_unit_test(a_revocation_counts_for_a_pinned_key_as_well),
		cmocka_unit_test(a_revocation_and_another_fault_are_both_told),
		cmocka_unit_test(a_useless_staple_is_a_fault_only_where_one_is_due),
		cmocka_unit_test(a_missing_staple_is_a_fault_where_one_is_due),
		cmocka_unit_test(the_authority_of_a_staple_is_who_signed_the_certificate),
		cmocka_unit_test(servers_without_tls_are_told_by_what_they_say),
		cmocka_unit_test(garbage_after_a_record_header_fails),
		cmocka_unit_test(a_close_in_mid_handshake_is_told),
		cmocka_unit_test(a_silent_server_is_waited_for),
		cmocka_unit_test(endless_warnings_are_not_heard_out),
		cmocka_unit_test(a_connection_in_clear_carries_bytes),
	};

	return cmocka_run_group_tests(tests, pki_make, pki_remove);
}
