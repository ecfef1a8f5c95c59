/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_judging.c - the options that say what is good enough: see settings.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "settings.h"
#include "text.h"
#include "value.h"

/* --- the end of a certificate ---------------------------------------------------------------- */

static bool take_expiry(const char *text, struct config_expiry *expiry)
{
	char number[16];
	double value;
	size_t length = strcspn(text, "%");
	bool is_share = text[length] == '%';

	if (length >= sizeof number || (is_share && text[length + 1] != '\0'))
		return false;
	snprintf(number, sizeof number, "%.*s", (int)length, text);
	if (!value_take_number(number, true, &value) || value > (is_share ? 100 : 36500))
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
	while (value_next_item(&rest, item, sizeof item)) {
		if (count == 2 || !take_expiry(item, &levels[count]))
			return value_refuse(failure,
					    "WARN[,CRIT] are numbers of days, like 20,7, or parts "
					    "of the lifetime, like 25%%,10%%; or the word none");
		count++;
	}
	if (count == 2 && is_inverted(&levels[CONFIG_WARNING], &levels[CONFIG_CRITICAL]))
		return value_refuse(failure,
				    "CRIT (the second number) is more than WARN (the first)");
	memcpy(config->expiry, levels, sizeof levels);
	config->given.expiry[CONFIG_WARNING] = count >= 1;
	config->given.expiry[CONFIG_CRITICAL] = count == 2;
	config->given.no_expiry = count == 0;
	return true;
}

/* --- metrics --------------------------------------------------------------------------------- */

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

	while (value_next_item(&list, item, sizeof item))
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

	while (value_next_item(&list, name, sizeof name)) {
		if (!find_metric(name, &metric, failure))
			return false;
		config->measured[metric] = true;
	}
	return true;
}

/* --- classes of failure ---------------------------------------------------------------------- */

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
		return value_refuse(failure,
				    "the state is one of ok, warning, critical, unknown or 0 to 3");
	config->class_state[class] = state;
	return true;
}
