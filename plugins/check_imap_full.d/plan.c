/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plan.c - see plan.h. The only place that knows the order of the journey. */
#include "plan.h"

#include <assert.h>

static void add(struct plan *plan, const struct step *step)
{
	assert(plan->count < PLAN_MAX);
	plan->steps[plan->count++] = step;
}

static void add_connection(struct plan *plan, const struct config *config)
{
	add(plan, &step_connect);
	if (config->tls == CONFIG_TLS_IMPLICIT)
		add(plan, &step_tls);
	add(plan, &step_greeting);
	if (config->tls == CONFIG_TLS_STARTTLS) {
		add(plan, &step_capability_tls);
		add(plan, &step_starttls);
		add(plan, &step_tls);
	}
}

/* Without a login the capabilities are the last thing to be seen. */
static void add_capabilities(struct plan *plan, const struct config *config)
{
	if (config->tls == CONFIG_TLS_STARTTLS)
		add(plan, &step_capability_tls);
	else
		add(plan, &step_capability_greeting);
}

static void add_login(struct plan *plan)
{
	add(plan, &step_capability_auth);
	add(plan, &step_login);
	add(plan, &step_utf8);
}

static void add_demands(struct plan *plan, const struct config *config)
{
	if (!config->capabilities)
		return;
	add(plan, &step_capability_login);
	add(plan, &step_demands);
}

static bool is_measured(const struct config *config, enum metric metric)
{
	return config->measured[metric];
}

/* The mailbox that is marked \Sent has to be found where none is named. */
static void add_list(struct plan *plan, const struct config *config)
{
	bool wants_sent = config->append.is_asked && !config->append.mailbox;

	if (!wants_sent && !config->special_use && !is_measured(config, METRIC_MAILBOXES) &&
	    !is_measured(config, (enum metric)PHASE_LIST))
		return;
	add(plan, &step_capability_list);
	add(plan, &step_namespace);
	add(plan, &step_list);
}

static void add_quota(struct plan *plan, const struct config *config)
{
	if (!is_measured(config, METRIC_QUOTA_STORAGE) &&
	    !is_measured(config, METRIC_QUOTA_MESSAGES) &&
	    !is_measured(config, METRIC_QUOTA_STORAGE_USED) &&
	    !is_measured(config, (enum metric)PHASE_QUOTA))
		return;
	add(plan, &step_capability_quota);
	add(plan, &step_quota);
}

/* A search has to search for something: where only its time is asked for, for what is unseen. */
static void add_search(struct plan *plan, const struct config *config)
{
	bool wants_ages = config_wants_ages(config);
	bool wants_time = is_measured(config, (enum metric)PHASE_SEARCH);
	bool wants_unseen = is_measured(config, METRIC_UNSEEN) ||
			    (wants_time && !wants_ages && !config->search);

	if (!wants_unseen && !config->search && !wants_ages)
		return;
	add(plan, &step_capability_search);
	if (wants_unseen)
		add(plan, &step_unseen);
	if (config->search)
		add(plan, &step_search);
	if (wants_ages) {
		add(plan, &step_sort);
		add(plan, &step_sort_check);
		add(plan, &step_dates);
	}
}

static void add_append(struct plan *plan, const struct config *config)
{
	if (!config->append.is_asked)
		return;
	add(plan, &step_capability_append);
	add(plan, &step_append_begin);
	add(plan, &step_select_append);
	add(plan, &step_tidy_append);
	add(plan, &step_append);
}

static void add_sync(struct plan *plan, const struct config *config)
{
	if (!config->sync)
		return;
	add(plan, &step_capability_sync);
	add(plan, &step_sync_begin);
	add(plan, &step_select_sync);
	add(plan, &step_tidy_sync);
	add(plan, &step_sync_open);
	add(plan, &step_sync_watch);
	add(plan, &step_sync_append);
	add(plan, &step_sync_catch_up);
	add(plan, &step_sync_compare);
	add(plan, &step_sync_watch);
	add(plan, &step_sync_flag);
	add(plan, &step_remove_sync);
	add(plan, &step_sync_leave);
}

static void add_mailbox(struct plan *plan, const struct config *config)
{
	add_login(plan);
	add_demands(plan, config);
	add_list(plan, config);
	add_quota(plan, config);
	add(plan, &step_select);
	add_search(plan, config);
	if (config->fetch != CONFIG_FETCH_NONE)
		add(plan, &step_fetch);
	if (config->capture)
		add(plan, &step_capture);
	add_append(plan, config);
	add_sync(plan, config);
}

void plan_make(struct plan *plan, const struct config *config)
{
	plan->count = 0;
	if (config_needs_secret(config))
		add(plan, config->secret.source == SECRET_COMMAND ? &step_password : &step_secret);
	if (!config->host.is_address)
		add(plan, &step_dns);
	add_connection(plan, config);
	if (config_logs_in(config))
		add_mailbox(plan, config);
	else
		add_capabilities(plan, config);
	add(plan, &step_logout);
	if (config->cleartext_refused)
		add(plan, &step_probe);
}

void plan_make_second(struct plan *plan, const struct config *config)
{
	plan->count = 0;
	add_connection(plan, config);
	add_login(plan);
	add(plan, &step_capability_login);
}
