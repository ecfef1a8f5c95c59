/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_mime_encode.c - what is written is read back the same, in lines that every server takes, and
   nothing in it begins a field of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mime.h"
#include "mime_encode.h"
#include "text.h"
#include "utf8.h"

enum { ROOM = 64 * 1024, HEADER_COLUMNS = 78, WORD_LINE = 76, WORD = 75, LINE_LIMIT = 998 };

static char written[ROOM];
static char read_back[ROOM + 1];

static FILE *to;

static void begin(void)
{
	memset(written, 0, sizeof written);
	to = fmemopen(written, sizeof written, "w");
	if (!to)
		abort();
}

static const char *field(const char *text)
{
	begin();
	mime_encode_text_field(to, "Subject", text);
	fclose(to);
	return written;
}

static const char *phrase(const char *text)
{
	size_t column;

	begin();
	fputs("From: ", to);
	column = mime_encode_phrase(to, strlen("From: "), text);
	fclose(to);
	assert_int_equal(column,
			 strlen(strrchr(written, '\n') ? strrchr(written, '\n') + 1 : written));
	return written + strlen("From: ");
}

static const char *body(const char *text)
{
	begin();
	mime_encode_body(to, text);
	fclose(to);
	return written;
}

static const char *decoded(const char *message)
{
	struct octets all = {.at = read_back, .size = ROOM};

	assert_true(mime_read(text_span(message), &all, &all));
	read_back[all.length] = '\0';
	return read_back;
}

/* Every line ends in CRLF, none is longer than that, and there is no other CR or LF. */
static void assert_lines(const char *text, size_t longest)
{
	while (*text) {
		size_t length = strcspn(text, "\r\n");

		if (length > longest)
			fail_msg("%zu columns: %.*s", length, (int)length, text);
		assert_memory_equal(text + length, "\r\n", 2);
		text += length + 2;
	}
}

static void assert_ascii(const char *text)
{
	for (; *text; text++)
		assert_true((unsigned char)*text < 0x80 && *text != 0x7f);
}

/* RFC 2047 section 2: a word has 75 columns, a line with one 76; whole characters are in each. */
static void assert_words(const char *header)
{
	for (const char *at = strstr(header, "=?UTF-8?B?"); at; at = strstr(at + 1, "=?UTF-8?B?")) {
		size_t length = strcspn(at, " \r\n");
		char one[200];

		assert_true(length <= WORD);
		snprintf(one, sizeof one, "X: %.*s\r\n", (int)length, at);
		decoded(one);
		for (const char *text = read_back; *text; text += utf8_length(text))
			assert_int_not_equal(utf8_length(text), 0);
		assert_memory_not_equal(read_back, one, length);
	}
}

static void assert_comes_back(const char *text)
{
	static char expected[ROOM];

	snprintf(expected, sizeof expected, "Subject: %s\n", text);
	field(text);
	assert_ascii(written);
	assert_lines(written, strstr(written, "=?") ? WORD_LINE : HEADER_COLUMNS);
	assert_words(written);
	assert_string_equal(decoded(written), expected);
}

/* --- fields ----------------------------------------------------------------------------------- */

static void plain_text_stands_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(field("backup done"), "Subject: backup done\r\n");
	assert_string_equal(field(""), "Subject: \r\n");
	assert_string_equal(field("a \"b\" <c>, (d) \\ = ? : ;"),
			    "Subject: a \"b\" <c>, (d) \\ = ? : ;\r\n");
}

static void long_text_is_folded_at_a_blank(void **state)
{
	(void)state;
	assert_string_equal(field("0123456789 0123456789 0123456789 0123456789 0123456789 "
				  "0123456789 0123456789"),
			    "Subject: 0123456789 0123456789 0123456789 0123456789 0123456789 "
			    "0123456789\r\n 0123456789\r\n");
}

static void what_is_beyond_ascii_becomes_encoded_words(void **state)
{
	(void)state;
	assert_string_equal(field("Gr\xc3\xbc\xc3\x9f"
				  "e"),
			    "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n");
	assert_string_equal(phrase("Zo\xc3\xab"), "=?UTF-8?B?Wm/Dqw==?=");
}

