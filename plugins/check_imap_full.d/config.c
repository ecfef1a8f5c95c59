/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config.c - see config.h: defaults, what a URL adds, and what contradicts. Must not know how
 * options are read.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "config_login.h"
#include "config_writing.h"
#include "settings.h"
#include "value.h"

enum { PORT_IMAP = 143, PORT_IMAPS = 993 };

bool config_wants_ages(const struct config *config)
{
	return config->measured[METRIC_NEWEST_AGE] || config->measured[METRIC_OLDEST_AGE];
}

void config_init(struct config *config)
{
	*config = (struct config){
		.timeout = 10 * CLOCK_SECOND,
		.tls = CONFIG_TLS_IMPLICIT,
		.tls_settings.min = TLS_1_2,
		.auth = AUTH_AUTO,
		.fetch = CONFIG_FETCH_HEADER,
	};
	for (int i = 0; i < CLASS_COUNT; i++)
		config->class_state[i] = STATE_CRITICAL;
	config->class_state[CLASS_USAGE] = config->class_state[CLASS_INTERNAL] = STATE_UNKNOWN;
	config->class_state[CLASS_ALTERED] = config->class_state[CLASS_POLICY] = STATE_WARNING;
}

/* --- the URL --------------------------------------------------------------------------------- */

static bool take_auth(struct config *config, struct failure *failure)
{
	config->auth = auth_find_mechanism(config->url.auth);
	if (config->auth == AUTH_AUTO)
		return value_refuse(failure, "the URL's ;AUTH=%s is no SASL mechanism known here",
				    config->url.auth);
	return config->given.auth = true;
}

/* Options win, wherever they stood. */
static bool take_url(struct config *config, struct failure *failure)
{
	const struct url *url = &config->url;

	if (url->host[0] == '\0')
		return true;
	if (!config->given.tls)
		config->tls = url->is_tls ? CONFIG_TLS_IMPLICIT : CONFIG_TLS_STARTTLS;
	if (config->port == 0)
		config->port = (unsigned short)url->port;
	if (!config->user && url->user[0])
		config->user = url->user;
	if (!config->mailbox && url->mailbox[0])
		config->mailbox = url->mailbox;
	return config->given.auth || !url->auth[0] || take_auth(config, failure);
}

/* --- where and how --------------------------------------------------------------------------- */

static bool check_host(const struct config *config, struct failure *failure)
{
	int family = config->host.address.sa.sa_family;

	if (config->host.shown[0] == '\0')
		return value_refuse(failure, "no host to check: give -H HOST (see --help)");
	if (!config->host.is_address)
		return true;
	if (config->family != AF_UNSPEC && config->family != family)
		return value_refuse(failure, "-%c and the IPv%c address %s contradict each other",
				    config->family == AF_INET ? '4' : '6',
				    family == AF_INET ? '4' : '6', config->host.shown);
	if (config->nameserver)
		return value_refuse(failure,
				    "--nameserver has nothing to look up: %s is an address",
				    config->host.shown);
	return true;
}

/* An option that could have no effect is a misunderstanding, and about TLS a dangerous one. */
static bool check_cleartext(const struct config *config, struct failure *failure)
{
	const struct tls_settings *tls = &config->tls_settings;
	const struct {
		bool is_given;
		const char *name;
	} options[] = {
		{tls->trust.file, "--ca-file"},
		{tls->trust.folder, "--ca-dir"},
		{config->sni.shown[0], "--sni"},
		{tls->insecure, "--insecure"},
		{config->given.tls_min, "--tls-min"},
		{config->given.expiry[CONFIG_WARNING], "-D"},
		{tls->identity.certificate, "--client-cert"},
		{tls->pins.count > 0, "--pin"},
		{tls->priority, "--tls-priority"},
	};

	if (config->tls != CONFIG_TLS_NONE)
		return true;
	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (options[i].is_given)
			return value_refuse(failure, "%s and --tls=none contradict each other",
					    options[i].name);
	return true;
}

