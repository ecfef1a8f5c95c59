/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts in, states out: judge.c, and the first line that out_nagios.c makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "out.h"

enum { DAY = 86400, NOW = 1800000000 };

struct facts {
	struct config config;
	struct report report;
	struct verdict verdict;
};

static struct facts facts;

/* A healthy run of 0.1 s by alice, over a certificate of 90 days with 61 left. */
static int healthy(void **state)
{
	static const enum phase journey[] = {PHASE_DNS,	 PHASE_CONNECT, PHASE_TLS,   PHASE_GREETING,
					     PHASE_AUTH, PHASE_SELECT,	PHASE_FETCH, PHASE_LOGOUT};
	struct config *config = &facts.config;
	struct report *report = &facts.report;
	struct cert *leaf = &report->tls.path.certs[0];
	imap_time at = CLOCK_SECOND;

	(void)state;
	memset(&facts, 0, sizeof facts);
	strcpy(config->host.shown, "imap.example.org");
	config->port = 993;
	config->user = "alice";
	config->mailbox = "INBOX";
	config->expiry[CONFIG_WARNING] = (struct config_expiry){true, 20, 0.25, true};
	config->expiry[CONFIG_CRITICAL] = (struct config_expiry){true, 7, 0.10, true};
	for (int i = 0; i < CLASS_COUNT; i++)
		config->class_state[i] = STATE_CRITICAL;
	for (size_t i = 0; i < sizeof journey / sizeof *journey; i++, at += CLOCK_SECOND / 80)
		report_begin(report, journey[i], at);
	report_end(report, at);
	report_value(report, METRIC_MESSAGES, 7);
	report->has_tls = report->tls.path.verified = true;
	report->tls.path.count = 1;
	strcpy(leaf->subject, "CN=imap.example.org");
	leaf->not_before = NOW - 29 * DAY;
	leaf->not_after = NOW + 61 * DAY;
	return 0;
}

static const struct verdict *judged(void)
{
	report_finish(&facts.report, NOW);
	judge(&facts.config, &facts.report, NOW, &facts.verdict);
	return &facts.verdict;
}

/* What out_nagios prints, whole. */
static const char *printed(void)
{
	static char kept[4096];
	struct outcome outcome = {&facts.config, &facts.report, judged(), NOW};
	FILE *to = fmemopen(kept, sizeof kept, "w");

	out_nagios(to, &outcome);
	fclose(to);
	return kept;
}

static void set_limit(enum metric metric, enum config_level level, const char *range)
{
	facts.config.thresholds[metric][level].is_set = true;
	assert_true(range_parse(range, &facts.config.thresholds[metric][level].range));
}

static void expires_in(double days, double lifetime)
{
	struct cert *leaf = &facts.report.tls.path.certs[0];

	leaf->not_after = NOW + (time_t)(days * DAY);
	leaf->not_before = leaf->not_after - (time_t)(lifetime * DAY);
}

/* --- states ----------------------------------------------------------------------------------- */

static void a_healthy_run_is_ok(void **state)
{
	(void)state;
	assert_int_equal(judged()->state, STATE_OK);
	assert_int_equal(judged()->count, 0);
}

static void thresholds_give_warning_and_critical(void **state)
{
	(void)state;
	set_limit(METRIC_TOTAL, CONFIG_WARNING, "0.05");
	assert_int_equal(judged()->state, STATE_WARNING);
	assert_string_equal(facts.verdict.items[0].text, "0.1 s is outside 0:0.05");
	set_limit(METRIC_TOTAL, CONFIG_CRITICAL, "0.08");
	assert_int_equal(judged()->state, STATE_CRITICAL);
	assert_int_equal(facts.verdict.count, 1);
}

static void that_the_whole_took_too_long_names_the_slowest_phase(void **state)
{
	(void)state;
	facts.report.phases[PHASE_SELECT].ended_at += CLOCK_SECOND / 80;
	facts.report.phases[PHASE_FETCH].began_at += CLOCK_SECOND / 80;
	set_limit(METRIC_TOTAL, CONFIG_WARNING, "0.05");
	assert_non_null(strstr(printed(), "IMAP WARNING - total: 0.1 s is outside 0:0.05, select "
					  "took 0.025 s (imap.example.org:993, 0.100 s)"));
	assert_non_null(strstr(printed(), "\n[WARNING] total: 0.1 s is outside 0:0.05\n"));
}

