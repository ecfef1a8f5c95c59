/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings.c - see settings.h. Must not know how options are spelled, nor what the others say. */
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

enum { PORT_MAX = 65535 };

static const char digits[] = "0123456789";

/* --- values of common forms --------------------------------------------------------------------
 */

static bool fail(struct failure *failure, const char *text)
{
	failure_set(failure, CLASS_USAGE, "%s", text);
	return false;
}

int setting_find_word(const char *words, const char *word)
{
	for (int i = 0;; i++) {
		size_t length = strcspn(words, ",");

		if (strlen(word) == length && strncasecmp(words, word, length) == 0)
			return i;
		if (words[length] == '\0')
			return -1;
		words += length + 1;
	}
}

static bool take_word(const char *words, const char *value, int *index, struct failure *failure)
{
	*index = setting_find_word(words, value);
	if (*index < 0)
		failure_set(failure, CLASS_USAGE, "\"%s\" is none of %s", value, words);
	return *index >= 0;
}

/* Digits, and a point with digits behind it where `decimals` are allowed. */
static bool take_number(const char *text, bool decimals, double *number)
{
	size_t whole = strspn(text, digits);
	size_t length = whole;

	if (decimals && text[whole] == '.')
		length += 1 + strspn(text + whole + 1, digits);
	if (whole == 0 || length == whole + 1 || length > 12 || text[length] != '\0')
		return false;

	/* strtod() reads the locale's point, so the decimals are read as digits of their own. */
	double scale = 1;

	*number = 0;
	for (const char *at = text; *at; at++)
		if (*at != '.')
			*number = *number * 10 + (*at - '0');
	for (size_t i = whole + 1; i < length; i++)
		scale *= 10;
	*number /= scale;
	return true;
}

static bool take_port(const char *text, unsigned short *port)
{
	double number;

	if (!take_number(text, false, &number) || number < 1 || number > PORT_MAX)
		return false;
	*port = (unsigned short)number;
	return true;
}

/* The next item of a comma-separated list; false at its end. Too long ones are cut, and so unknown.
 */
static bool next_item(const char **list, char *item, size_t size)
{
	if (!*list)
		return false;

	size_t length = strcspn(*list, ",");

	snprintf(item, size, "%.*s", (int)(length < size ? length : size), *list);
	*list = (*list)[length] ? *list + length + 1 : NULL;
	return true;
}

/* --- where -------------------------------------------------------------------------------------
 */

bool setting_host(struct config *config, char *value, struct failure *failure)
{
	config->url = (struct url){0};
	if (url_is_one(value))
		return url_parse(value, &config->url, failure) &&
		       host_parse(config->url.host, &config->host, failure);
	if (strstr(value, "://"))
		return fail(failure, "only URLs with imap:// and imaps:// are understood");
	return host_parse(value, &config->host, failure);
}

/* A wrong one is not repeated: other programs take -p for a password. */
bool setting_port(struct config *config, char *value, struct failure *failure)
{
	return take_port(value, &config->port) ||
	       fail(failure, "a port is a number from 1 to 65535");
}

