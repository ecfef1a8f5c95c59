/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_tls.c - the options about keys and ciphers: see settings.h. */
#include "settings.h"
#include "value.h"

bool setting_client_cert(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->tls_settings.identity.certificate = value;
	return true;
}

bool setting_client_key(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->tls_settings.identity.key = value;
	return true;
}

bool setting_pin(struct config *config, char *value, struct failure *failure)
{
	struct pin_set *pins = &config->tls_settings.pins;

	if (pins->count == PIN_MAX)
		return value_refuse(failure, "more than 16 are too many");
	if (pin_parse(&pins->items[pins->count], value)) {
		pins->count++;
		return true;
	}
	failure_set(failure, CLASS_USAGE,
		    "\"%s\" is no pin, which is sha256// and 44 characters of base64 (-vv and the "
		    "failure of a wrong pin show the server's)",
		    value);
	return false;
}

bool setting_tls_priority(struct config *config, char *value, struct failure *failure)
{
	config->tls_settings.priority = value;
	return tls_priority_fits(value, failure);
}