static void the_first_item_is_the_worst(void **state)
{
	(void)state;
	set_limit(METRIC_MESSAGES, CONFIG_CRITICAL, "5");
	set_limit((enum metric)PHASE_DNS, CONFIG_WARNING, "0.001");
	assert_int_equal(judged()->count, 2);
	assert_int_equal(facts.verdict.items[0].state, STATE_CRITICAL);
	assert_string_equal(facts.verdict.items[0].phase, "messages");
	assert_string_equal(facts.verdict.items[1].phase, "dns");
}

static void an_inner_range_alerts_inside(void **state)
{
	(void)state;
	set_limit(METRIC_MESSAGES, CONFIG_WARNING, "@7:9");
	assert_int_equal(judged()->state, STATE_WARNING);
	assert_string_equal(facts.verdict.items[0].text,
			    "7 is inside 7:9 (messages in the mailbox)");
}

static void a_failure_has_the_state_of_its_class(void **state)
{
	struct failure failure = {0};

	(void)state;
	failure_set(&failure, CLASS_AUTH, "no");
	report_problem(&facts.report, PHASE_AUTH, &failure);
	facts.config.class_state[CLASS_AUTH] = STATE_WARNING;
	assert_int_equal(judged()->state, STATE_WARNING);
	assert_int_equal(facts.verdict.items[0].class, CLASS_AUTH);
}

static void what_the_server_cannot_tell_is_missing_where_it_was_to_be_judged(void **state)
{
	(void)state;
	report_no_value(&facts.report, METRIC_QUOTA_STORAGE, REPORT_MISSING, "no quota here");
	assert_int_equal(judged()->state, STATE_OK);
	assert_non_null(strstr(printed(), "\nnote: quota_storage: no quota here\n"));
	set_limit(METRIC_QUOTA_STORAGE, CONFIG_WARNING, "90");
	assert_int_equal(judged()->state, STATE_CRITICAL);
	assert_int_equal(facts.verdict.items[0].class, CLASS_MISSING);
	assert_string_equal(facts.verdict.items[0].text, "no quota here");
}

static void the_newest_of_no_messages_is_too_old_and_the_oldest_is_not(void **state)
{
	(void)state;
	report_no_value(&facts.report, METRIC_NEWEST_AGE, REPORT_EMPTY, "the mailbox is empty");
	report_no_value(&facts.report, METRIC_OLDEST_AGE, REPORT_EMPTY, "the mailbox is empty");
	assert_int_equal(judged()->state, STATE_OK);
	set_limit(METRIC_OLDEST_AGE, CONFIG_CRITICAL, "60");
	assert_int_equal(judged()->state, STATE_OK);
	set_limit(METRIC_NEWEST_AGE, CONFIG_WARNING, "60");
	assert_int_equal(judged()->state, STATE_WARNING);
	set_limit(METRIC_NEWEST_AGE, CONFIG_CRITICAL, "3600");
	assert_int_equal(judged()->state, STATE_CRITICAL);
}

/* The age in words, beside a limit that it broke. */
static const char *said_of_age(double seconds)
{
	report_value(&facts.report, METRIC_NEWEST_AGE, seconds);
	return judged()->items[0].text;
}

static void an_age_that_is_too_high_is_also_told_in_a_unit_to_think_in(void **state)
{
	(void)state;
	set_limit(METRIC_NEWEST_AGE, CONFIG_CRITICAL, "60");
	assert_string_equal(said_of_age(119), "119 s is outside 0:60");
	assert_string_equal(said_of_age(120),
			    "120 s is outside 0:60 (the newest message is 2 minutes old)");
	assert_string_equal(said_of_age(7199),
			    "7199 s is outside 0:60 (the newest message is 119 minutes old)");
	assert_string_equal(said_of_age(7200),
			    "7200 s is outside 0:60 (the newest message is 2 hours old)");
	assert_string_equal(said_of_age(172799),
			    "172799 s is outside 0:60 (the newest message is 47 hours old)");
	assert_string_equal(said_of_age(172800),
			    "172800 s is outside 0:60 (the newest message is 2 days old)");
}

static void a_phase_that_broke_off_is_not_judged_by_its_time(void **state)
{
	(void)state;
	set_limit((enum metric)PHASE_LOGOUT, CONFIG_CRITICAL, "0.001");
	facts.report.phases[PHASE_LOGOUT].is_over = false;
	assert_int_equal(judged()->state, STATE_OK);
	facts.report.phases[PHASE_LOGOUT].is_over = true;
	assert_int_equal(judged()->state, STATE_CRITICAL);
}

