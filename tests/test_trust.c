/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_trust.c - loading trust anchors: few of them must lead to the same verdicts as all of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cert.h"
#include "pem.h"
#include "pki.h"
#include "store.h"
#include "trust.h"

static const struct cert_peer usual = {.name = "imap.example.org"};

/* Appends the text of a file to another. */
static void append(FILE *to, const char *name)
{
	char file[100];
	gnutls_datum_t text;

	snprintf(file, sizeof(file), "%s.pem", name);
	assert_int_equal(gnutls_load_file(pki_path(file), &text), 0);
	fwrite(text.data, 1, text.size, to);
	gnutls_free(text.data);
}

static const char *write_bundle(const char *const *names)
{
	FILE *file = fopen(pki_path("bundle"), "w");

	assert_non_null(file);
	for (; *names; names++)
		append(file, *names);
	fclose(file);
	return pki_path("bundle");
}

static const char *write_text(const char *name, const char *text)
{
	const char *path = pki_path(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	return path;
}

/* The verdict with the anchors that trust_list() picks, as tls.c comes to it, or with all. */
static void verify(struct cert_path *path, const struct trust *trust,
		   const gnutls_x509_crt_t *chain, unsigned count, bool may_pick)
{
	bool is_partial = false;

	memset(path, 0, sizeof(*path));
	for (int turn = may_pick ? 0 : 1; turn < 2; turn++) {
		struct failure failure;
		gnutls_x509_trust_list_t anchors =
			trust_list(trust, chain, turn == 0 ? count : 0, &is_partial, &failure);

		if (!anchors)
			fail_msg("%s", failure.text);
		cert_verify(path, chain, count, anchors, &usual, GNUTLS_PROFILE_MEDIUM);
		gnutls_x509_trust_list_deinit(anchors, 1);
		if (path->verified || !is_partial)
			return;
	}
}

static void expect_same_verdict(const char *bundle, const char *name)
{
	const struct trust trust = {.file = bundle};
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain(name, chain);
	struct cert_path picked, all;

	verify(&picked, &trust, chain, count, true);
	verify(&all, &trust, chain, count, false);
	pki_free(chain, count);
	if (picked.verified != all.verified || picked.count != all.count)
		fail_msg("%s: picked %d %u, all %d %u", name, picked.verified, picked.count,
			 all.verified, all.count);
	if (!all.verified)
		assert_string_equal(picked.fault.text, all.fault.text);
	for (unsigned i = 0; i < all.count; i++)
		assert_memory_equal(&picked.certs[i], &all.certs[i], sizeof(all.certs[i]));
}

static void verdicts_are_the_same_as_with_all_anchors(void **state)
{
	static const char *const bundles[][8] = {
		{"ca"},
		{"other-ca"},
		{"ca", "other-ca", "new-root", "old-root"},
		{"old-root"},
		{"old-root", "new-root"},
		{"new-root", "old-root", "cross"},
		{"cross"},
		{"sub-ca"},
		{"ca", "ca", "ca"},
		{"other-ca", "selfsigned", "unknown"},
		{"good", "expired"},
		{"twin-ca"},
		{"twin-ca", "ca"},
		{"ca", "twin-ca"},
		{"wrongname", "sub-ca", "ca", "ca"},
	};
	static const char *const chains[] = {
		"good",	      "expired", "notyet",     "wrongname",    "cnonly",   "wildcard",
		"selfsigned", "unknown", "missing",    "intermediate", "shortsub", "rsa2048",
		"rsa1024",    "sha1",	 "clientonly", "crosssigned",  "ca",	   "new-root",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bundles) / sizeof(bundles[0]); i++) {
		char path[400];

		snprintf(path, sizeof(path), "%s", write_bundle(bundles[i]));
		for (size_t k = 0; k < sizeof(chains) / sizeof(chains[0]); k++)
			expect_same_verdict(path, chains[k]);
	}
}

static unsigned count_picked_from(const struct store *store, const char *name, bool *is_well)
{
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	unsigned count = pki_chain(name, chain);
	gnutls_x509_trust_list_t list;
	gnutls_x509_trust_list_iter_t at = NULL;
	gnutls_x509_crt_t crt;
	unsigned picked = 0;

	assert_int_equal(gnutls_x509_trust_list_init(&list, 0), 0);
	*is_well = store_pick(store, list, chain, count);
	while (gnutls_x509_trust_list_iter_get_ca(list, &at, &crt) == 0) {
		gnutls_x509_crt_deinit(crt);
		picked++;
	}
	gnutls_x509_trust_list_deinit(list, 1);
	pki_free(chain, count);
	return picked;
}

