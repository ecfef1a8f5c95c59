/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out_json.c - the run as one JSON object on one line, as contrib/schema describes it. Members keep
 * their order and are always there; what is not known is null, or an empty list.
 *
 * Each function hands out a new reference, NULL when out of memory; json_pack() takes those it is
 * given even when it fails, so one NULL makes the whole NULL and nothing leaks.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autoconfig.h"
#include "out.h"
#include "utf8.h"

/* --- values ------------------------------------------------------------------------------------
 */

/* What is no UTF-8 becomes U+FFFD, octet by octet. */
static json_t *mended(const char *text)
{
	static const char replacement[] = UTF8_REPLACEMENT;
	char *copy = malloc(strlen(text) * (sizeof replacement - 1) + 1);
	char *to = copy;
	json_t *json;

	if (!copy)
		return NULL;
	while (*text) {
		size_t length = utf8_length(text);

		to = length ? mempcpy(to, text, length) : stpcpy(to, replacement);
		text += length ? length : 1;
	}
	*to = '\0';
	json = json_string(copy);
	free(copy);
	return json;
}

static json_t *string(const char *text)
{
	json_t *json = json_string(text);

	return json ? json : mended(text);
}

static json_t *string_or_null(const char *text)
{
	return text && text[0] ? string(text) : json_null();
}

/* So many digits as make sense: a sum of nanoseconds is no better for its tenth decimal. */
static json_t *number(double value, int decimals)
{
	static const double scales[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	double scale = scales[decimals], scaled = value * scale;

	if (!isfinite(value))
		return json_null();
	if (scaled >= 1e15 || scaled <= -1e15)
		return json_real(value);

	json_int_t rounded = (json_int_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);

	return decimals == 0 ? json_integer(rounded) : json_real((double)rounded / scale);
}

static json_t *seconds(imap_time length)
{
	return number(clock_seconds(length), 6);
}

static json_t *date(time_t at)
{
	char text[80];
	struct tm tm;

	if (!gmtime_r(&at, &tm) || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
		return json_null();
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return json_string(text);
}

/* 0 is no date. */
static json_t *date_or_null(time_t at)
{
	return at ? date(at) : json_null();
}

/* Takes `list` and `item`; NULL for either makes NULL. */
static json_t *with(json_t *list, json_t *item)
{
	if (list && json_array_append_new(list, item) == 0)
		return list;
	if (!list)
		json_decref(item);
	json_decref(list);
	return NULL;
}

/* A text taken apart where `separator` stands; nothing between two of them is no part. */
static json_t *split(const char *text, const char *separator)
{
	size_t step = strlen(separator);
	json_t *list = json_array();

	while (list && *text) {
		const char *end = strstr(text, separator);
		size_t length = end ? (size_t)(end - text) : strlen(text);
		char *part = length > 0 ? strndup(text, length) : NULL;

		if (length > 0)
			list = with(list, part ? string(part) : NULL);
		free(part);
		text += length + (end ? step : 0);
	}
	return list;
}

/* --- members -----------------------------------------------------------------------------------
 */

static json_t *summary(const struct outcome *outcome)
{
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);
	json_t *json = NULL;

	if (!to)
		return NULL;
	out_summary(to, outcome, OUT_WHOLE);
	if (fclose(to) == 0)
		json = string(text);
	free(text);
	return json;
}

static json_t *problem(const struct verdict_item *item)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:s}", "class", out_class(item), "phase",
			 string_or_null(item->phase), "text", string(item->text), "code",
			 string_or_null(item->code), "state", state_name(item->state));
}

static json_t *problems(const struct verdict *verdict)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < verdict->count; i++)
		list = with(list, problem(&verdict->items[i]));
	return list;
}