static void both_times_of_two_sessions_are_judged(void **state)
{
	(void)state;
	report_value(&facts.report, METRIC_IDLE, 0.5);
	report_value(&facts.report, METRIC_FLAGS, 2);
	set_limit(METRIC_IDLE, CONFIG_WARNING, "0.4");
	set_limit(METRIC_FLAGS, CONFIG_CRITICAL, "1.5");
	assert_int_equal(judged()->state, STATE_CRITICAL);
	assert_int_equal(facts.verdict.count, 2);
	assert_string_equal(facts.verdict.items[0].phase, "flags");
	assert_string_equal(facts.verdict.items[1].phase, "idle");
}

/* What failed first is spoken of, not that removing what it left behind failed as well. */
static void of_two_failures_alike_the_first_is_spoken_of(void **state)
{
	struct failure first = {0}, removal = {0};

	(void)state;
	failure_set(&first, CLASS_TIMEOUT, "second session was not told of the changed flag");
	failure_set(&removal, CLASS_REFUSED, "server refused to expunge messages of this check");
	report_problem(&facts.report, PHASE_SYNC, &first);
	report_last_problem(&facts.report, PHASE_SYNC, &removal);
	assert_int_equal(judged()->count, 2);
	assert_int_equal(facts.verdict.items[0].class, CLASS_TIMEOUT);
	assert_int_equal(facts.verdict.items[1].class, CLASS_REFUSED);
	assert_non_null(strstr(printed(), "IMAP CRITICAL - sync: second session was not told of "
					  "the changed flag [and 1 more] (imap.example.org:993"));
	facts.config.class_state[CLASS_TIMEOUT] = STATE_WARNING;
	assert_int_equal(judged()->count, 2);
	assert_int_equal(facts.verdict.items[0].class, CLASS_REFUSED);
}

static void an_altered_message_is_a_warning_by_its_class(void **state)
{
	struct failure altered = {0};

	(void)state;
	failure_set(&altered, CLASS_ALTERED, "the message came back altered: header Date changed");
	report_problem(&facts.report, PHASE_SYNC, &altered);
	facts.config.class_state[CLASS_ALTERED] = STATE_WARNING;
	assert_int_equal(judged()->state, STATE_WARNING);
	assert_non_null(strstr(printed(), "IMAP WARNING - sync: the message came back altered"));
}

/* --- certificates ------------------------------------------------------------------------------
 */

static void days_left_count_by_default(void **state)
{
	(void)state;
	expires_in(19.9, 365);
	assert_int_equal(judged()->state, STATE_WARNING);
	expires_in(6.9, 365);
	assert_int_equal(judged()->state, STATE_CRITICAL);
	assert_non_null(strstr(facts.verdict.items[0].text, "expires in 6.9 days"));
	expires_in(20.1, 365);
	assert_int_equal(judged()->state, STATE_OK);
	expires_in(20, 365);
	assert_int_equal(judged()->state, STATE_OK);
}

static void what_is_said_of_a_certificates_end_is_exact(void **state)
{
	(void)state;
	expires_in(6.93, 365);
	judged();
	assert_string_equal(facts.verdict.items[0].text,
			    "certificate CN=imap.example.org expires in 6.9 days, on 2027-01-22 "
			    "06:19 UTC: fewer than "
			    "7 days");
	expires_in(-3.25, 365);
	judged();
	assert_string_equal(
		facts.verdict.items[0].text,
		"certificate CN=imap.example.org expired 3.3 days ago, on 2027-01-12 02:00 UTC");
	expires_in(0.55, 6);
	judged();
	assert_string_equal(facts.verdict.items[0].text,
			    "certificate CN=imap.example.org expires in 0.5 days, on 2027-01-15 "
			    "21:12 UTC: fewer than "
			    "0.6 days");
}

static void nothing_of_an_earlier_verdict_stays_in_the_next(void **state)
{
	struct failure failure;

	(void)state;
	failure_set(&failure, CLASS_REFUSED, "server refused to select INBOX");
	strcpy(failure.code, "NOPERM");
	report_problem(&facts.report, PHASE_SELECT, &failure);
	assert_string_equal(judged()->items[0].code, "NOPERM");
	facts.report.problem_count = 0;
	set_limit(METRIC_TOTAL, CONFIG_WARNING, "0.05");
	assert_string_equal(judged()->items[0].code, "");
	assert_int_equal(facts.verdict.count, 1);
}

