/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_login.c - see config_login.h. Must not know what a server offers. */
#include "config_login.h"

#include "value.h"

bool config_logs_in(const struct config *config)
{
	return config->user || auth_spec(config->auth)->secret == AUTH_SECRET_NONE;
}

bool config_needs_secret(const struct config *config)
{
	return config_logs_in(config) && auth_spec(config->auth)->secret != AUTH_SECRET_NONE;
}

/* Fetched for nothing it would only be in danger. */
static bool secret_fits(const struct config *config, struct failure *failure)
{
	const struct auth_spec *spec = auth_spec(config->auth);
	bool has_secret = config->secret.source != SECRET_NONE;

	if (has_secret && spec->secret == AUTH_SECRET_NONE)
		return value_refuse(failure,
				    "--auth=%s uses no password: leave the password option out",
				    spec->word);
	if (has_secret && !config->user)
		return value_refuse(failure,
				    "there is a password, but no user name: give --username");
	if (!has_secret && config_needs_secret(config))
		return value_refuse(failure,
				    "there is a user name, but no %s: give --password-file, "
				    "--password-env or --password-command (or --password)",
				    spec->secret == AUTH_SECRET_TOKEN ? "token" : "password");
	return true;
}

static bool authzid_fits(const struct config *config, struct failure *failure)
{
	const struct auth_spec *spec = auth_spec(config->auth);

	if (!config->authzid)
		return true;
	if (!config_logs_in(config))
		return value_refuse(failure, "--authzid needs a login: give --username");
	if (config->auth == AUTH_XOAUTH2)
		return value_refuse(
			failure,
			"--auth=%s has no place for --authzid: -u names the mailbox, the "
			"token says who asks",
			spec->word);
	if (!spec->takes_authzid)
		return value_refuse(failure, "--auth=%s has no place for --authzid", spec->word);
	return true;
}

static bool shield_fits(const struct config *config, struct failure *failure)
{
	const struct auth_spec *spec = auth_spec(config->auth);

	if (config->tls != CONFIG_TLS_NONE || !config_logs_in(config))
		return true;
	if (spec->binds)
		return value_refuse(failure,
				    "--auth=%s binds the login to TLS: --tls=none contradicts",
				    spec->word);
	if (spec->reveals && !config->allow_cleartext)
		return value_refuse(failure,
				    "--auth=%s with --tls=none would send the %s in clear; "
				    "--allow-cleartext permits that",
				    spec->word,
				    spec->secret == AUTH_SECRET_TOKEN ? "token" : "password");
	return true;
}

bool config_login_fits(const struct config *config, struct failure *failure)
{
	const struct auth_spec *spec = auth_spec(config->auth);

	if (config->auth != AUTH_AUTO && spec->secret != AUTH_SECRET_NONE && !config->user &&
	    config->secret.source == SECRET_NONE)
		return value_refuse(failure, "--auth=%s needs a user name: give --username",
				    spec->word);
	return secret_fits(config, failure) && authzid_fits(config, failure) &&
	       shield_fits(config, failure);
}