static bool set_family(struct config *config, int family, struct failure *failure)
{
	if (config->family != AF_UNSPEC && config->family != family)
		return fail(failure, "-4 and -6 exclude each other");
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
	return *end == '\0' || (*end == ':' && take_port(end + 1, &port));
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

bool setting_timeout(struct config *config, char *value, struct failure *failure)
{
	char number[16];
	double seconds;
	size_t length = strcspn(value, ":");
	bool has_state = value[length] == ':';

	snprintf(number, sizeof number, "%.*s", (int)(length < 15 ? length : 15), value);
	if (!take_number(number, true, &seconds) || seconds < 0.1 || seconds > 3600) {
		failure_set(failure, CLASS_USAGE, "\"%s\" is no number of seconds from 0.1 to 3600",
			    number);
		return false;
	}
	if (has_state && !state_find(value + length + 1, &config->class_state[CLASS_TIMEOUT]))
		return fail(failure, "the state after ':' is one of ok, warning, critical, unknown "
				     "or 0 to 3");
	config->timeout = clock_from_seconds(seconds);
	return true;
}

/* --- TLS ---------------------------------------------------------------------------------------
 */

bool setting_tls(struct config *config, char *value, struct failure *failure)
{
	int index;

	if (!take_word(SETTING_TLS_WORDS, value, &index, failure))
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

	if (!take_word(SETTING_TLS_MIN_WORDS, value, &index, failure))
		return false;
	config->tls_settings.min = (enum tls_version)index;
	config->given.tls_min = true;
	return true;
}

static bool take_expiry(const char *text, struct config_expiry *expiry)
{
	char number[16];
	double value;
	size_t length = strcspn(text, "%");
	bool is_share = text[length] == '%';

	if (length >= sizeof number || (is_share && text[length + 1] != '\0'))
		return false;
	snprintf(number, sizeof number, "%.*s", (int)length, text);
	if (!take_number(number, true, &value) || value > (is_share ? 100 : 36500))
		return false;
	*expiry = (struct config_expiry){
		.is_set = true, .days = is_share ? 0 : value, .share = is_share ? value / 100 : 0};
	return true;
}

static bool is_inverted(const struct config_expiry *warning, const struct config_expiry *critical)
{
	bool are_shares = warning->share > 0 && critical->share > 0;
	bool are_days = warning->share <= 0 && critical->share <= 0;

	return (are_days && critical->days > warning->days) ||
	       (are_shares && critical->share > warning->share);
}

bool setting_certificate(struct config *config, char *value, struct failure *failure)
{
	struct config_expiry levels[2] = {{0}, {0}};
	char item[16];
	const char *rest = value;
	int count = 0;

	if (strcasecmp(value, "none") == 0)
		rest = NULL;
	while (next_item(&rest, item, sizeof item)) {
		if (count == 2 || !take_expiry(item, &levels[count]))
			return fail(failure, "WARN[,CRIT] are numbers of days, like 20,7, or parts "
					     "of the lifetime, like 25%,10%; or the word none");
		count++;
	}
	if (count == 2 && is_inverted(&levels[CONFIG_WARNING], &levels[CONFIG_CRITICAL]))
		return fail(failure, "CRIT (the second number) is more than WARN (the first)");
	memcpy(config->expiry, levels, sizeof levels);
	config->given.expiry[CONFIG_WARNING] = count >= 1;
	config->given.expiry[CONFIG_CRITICAL] = count == 2;
	config->given.no_expiry = count == 0;
	return true;
}

/* --- login -------------------------------------------------------------------------------------
 */

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

bool setting_password_env(struct config *config, char *value, struct failure *failure)
{
	if (strchr(value, '='))
		return fail(failure, "a variable's name holds no '='");
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

	if (!take_word(SETTING_AUTH_WORDS, value, &index, failure))
		return false;
	config->auth = (enum config_auth)index;
	config->given.auth = true;
	return true;
}

bool setting_allow_cleartext(struct config *config, char *value, struct failure *failure)
{
	(void)value;
	(void)failure;
	config->allow_cleartext = true;
	return true;
}

/* --- mailbox -----------------------------------------------------------------------------------
 */

bool setting_mailbox(struct config *config, char *value, struct failure *failure)
{
	(void)failure;
	config->mailbox = value;
	return true;
}

bool setting_fetch(struct config *config, char *value, struct failure *failure)
{
	int index;

	if (!take_word(SETTING_FETCH_WORDS, value, &index, failure))
		return false;
	config->fetch = (enum config_fetch)index;
	config->given.fetch = true;
	return true;
}

/* --- judging -----------------------------------------------------------------------------------
 */

static bool find_metric(const char *name, enum metric *metric, struct failure *failure)
{
	char known[300] = "";

	if (metric_find(name, metric))
		return true;
	for (int i = 0; i < METRIC_COUNT; i++)
		if (metric_spec((enum metric)i)->name)
			text_add(known, sizeof known, " %s", metric_spec((enum metric)i)->name);
	failure_set(failure, CLASS_USAGE, "\"%s\" is no metric; known are%s", name, known);
	return false;
}

/* RANGE, METRIC=RANGE */
static bool set_threshold(struct config *config, enum config_level level, char *item, bool is_alone,
			  struct failure *failure)
{
	enum metric metric = METRIC_TOTAL;
	char *sign = strchr(item, '=');
	const char *range = sign ? sign + 1 : item;
	struct config_threshold *threshold;

	if (sign)
		*sign = '\0';
	if (sign && !find_metric(item, &metric, failure))
		return false;
	if (!sign && !is_alone) {
		failure_set(failure, CLASS_USAGE, "\"%s\" in a list lacks its metric: METRIC=RANGE",
			    item);
		return false;
	}
	threshold = &config->thresholds[metric][level];
	if (!range_parse(range, &threshold->range)) {
		failure_set(failure, CLASS_USAGE,
			    "\"%s\" is no range; 5 alerts above 5, 20: below 20, 1:5 outside, "
			    "@1:5 inside",
			    range);
		return false;
	}
	threshold->is_set = config->measured[metric] = true;
	return true;
}

static bool set_thresholds(struct config *config, enum config_level level, const char *list,
			   struct failure *failure)
{
	bool is_alone = !strchr(list, ',');
	char item[100];

	while (next_item(&list, item, sizeof item))
		if (!set_threshold(config, level, item, is_alone, failure))
			return false;
	return true;
}

bool setting_warning(struct config *config, char *value, struct failure *failure)
{
	return set_thresholds(config, CONFIG_WARNING, value, failure);
}

bool setting_critical(struct config *config, char *value, struct failure *failure)
{
	return set_thresholds(config, CONFIG_CRITICAL, value, failure);
}

bool setting_measure(struct config *config, char *value, struct failure *failure)
{
	const char *list = value;
	char name[100];
	enum metric metric;

	while (next_item(&list, name, sizeof name)) {
		if (!find_metric(name, &metric, failure))
			return false;
		config->measured[metric] = true;
	}
	return true;
}

bool setting_state(struct config *config, char *value, struct failure *failure)
{
	char name[32];
	enum failure_class class;
	enum state state;
	size_t length = strcspn(value, "=");

	snprintf(name, sizeof name, "%.*s", (int)(length < 31 ? length : 31), value);
	if (value[length] != '=' || !failure_class_find(name, &class)) {
		char known[200] = "";

		for (int i = 0; i < CLASS_COUNT; i++)
			text_add(known, sizeof known, " %s",
				 failure_class_name((enum failure_class)i));
		failure_set(failure, CLASS_USAGE, "CLASS=STATE is wanted; classes are%s", known);
		return false;
	}
	if (!state_find(value + length + 1, &state))
		return fail(failure,
			    "the state is one of ok, warning, critical, unknown or 0 to 3");
	config->class_state[class] = state;
	return true;
}

/* --- showing -----------------------------------------------------------------------------------
 */

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
	return fail(failure, "is not understood here");
}
