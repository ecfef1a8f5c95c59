/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts in, text out: the forms of out.h, whatever bytes the facts are made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <regex.h>

#include "options.h"
#include "out.h"
#include "utf8.h"

enum { DAY = 86400, NOW = 1800000000 };

static const char hostile[] =
	"\"\\a|b`$<>\n\r\t\x01\x1b[2J\x7f\x80\xff\xc3(\xc3\xa4\xf0\x9f\x93\xa7\xed\xa0\x80";

static struct {
	struct config config;
	struct report report;
	struct verdict verdict;
} facts;

static char *text; /* what was written last */

/* What does not fit is cut. */
#define COPY(field_, from_)                                                                        \
	memcpy(field_, from_, sizeof(from_) < sizeof(field_) ? sizeof(from_) : sizeof(field_) - 1)

/* A healthy run of 0.1 s by alice, over a certificate of 90 days with 61 left. */
static int healthy(void **state)
{
	static const enum phase journey[] = {PHASE_PASSWORD, PHASE_DNS,	     PHASE_CONNECT,
					     PHASE_TLS,	     PHASE_GREETING, PHASE_AUTH,
					     PHASE_SELECT,   PHASE_FETCH,    PHASE_LOGOUT};
	struct config *config = &facts.config;
	struct report *report = &facts.report;
	struct cert *leaf = &report->tls.path.certs[0];
	imap_time at = CLOCK_SECOND;

	(void)state;
	memset(&facts, 0, sizeof facts);
	COPY(config->host.shown, "imap.example.org");
	config->port = 993;
	config->user = "alice";
	config->mailbox = "INBOX";
	config->timeout = 10 * CLOCK_SECOND;
	config->expiry[CONFIG_WARNING] = (struct config_expiry){true, 20, 0.25, true};
	config->expiry[CONFIG_CRITICAL] = (struct config_expiry){true, 7, 0.10, true};
	for (size_t i = 0; i < sizeof journey / sizeof *journey; i++, at += CLOCK_SECOND / 80)
		report_begin(report, journey[i], at);
	report_end(report, at);
	report_value(report, METRIC_MESSAGES, 7);
	COPY(report->address, "192.0.2.7");
	report->attempt_count = 1;
	COPY(report->attempts[0].address, "192.0.2.7");
	report->attempts[0].began_at = report->began_at + CLOCK_SECOND / 80;
	report->attempts[0].lasted_for = CLOCK_SECOND / 80;
	COPY(report->capabilities, "IMAP4rev1 IDLE");
	report->has_tls = report->tls.path.verified = true;
	COPY(report->tls.version, "TLS1.3");
	COPY(report->tls.cipher, "(ECDHE-X25519)-(ECDSA-SECP256R1-SHA256)-(AES-256-GCM)");
	report->tls.path.count = 1;
	COPY(leaf->subject, "CN=imap.example.org");
	COPY(leaf->issuer, "CN=Test CA");
	COPY(leaf->names, "imap.example.org, 192.0.2.7");
	memset(leaf->sha256, 'a', 64);
	leaf->not_before = NOW - 29 * DAY;
	leaf->not_after = NOW + 61 * DAY;
	return 0;
}

