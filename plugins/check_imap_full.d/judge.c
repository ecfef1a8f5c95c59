/* SPDX-License-Identifier: GPL-3.0-or-later */
/* judge.c - see judge.h. */
#include "judge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

static struct verdict_item *add(struct verdict *verdict, enum state state, const char *phase)
{
	struct verdict_item *item = &verdict->items[verdict->count];

	if (verdict->count + 1 < VERDICT_MAX)
		verdict->count++;
	memset(item, 0, sizeof *item);
	item->state = state;
	item->class = CLASS_COUNT;
	item->phase = phase;
	return item;
}

static void judge_problems(const struct config *config, const struct report *report,
			   struct verdict *verdict)
{
	for (unsigned i = 0; i < report->problem_count; i++) {
		const struct report_problem *problem = &report->problems[i];
		enum failure_class class = problem->failure.class;
		struct verdict_item *item =
			add(verdict, config->class_state[class], phase_name(problem->phase));

		item->class = class;
		snprintf(item->code, sizeof item->code, "%s", problem->failure.code);
		snprintf(item->text, sizeof item->text, "%s", problem->failure.text);
	}
}

/* --- thresholds ----------------------------------------------------------------------------- */

/* A phase that broke off has no time of its own: only what ended well is judged. */
static bool has_value(const struct report *report, enum metric metric)
{
	if ((int)metric < PHASE_COUNT && !report->phases[metric].is_over)
		return false;
	return report_knows(report, metric);
}

/* In full, "0:5", unlike in perfdata: a sentence that says "outside 5" puzzles. */
static char *range_words(const struct range *range, char *text, size_t size)
{
	char low[64] = "~", high[64] = "";

	if (!range->low_is_open)
		range_number(range->low, 6, low, sizeof low);
	if (!range->high_is_open)
		range_number(range->high, 6, high, sizeof high);
	snprintf(text, size, "%s:%s", low, high);
	return text;
}

static bool has_threshold(const struct config *config, enum metric metric)
{
	return config->thresholds[metric][CONFIG_WARNING].is_set ||
	       config->thresholds[metric][CONFIG_CRITICAL].is_set;
}

/* Who set a limit wants to hear that it cannot be kept watch over. The newest of no messages is
   older than any limit, the oldest of none is younger. */
static void judge_absence(const struct config *config, const struct report *report,
			  enum metric metric, struct verdict *verdict)
{
	const struct report_value *value = &report->values[metric];
	bool is_critical = config->thresholds[metric][CONFIG_CRITICAL].is_set;
	struct verdict_item *item;

	if (!has_threshold(config, metric))
		return;
	if (value->knowledge == REPORT_MISSING || value->knowledge == REPORT_UNKNOWN) {
		item = add(verdict, config->class_state[CLASS_MISSING], metric_spec(metric)->name);
		item->class = CLASS_MISSING;
	} else if (metric == METRIC_NEWEST_AGE) {
		item = add(verdict, is_critical ? STATE_CRITICAL : STATE_WARNING,
			   metric_spec(metric)->name);
	} else {
		return;
	}
	snprintf(item->text, sizeof item->text, "%s",
		 value->why[0] ? value->why
			       : "there is a limit for it, but the server did not tell it");
}

static void add_age(struct verdict_item *item, const char *which, double value)
{
	const char *unit = value < 7200 ? "minutes" : value < 172800 ? "hours" : "days";
	double length = value < 7200 ? 60 : value < 172800 ? 3600 : 86400;

	if (value >= 120)
		text_add(item->text, sizeof item->text, " (the %s is %.0f %s old)", which,
			 floor(value / length), unit);
}

/* What the number counts, for a reader who does not know the metrics by heart: "(the newest message
   is 3 days old)". The name of a phase, and total, speak for themselves. */
static void add_meaning(struct verdict_item *item, const struct config *config, enum metric metric,
			double value)
{
	if (metric == METRIC_NEWEST_AGE)
		add_age(item, config->search ? "newest hit of --search" : "newest message", value);
	else if (metric == METRIC_OLDEST_AGE)
		add_age(item, config->search ? "oldest hit of --search" : "oldest message", value);
	else if ((int)metric > METRIC_TOTAL)
		text_add(item->text, sizeof item->text, " (%s)", metric_spec(metric)->help);
}

static void judge_metric(const struct config *config, const struct report *report,
			 enum metric metric, struct verdict *verdict)
{
	static const enum config_level levels[] = {CONFIG_CRITICAL, CONFIG_WARNING};
	const struct metric_spec *spec = metric_spec(metric);

