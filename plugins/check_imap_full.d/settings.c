/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings.c - see settings.h. Must not know how options are spelled, nor what the others say. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

/* --- where ----------------------------------------------------------------------------------- */

bool setting_host(struct config *config, char *value, struct failure *failure)
{
	config->url = (struct url){0};
	if (url_is_one(value))
		return url_parse(value, &config->url, failure) &&
		       host_parse(config->url.host, &config->host, failure);
	if (strstr(value, "://"))
		return value_refuse(failure, "only URLs with imap:// and imaps:// are understood");
	return host_parse(value, &config->host, failure);
}

/* A wrong one is not repeated: other programs take -p for a password. */
bool setting_port(struct config *config, char *value, struct failure *failure)
{
	return value_take_port(value, &config->port) ||
	       value_refuse(failure, "a port is a number from 1 to 65535");
}

static bool set_family(struct config *config, int family, struct failure *failure)
{
	if (config->family != AF_UNSPEC && config->family != family)
		return value_refuse(failure, "-4 and -6 exclude each other");
	config->family = family;
	return true;
}

bool setting_ipv4(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	return set_family(config, AF_INET, failure);
}

bool setting_ipv6(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	return set_family(config, AF_INET6, failure);
}

/* ADDR, [ADDR], IPV4:PORT or [ADDR]:PORT. */
static bool is_nameserver(const char *text)
{
	struct address address;
	char literal[ADDRESS_TEXT];
	unsigned short port;
	bool has_brackets = text[0] == '[';
	const char *end = has_brackets ? strchr(text, ']') : strchr(text, ':');

	if (address_parse(text, 0, &address))
		return true;
	if (!end)
		return false;
	text += has_brackets;
	if ((size_t)(end - text) >= sizeof literal)
		return false;
	snprintf(literal, sizeof literal, "%.*s", (int)(end - text), text);
	if (!address_parse(literal, 0, &address))
		return false;
	end += has_brackets;
	return *end == '\0' || (*end == ':' && value_take_port(end + 1, &port));
}

bool setting_nameserver(struct config *config, char *value, struct failure *failure)
{
	if (!is_nameserver(value)) {
		failure_set(failure, CLASS_USAGE,
			    "\"%s\" is no ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT (an address, not "
			    "a name)",
			    value);
		return false;
	}
	config->nameserver = value;
	return true;
}

bool setting_haproxy_protocol(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	(void)failure;
	config->haproxy_protocol = true;
	return true;
}

bool setting_timeout(struct config *config, char *value, struct failure *failure)
{
	char number[16];
	double seconds;
	size_t length = strcspn(value, ":");
	bool has_state = value[length] == ':';

	snprintf(number, sizeof number, "%.*s", (int)(length < 15 ? length : 15), value);
	if (!value_take_number(number, true, &seconds) || seconds < 0.1 || seconds > 3600) {
		failure_set(failure, CLASS_USAGE, "\"%s\" is no number of seconds from 0.1 to 3600",
			    number);
		return false;
	}
	if (has_state && !state_find(value + length + 1, &config->class_state[CLASS_TIMEOUT]))
		return value_refuse(failure,
				    "the state after ':' is one of ok, warning, critical, unknown "
				    "or 0 to 3");
	config->timeout = clock_from_seconds(seconds);
	config->given.timeout = true;
	return true;
}

/* --- TLS ------------------------------------------------------------------------------------- */

bool setting_tls(struct config *config, char *value, struct failure *failure)
{
	int index;

	if (!value_take_word(SETTING_TLS_WORDS, value, &index, failure))
		return false;
	config->tls = (enum config_tls)index;
	config->given.tls = true;
	return true;
}

bool setting_ssl(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	(void)failure;
	config->tls = CONFIG_TLS_IMPLICIT;
	config->given.tls = true;
	return true;
}

bool setting_ca_file(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->tls_settings.trust.file = value;
	return true;
}

bool setting_ca_dir(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->tls_settings.trust.folder = value;
	return true;
}

bool setting_sni(struct config *config, char *value, struct failure *failure)
{
	return host_parse(value, &config->sni, failure);
}

bool setting_insecure(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	(void)failure;
	config->tls_settings.insecure = true;
	return true;
}

bool setting_tls_min(struct config *config, char *value, struct failure *failure)
{
	int index;

	if (!value_take_word(SETTING_TLS_MIN_WORDS, value, &index, failure))
		return false;
	config->tls_settings.min = (enum tls_version)index;
	config->given.tls_min = true;
	return true;
}

/* --- login ----------------------------------------------------------------------------------- */

bool setting_username(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->user = value;
	return true;
}

/* The last source counts; a secret that another one takes the place of is wiped. */
static bool set_secret(struct config *config, enum secret_source source, const char *where,
		       char *given)
{
	if (config->secret.given)
		explicit_bzero(config->secret.given, strlen(config->secret.given));
	config->secret = (struct secret_spec){.source = source, .where = where, .given = given};
	return true;
}

bool setting_password_file(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	return set_secret(config, SECRET_FILE, value, NULL);
}

/* Such as any shell can set. */
static bool is_variable(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

	return strchr(letters, name[0]) &&
	       name[strspn(name,
			   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")] ==
		       '\0';
}

/* What is no name is not repeated: where a shell puts the variable's value here, it is the
 * password. */
bool setting_password_env(struct config *config, char *value, struct failure *failure)
{
	if (strchr(value, '='))
		return value_refuse(failure, "a variable's name holds no '='");
	if (!is_variable(value) && !getenv(value))
		return value_refuse(failure, "it takes the name of a variable, not what is in it");
	return set_secret(config, SECRET_ENV, value, NULL);
}

bool setting_password_command(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	return set_secret(config, SECRET_COMMAND, value, NULL);
}

bool setting_password(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	return set_secret(config, SECRET_GIVEN, NULL, value);
}

bool setting_auth(struct config *config, char *value, struct failure *failure)
{
	int index;

	if (!value_take_word(SETTING_AUTH_WORDS, value, &index, failure))
		return false;
	config->auth = (enum auth)index;
	config->given.auth = true;
	return true;
}

bool setting_authzid(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->authzid = value;
	return true;
}

bool setting_allow_cleartext(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	(void)failure;
	config->allow_cleartext = true;
	return true;
}

/* --- showing --------------------------------------------------------------------------------- */

bool setting_output(struct config *config, char *value, struct failure *failure)
{
	int index;

	if (!value_take_word(SETTING_OUTPUT_WORDS, value, &index, failure))
		return false;
	config->output = (enum config_output)index;
	return true;
}

bool setting_verbose(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	(void)failure;
	if (config->verbosity < 3)
		config->verbosity++;
	return true;
}

/* main has spliced the ini file's options in, in place of this one. */
bool setting_extra_opts(struct config *config, char *value, struct failure *failure)
{
	(void)config;
	(void)value;
	return value_refuse(failure, "is not understood here");
}