/* What takes the place of another is not to be given beside it. */
static bool check_tls(const struct config *config, struct failure *failure)
{
	const struct tls_settings *tls = &config->tls_settings;

	if (tls->priority && config->given.tls_min)
		return value_refuse(failure,
				    "--tls-priority and --tls-min contradict each other: the "
				    "priority string says which versions are allowed");
	if (tls->pins.count > 0 && (tls->trust.file || tls->trust.folder))
		return value_refuse(
			failure,
			"--pin and %s contradict each other: a pin takes the place of all "
			"authorities",
			tls->trust.file ? "--ca-file" : "--ca-dir");
	if (tls->identity.key && !tls->identity.certificate)
		return value_refuse(failure, "--client-key needs --client-cert");
	return identity_is_usable(&tls->identity, failure) &&
	       trust_is_readable(&tls->trust, failure);
}

static void set_peer(struct config *config)
{
	const struct host *host = config->sni.shown[0] ? &config->sni : &config->host;
	struct cert_peer *peer = &config->tls_settings.peer;

	config->tls_settings.after_starttls = config->tls == CONFIG_TLS_STARTTLS;
	*peer = (struct cert_peer){.name = host->name, .is_address = host->is_address};
	if (!host->is_address)
		return;
	if (host->address.sa.sa_family == AF_INET) {
		peer->address_length = sizeof host->address.in.sin_addr;
		memcpy(peer->address, &host->address.in.sin_addr, peer->address_length);
	} else {
		peer->address_length = sizeof host->address.in6.sin6_addr;
		memcpy(peer->address, &host->address.in6.sin6_addr, peer->address_length);
	}
}

/* --- login and mailbox ----------------------------------------------------------------------- */

/* What can only be seen after a login, without one. */
static bool check_reading(const struct config *config, struct failure *failure)
{
	const struct {
		bool is_given;
		const char *name;
	} options[] = {
		{config->given.fetch && config->fetch != CONFIG_FETCH_NONE, "--fetch"},
		{config->search, "--search"},
		{config->capture, "--capture"},
		{config->capabilities, "--capability"},
		{config->special_use, "--special-use"},
		{config->append.is_asked, "--append"},
		{config->sync, "--sync"},
	};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		if (options[i].is_given)
			return value_refuse(failure, "%s needs a login: give --username",
					    options[i].name);
	return true;
}

static bool check_login(const struct config *config, struct failure *failure)
{
	if (!config_login_fits(config, failure))
		return false;
	if (config_logs_in(config))
		return true;
	if (config->mailbox)
		return value_refuse(failure,
				    "a mailbox cannot be opened without a login: give --username");
	return check_reading(config, failure);
}

static bool set_mailbox(struct config *config, struct failure *failure)
{
	char utf7[2048];

	if (!config->mailbox)
		config->mailbox = "INBOX";
	if (!imap_mailbox_encode(config->mailbox, utf7, sizeof utf7))
		return value_refuse(failure,
				    "the mailbox name is too long or not well-formed UTF-8");
	return true;
}

/* --- judging --------------------------------------------------------------------------------- */

static const struct config_expiry default_expiry[2] = {
	[CONFIG_WARNING] = {.is_set = true, .days = 20, .share = 0.25, .smaller = true},
	[CONFIG_CRITICAL] = {.is_set = true, .days = 7, .share = 0.10, .smaller = true},
};

/* Whether the warning that was asked for comes no earlier than the critical default would. */
static bool is_below_critical(const struct config *config)
{
	const struct config_expiry *critical = &default_expiry[CONFIG_CRITICAL];
	const struct config_expiry *warning = &config->expiry[CONFIG_WARNING];
	const struct config_threshold *threshold =
		&config->thresholds[METRIC_CERT_DAYS][CONFIG_WARNING];

	if (threshold->is_set)
		return threshold->range.high_is_open && threshold->range.low <= critical->days;
	if (!config->given.expiry[CONFIG_WARNING])
		return false;
	return warning->share > 0 ? warning->share <= critical->share
				  : warning->days <= critical->days;
}

/* "20" for "20:" would switch the alarm off, and in silence. */
static bool forgets_the_colon(const struct config_threshold *threshold)
{
	const struct range *range = &threshold->range;

	return !range->alerts_inside && !range->low_is_open && !range->high_is_open &&
	       range->low <= 0;
}

/* A level that neither -D nor a threshold speaks of keeps its default. The default CRITICAL gives
   way to a WARNING that is asked for so late: there the end itself is CRITICAL. */
