/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_identity.c - our own certificate and key, and every reason why they cannot be used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "identity.h"
#include "pki.h"

static bool is_usable(const char *certificate, const char *key, struct failure *failure)
{
	char paths[2][400];
	struct identity identity = {NULL, NULL};

	snprintf(paths[0], sizeof(paths[0]), "%s", pki_path(certificate));
	identity.certificate = paths[0];
	if (key) {
		snprintf(paths[1], sizeof(paths[1]), "%s", pki_path(key));
		identity.key = paths[1];
	}
	return identity_is_usable(&identity, failure);
}

static void expect_unusable(const char *certificate, const char *key, const char *part)
{
	struct failure failure;

	assert_false(is_usable(certificate, key, &failure));
	assert_int_equal(failure.class, CLASS_USAGE);
	if (!strstr(failure.text, part))
		fail_msg("wanted ...%s..., got %s", part, failure.text);
}

static void a_certificate_and_its_key_are_usable(void **state)
{
	const struct identity none = {NULL, NULL};
	struct failure failure;

	(void)state;
	assert_true(identity_is_usable(&none, &failure));
	assert_true(is_usable("client.pem", "client.key", &failure));
	assert_true(is_usable("client-both.pem", NULL, &failure));
	assert_true(is_usable("client-both.pem", "client-both.pem", &failure));
	assert_true(is_usable("intermediate.pem", "intermediate.key", &failure)); /* a chain */
	assert_true(is_usable("rsa2048.pem", "rsa2048.key", &failure));
}

static void what_cannot_be_read_is_told_by_option_and_name(void **state)
{
	(void)state;
	expect_unusable("nothing.pem", NULL, "--client-cert /");
	expect_unusable("nothing.pem", NULL, "nothing.pem: No such file or directory");
	expect_unusable("client.pem", "nothing.key", "--client-key /");
	expect_unusable("client.pem", "nothing.key", "nothing.key: No such file or directory");
	expect_unusable("", NULL, "is not a file");
	assert_int_equal(mkfifo(pki_path("fifo"), 0600), 0);
	expect_unusable("fifo", NULL, "is not a file");
	expect_unusable("client.pem", "fifo", "is not a file");
}

static void what_holds_something_else_is_told(void **state)
{
	FILE *file = fopen(pki_path("empty"), "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	expect_unusable("client.key", "client.key", "client.key holds no certificate in PEM form");
	expect_unusable("empty", "client.key", "empty holds no certificate in PEM form");
	expect_unusable("client.pem", NULL,
			"client.pem holds no key in PEM form: give --client-key=FILE");
	expect_unusable("client.pem", "client.pem", "client.pem holds no key in PEM form");
	expect_unusable("client.pem", "empty", "empty holds no key in PEM form");
}

static void a_key_that_belongs_to_another_certificate_is_told(void **state)
{
	(void)state;
	expect_unusable("client.pem", "good.key", "good.key does not belong to --client-cert /");
	expect_unusable("client.pem", "rsa2048.key", "rsa2048.key does not belong to");
}

static void an_encrypted_key_is_told(void **state)
{
	static const char old_form[] = "-----BEGIN RSA PRIVATE KEY-----\n"
				       "Proc-Type: 4,ENCRYPTED\n"
				       "DEK-Info: DES-EDE3-CBC,0123456789ABCDEF\n\n"
				       "AAAA\n-----END RSA PRIVATE KEY-----\n";
	FILE *file = fopen(pki_path("old-form"), "w");

	(void)state;
	assert_non_null(file);
	fputs(old_form, file);
	fclose(file);
	expect_unusable("client.pem", "client-locked.key", "the key is encrypted");
	expect_unusable("client.pem", "old-form", "--client-key /");
	expect_unusable("client.pem", "old-form", "the key is encrypted");
}

static void it_can_be_described(void **state)
{
	gnutls_certificate_credentials_t credentials;
	struct identity identity = {pki_path("client-both.pem"), NULL};
	struct failure failure;
	char text[300];

	(void)state;
	assert_int_equal(gnutls_certificate_allocate_credentials(&credentials), 0);
	assert_string_equal(identity_describe(credentials, text, sizeof(text)), "");
	assert_true(identity_load(&identity, credentials, &failure));
	assert_ptr_equal(strstr(identity_describe(credentials, text, sizeof(text)),
				"CN=alice, issued by CN=Test CA, valid 2"),
			 text);
	gnutls_certificate_free_credentials(credentials);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_and_its_key_are_usable),
		cmocka_unit_test(what_cannot_be_read_is_told_by_option_and_name),
		cmocka_unit_test(what_holds_something_else_is_told),
		cmocka_unit_test(a_key_that_belongs_to_another_certificate_is_told),
		cmocka_unit_test(an_encrypted_key_is_told),
		cmocka_unit_test(it_can_be_described),
	};

	return cmocka_run_group_tests(tests, pki_make, pki_remove);
}
