/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which steps a run takes, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan.h"

static struct config config;

static int journey(void **state)
{
	(void)state;
	config_init(&config);
	config.user = "alice";
	config.mailbox = "INBOX";
	config.secret.source = SECRET_FILE;
	return 0;
}

/* The phases of the plan in their order, each once: "dns connect tls ..." */
static const char *phases(void)
{
	static char text[400];
	struct plan plan;
	int last = -1;

	text[0] = '\0';
	plan_make(&plan, &config);
	for (unsigned i = 0; i < plan.count; i++) {
		const struct step *step = plan.steps[i];

		if (step->ready || step->reply)
			assert_non_null(step->awaits);
		assert_true((step->ready != NULL) == (step->wait != NULL));
		assert_non_null(step->enter);
		if (step->is_untimed || (int)step->phase == last)
			continue;
		last = (int)step->phase;
		strcat(strcat(text, text[0] ? " " : ""), phase_name(step->phase));
	}
	return text;
}

static bool has_step(const struct step *step)
{
	struct plan plan;

	plan_make(&plan, &config);
	for (unsigned i = 0; i < plan.count; i++)
		if (plan.steps[i] == step)
			return true;
	return false;
}

static void the_default_journey(void **state)
{
	(void)state;
	assert_string_equal(phases(), "dns connect tls greeting auth select fetch logout");
}

static void starttls_puts_the_greeting_before_tls(void **state)
{
	(void)state;
	config.tls = CONFIG_TLS_STARTTLS;
	assert_string_equal(phases(), "dns connect greeting tls auth select fetch logout");
}

static void without_tls_there_is_no_tls(void **state)
{
	(void)state;
	config.tls = CONFIG_TLS_NONE;
	assert_string_equal(phases(), "dns connect greeting auth select fetch logout");
}

static void an_address_needs_no_lookup(void **state)
{
	(void)state;
	config.host.is_address = true;
	assert_string_equal(phases(), "connect tls greeting auth select fetch logout");
}

static void without_a_login_it_ends_after_the_greeting(void **state)
{
	(void)state;
	config.user = NULL;
	assert_string_equal(phases(), "dns connect tls greeting logout");
	config.tls = CONFIG_TLS_STARTTLS;
	assert_string_equal(phases(), "dns connect greeting tls logout");
}

static void a_command_makes_the_password_a_phase(void **state)
{
	(void)state;
	config.secret.source = SECRET_COMMAND;
	assert_string_equal(phases(), "password dns connect tls greeting auth select fetch logout");
}

static void naming_a_metric_runs_the_phase_that_yields_it(void **state)
{
	(void)state;
	config.measured[METRIC_MAILBOXES] = config.measured[METRIC_QUOTA_STORAGE] = true;
	config.measured[METRIC_UNSEEN] = true;
	assert_string_equal(phases(),
			    "dns connect tls greeting auth list quota select search fetch logout");
}

static void naming_a_phase_runs_it(void **state)
{
	static const struct {
		enum phase phase;
		const struct step *step;
	} cases[] = {
		{PHASE_LIST, &step_list},
		{PHASE_QUOTA, &step_quota},
		{PHASE_SEARCH, &step_unseen},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_false(has_step(cases[i].step));
		config.measured[cases[i].phase] = true;
		assert_true(has_step(cases[i].step));
	}
}

static void ages_need_no_unseen_and_no_search(void **state)
{
	(void)state;
	config.measured[METRIC_NEWEST_AGE] = true;
	assert_true(has_step(&step_dates));
	assert_false(has_step(&step_unseen));
	assert_false(has_step(&step_search));
}

static void nothing_is_written_without_being_asked_for(void **state)
{
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++)
		config.measured[i] = true;
	assert_null(strstr(phases(), "append"));
	assert_null(strstr(phases(), "sync"));
}

static void appending_to_the_sent_mailbox_looks_for_it(void **state)
{
	(void)state;
	config.append.is_asked = true;
	assert_string_equal(phases(),
			    "dns connect tls greeting auth list select fetch append logout");
	config.append.mailbox = "Archive";
	assert_string_equal(phases(), "dns connect tls greeting auth select fetch append logout");
}

static void two_sessions_come_last(void **state)
{
	(void)state;
	config.append.is_asked = true;
	config.append.mailbox = "Archive";
	config.sync = "Test";
	assert_string_equal(phases(),
			    "dns connect tls greeting auth select fetch append sync logout");
}

/* The message that is left is removed before a failure is told: see run.pending. */
static void what_was_stored_is_removed_after_all_that_may_fail(void **state)
{
	struct plan plan;

	(void)state;
	config.sync = "Test";
	plan_make(&plan, &config);
	assert_ptr_equal(plan.steps[plan.count - 3], &step_remove_sync);
	assert_ptr_equal(plan.steps[plan.count - 2], &step_sync_leave);
}

static void a_second_session_goes_as_far_as_its_login(void **state)
{
	struct plan plan;

	(void)state;
	config.sync = "Test";
	config.capabilities = "IDLE";
	plan_make_second(&plan, &config);
	assert_ptr_equal(plan.steps[0], &step_connect);
	assert_ptr_equal(plan.steps[plan.count - 1], &step_capability_login);
	for (unsigned i = 0; i < plan.count; i++)
		assert_true(plan.steps[i]->phase <= PHASE_AUTH);
}

static void the_probe_comes_after_everything(void **state)
{
	struct plan plan;

	(void)state;
	config.cleartext_refused = true;
	plan_make(&plan, &config);
	assert_ptr_equal(plan.steps[plan.count - 1], &step_probe);
	assert_ptr_equal(plan.steps[plan.count - 2], &step_logout);
}

static void everything_at_once_fits(void **state)
{
	struct plan plan;

	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++)
		config.measured[i] = true;
	config.tls = CONFIG_TLS_STARTTLS;
	config.secret.source = SECRET_COMMAND;
	config.search = "ALL";
	config.capabilities = "IDLE";
	config.special_use = "Sent";
	config.cleartext_refused = true;
	config.append.is_asked = true;
	config.sync = "Test";
	plan_make(&plan, &config);
	assert_true(plan.count <= PLAN_MAX);
}

#define TEST(name_) cmocka_unit_test_setup(name_, journey)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_default_journey),
		TEST(starttls_puts_the_greeting_before_tls),
		TEST(without_tls_there_is_no_tls),
		TEST(an_address_needs_no_lookup),
		TEST(without_a_login_it_ends_after_the_greeting),
		TEST(a_command_makes_the_password_a_phase),
		TEST(naming_a_metric_runs_the_phase_that_yields_it),
		TEST(naming_a_phase_runs_it),
		TEST(ages_need_no_unseen_and_no_search),
		TEST(nothing_is_written_without_being_asked_for),
		TEST(appending_to_the_sent_mailbox_looks_for_it),
		TEST(two_sessions_come_last),
		TEST(what_was_stored_is_removed_after_all_that_may_fail),
		TEST(a_second_session_goes_as_far_as_its_login),
		TEST(the_probe_comes_after_everything),
		TEST(everything_at_once_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