static void limits_in_sentences_have_six_decimals(void **state)
{
	(void)state;
	set_limit(METRIC_TOTAL, CONFIG_WARNING, "0.01234567:0.02345678");
	judged();
	assert_string_equal(facts.verdict.items[0].text, "0.1 s is outside 0.012346:0.023457");
}

static void a_short_lived_certificate_is_judged_by_its_share(void **state)
{
	(void)state;
	expires_in(3, 6);
	assert_int_equal(judged()->state, STATE_OK);
	expires_in(1.4, 6);
	assert_int_equal(judged()->state, STATE_WARNING);
	expires_in(0.5, 6);
	assert_int_equal(judged()->state, STATE_CRITICAL);
}

static void days_and_shares_that_are_asked_for_count_alone(void **state)
{
	struct config_expiry *expiry = facts.config.expiry;

	(void)state;
	expiry[CONFIG_WARNING] = (struct config_expiry){true, 20, 0, false};
	expiry[CONFIG_CRITICAL] = (struct config_expiry){true, 7, 0, false};
	expires_in(19, 30);
	assert_int_equal(judged()->state, STATE_WARNING);
	expires_in(5, 6);
	assert_int_equal(judged()->state, STATE_CRITICAL);
	expiry[CONFIG_WARNING] = (struct config_expiry){true, 0, 0.25, false};
	expiry[CONFIG_CRITICAL] = (struct config_expiry){true, 0, 0.10, false};
	expires_in(80, 365);
	assert_int_equal(judged()->state, STATE_WARNING);
	expires_in(36, 365);
	assert_int_equal(judged()->state, STATE_CRITICAL);
	assert_non_null(strstr(facts.verdict.items[0].text, "fewer than 36.5"));
	expires_in(1.6, 6);
	assert_int_equal(judged()->state, STATE_OK);
}

static void without_limits_no_certificate_is_too_old(void **state)
{
	(void)state;
	memset(facts.config.expiry, 0, sizeof facts.config.expiry);
	expires_in(-5, 365);
	assert_int_equal(judged()->state, STATE_OK);
}

static void a_pinned_certificate_is_judged_by_its_days(void **state)
{
	(void)state;
	facts.report.tls.path.is_pinned = true;
	facts.report.tls.path.count = 1;
	expires_in(-1, 365);
	assert_int_equal(judged()->state, STATE_CRITICAL);
	expires_in(15, 365);
	assert_int_equal(judged()->state, STATE_WARNING);
}

static void what_was_sent_is_judged_unless_that_it_does_not_verify_was_told(void **state)
{
	struct failure failure;

	(void)state;
	facts.report.tls.path.verified = false;
	facts.report.tls.path.certs[0].is_anchor = true;
	expires_in(-1, 365);
	assert_int_equal(judged()->count, 1);
	failure_set(&failure, CLASS_CERTIFICATE, "the certificate expired");
	report_problem(&facts.report, PHASE_TLS, &failure);
	assert_int_equal(judged()->count, 1);
	facts.config.tls_settings.insecure = true;
	assert_int_equal(judged()->count, 2);
}

static void an_intermediate_counts_and_its_anchor_does_not(void **state)
{
	struct cert_path *path = &facts.report.tls.path;

	(void)state;
	path->certs[2] = path->certs[1] = path->certs[0];
	path->count = 3;
	path->certs[2].is_anchor = true;
	path->certs[2].not_after = NOW + DAY;
	assert_int_equal(judged()->state, STATE_OK);
	path->certs[1].not_after = NOW + DAY;
	assert_int_equal(judged()->state, STATE_CRITICAL);
	assert_true(facts.report.values[METRIC_CERT_DAYS].value < 1.1);
}

static void a_threshold_on_cert_days_takes_the_place_of_the_default(void **state)
{
	(void)state;
	expires_in(10, 365);
	set_limit(METRIC_CERT_DAYS, CONFIG_WARNING, "5:");
	assert_int_equal(judged()->state, STATE_OK);
	set_limit(METRIC_CERT_DAYS, CONFIG_WARNING, "11:");
	assert_int_equal(judged()->state, STATE_WARNING);
}

static void a_threshold_of_one_level_leaves_the_other_its_default(void **state)
{
	(void)state;
	expires_in(10, 365);
	set_limit(METRIC_CERT_DAYS, CONFIG_CRITICAL, "5:");
	assert_int_equal(judged()->state, STATE_WARNING);
}

/* --- the first line ----------------------------------------------------------------------------
 */