static int tidy(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

static void judge_facts(void)
{
	report_finish(&facts.report, NOW);
	judge(&facts.config, &facts.report, NOW, &facts.verdict);
}

static const char *written(enum config_output form)
{
	facts.config.output = form;
	judge_facts();
	free(text);
	text = out_text(&(struct outcome){&facts.config, &facts.report, &facts.verdict, NOW});
	assert_non_null(text);
	return text;
}

static void set_limit(enum metric metric, enum config_level level, const char *range)
{
	facts.config.thresholds[metric][level].is_set = true;
	assert_true(range_parse(range, &facts.config.thresholds[metric][level].range));
}

static void fail_with(enum failure_class class, enum phase phase, const char *sentence)
{
	struct failure failure = {.class = class};

	snprintf(failure.text, sizeof failure.text, "%s", sentence);
	report_problem(&facts.report, phase, &failure);
}

static void set_states(void)
{
	for (int i = 0; i < CLASS_COUNT; i++)
		facts.config.class_state[i] = STATE_CRITICAL;
}

/* Fills each text of the facts, as if nothing had been cleaned. */
static void be_hostile(void)
{
	struct report *report = &facts.report;
	struct cert *leaf = &report->tls.path.certs[0];

	COPY(facts.config.host.shown, hostile);
	facts.config.user = facts.config.mailbox = hostile;
	fail_with(CLASS_AUTH, PHASE_AUTH, hostile);
	COPY(report->problems[0].failure.code, hostile);
	COPY(report->notes[0], hostile);
	report->note_count = 1;
	COPY(report->address, hostile);
	COPY(report->attempts[0].address, hostile);
	COPY(report->tls.version, hostile);
	COPY(report->tls.cipher, hostile);
	COPY(report->capabilities, hostile);
	COPY(report->mechanism, hostile);
	COPY(leaf->subject, hostile);
	COPY(leaf->issuer, hostile);
	COPY(leaf->names, hostile);
	COPY(leaf->sha256, hostile);
	report_no_value(report, METRIC_QUOTA_STORAGE, REPORT_MISSING, hostile);
	report->transcript = strdup(hostile);
}

/* --- JSON --------------------------------------------------------------------------------------
 */

static json_t *parsed(const char *from)
{
	json_error_t error;
	json_t *json = json_loads(from, JSON_REJECT_DUPLICATES, &error);

	if (!json)
		fail_msg("no JSON: %s at %d in %s", error.text, error.position, from);
	assert_true(json_is_object(json));
	assert_ptr_equal(strchr(from, '\n'), from + strlen(from) - 1);
	return json;
}

static json_t *as_json(void)
{
	return parsed(written(CONFIG_OUTPUT_JSON));
}

static json_t *metric_in(json_t *json, const char *name)
{
	json_t *metric;
	size_t i;

	json_array_foreach(json_object_get(json, "metrics"), i, metric)
	{
		if (strcmp(json_string_value(json_object_get(metric, "name")), name) == 0)
			return metric;
	}
	return NULL;
}

static const char *string_in(json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void the_json_of_a_healthy_run(void **state)
{
	static const char wanted[] =
		"\"time\":\"2027-01-15T08:00:00Z\",\"state\":\"OK\",\"exit_code\":0,\"summary\":"
		"\"imap.example.org INBOX: 7 messages, 0.100 s (connect 0.013 s), certificate "
		"expires "
		"in 61 days\",\"host\":\"imap.example.org\",\"port\":993,\"user\":\"alice\","
		"\"mailbox\":\"INBOX\",\"address\":\"192.0.2.7\",\"problems\":[],\"phases\":[{"
		"\"name\":"
		"\"password\",\"start\":-0.0125,\"seconds\":0.0125,\"ok\":true},{\"name\":\"dns\","
		"\"start\":0.0,\"seconds\":0.0125,\"ok\":true},";

	(void)state;
	written(CONFIG_OUTPUT_JSON);
	assert_memory_equal(text, "{\"schema\":1,\"version\":\"", 23);
	assert_non_null(strstr(text, wanted));
	assert_non_null(strstr(text,
			       ",{\"name\":\"cert_days\",\"value\":61.0,\"unit\":\"\",\"warning\":"
			       "\"20:\",\"critical\":\"7:\",\"state\":\"OK\"},{\"name\":"
			       "\"messages\",\"value\":7,\"unit\":\"\",\"warning\":null,"
			       "\"critical\":null,\"state\":\"OK\"}],\"tls\":{\"version\":"
			       "\"TLS1.3\","));
	assert_non_null(strstr(text,
			       ",\"names\":[\"imap.example.org\",\"192.0.2.7\"],\"not_before\":"
			       "\"2026-12-17T08:00:00Z\",\"not_after\":\"2027-03-17T08:00:00Z\","
			       "\"days\":61.0,\"sha256\":\"aaaa"));
	assert_non_null(strstr(text,
			       "}]},\"capabilities\":[\"IMAP4rev1\",\"IDLE\"],"
			       "\"addresses_tried\":[{\"address\":\"192.0.2.7\",\"error\":null,"
			       "\"start\":0.0125,\"seconds\":0.0125}]}\n"));
}

static void each_member_is_there_whatever_happened(void **state)
{
	static const char *const names[] = {
		"schema", "version", "time", "state",	     "exit_code",      "summary",
		"host",	  "port",    "user", "mailbox",	     "address",	       "problems",
		"phases", "metrics", "tls",  "capabilities", "addresses_tried"};
	size_t count = sizeof names / sizeof *names, i = 0;
	const char *name;
	json_t *json, *value;

	(void)state;
	memset(&facts, 0, sizeof facts);
	json = as_json();
	assert_int_equal(json_object_size(json), count);
	json_object_foreach(json, name, value)
	{
		assert_string_equal(name, names[i++]);
	}
	assert_true(json_is_null(json_object_get(json, "host")));
	assert_true(json_is_null(json_object_get(json, "port")));
	assert_true(json_is_null(json_object_get(json, "tls")));
	json_decref(json);
}

static void json_is_valid_whatever_bytes_come(void **state)
{
	json_t *json;

	(void)state;
	be_hostile();
	facts.config.verbosity = 3;
	json = as_json();
	assert_string_equal(
		string_in(json, "user"),
		"\"\\a|b`$<>\n\r\t\x01\x1b[2J\x7f\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd(\xc3\xa4"
		"\xf0\x9f\x93\xa7\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(json);
	report_free(&facts.report);
}

static void well_formed_utf8_is_kept_as_it_is(void **state)
{
	json_t *json;

	(void)state;
	facts.config.user = "j\xc3\xbcrgen";
	facts.config.mailbox = "\xe6\x97\xa5\xe6\x9c\xac";
	json = as_json();
	assert_non_null(strstr(
		text, "\"user\":\"j\xc3\xbcrgen\",\"mailbox\":\"\xe6\x97\xa5\xe6\x9c\xac\""));
	json_decref(json);
}

static void a_problem_tells_class_phase_text_code_and_state(void **state)
{
	(void)state;
	set_states();
	fail_with(CLASS_AUTH, PHASE_AUTH, "no");
	COPY(facts.report.problems[0].failure.code, "AUTHENTICATIONFAILED");
	set_limit(METRIC_MESSAGES, CONFIG_WARNING, "5");
	json_decref(as_json());
	assert_non_null(strstr(
		text, ",\"problems\":[{\"class\":\"auth\",\"phase\":\"auth\",\"text\":"
		      "\"no\",\"code\":\"AUTHENTICATIONFAILED\",\"state\":"
		      "\"CRITICAL\"},{\"class\":\"thresholds\",\"phase\":\"messages\","
		      "\"text\":\"7 is outside 0:5 (messages in the mailbox)\",\"code\":null,"
		      "\"state\":"
		      "\"WARNING\"}],"));
}

static void a_metric_tells_its_thresholds_and_its_state(void **state)
{
	json_t *json, *metric;

	(void)state;
	set_limit(METRIC_MESSAGES, CONFIG_WARNING, "0:5");
	set_limit(METRIC_MESSAGES, CONFIG_CRITICAL, "@8:9");
	json = as_json();
	metric = metric_in(json, "messages");
	assert_string_equal(string_in(metric, "warning"), "5");
	assert_string_equal(string_in(metric, "critical"), "@8:9");
	assert_string_equal(string_in(metric, "state"), "WARNING");
	assert_string_equal(string_in(metric_in(json, "total"), "state"), "OK");
	json_decref(json);
}

static void what_two_sessions_took_stands_behind_the_total(void **state)
{
	static const char *const order[] = {"total", "idle", "flags", "cert_days", "messages"};
	json_t *json, *metric;
	size_t at = 0, i;

	(void)state;
	report_value(&facts.report, METRIC_IDLE, 0.0321);
	report_value(&facts.report, METRIC_FLAGS, 0.25);
	set_limit(METRIC_IDLE, CONFIG_WARNING, "0.03");
	json = as_json();
	json_array_foreach(json_object_get(json, "metrics"), i, metric)
	{
		if (at < 5 && strcmp(string_in(metric, "name"), order[at]) == 0)
			at++;
	}
	assert_int_equal(at, 5);
	metric = metric_in(json, "idle");
	assert_true(json_real_value(json_object_get(metric, "value")) == 0.0321);
	assert_string_equal(string_in(metric, "unit"), "s");
	assert_string_equal(string_in(metric, "state"), "WARNING");
	assert_string_equal(string_in(metric_in(json, "flags"), "state"), "OK");
	json_decref(json);
	assert_non_null(strstr(written(CONFIG_OUTPUT_NAGIOS),
			       " total=0.1s;;;0 idle=0.0321s;0.03;;0 flags=0.25s;;;0 cert_days="));
	assert_non_null(strstr(text, "\n[WARNING] idle: 0.032 s is outside 0:0.03 ("));
}

static void what_cannot_be_measured_is_null(void **state)
{
	json_t *json, *metric;

	(void)state;
	report_no_value(&facts.report, METRIC_NEWEST_AGE, REPORT_EMPTY, "the mailbox is empty");
	report_no_value(&facts.report, METRIC_QUOTA_STORAGE, REPORT_MISSING, "no quota here");
	json = as_json();
	metric = metric_in(json, "newest_age");
	assert_true(json_is_null(json_object_get(metric, "value")));
	assert_string_equal(string_in(metric, "unit"), "s");
	assert_true(json_is_null(json_object_get(metric_in(json, "quota_storage"), "value")));
	assert_null(metric_in(json, "quota_messages"));
	json_decref(json);
}

static void numbers_are_numbers_whatever_was_measured(void **state)
{
	static const double odd[] = {0.0 / 0.0, 1.0 / 0.0, -1.0 / 0.0, 1e300, -1e300, 4e15};

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		report_value(&facts.report, METRIC_CAPTURE, odd[i]);
		report_value(&facts.report, METRIC_UIDVALIDITY, odd[i]);
		facts.config.output = CONFIG_OUTPUT_JSON;
		free(text);
		text = out_text(
			&(struct outcome){&facts.config, &facts.report, &facts.verdict, NOW});
		json_decref(parsed(text));
	}
	report_value(&facts.report, METRIC_UIDVALIDITY, 4294967295.0);
	json_decref(as_json());
	assert_non_null(strstr(text, "{\"name\":\"uidvalidity\",\"value\":4294967295,"));
}

static void values_are_rounded_and_days_are_cut(void **state)
{
	(void)state;
	facts.report.tls.path.certs[0].not_after = NOW + DAY - 100;
	report_value(&facts.report, METRIC_CAPTURE, -1.0000016);
	report_value(&facts.report, METRIC_QUOTA_STORAGE, 12.345678);
	json_decref(as_json());
	assert_non_null(strstr(text, ",\"days\":0.9,"));
	assert_non_null(strstr(text, "{\"name\":\"capture\",\"value\":-1.000002,"));
	assert_non_null(strstr(text, "{\"name\":\"quota_storage\",\"value\":12.35,"));
}

static void a_date_beyond_reason_is_null(void **state)
{
	struct cert *leaf = &facts.report.tls.path.certs[0];

	(void)state;
	leaf->not_before = INT64_MIN / 4;
	leaf->not_after = 253402300800; /* the year 10000 */
	json_decref(as_json());
	assert_non_null(strstr(text, "\"not_before\":null,\"not_after\":null,"));
	leaf->not_before = -62135596800;
	json_decref(as_json());
	assert_non_null(strstr(text, "\"not_before\":\"0001-01-01T00:00:00Z\","));
}

static void an_address_stands_without_brackets(void **state)
{
	struct failure failure;

	(void)state;
	assert_true(host_parse("[::1]", &facts.config.host, &failure));
	json_decref(as_json());
	assert_non_null(strstr(text, "\"host\":\"::1\",\"port\":993,"));
}

static void each_v_adds_a_member(void **state)
{
	static const char *const names[] = {"notes", "mechanism", "transcript"};

	(void)state;
	report_note(&facts.report, "a note");
	report_no_value(&facts.report, METRIC_QUOTA_STORAGE, REPORT_MISSING, "no quota here");
	COPY(facts.report.mechanism, "PLAIN");
	report_line(&facts.report, CLOCK_SECOND, 1, true, (struct imap_span){"a1 NOOP", 7});
	report_line(&facts.report, CLOCK_SECOND, 1, false, (struct imap_span){"a1 OK", 5});
	for (unsigned verbosity = 0; verbosity <= 3; verbosity++) {
		json_t *json;

		facts.config.verbosity = verbosity;
		json = as_json();
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(json_object_get(json, names[i]) != NULL, i < verbosity);
		json_decref(json);
	}
	assert_non_null(strstr(text, "\"notes\":[\"quota_storage: no quota here\",\"a note\"],"
				     "\"mechanism\":\"PLAIN\",\"transcript\":[\""));
	assert_non_null(strstr(text, "S: a1 OK\"]}\n"));
	report_free(&facts.report);
}

/* Of jansson's allocations the first `well` succeed, then one fails, or all do. */
static struct {
	unsigned well;
	bool fail_for_good;
	bool has_failed;
} memory;

static void *allocate(size_t size)
{
	if (memory.well > 0)
		memory.well--;
	else if (!memory.has_failed || memory.fail_for_good)
		memory.has_failed = true;
	else
		return malloc(size);
	return memory.has_failed ? NULL : malloc(size);
}

/* How many allocations it takes; whatever fails, the text is whole or not there. */
static unsigned count_allocations(const char *whole, bool fail_for_good)
{
	unsigned count = 0;

	do {
		memory.well = count++;
		memory.has_failed = false;
		memory.fail_for_good = fail_for_good;
		free(text);
		text = out_text(
			&(struct outcome){&facts.config, &facts.report, &facts.verdict, NOW});
		if (text)
			assert_string_equal(text, whole);
		else
			assert_true(memory.has_failed);
	} while (memory.has_failed);
	return count;
}

static void json_without_memory_is_no_text_at_all(void **state)
{
	char *whole;

	(void)state;
	facts.config.verbosity = 3;
	report_note(&facts.report, "a note");
	whole = strdup(written(CONFIG_OUTPUT_JSON));
	assert_non_null(whole);
	json_set_alloc_funcs(allocate, free);
	assert_true(count_allocations(whole, true) > 100);
	assert_true(count_allocations(whole, false) > 100);
	json_set_alloc_funcs(malloc, free);
	free(whole);
}

/* --- Prometheus --------------------------------------------------------------------------------
 */

static bool matches(const char *line, const char *pattern)
{
	regex_t regex;
	bool is_match;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	is_match = regexec(&regex, line, 0, NULL, 0) == 0;
	regfree(&regex);
	return is_match;
}

/* Each sample stands below the HELP and TYPE of its name, and is there once. */
static void check_grammar(const char *page)
{
	static const char sample[] = "^imap_check_[a-z_]+(\\{[a-z]+=\"([^\"\\]|\\\\[\"\\n])*\"(,[a-"
				     "z]+=\"([^\"\\]|\\\\[\"\\n])*\")*"
				     "\\})? -?[0-9]+(\\.[0-9]+)?$";
	char *copy = strdup(page), name[100] = "";

	assert_non_null(copy);
	assert_int_equal(copy[strlen(copy) - 1], '\n');
	for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n")) {
		size_t length = strcspn(line, "{ ");
		const char *first;

		if (sscanf(line, "# HELP %99s", name) == 1 || line[0] == '#')
			continue;
		if (!matches(line, sample))
			fail_msg("no sample: %s", line);
		assert_int_equal(strlen(name), length);
		assert_memory_equal(line, name, length);
		length = strcspn(line, "}");
		first = strstr(page, line);
		line[length] = '\0';
		if (strstr(first + 1, line))
			fail_msg("twice: %s", line);
	}
	free(copy);
}

static const char *as_prometheus(void)
{
	written(CONFIG_OUTPUT_PROMETHEUS);
	check_grammar(text);
	return text;
}

#define PLACE "{target=\"imap.example.org:993\",mailbox=\"INBOX\""

static void the_samples_of_a_healthy_run(void **state)
{
	static const char begin[] =
		"# HELP imap_check_success 1 unless a failure is CRITICAL or UNKNOWN; thresholds "
		"do not "
		"count.\n# TYPE imap_check_success gauge\nimap_check_success" PLACE "} 1\n";

	(void)state;
	assert_memory_equal(as_prometheus(), begin, sizeof begin - 1);
	assert_non_null(strstr(text, "\nimap_check_state" PLACE "} 0\n"));
	assert_non_null(strstr(text, "\nimap_check_duration_seconds" PLACE "} 0.1\n"));
	assert_non_null(strstr(text, "\nimap_check_phase_duration_seconds" PLACE
				     ",phase=\"dns\"} 0.0125\n"));
	assert_non_null(strstr(text, "\nimap_check_certificate_not_after_timestamp_seconds" PLACE
				     "} 1805270400\n"));
	assert_non_null(strstr(text, "\nimap_check_messages" PLACE "} 7\n"));
	assert_non_null(
		strstr(text, "\nimap_check_tls_info" PLACE ",version=\"TLS1.3\",cipher=\"(ECDHE"));
	assert_non_null(strstr(text, "\nimap_check_run_timestamp_seconds" PLACE "} 1800000000\n"));
	assert_null(strstr(text, "alice"));
}

static void what_is_not_known_is_left_out(void **state)
{
	static const char *const absent[] = {"unseen",	    "matched", "newest",  "oldest",
					     "quota",	    "capture", "fetched", "problem",
					     "uidvalidity", "idle",    "flags"};

	(void)state;
	report_no_value(&facts.report, METRIC_NEWEST_AGE, REPORT_EMPTY, "the mailbox is empty");
	report_no_value(&facts.report, METRIC_QUOTA_STORAGE, REPORT_MISSING, "no quota here");
	as_prometheus();
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		assert_null(strstr(text, absent[i]));
}

static void each_measured_value_has_its_base_unit(void **state)
{
	(void)state;
	report_value(&facts.report, METRIC_UNSEEN, 1);
	report_value(&facts.report, METRIC_MATCHED, 2);
	report_value(&facts.report, METRIC_MAILBOXES, 3);
	report_value(&facts.report, METRIC_SIZE, 4096);
	report_value(&facts.report, METRIC_QUOTA_STORAGE, 12.34);
	report_value(&facts.report, METRIC_QUOTA_MESSAGES, 100);
	report_value_of(&facts.report, METRIC_QUOTA_STORAGE_USED, 1234, 10000);
	report_value(&facts.report, METRIC_NEWEST_AGE, 60);
	report_value(&facts.report, METRIC_OLDEST_AGE, 7200);
	facts.report.values[METRIC_OLDEST_AGE].since = NOW - 7201;
	report_value(&facts.report, METRIC_CAPTURE, -1.5);
	report_value(&facts.report, METRIC_IDLE, 0.0321);
	report_value(&facts.report, METRIC_FLAGS, 0.25);
	report_value(&facts.report, METRIC_UIDVALIDITY, 4294967295.0);
	as_prometheus();
	assert_non_null(strstr(text, "\nimap_check_unseen_messages" PLACE "} 1\n"));
	assert_non_null(strstr(text, "\nimap_check_matched_messages" PLACE "} 2\n"));
	assert_non_null(strstr(text, "\nimap_check_mailboxes" PLACE "} 3\n"));
	assert_non_null(strstr(text, "\nimap_check_fetched_bytes" PLACE "} 4096\n"));
	assert_non_null(
		strstr(text, "\nimap_check_quota_used_ratio" PLACE ",resource=\"storage\"} 0.1234\n"
			     "imap_check_quota_used_ratio" PLACE ",resource=\"messages\"} 1\n"));
	assert_non_null(strstr(text, "\nimap_check_quota_used_bytes" PLACE "} 1234\n"));
	assert_non_null(strstr(text, "\nimap_check_quota_limit_bytes" PLACE "} 10000\n"));
	assert_non_null(strstr(text, "\nimap_check_newest_message_timestamp_seconds" PLACE
				     "} 1799999940\n"));
	assert_non_null(strstr(text, "\nimap_check_oldest_message_timestamp_seconds" PLACE
				     "} 1799992799\n"));
	assert_non_null(strstr(text, "\nimap_check_capture" PLACE "} -1.5\n"));
	assert_non_null(strstr(text, "\nimap_check_idle_duration_seconds" PLACE "} 0.0321\n"));
	assert_non_null(strstr(text, "\nimap_check_flags_duration_seconds" PLACE "} 0.25\n"));
	assert_non_null(strstr(text, "\nimap_check_uidvalidity" PLACE "} 4294967295\n"));
}

static void the_first_of_the_verified_path_to_expire_counts(void **state)
{
	struct cert_path *path = &facts.report.tls.path;

	(void)state;
	path->certs[2] = path->certs[1] = path->certs[0];
	path->count = 3;
	path->certs[2].is_anchor = true;
	path->certs[2].not_after = NOW + DAY;
	path->certs[1].not_after = NOW + 60 * DAY;
	assert_non_null(
		strstr(as_prometheus(), "_not_after_timestamp_seconds" PLACE "} 1805184000\n"));
	path->verified = false;
	assert_non_null(
		strstr(as_prometheus(), "_not_after_timestamp_seconds" PLACE "} 1805270400\n"));
}

static void without_a_login_there_is_no_mailbox_label(void **state)
{
	(void)state;
	facts.config.user = NULL;
	assert_null(strstr(as_prometheus(), "mailbox="));
	assert_non_null(strstr(text, "imap_check_state{target=\"imap.example.org:993\"} 0\n"));
}

static void labels_are_escaped(void **state)
{
	(void)state;
	be_hostile();
	facts.config.host.shown[0] = 'h';
	as_prometheus();
	assert_non_null(strstr(
		text, ",mailbox=\"\\\"\\\\a|b`$<>\\n??\?\?[2J?\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd("
		      "\xc3\xa4\xf0\x9f\x93\xa7\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"} "));
	report_free(&facts.report);
}

static void two_problems_of_one_kind_are_one_sample(void **state)
{
	(void)state;
	set_states();
	fail_with(CLASS_POLICY, PHASE_TLS, "one");
	fail_with(CLASS_POLICY, PHASE_TLS, "two");
	fail_with(CLASS_POLICY, PHASE_AUTH, "three");
	as_prometheus();
	assert_non_null(strstr(text,
			       " gauge\nimap_check_problem_info" PLACE
			       ",class=\"policy\",phase=\"tls\"} 1\nimap_check_problem_info" PLACE
			       ",class=\"policy\",phase=\"auth\"} 1\n# "));
}

static void thresholds_and_warnings_are_no_failure(void **state)
{
	(void)state;
	set_states();
	set_limit(METRIC_MESSAGES, CONFIG_CRITICAL, "5");
	facts.config.class_state[CLASS_POLICY] = STATE_WARNING;
	fail_with(CLASS_POLICY, PHASE_TLS, "one");
	assert_non_null(strstr(as_prometheus(), "\nimap_check_success" PLACE "} 1\n"));
	assert_non_null(strstr(text, "\nimap_check_state" PLACE "} 2\n"));
	facts.config.class_state[CLASS_POLICY] = STATE_CRITICAL;
	assert_non_null(strstr(as_prometheus(), "\nimap_check_success" PLACE "} 0\n"));
}

static void verbosity_adds_comments_only(void **state)
{
	char *quiet;

	(void)state;
	quiet = strdup(as_prometheus());
	assert_non_null(quiet);
	facts.config.verbosity = 3;
	as_prometheus();
	assert_memory_equal(text, quiet, strlen(quiet));
	assert_memory_equal(text + strlen(quiet), "# IMAP OK - imap", 16);
	for (char *at = text + strlen(quiet); *at; at += strcspn(at, "\n") + 1)
		assert_memory_equal(at, "# ", 2);
	assert_int_equal(text[strlen(text) - 1], '\n');
	free(quiet);
}

/* --- nagios ------------------------------------------------------------------------------------
 */

static void every_metric_fits_into_the_first_line(void **state)
{
	const char *end;

	(void)state;
	for (int i = 0; i < PHASE_COUNT; i++) {
		facts.report.phases[i].is_reached = true;
		facts.report.phases[i].ended_at = facts.report.phases[i].began_at + 11123456789;
	}
	for (int i = METRIC_CERT_DAYS + 1; i < METRIC_COUNT; i++)
		report_value(&facts.report, (enum metric)i, 4294967295.0);
	report_value(&facts.report, METRIC_IDLE, 27.123456);
	report_value(&facts.report, METRIC_FLAGS, 27.123456);
	report_value_of(&facts.report, METRIC_QUOTA_STORAGE_USED, 99999999999999.0,
			99999999999999.0);
	report_value(&facts.report, METRIC_CAPTURE, -12345678.123456);
	facts.config.measured[METRIC_UIDVALIDITY] = true;
	end = strchr(written(CONFIG_OUTPUT_NAGIOS), '\n');
	assert_true(end - text < 1000);
	assert_non_null(strstr(text, " uidvalidity=4294967295;;;0\n"));
	assert_non_null(strstr(text, " quota_storage_used=99999999999999B;;;0;99999999999999 "));
}

/* --- endings -----------------------------------------------------------------------------------
 */

static const char *ended(enum config_output form, enum state as, enum phase phase,
			 enum failure_class class, const char *sentence)
{
	struct failure failure;

	facts.config.output = form;
	failure_set(&failure, class, "%s", sentence);
	free(text);
	text = out_ending(&facts.config, as, phase, &failure, NOW);
	assert_non_null(text);
	return text;
}

static void bad_usage_is_told_in_each_form(void **state)
{
	(void)state;
	memset(&facts, 0, sizeof facts);
	assert_string_equal(ended(CONFIG_OUTPUT_NAGIOS, STATE_UNKNOWN, PHASE_COUNT, CLASS_USAGE,
				  "-Z is not an option"),
			    "IMAP UNKNOWN - -Z is not an option\n");
	json_decref(
		parsed(ended(CONFIG_OUTPUT_JSON, STATE_UNKNOWN, PHASE_COUNT, CLASS_USAGE, "x")));
	assert_non_null(strstr(
		text, "\"state\":\"UNKNOWN\",\"exit_code\":3,\"summary\":\"x\",\"host\":null,"));
	assert_non_null(strstr(
		text, "\"problems\":[{\"class\":\"usage\",\"phase\":\"start\",\"text\":\"x\","));
	check_grammar(
		ended(CONFIG_OUTPUT_PROMETHEUS, STATE_UNKNOWN, PHASE_COUNT, CLASS_USAGE, "x"));
	assert_non_null(strstr(text, "\nimap_check_success 0\n"));
	assert_non_null(
		strstr(text, "\nimap_check_problem_info{class=\"usage\",phase=\"start\"} 1\n"));
}

/* Also where the sentence is so long that the first line is written anew, shorter. */
static void endings_prepared_together_are_those_prepared_alone(void **state)
{
	static const enum config_output forms[] = {CONFIG_OUTPUT_NAGIOS, CONFIG_OUTPUT_JSON,
						   CONFIG_OUTPUT_PROMETHEUS};
	char *together[PHASE_COUNT + 1];
	char sentence[1200];

	(void)state;
	memset(&facts, 0, sizeof facts);
	for (size_t length = 10; length < sizeof sentence; length += 1000)
		for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
			struct failure failure;

			memset(sentence, 'x', length);
			sentence[length] = '\0';
			facts.config.output = forms[k];
			failure_set(&failure, CLASS_TIMEOUT, "%s", sentence);
			out_endings(&facts.config, STATE_CRITICAL, &failure, NOW, together);
			for (int i = 0; i <= PHASE_COUNT; i++)
				assert_string_equal(together[i],
						    ended(forms[k], STATE_CRITICAL, (enum phase)i,
							  CLASS_TIMEOUT, sentence));
			free(together[0]);
		}
}

static enum config_output form_asked_for(int argc, char **argv)
{
	struct failure failure = {0};

	assert_int_equal(options_parse(argc, argv, &facts.config, &failure), OPTIONS_BAD);
	assert_non_null(strstr(failure.text, "-Z"));
	return facts.config.output;
}

static void the_form_is_heeded_behind_a_mistake(void **state)
{
	char *before[] = {"x", "-ojson", "-Z", NULL};
	char *behind[] = {"x", "-Z", "stray", "-p", "0", "-vo", "json", "-o", "xml", NULL};
	char *not_at_all[] = {"x", "-Z", "-o", NULL};

	(void)state;
	assert_int_equal(form_asked_for(3, before), CONFIG_OUTPUT_JSON);
	assert_int_equal(form_asked_for(9, behind), CONFIG_OUTPUT_JSON);
	assert_int_equal(form_asked_for(3, not_at_all), CONFIG_OUTPUT_NAGIOS);
}

static void a_run_that_was_killed_is_told_in_each_form(void **state)
{
	(void)state;
	assert_string_equal(
		ended(CONFIG_OUTPUT_NAGIOS, STATE_CRITICAL, PHASE_AUTH, CLASS_TIMEOUT, "not over"),
		"IMAP CRITICAL - auth: not over (imap.example.org:993)\n"
		"[CRITICAL] auth: not over\n"
		"class: timeout\n");
	json_decref(
		parsed(ended(CONFIG_OUTPUT_JSON, STATE_CRITICAL, PHASE_AUTH, CLASS_TIMEOUT, "no")));
	assert_non_null(strstr(text, "\"user\":\"alice\",\"mailbox\":\"INBOX\",\"address\":null,"));
	check_grammar(
		ended(CONFIG_OUTPUT_PROMETHEUS, STATE_CRITICAL, PHASE_AUTH, CLASS_TIMEOUT, "no"));
	assert_null(strstr(text, "duration_seconds"));
}

/* --- UTF-8 -------------------------------------------------------------------------------------
 */

static void utf8_is_what_jansson_takes_for_it(void **state)
{
	static const unsigned char edges[] = {0x01, 0x7f, 0x80, 0x8f, 0x90,
					      0x9f, 0xa0, 0xbf, 0xc0, 0xff};

	(void)state;
	for (unsigned lead = 1; lead < 256; lead++)
		for (unsigned rest = 0; rest < 1000; rest++) {
			char octets[] = {(char)lead, (char)edges[rest / 100],
					 (char)edges[rest / 10 % 10], (char)edges[rest % 10], '\0'};
			size_t length = 1, found = utf8_length(octets);
			json_t *json = json_stringn(octets, 1);

			while (!json && length < 4)
				json = json_stringn(octets, ++length);
			assert_int_equal(found, json ? length : 0);
			json_decref(json);
		}
	assert_int_equal(utf8_length(""), 0);
	assert_int_equal(utf8_length("\xe6\x97"), 0);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, healthy, tidy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_json_of_a_healthy_run),
		TEST(each_member_is_there_whatever_happened),
		TEST(json_is_valid_whatever_bytes_come),
		TEST(well_formed_utf8_is_kept_as_it_is),
		TEST(a_problem_tells_class_phase_text_code_and_state),
		TEST(a_metric_tells_its_thresholds_and_its_state),
		TEST(what_two_sessions_took_stands_behind_the_total),
		TEST(what_cannot_be_measured_is_null),
		TEST(numbers_are_numbers_whatever_was_measured),
		TEST(values_are_rounded_and_days_are_cut),
		TEST(a_date_beyond_reason_is_null),
		TEST(an_address_stands_without_brackets),
		TEST(each_v_adds_a_member),
		TEST(json_without_memory_is_no_text_at_all),
		TEST(the_samples_of_a_healthy_run),
		TEST(what_is_not_known_is_left_out),
		TEST(each_measured_value_has_its_base_unit),
		TEST(the_first_of_the_verified_path_to_expire_counts),
		TEST(without_a_login_there_is_no_mailbox_label),
		TEST(labels_are_escaped),
		TEST(two_problems_of_one_kind_are_one_sample),
		TEST(thresholds_and_warnings_are_no_failure),
		TEST(verbosity_adds_comments_only),
		TEST(every_metric_fits_into_the_first_line),
		TEST(bad_usage_is_told_in_each_form),
		TEST(endings_prepared_together_are_those_prepared_alone),
		TEST(the_form_is_heeded_behind_a_mistake),
		TEST(a_run_that_was_killed_is_told_in_each_form),
		TEST(utf8_is_what_jansson_takes_for_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