static unsigned count_picked(const char *path, const char *name, bool *is_well)
{
	const struct store store = {path, NULL};

	return count_picked_from(&store, name, is_well);
}

static void only_what_matters_is_picked(void **state)
{
	static const char *const all[] = {"ca",	    "other-ca", "new-root",   "old-root",
					  "sub-ca", "short-ca", "selfsigned", NULL};
	const char *path = write_bundle(all);
	bool is_well;

	(void)state;
	assert_int_equal(count_picked(path, "good", &is_well), 2); /* and selfsigned, of one name */
	assert_true(is_well);
	path = write_bundle(all);
	assert_int_equal(count_picked(path, "other-ca", &is_well), 1);
	assert_true(is_well);
}

static void two_anchors_of_one_subject_are_both_picked(void **state)
{
	static const char *const both[] = {"cross", "ca", "new-root", NULL};
	const char *path = write_bundle(both);
	bool is_well;

	(void)state;
	assert_int_equal(count_picked(path, "new-root", &is_well), 2);
	assert_true(is_well);
}

static void a_bundle_with_comments_and_other_line_ends_is_read(void **state)
{
	gnutls_datum_t text;
	FILE *file;
	bool is_well;

	(void)state;
	assert_int_equal(gnutls_load_file(pki_path("ca.pem"), &text), 0);
	file = fopen(pki_path("crlf"), "w");
	assert_non_null(file);
	fputs("# Comment\r\nTest CA\r\n=======\r\n", file);
	for (unsigned i = 0; i < text.size; i++)
		fprintf(file, "%s%c", text.data[i] == '\n' ? "\r" : "", text.data[i]);
	fputs("trailing words without an end of line", file);
	fclose(file);
	gnutls_free(text.data);
	assert_int_equal(count_picked(pki_path("crlf"), "good", &is_well), 1);
	assert_true(is_well);
	expect_same_verdict(pki_path("crlf"), "good");
	expect_same_verdict(pki_path("crlf"), "unknown");
}

static void what_is_odd_is_left_to_gnutls(void **state)
{
	static const char *const texts[] = {
		"-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIIB\n",
		"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIIB!\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMAAAMII\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMAAAMIIB\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMI==IB==\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nM===\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIQAAAAA\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n",
	};
	bool is_well;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_text("odd", texts[i]);
		if (count_picked(pki_path("odd"), "good", &is_well) != 0 || is_well)
			fail_msg("%s", texts[i]);
	}
	count_picked(pki_path("nothing"), "good", &is_well);
	assert_false(is_well);
	count_picked("/dev/zero", "good", &is_well);
	assert_false(is_well);
	write_text("empty", "");
	assert_int_equal(count_picked(pki_path("empty"), "good", &is_well), 0);
	assert_true(is_well);
	write_text("words", "no certificate in here\n");
	assert_int_equal(count_picked(pki_path("words"), "good", &is_well), 0);
	assert_true(is_well);
}

/* A broken entry before or behind the one that is needed: whether GnuTLS then takes the bundle or
   not, it is not for the quick look to be more generous. */
static void a_bundle_with_a_broken_entry_is_worth_what_gnutls_makes_of_it(void **state)
{
	static const char *const entries[] = {
		"-----BEGIN CERTIFICATE-----\nMIIB!\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nMIIB\n",
		"-----END CERTIFICATE-----\n",
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof entries / sizeof *entries; i++) {
		const struct trust trust = {
			.file = write_text("broken", i % 2 ? "" : entries[i / 2])};
		FILE *file = fopen(trust.file, "a");
		gnutls_x509_trust_list_t all;
		struct failure failure;
		bool is_partial;

		assert_non_null(file);
		append(file, "ca");
		fputs(i % 2 ? entries[i / 2] : "", file);
		fclose(file);
		all = trust_list(&trust, NULL, 0, &is_partial, &failure);
		if (all) {
			gnutls_x509_trust_list_deinit(all, 1);
			expect_same_verdict(trust.file, "good");
			expect_same_verdict(trust.file, "unknown");
			continue;
		}
		gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
		unsigned count = pki_chain("good", chain);

		assert_null(trust_list(&trust, chain, count, &is_partial, &failure));
		assert_int_equal(failure.class, CLASS_USAGE);
		pki_free(chain, count);
	}
}