static void what_looks_like_an_encoded_word_is_encoded(void **state)
{
	(void)state;
	assert_comes_back("=?UTF-8?Q?a?=");
	assert_comes_back("a =?");
	assert_non_null(strstr(written, "=?UTF-8?B?"));
}

static void blanks_are_kept_wherever_they_are(void **state)
{
	static const char *const texts[] = {" a",	 "a ",	      "  ",	      "a  b",
					    " a  b  c ", "\xc3\xa4 ", "a \xc3\xa4  b"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_comes_back(texts[i]);
	assert_string_equal(field(" a"), "Subject: =?UTF-8?B?IGE=?=\r\n");
	assert_string_equal(field("a "), "Subject: =?UTF-8?B?YSA=?=\r\n");
}

static void blanks_without_end_make_no_long_line(void **state)
{
	static char text[3001];

	(void)state;
	memset(text, ' ', 3000);
	assert_comes_back(text);
	text[0] = 'a';
	assert_comes_back(text);
	text[2999] = 'z';
	assert_comes_back(text);
}

static void a_word_without_end_makes_no_long_line(void **state)
{
	static char text[3001];

	(void)state;
	memset(text, 'x', 3000);
	assert_comes_back(text);
	for (size_t length = 1; length < 200; length++) {
		memset(text, 'x', 3000);
		text[length] = '\0';
		assert_comes_back(text);
	}
}

static void words_are_cut_between_characters(void **state)
{
	static const char *const characters[] = {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x93\xa7"};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t shift = 0; shift < 4; shift++) {
			char text[600] = "";

			for (size_t j = 0; j < shift; j++)
				strcat(text, "x");
			for (size_t j = 0; j < 100; j++)
				strcat(text, characters[i]);
			assert_comes_back(text);
		}
}

/* One of each length, and some that look alike to the encoder. */
static const char *any_character(void)
{
	static const char *const some[] = {"a",
					   " ",
					   "=",
					   "?",
					   "\"",
					   "\\",
					   ".",
					   " ",
					   "\xc3\xa4",
					   "\xe2\x82\xac",
					   "\xf0\x9f\x93\xa7",
					   "<",
					   "=?",
					   "x",
					   "_",
					   "z"};

	return some[(unsigned)rand() % 16];
}

static void any_text_comes_back(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 3000; round++) {
		int count = rand() % 250, plain = rand() % 3;
		char text[1100] = "";

		for (int i = 0; i < count; i++)
			strcat(text, plain ? (rand() % 7 ? "y" : " ") : any_character());
		if (strlen(text) > 0)
			assert_comes_back(text);
	}
}

/* --- phrases ----------------------------------------------------------------------------------
 */

static void a_name_of_atoms_needs_no_quotes(void **state)
{
	(void)state;
	assert_string_equal(phrase("Alice B"), "Alice B");
	assert_string_equal(phrase("O'Neil-Smith"), "O'Neil-Smith");
}

static void other_names_are_quoted(void **state)
{
	(void)state;
	assert_string_equal(phrase("B, Alice"), "\"B, Alice\"");
	assert_string_equal(phrase("A. B"), "\"A. B\"");
	assert_string_equal(phrase("a@b"), "\"a@b\"");
	assert_string_equal(phrase("A \"the\" \\B"), "\"A \\\"the\\\" \\\\B\"");
	assert_string_equal(phrase("x>, <b@example.org"), "\"x>, <b@example.org\"");
}

static void a_long_name_makes_no_long_line(void **state)
{
	char name[256];

	(void)state;
	for (size_t length = 1; length < sizeof name; length++) {
		const char *kinds[] = {"x", "\"", "\xc3\xa4", "a ."};

		for (size_t kind = 0; kind < 4; kind++) {
			size_t used = 0, more = strlen(kinds[kind]);

			for (; used + more <= length; used += more)
				memcpy(name + used, kinds[kind], more);
			name[used] = '\0';
			phrase(name);
			assert_lines(strcat(written, "\r\n"), WORD_LINE);
		}
	}
}

/* --- body -------------------------------------------------------------------------------------
 */

