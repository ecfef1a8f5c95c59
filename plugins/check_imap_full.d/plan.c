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
	if (!config->host.is_address)
		add(plan, &step_dns);
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

static void add_mailbox(struct plan *plan, const struct config *config)
{
	add(plan, &step_capability_auth);
	add(plan, &step_login);
	add(plan, &step_select);
	if (config->fetch != CONFIG_FETCH_NONE)
		add(plan, &step_fetch);
}

void plan_make(struct plan *plan, const struct config *config)
{
	plan->count = 0;
	if (config->user)
		add(plan, config->secret.source == SECRET_COMMAND ? &step_password : &step_secret);
	add_connection(plan, config);
	if (config->user)
		add_mailbox(plan, config);
	else
		add_capabilities(plan, config);
	add(plan, &step_logout);
}