/* The password comes before the first network phase, from which all is counted. */
static json_t *phase(const struct report *report, enum phase name)
{
	const struct report_phase *phase = &report->phases[name];
	imap_time zero = report->began_at ? report->began_at : phase->began_at;

	return json_pack("{s:s, s:o, s:o, s:b}", "name", phase_name(name), "start",
			 seconds(phase->began_at - zero), "seconds",
			 seconds(phase->ended_at - phase->began_at), "ok", phase->is_over);
}

static json_t *phases(const struct report *report)
{
	json_t *list = json_array();

	for (int i = 0; i < PHASE_COUNT; i++)
		if (report->phases[i].is_reached)
			list = with(list, phase(report, (enum phase)i));
	return list;
}

/* The worst of what was found about the metric, or about the phase whose time it is. */
static const char *state_of(const struct verdict *verdict, const char *metric)
{
	enum state state = STATE_OK;

	for (unsigned i = 0; i < verdict->count; i++)
		if (strcmp(verdict->items[i].phase, metric) == 0)
			state = state_worse(state, verdict->items[i].state);
	return state_name(state);
}

static json_t *limit(const struct outcome *outcome, enum metric metric, enum config_level level)
{
	char text[160];

	return string_or_null(out_limit(outcome, metric, level, text, sizeof text));
}

static json_t *metric(const struct outcome *outcome, enum metric name)
{
	const struct metric_spec *spec = metric_spec(name);
	bool is_known = report_knows(outcome->report, name);
	double value = outcome->report->values[name].value;

	return json_pack("{s:s, s:o, s:s, s:o, s:o, s:s}", "name", spec->name, "value",
			 is_known ? number(value, spec->decimals) : json_null(), "unit", spec->unit,
			 "warning", limit(outcome, name, CONFIG_WARNING), "critical",
			 limit(outcome, name, CONFIG_CRITICAL), "state",
			 state_of(outcome->verdict, spec->name));
}

static json_t *metrics(const struct outcome *outcome)
{
	json_t *list = json_array();

	for (int i = 0; i < METRIC_COUNT; i++)
		if (outcome->report->values[i].knowledge != REPORT_UNKNOWN)
			list = with(list, metric(outcome, (enum metric)i));
	return list;
}

/* Cut, not rounded: 0.99 days left are not one day. */
static json_t *days_left(const struct cert *cert, time_t now)
{
	return number(report_days(cert, now), 1);
}

static json_t *certificate(const struct cert *cert, time_t now)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "subject", string(cert->subject),
			 "issuer", string(cert->issuer), "names", split(cert->names, ", "),
			 "not_before", date(cert->not_before), "not_after", date(cert->not_after),
			 "days", days_left(cert, now), "sha256", string(cert->sha256));
}

/* What the server stapled; null for nothing. */
static json_t *ocsp(const struct staple *staple)
{
	if (staple->status == STAPLE_NONE)
		return json_null();
	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "status", staple_status_name(staple->status),
			 "this_update", date_or_null(staple->this_update), "next_update",
			 date_or_null(staple->next_update), "revoked_at",
			 date_or_null(staple->revoked_at), "why", string_or_null(staple->why));
}

static const char *way(const struct cert_path *path)
{
	if (!path->verified)
		return NULL;
	return path->is_pinned ? "pin" : "chain";
}

static json_t *tls(const struct outcome *outcome)
{
	const struct tls_facts *facts = &outcome->report->tls;
	json_t *list;

	if (!outcome->report->has_tls)
		return json_null();
	list = json_array();
	for (unsigned i = 0; i < facts->path.count; i++)
		list = with(list, certificate(&facts->path.certs[i], outcome->now));
	return json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "version",
			 string_or_null(facts->version), "cipher", string_or_null(facts->cipher),
			 "verified", facts->path.verified, "verified_by",
			 string_or_null(way(&facts->path)), "pin", string_or_null(facts->path.pin),
			 "ocsp", ocsp(&facts->staple), "certificates", list);
}

