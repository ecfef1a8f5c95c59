/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_output.c - foreign text on its way into the output: a server's words in a failure, notes,
 * capabilities and transcript, a certificate's names, the user's own.
 *
 * Input: octet 0 chooses the form, octet 1 what went wrong; the rest is texts, octet 0xff between.
 *
 * What must hold: the nagios output is printable ASCII, one first line with one block of perfdata,
 * in which nothing foreign stands; the JSON can be read, the Prometheus text is lines of samples.
 */
#include <ctype.h>
#include <jansson.h>

#include "fuzz.h"
#include "out.h"
#include "text.h"

enum { NOW = 1800000000, TEXTS = 8 };

static struct config config;
static struct report report;
static struct verdict verdict;

/* The next text; empty when there are none left. */
static struct imap_span next_text(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size ? memchr(*data, 0xff, *size) : NULL;
	struct imap_span text = {(const char *)*data, end ? (size_t)(end - *data) : *size};

	*data += text.length + (end ? 1 : 0);
	*size -= text.length + (end ? 1 : 0);
	return text;
}

static void fill_certificate(struct imap_span subject, struct imap_span names)
{
	struct cert *leaf = &report.tls.path.certs[0];

	report.has_tls = true;
	report.tls.path.count = 1;
	report.tls.path.verified = true;
	text_clean(leaf->subject, sizeof(leaf->subject), subject);
	text_clean(leaf->issuer, sizeof(leaf->issuer), names);
	text_clean(leaf->names, sizeof(leaf->names), names);
	leaf->not_before = NOW - 86400;
	leaf->not_after = NOW + 5 * 86400;
}

/* As the steps do it: each text enters where its kind is cleaned. */
static void fill(const uint8_t *data, size_t size, unsigned what, char *user, size_t user_size)
{
	struct imap_span texts[TEXTS] = {{NULL, 0}};
	struct failure failure;

	for (unsigned i = 0; i < TEXTS; i++)
		texts[i] = next_text(&data, &size);
	snprintf(user, user_size, "%.*s", (int)texts[0].length, texts[0].at);
	config.user = user;
	report_begin(&report, PHASE_CONNECT, CLOCK_SECOND);
	report_begin(&report, PHASE_AUTH, 2 * CLOCK_SECOND);
	report_end(&report, 3 * CLOCK_SECOND);
	report_value(&report, METRIC_MESSAGES, (double)what);
	report_note(&report, "the server's alert: %.*s", (int)texts[1].length, texts[1].at);
	text_clean(report.capabilities, sizeof(report.capabilities), texts[2]);
	fill_certificate(texts[3], texts[4]);
	report_line(&report, CLOCK_SECOND, 1, false, texts[5]);
	failure_set(&failure, (enum failure_class)(what % CLASS_COUNT), "server refused %s: %.*s",
		    user, (int)texts[6].length, texts[6].at);
	if (what % 3 > 0)
		report_problem(&report, PHASE_AUTH, &failure);
	failure_set(&failure, (enum failure_class)(what / 3 % CLASS_COUNT), "%.*s",
		    (int)texts[7].length, texts[7].at);
	if (what % 3 > 1)
		report_last_problem(&report, PHASE_AUTH, &failure);
	report_finish(&report, NOW);
}

static void check_nagios(const char *text)
{
	const char *end = strchr(text, '\n');
	unsigned bars = 0;

	check(end, "the first line ends");
	for (const char *at = text; *at; at++) {
		check(isprint((unsigned char)*at) || *at == '\n', "the output is printable ASCII");
		check(!strchr("`$<>", *at),
		      "and nothing in it means something to a shell or a page");
		bars += *at == '|' && at < end;
		check(*at != '|' || at < end, "perfdata stands on the first line");
	}
	check(bars <= 1, "there is one block of perfdata");
	check(strncmp(text, "IMAP ", 5) == 0, "the first line says the state");
	const char *bar = memchr(text, '|', (size_t)(end - text));
	for (const char *at = bar ? bar + 1 : end; at < end; at++)
		check(islower((unsigned char)*at) || isdigit((unsigned char)*at) ||
			      strchr("_=.;: %B@~-", *at),
		      "perfdata is labels and numbers");
}

static void check_json(const char *text)
{
	json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	check(read && json_is_object(read), "the JSON can be read");
	json_decref(read);
}

static void check_prometheus(const char *text)
{
	for (const char *line = text; *line;) {
		const char *end = strchr(line, '\n');

		check(end, "each line ends");
		check(*line == '#' || strncmp(line, "imap_", 5) == 0, "each line is a sample");
		line = end + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct outcome outcome = {&config, &report, &verdict, NOW};
	char user[300];

	if (size < 2 || size > 4000)
		return 0;
	memset(&config, 0, sizeof(config));
	memset(&report, 0, sizeof(report));
	memset(&verdict, 0, sizeof(verdict));
	config_init(&config);
	report_init(&report);
	strcpy(config.host.shown, "imap.example.org");
	config.port = 993;
	config.mailbox = "INBOX";
	config.verbosity = data[0] / 3 % 4;
	config.output = (enum config_output)(data[0] % 3);
	fill(data + 2, size - 2, data[1], user, sizeof(user));
	judge(&config, &report, NOW, &verdict);
	char *text = out_text(&outcome);
	check(text, "there is an output");
	if (config.output == CONFIG_OUTPUT_NAGIOS)
		check_nagios(text);
	else if (config.output == CONFIG_OUTPUT_JSON)
		check_json(text);
	else
		check_prometheus(text);
	free(text);
	report_free(&report);
	return 0;
}