static void base64_is_read_to_the_last_bit_or_not_at_all(void **state)
{
	static const struct {
		const char *text;
		enum pem_result result;
		size_t length;
	} cases[] = {
		{"AAAA", PEM_FOUND, 3},
		{"AA\nAA AAA=", PEM_FOUND, 5},
		{"AA==", PEM_FOUND, 1},
		{"AAAAAA", PEM_ODD, 0},
		{"AAAAA", PEM_ODD, 0},
		{"A===", PEM_ODD, 0},
		{"AA=A", PEM_ODD, 0},
		{"AA==AAAA", PEM_ODD, 0},
		{"", PEM_ODD, 0},
		{"AAAA----", PEM_ODD, 0},
		{"A\xc3\xa4"
		 "AA",
		 PEM_ODD, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[200];
		struct der der = {NULL, 0};
		struct pem pem;

		snprintf(text, sizeof(text),
			 "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n",
			 cases[i].text);
		pem_begin(&pem, text, strlen(text));
		if (pem_next(&pem, &der) != cases[i].result || der.length != cases[i].length)
			fail_msg("%s: %zu", cases[i].text, der.length);
	}
}

/* Every cut and every changed byte of a bundle: whatever is found, nothing is read beyond its end.
 */
static void damaged_bundles_do_no_harm(void **state)
{
	gnutls_datum_t text;

	(void)state;
	assert_int_equal(gnutls_load_file(pki_path("ca.pem"), &text), 0);
	for (unsigned cut = 0; cut <= text.size; cut++) {
		char *copy = malloc(cut ? cut : 1);
		struct pem pem;
		struct der der;

		assert_non_null(copy);
		memcpy(copy, text.data, cut);
		pem_begin(&pem, copy, cut);
		while (pem_next(&pem, &der) == PEM_FOUND)
			assert_true(der.length <= cut);
		free(copy);
	}
	for (unsigned i = 28; i < 500 && i < text.size; i += 3) {
		char kept = (char)text.data[i];
		bool is_well;
		FILE *file = fopen(pki_path("damaged"), "w");

		assert_non_null(file);
		text.data[i] = kept == 'A' ? '/' : 'A';
		fwrite(text.data, 1, text.size, file);
		fclose(file);
		text.data[i] = (unsigned char)kept;
		count_picked(pki_path("damaged"), "good", &is_well);
	}
	gnutls_free(text.data);
}

/* --- bad usage --------------------------------------------------------------------------- */

static void expect_unreadable(const char *file, const char *folder, const char *part)
{
	const struct trust trust = {file, folder};
	struct failure failure;

	assert_false(trust_is_readable(&trust, &failure));
	assert_int_equal(failure.class, CLASS_USAGE);
	if (!strstr(failure.text, part))
		fail_msg("wanted ...%s..., got %s", part, failure.text);
}

static void what_cannot_be_read_is_told_by_its_name(void **state)
{
	struct trust trust = {NULL, NULL};
	struct failure failure;

	(void)state;
	assert_true(trust_is_readable(&trust, &failure));
	trust.file = pki_path("ca.pem");
	assert_true(trust_is_readable(&trust, &failure));
	expect_unreadable(pki_path("nothing.pem"), NULL, "nothing.pem: No such file or directory");
	expect_unreadable(pki_path(""), NULL, "is not a file");
	expect_unreadable("/dev/zero", NULL, "is not a file");
	expect_unreadable(write_text("words", "no certificate\n"), NULL, "holds no certificate");
	expect_unreadable(pki_path("ca.key"), NULL, "holds no certificate");
	expect_unreadable(NULL, pki_path("nothing"), "nothing: No such file or directory");
	expect_unreadable(NULL, pki_path("ca.pem"), "Not a directory");
	assert_int_equal(mkfifo(pki_path("fifo"), 0600), 0);
	expect_unreadable(pki_path("fifo"), NULL, "is not a file");
}

/* --- folders ----------------------------------------------------------------------------- */

static const char *make_folder(char *path, size_t size)
{
	snprintf(path, size, "%s", pki_path("folder"));
	assert_int_equal(mkdir(path, 0700), 0);
	return path;
}

static void put(const char *name)
{
	char to[100];

	snprintf(to, sizeof(to), "folder/%s", name);
	assert_int_equal(link(pki_path(name), pki_path(to)), 0);
}

static void remove_folder(const char *path)
{
	char command[500];

	snprintf(command, sizeof(command), "rm -r '%s'", path);
	assert_int_equal(system(command), 0);
}

static void a_folder_of_anchors_is_loaded(void **state)
{
	char folder[400];
	const struct trust trust = {NULL, make_folder(folder, sizeof(folder))};
	gnutls_x509_crt_t chain[PKI_CHAIN_MAX];
	struct cert_path path;
	struct failure failure;
	unsigned count;

	(void)state;
	expect_unreadable(NULL, trust.folder, "holds no certificate");
	put("ca.pem");
	assert_true(trust_is_readable(&trust, &failure));
	count = pki_chain("good", chain);
	for (int may_pick = 0; may_pick < 2; may_pick++) {
		verify(&path, &trust, chain, count, may_pick);
		assert_true(path.verified);
	}
	pki_free(chain, count);
	remove_folder(folder);
}

static void only_what_matters_is_picked_from_a_folder(void **state)
{
	char folder[400];
	const struct store store = {NULL, make_folder(folder, sizeof(folder))};
	const struct store both = {pki_path("old-root.pem"), folder};
	bool is_well;

	(void)state;
	put("ca.pem");
	put("other-ca.pem");
	put("twin-ca.pem");
	put("new-root.pem");
	assert_int_equal(count_picked_from(&store, "good", &is_well), 2);
	assert_true(is_well);
	assert_int_equal(count_picked_from(&both, "unknown", &is_well), 1);
	assert_int_equal(count_picked_from(&both, "cross", &is_well), 2);
	remove_folder(folder);
}

static void what_else_lies_in_a_folder_does_no_harm(void **state)
{
	char folder[400];
	const struct store store = {NULL, make_folder(folder, sizeof(folder))};
	bool is_well;

	(void)state;
	assert_false(store_holds_any(&store));
	write_text("folder/README", "Put certificates in here.\n");
	write_text("folder/broken.pem", "-----BEGIN CERTIFICATE-----\nMAAA\n");
	write_text("folder/empty", "");
	assert_int_equal(mkdir(pki_path("folder/more"), 0700), 0);
	assert_int_equal(mkfifo(pki_path("folder/fifo"), 0600), 0);
	assert_int_equal(symlink("nowhere", pki_path("folder/link")), 0);
	assert_int_equal(symlink("fifo", pki_path("folder/to-fifo")), 0);
	assert_false(store_holds_any(&store));
	assert_int_equal(count_picked_from(&store, "good", &is_well), 0);
	put("ca.pem");
	assert_true(store_holds_any(&store));
	assert_int_equal(count_picked_from(&store, "good", &is_well), 1);
	assert_true(is_well);
	remove_folder(folder);
}

/* --- the quick look ---------------------------------------------------------------------- */

static void a_quick_look_goes_no_further_than_the_first_certificate(void **state)
{
	struct store store = {NULL, NULL};
	const struct trust trust = {pki_path("half"), NULL};
	struct failure failure;
	gnutls_datum_t text;
	FILE *file;

	(void)state;
	assert_int_equal(gnutls_load_file(pki_path("ca.pem"), &text), 0);
	file = fopen(trust.file, "w");
	assert_non_null(file);
	fprintf(file, "Test CA\n%.*s", (int)text.size, (const char *)text.data);
	fputs("-----BEGIN CERTIFICATE-----\nnonsense\n", file);
	fclose(file);
	gnutls_free(text.data);
	assert_true(trust_is_readable(&trust, &failure));
	store.file = trust.file;
	assert_true(store_holds_any(&store));
	store.file = write_text("words", "-----BEGIN CERTIFICATE-----\nMAAA\n");
	assert_false(store_holds_any(&store));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_are_the_same_as_with_all_anchors),
		cmocka_unit_test(only_what_matters_is_picked),
		cmocka_unit_test(two_anchors_of_one_subject_are_both_picked),
		cmocka_unit_test(a_bundle_with_comments_and_other_line_ends_is_read),
		cmocka_unit_test(what_is_odd_is_left_to_gnutls),
		cmocka_unit_test(a_bundle_with_a_broken_entry_is_worth_what_gnutls_makes_of_it),
		cmocka_unit_test(base64_is_read_to_the_last_bit_or_not_at_all),
		cmocka_unit_test(damaged_bundles_do_no_harm),
		cmocka_unit_test(what_cannot_be_read_is_told_by_its_name),
		cmocka_unit_test(a_folder_of_anchors_is_loaded),
		cmocka_unit_test(only_what_matters_is_picked_from_a_folder),
		cmocka_unit_test(what_else_lies_in_a_folder_does_no_harm),
		cmocka_unit_test(a_quick_look_goes_no_further_than_the_first_certificate),
	};

	return cmocka_run_group_tests(tests, pki_make, pki_remove);
}