static void an_ascii_body_stands_as_it_is(void **state)
{
	(void)state;
	assert_string_equal(body("a\nb\n"), "Content-Transfer-Encoding: 7bit\r\n\r\na\r\nb\r\n");
	assert_string_equal(body("\tx =3D =\n.\nFrom \n"),
			    "Content-Transfer-Encoding: 7bit\r\n\r\n\tx =3D =\r\n.\r\nFrom \r\n");
}

static void every_line_end_becomes_crlf(void **state)
{
	static const char end[] = "7bit\r\n\r\na\r\nb\r\n\r\nc\r\n";

	(void)state;
	assert_non_null(strstr(body("a\nb\n\nc\n"), end));
	assert_non_null(strstr(body("a\r\nb\r\n\r\nc\r\n"), end));
	assert_non_null(strstr(body("a\rb\r\rc\r"), end));
	assert_non_null(strstr(body("a\r\nb\n\rc"), end));
	assert_string_equal(body(""), "Content-Transfer-Encoding: 7bit\r\n\r\n");
	assert_non_null(strstr(body("\n"), "\r\n\r\n\r\n"));
}

static void a_body_beyond_ascii_is_base64(void **state)
{
	(void)state;
	assert_string_equal(body("\xc3\xa4"),
			    "Content-Transfer-Encoding: base64\r\n\r\nw6QNCg==\r\n");
}

static void a_line_of_998_octets_is_the_longest(void **state)
{
	static char text[2000];

	(void)state;
	memset(text, 'x', LINE_LIMIT);
	assert_non_null(strstr(body(text), "7bit"));
	assert_lines(written, LINE_LIMIT);
	text[LINE_LIMIT] = 'x';
	assert_non_null(strstr(body(text), "base64"));
	assert_lines(written, WORD_LINE);
	text[500] = '\n';
	assert_non_null(strstr(body(text), "7bit"));
}

/* What comes back has CRLF where there was any line end. */
static void assert_body_comes_back(const char *text)
{
	static char expected[ROOM];
	char *at = expected;

	while (*text) {
		size_t length = strcspn(text, "\r\n");

		at = stpcpy(mempcpy(at, text, length), "\r\n");
		text += length;
		text += strncmp(text, "\r\n", 2) == 0 ? 2 : *text != '\0';
	}
	*at = '\0';
	assert_ascii(written);
	assert_lines(written, LINE_LIMIT);
	decoded(written);
	assert_string_equal(strchr(read_back, '\n') + 1, expected);
}

static void any_body_comes_back(void **state)
{
	(void)state;
	srand(2);
	for (int round = 0; round < 1000; round++) {
		static const char *const ends[] = {"\n", "\r\n", "\r", "\t"};
		static char text[8000];
		int count = rand() % 1500, is_plain = rand() % 2;
		int rarity = rand() % 2 ? 30 : 3000;

		text[0] = '\0';
		for (int i = 0; i < count; i++)
			strcat(text, rand() % rarity == 0 ? ends[(unsigned)rand() % 4]
				     : is_plain		  ? "y"
							  : any_character());
		body(text);
		assert_body_comes_back(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stands_as_it_is),
		cmocka_unit_test(long_text_is_folded_at_a_blank),
		cmocka_unit_test(what_is_beyond_ascii_becomes_encoded_words),
		cmocka_unit_test(what_looks_like_an_encoded_word_is_encoded),
		cmocka_unit_test(blanks_are_kept_wherever_they_are),
		cmocka_unit_test(blanks_without_end_make_no_long_line),
		cmocka_unit_test(a_word_without_end_makes_no_long_line),
		cmocka_unit_test(words_are_cut_between_characters),
		cmocka_unit_test(any_text_comes_back),
		cmocka_unit_test(a_name_of_atoms_needs_no_quotes),
		cmocka_unit_test(other_names_are_quoted),
		cmocka_unit_test(a_long_name_makes_no_long_line),
		cmocka_unit_test(an_ascii_body_stands_as_it_is),
		cmocka_unit_test(every_line_end_becomes_crlf),
		cmocka_unit_test(a_body_beyond_ascii_is_base64),
		cmocka_unit_test(a_line_of_998_octets_is_the_longest),
		cmocka_unit_test(any_body_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