static bool set_expiry(struct config *config, struct failure *failure)
{
	static const char letters[2] = {'w', 'c'};

	for (int level = 0; level < 2; level++) {
		const struct config_threshold *threshold =
			&config->thresholds[METRIC_CERT_DAYS][level];
		bool has_threshold = threshold->is_set;

		if (has_threshold && forgets_the_colon(threshold))
			return value_refuse(failure,
					    "-%c cert_days=%g would alert above %g days: write "
					    "cert_days=%g: to alert below",
					    letters[level], threshold->range.high,
					    threshold->range.high, threshold->range.high);
		if (has_threshold && config->given.expiry[level])
			return value_refuse(
				failure, "-D and -%c cert_days both set the same limit: give one",
				letters[level]);
		if (!has_threshold && !config->given.expiry[level] && !config->given.no_expiry)
			config->expiry[level] = default_expiry[level];
	}
	if (!config->given.expiry[CONFIG_CRITICAL] && is_below_critical(config))
		config->expiry[CONFIG_CRITICAL].is_set = false;
	return true;
}

/* What a metric needs besides its phase. */
static const char *lacking(const struct config *config, enum metric metric)
{
	if (metric == METRIC_MATCHED)
		return config->search ? NULL : "there is no --search";
	return metric == METRIC_CAPTURE && !config->capture ? "there is no --capture" : NULL;
}

/* NULL if the phase that yields the metric takes place. */
static const char *why_not(const struct config *config, enum metric metric)
{
	bool is_left_out = false;

	switch (metric_spec(metric)->phase) {
	case PHASE_PASSWORD:
		return config->secret.source == SECRET_COMMAND ? NULL
							       : "there is no --password-command";
	case PHASE_DNS:
		return config->host.is_address ? "the host is an address already" : NULL;
	case PHASE_TLS:
		return config->tls == CONFIG_TLS_NONE ? "--tls=none leaves TLS out" : NULL;
	case PHASE_FETCH:
		is_left_out = config->fetch == CONFIG_FETCH_NONE;
		break;
	case PHASE_AUTH:
	case PHASE_LIST:
	case PHASE_QUOTA:
	case PHASE_SELECT:
	case PHASE_SEARCH:
		break;
	case PHASE_APPEND:
		return config->append.is_asked ? NULL : "there is no --append";
	case PHASE_SYNC:
		return config->sync ? NULL : "there is no --sync";
	default:
		return NULL;
	}
	if (!config_logs_in(config))
		return "there is no login (--username)";
	return is_left_out ? "--fetch=none leaves it out" : lacking(config, metric);
}

static bool check_metrics(const struct config *config, struct failure *failure)
{
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct config_threshold *threshold = config->thresholds[i];
		const char *why = config->measured[i] ? why_not(config, (enum metric)i) : NULL;

		if (why)
			return value_refuse(failure, "%s%s cannot be measured: %s",
					    threshold[CONFIG_WARNING].is_set	? "-w "
					    : threshold[CONFIG_CRITICAL].is_set ? "-c "
										: "--measure: ",
					    metric_spec((enum metric)i)->name, why);
	}
	return true;
}

/* --- all together ---------------------------------------------------------------------------- */

bool config_finish(struct config *config, struct failure *failure)
{
	if (!take_url(config, failure) || !check_host(config, failure) ||
	    !check_login(config, failure) || !check_cleartext(config, failure) ||
	    !set_mailbox(config, failure) || !config_writing_fits(config, failure) ||
	    !check_metrics(config, failure) || !set_expiry(config, failure))
		return false;
	if (config->cleartext_port == 0)
		config->cleartext_port = PORT_IMAP;
	if (config->port == 0)
		config->port = config->tls == CONFIG_TLS_IMPLICIT ? PORT_IMAPS : PORT_IMAP;
	set_peer(config);
	if (config->capture && config->fetch == CONFIG_FETCH_NONE)
		return value_refuse(failure, "--capture and --fetch=none contradict each other");
	if (config->given.cleartext_port && !config->cleartext_refused)
		return value_refuse(failure, "--cleartext-port needs --cleartext-refused");
	return check_tls(config, failure);
}