static void the_line_of_a_healthy_run(void **state)
{
	static const char begin[] = "IMAP OK - imap.example.org INBOX: 7 messages, 0.100 s (";

	(void)state;
	assert_memory_equal(printed(), begin, sizeof begin - 1);
	assert_non_null(strstr(printed(), "s), certificate expires in 61 days |dns=0.0125s;;;0 "));
	assert_non_null(strstr(printed(), " total=0.1s;;;0 cert_days=61;20:;7:; messages=7;;;0\n"));
}

static void the_line_of_a_failure_names_phase_reason_and_place(void **state)
{
	struct failure failure = {0};

	(void)state;
	failure_set(&failure, CLASS_AUTH, "server refused alice (PLAIN): nope");
	report_problem(&facts.report, PHASE_AUTH, &failure);
	assert_non_null(strstr(printed(),
			       "IMAP CRITICAL - auth: server refused alice (PLAIN): nope "
			       "(imap.example.org:993, 0.100 s) |dns="));
	assert_non_null(strstr(printed(), "\n[CRITICAL] auth: server refused alice (PLAIN): nope\n"
					  "class: auth\n"));
}

static void a_phase_that_was_not_reached_is_left_out(void **state)
{
	(void)state;
	memset(&facts.report.phases[PHASE_FETCH], 0, sizeof facts.report.phases[0]);
	assert_null(strstr(printed(), "fetch="));
	assert_non_null(strstr(printed(), "logout="));
}

static void thresholds_stand_in_the_perfdata(void **state)
{
	(void)state;
	set_limit(METRIC_TOTAL, CONFIG_WARNING, "0:5");
	set_limit(METRIC_TOTAL, CONFIG_CRITICAL, "10");
	assert_non_null(strstr(printed(), " total=0.1s;5;10;0 "));
}

static void no_user_means_no_mailbox_in_the_line(void **state)
{
	(void)state;
	facts.config.user = NULL;
	facts.report.values[METRIC_MESSAGES].knowledge = REPORT_UNKNOWN;
	assert_non_null(strstr(printed(), "IMAP OK - imap.example.org: answers"));
}

static void a_hostile_user_name_cannot_add_perfdata(void **state)
{
	(void)state;
	facts.config.mailbox = "a|b\nc";
	assert_non_null(strstr(printed(), "imap.example.org a?b c: 7 messages"));
}

#define TEST(name_) cmocka_unit_test_setup(name_, healthy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_healthy_run_is_ok),
		TEST(thresholds_give_warning_and_critical),
		TEST(that_the_whole_took_too_long_names_the_slowest_phase),
		TEST(the_first_item_is_the_worst),
		TEST(an_inner_range_alerts_inside),
		TEST(a_failure_has_the_state_of_its_class),
		TEST(what_the_server_cannot_tell_is_missing_where_it_was_to_be_judged),
		TEST(the_newest_of_no_messages_is_too_old_and_the_oldest_is_not),
		TEST(an_age_that_is_too_high_is_also_told_in_a_unit_to_think_in),
		TEST(a_phase_that_broke_off_is_not_judged_by_its_time),
		TEST(both_times_of_two_sessions_are_judged),
		TEST(of_two_failures_alike_the_first_is_spoken_of),
		TEST(an_altered_message_is_a_warning_by_its_class),
		TEST(days_left_count_by_default),
		TEST(what_is_said_of_a_certificates_end_is_exact),
		TEST(nothing_of_an_earlier_verdict_stays_in_the_next),
		TEST(limits_in_sentences_have_six_decimals),
		TEST(a_short_lived_certificate_is_judged_by_its_share),
		TEST(days_and_shares_that_are_asked_for_count_alone),
		TEST(without_limits_no_certificate_is_too_old),
		TEST(a_pinned_certificate_is_judged_by_its_days),
		TEST(what_was_sent_is_judged_unless_that_it_does_not_verify_was_told),
		TEST(an_intermediate_counts_and_its_anchor_does_not),
		TEST(a_threshold_on_cert_days_takes_the_place_of_the_default),
		TEST(a_threshold_of_one_level_leaves_the_other_its_default),
		TEST(the_line_of_a_healthy_run),
		TEST(the_line_of_a_failure_names_phase_reason_and_place),
		TEST(a_phase_that_was_not_reached_is_left_out),
		TEST(thresholds_stand_in_the_perfdata),
		TEST(no_user_means_no_mailbox_in_the_line),
		TEST(a_hostile_user_name_cannot_add_perfdata),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