	for (int i = 0; i < 2; i++) {
		const struct config_threshold *limit = &config->thresholds[metric][levels[i]];
		char value[64], range[140];
		struct verdict_item *item;

		if (!limit->is_set || !range_alerts(&limit->range, report->values[metric].value))
			continue;
		item = add(verdict, levels[i] == CONFIG_CRITICAL ? STATE_CRITICAL : STATE_WARNING,
			   spec->name);
		range_number(report->values[metric].value, spec->decimals > 3 ? 3 : spec->decimals,
			     value, sizeof value);
		snprintf(item->text, sizeof item->text, "%s%s%s is %s %s", value,
			 spec->unit[0] ? " " : "", spec->unit,
			 limit->range.alerts_inside ? "inside" : "outside",
			 range_words(&limit->range, range, sizeof range));
		add_meaning(item, config, metric, report->values[metric].value);
		return;
	}
}

/* --- certificates --------------------------------------------------------------------------- */

bool judge_expiry_limit(const struct config_expiry *expiry, const struct cert *cert, double *days)
{
	double share = expiry->share * (double)(cert->not_after - cert->not_before) / 86400;

	if (!expiry->is_set)
		return false;
	if (expiry->smaller)
		*days = share < expiry->days ? share : expiry->days;
	else
		*days = expiry->share > 0 ? share : expiry->days;
	return true;
}

static void tell_expiry(struct verdict_item *item, const struct cert *cert, double left,
			double limit)
{
	char date[32], days[64], limit_text[64];
	struct tm tm;

	strftime(date, sizeof date, "%Y-%m-%d %H:%M UTC", gmtime_r(&cert->not_after, &tm));
	range_number(left < 0 ? -left : left, 1, days, sizeof days);
	if (left < 0)
		snprintf(item->text, sizeof item->text, "certificate %s expired %s days ago, on %s",
			 cert->subject, days, date);
	else
		snprintf(item->text, sizeof item->text,
			 "certificate %s expires in %s days, on %s: fewer than %s days",
			 cert->subject, days, date,
			 range_number(limit, 1, limit_text, sizeof limit_text));
}

static void judge_cert(const struct config *config, const struct cert *cert, time_t now,
		       struct verdict *verdict)
{
	static const enum config_level levels[] = {CONFIG_CRITICAL, CONFIG_WARNING};
	double left = report_days(cert, now);

	for (int i = 0; i < 2; i++) {
		bool is_critical = levels[i] == CONFIG_CRITICAL;
		double limit;

		if (config->thresholds[METRIC_CERT_DAYS][levels[i]].is_set)
			continue; /* the other way to say it takes its place */
		if (!judge_expiry_limit(&config->expiry[levels[i]], cert, &limit) || left >= limit)
			continue;
		tell_expiry(add(verdict, is_critical ? STATE_CRITICAL : STATE_WARNING,
				metric_spec(METRIC_CERT_DAYS)->name),
			    cert, left, limit);
		return;
	}
}

/* Each certificate of the verified path by its own limits, without the anchor unless it is the
   server's own; where nothing verified, what was sent. */
static void judge_certs(const struct config *config, const struct report *report, time_t now,
			struct verdict *verdict)
{
	const struct cert_path *path = &report->tls.path;

	if (!report->has_tls)
		return;
	for (unsigned i = 0; i < path->count; i++)
		if (i == 0 || (path->verified && !path->certs[i].is_anchor))
			judge_cert(config, &path->certs[i], now, verdict);
}

/* --- all ------------------------------------------------------------------------------------ */

/* The first of the worst goes to the front: the first line speaks of it. */
static void sort_worst_first(struct verdict *verdict)
{
	for (unsigned i = 1; i < verdict->count; i++) {
		struct verdict_item worse = verdict->items[i];

		if (state_worse(verdict->items[0].state, worse.state) == verdict->items[0].state)
			continue;
		memmove(verdict->items + 1, verdict->items, i * sizeof worse);
		verdict->items[0] = worse;
	}
}

void judge(const struct config *config, const struct report *report, time_t now,
	   struct verdict *verdict)
{
	verdict->state = STATE_OK;
	verdict->count = 0;
	judge_problems(config, report, verdict);
	for (int i = 0; i < METRIC_COUNT; i++)
		if (has_value(report, (enum metric)i))
			judge_metric(config, report, (enum metric)i, verdict);
		else if (report->values[i].why[0] || report->is_whole)
			judge_absence(config, report, (enum metric)i, verdict);
	/* A certificate that did not verify has its own sentence, dates included. */
	if (report->problem_count == 0 || report->tls.path.verified ||
	    config->tls_settings.insecure)
		judge_certs(config, report, now, verdict);
	for (unsigned i = 0; i < verdict->count; i++)
		verdict->state = state_worse(verdict->state, verdict->items[i].state);
	sort_worst_first(verdict);
}
