/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_tls.c - TLS against a server in the same thread, over a pair of sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "conn.h"
#include "pki.h"

static const char ALL_VERSIONS[] =
	"NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+SIGN-ALL:+SHA1:%VERIFY_ALLOW_BROKEN";

/* Both ends of a connection. */
struct world {
	struct tls_settings settings;
	struct conn conn;
	int server_fd;
	gnutls_session_t server;
	gnutls_certificate_credentials_t credentials;
	bool wants_client_certificate;
	bool server_is_up;
	int server_error;
	struct failure failure;
};

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
	world->settings.trust.file = strdup(pki_path("ca.pem"));
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
	free((char *)world->settings.trust.file);
	free(world);
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
	if (world->wants_client_certificate)
		gnutls_certificate_server_set_request(world->server, GNUTLS_CERT_REQUIRE);
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

/* --- well
 * ------------------------------------------------------------------------------------------ */

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
	ssize_t length;

	(void)state;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	finish_server(world);
	assert_int_equal(gnutls_session_key_update(world->server, GNUTLS_KU_PEER), 0);
	assert_int_equal(gnutls_record_send(world->server, "after", 5), 5);
	do
		length = conn_read(&world->conn, got, sizeof(got), &world->failure);
	while (length == CONN_AGAIN);
	assert_int_equal(length, 5);
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

/* --- names
 * ------------------------------------------------------------------------------------------- */

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
	static const char *const names[] = {"expired", "wrongname", "selfsigned", "rsa1024"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct world *world = open_world();

		world->settings.insecure = true;
		serve(world, names[i], "NORMAL");
		assert_int_equal(shake(world), TLS_UP);
		assert_false(facts(world)->path.verified);
		assert_int_equal(facts(world)->path.fault.class, CLASS_CERTIFICATE);
		close_world(world);
	}
}

static void an_unreadable_ca_file_is_bad_usage(void **state)
{
	struct world *world = open_world();

	(void)state;
	free((char *)world->settings.trust.file);
	world->settings.trust.file = strdup(pki_path("none.pem"));
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_USAGE, "No such file");
	close_world(world);
}

/* --- versions
 * ------------------------------------------------------------------------------------- */

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

/* --- client certificates
 * ---------------------------------------------------------------------------- */

static void a_wish_for_a_client_certificate_is_told_in_tls12(void **state)
{
	struct world *world = open_world();

	(void)state;
	world->wants_client_certificate = true;
	serve(world, "good", "NORMAL:-VERS-TLS1.3");
	assert_int_equal(shake(world), TLS_FAILED);
	expect(world, CLASS_CERTIFICATE, "client certificate");
	close_world(world);
}

static void a_wish_for_a_client_certificate_is_told_late_in_tls13(void **state)
{
	struct world *world = open_world();
	char got[10];

	(void)state;
	world->wants_client_certificate = true;
	serve(world, "good", "NORMAL");
	assert_int_equal(shake(world), TLS_UP);
	for (int i = 0; i < 5; i++)
		step_server(world);
	assert_int_equal(conn_read(&world->conn, got, sizeof(got), &world->failure), CONN_BROKEN);
	expect(world, CLASS_CERTIFICATE, "client certificate");
	close_world(world);
}

/* --- strangers
 * --------------------------------------------------------------------------------------- */

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

/* --- in clear
 * ------------------------------------------------------------------------------------------ */

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
		cmocka_unit_test(a_close_without_notice_counts_as_a_close),
		cmocka_unit_test(writing_to_a_closed_peer_raises_no_signal),
		cmocka_unit_test(keys_may_be_updated_in_mid_stream),
		cmocka_unit_test(a_wish_to_handshake_anew_is_not_granted),
		cmocka_unit_test(sni_carries_names_but_no_addresses),
		cmocka_unit_test(certificates_that_do_not_verify_are_refused),
		cmocka_unit_test(insecure_goes_on_and_keeps_the_fault),
		cmocka_unit_test(an_unreadable_ca_file_is_bad_usage),
		cmocka_unit_test(old_versions_are_refused_by_default),
		cmocka_unit_test(old_versions_work_when_allowed),
		cmocka_unit_test(newest_version_can_be_asked_for),
		cmocka_unit_test(no_common_cipher_is_told),
		cmocka_unit_test(a_wish_for_a_client_certificate_is_told_in_tls12),
		cmocka_unit_test(a_wish_for_a_client_certificate_is_told_late_in_tls13),
		cmocka_unit_test(servers_without_tls_are_told_by_what_they_say),
		cmocka_unit_test(garbage_after_a_record_header_fails),
		cmocka_unit_test(a_close_in_mid_handshake_is_told),
		cmocka_unit_test(a_silent_server_is_waited_for),
		cmocka_unit_test(endless_warnings_are_not_heard_out),
		cmocka_unit_test(a_connection_in_clear_carries_bytes),
	};

	return cmocka_run_group_tests(tests, pki_make, pki_remove);
}