static json_t *attempt(const struct report *report, const struct report_attempt *attempt)
{
	const char *error = attempt->error == 0	   ? NULL
			    : attempt->error == -1 ? "given up, another was faster"
						   : strerror(attempt->error);

	return json_pack("{s:o, s:o, s:o, s:o}", "address", string(attempt->address), "error",
			 string_or_null(error), "start",
			 seconds(attempt->began_at - report->began_at), "seconds",
			 seconds(attempt->lasted_for));
}

static json_t *attempts(const struct report *report)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < report->attempt_count; i++)
		list = with(list, attempt(report, &report->attempts[i]));
	return list;
}

/* --- what -v adds ------------------------------------------------------------------------------
 */

static json_t *absence(enum metric metric, const char *why)
{
	char text[200];

	snprintf(text, sizeof text, "%s: %s", metric_spec(metric)->name, why);
	return string(text);
}

static json_t *notes(const struct report *report)
{
	json_t *list = json_array();

	for (int i = 0; i < METRIC_COUNT; i++)
		if (report->values[i].why[0])
			list = with(list, absence((enum metric)i, report->values[i].why));
	for (unsigned i = 0; i < report->note_count; i++)
		list = with(list, string(report->notes[i]));
	return list;
}

static json_t *transcript(const struct report *report)
{
	json_t *list = split(report->transcript ? report->transcript : "", "\n");

	if (report->transcript_is_cut)
		list = with(list, json_string("(the rest of the transcript is left out)"));
	return list;
}

static bool add_details(json_t *object, const struct outcome *outcome)
{
	const struct report *report = outcome->report;
	unsigned verbosity = outcome->config->verbosity;

	if (verbosity >= 1 && json_object_set_new(object, "notes", notes(report)) != 0)
		return false;
	if (verbosity >= 2 &&
	    json_object_set_new(object, "mechanism", string_or_null(report->mechanism)) != 0)
		return false;
	return verbosity < 3 || json_object_set_new(object, "transcript", transcript(report)) == 0;
}

/* --- the object --------------------------------------------------------------------------------
 */

static json_t *place(const struct config *config)
{
	const struct host *host = &config->host;

	return json_pack("{s:o, s:o, s:o, s:o}", "host",
			 string_or_null(host->is_address ? host->lookup : host->shown), "port",
			 config->port ? json_integer(config->port) : json_null(), "user",
			 string_or_null(config->user), "mailbox",
			 string_or_null(config_logs_in(config) ? config->mailbox : NULL));
}

static json_t *findings(const struct outcome *outcome)
{
	const struct report *report = outcome->report;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "address",
			 string_or_null(report->address), "problems", problems(outcome->verdict),
			 "phases", phases(report), "metrics", metrics(outcome), "tls", tls(outcome),
			 "capabilities", split(report->capabilities, " "), "addresses_tried",
			 attempts(report));
}

/* Moves the members of `from` behind those of `to`; takes `from`. */
static bool append(json_t *to, json_t *from)
{
	bool is_done = from && to && json_object_update(to, from) == 0;

	json_decref(from);
	return is_done;
}

static json_t *object(const struct outcome *outcome)
{
	enum state state = outcome->verdict->state;
	json_t *object =
		json_pack("{s:i, s:s, s:o, s:s, s:i, s:o}", "schema", 1, "version", PACKAGE_VERSION,
			  "time", date(outcome->now), "state", state_name(state), "exit_code",
			  (int)state, "summary", summary(outcome));

	if (object && append(object, place(outcome->config)) && append(object, findings(outcome)) &&
	    add_details(object, outcome))
		return object;
	json_decref(object);
	return NULL;
}

bool out_json(FILE *to, const struct outcome *outcome)
{
	json_t *whole = object(outcome);
	bool is_written =
		whole && json_dumpf(whole, to, JSON_COMPACT | JSON_REAL_PRECISION(15)) == 0;

	json_decref(whole);
	return is_written && putc('\n', to) != EOF;
}
