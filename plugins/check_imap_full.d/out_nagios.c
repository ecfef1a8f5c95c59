/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_nagios.c - the output of the Monitoring Plugins guidelines: one line and its perfdata, a line
   for each problem, then what -v asks for. */
#include <string.h>

#include "out.h"
#include "out_detail.h"
#include "text.h"

/* --- the first line ------------------------------------------------------------------------- */

static enum phase slowest(const struct report *report)
{
	enum phase slowest = PHASE_CONNECT;

	for (int i = PHASE_DNS; i < PHASE_COUNT; i++)
		if (report->phases[i].is_reached &&
		    report_phase_seconds(report, (enum phase)i) >
			    report_phase_seconds(report, slowest))
			slowest = (enum phase)i;
	return slowest;
}

static void print_expiry(FILE *to, double days)
{
	int whole = (int)(days < 0 ? -days : days); /* 0.9 days left are not one day */

	fprintf(to, ", certificate %s %d day%s%s", days < 0 ? "expired" : "expires in", whole,
		whole == 1 ? "" : "s", days < 0 ? " ago" : "");
}

static void print_well(FILE *to, const struct outcome *outcome)
{
	const struct config *config = outcome->config;
	const struct report *report = outcome->report;
	double messages = report->values[METRIC_MESSAGES].value;
	char text[300];

	snprintf(text, sizeof text, "%s%s%s", config->host.shown, config_logs_in(config) ? " " : "",
		 config_logs_in(config) ? config->mailbox : "");
	fprintf(to, "%s: ", text_clean_in_place(text));
	if (report_knows(report, METRIC_MESSAGES))
		fprintf(to, "%.0f message%s, ", messages, messages == 1.0 ? "" : "s");
	else
		fprintf(to, "answers, no login asked for, ");
	fprintf(to, "%.3f s (%s %.3f s)", report_seconds(report), phase_name(slowest(report)),
		report_phase_seconds(report, slowest(report)));
	if (report_knows(report, METRIC_CERT_DAYS))
		print_expiry(to, report->values[METRIC_CERT_DAYS].value);
}

static void print_where(FILE *to, const struct outcome *outcome)
{
	char host[264];

	if (!outcome->config->host.shown[0])
		return;
	snprintf(host, sizeof host, "%s", outcome->config->host.shown);
	fprintf(to, " (%s:%u", text_clean_in_place(host), outcome->config->port);
	if (outcome->report->began_at)
		fprintf(to, ", %.3f s", report_seconds(outcome->report));
	putc(')', to);
}

/* Nothing was checked, so there is nothing to tell but what to mend in the command line. */
static bool is_bad_usage(const struct verdict *verdict)
{
	return verdict->count > 0 && verdict->items[0].class == CLASS_USAGE;
}

void out_summary(FILE *to, const struct outcome *outcome)
{
	const struct verdict *verdict = outcome->verdict;

	if (verdict->count == 0) {
		print_well(to, outcome);
		return;
	}
	if (is_bad_usage(verdict)) {
		fputs(verdict->items[0].text, to);
		return;
	}
	fprintf(to, "%s: %s", verdict->items[0].phase, verdict->items[0].text);
	if (verdict->count > 1)
		fprintf(to, " [and %u more]", verdict->count - 1);
	print_where(to, outcome);
}

/* --- perfdata ------------------------------------------------------------------------------- */

static void print_limit(FILE *to, const struct outcome *outcome, enum metric metric,
			enum config_level level)
{
	char text[160];
	const char *limit = out_limit(outcome, metric, level, text, sizeof text);

	if (limit)
		fputs(limit, to);
}

static void print_value(FILE *to, const struct outcome *outcome, enum metric metric)
{
	const struct metric_spec *spec = metric_spec(metric);
	const struct report_value *known = &outcome->report->values[metric];
	bool has_minimum = metric != METRIC_CERT_DAYS && metric != METRIC_CAPTURE;
	char value[64];

	fprintf(to, "%s=%s%s;", spec->name,
		range_number(known->value, spec->decimals, value, sizeof value), spec->unit);
	print_limit(to, outcome, metric, CONFIG_WARNING);
	putc(';', to);
	print_limit(to, outcome, metric, CONFIG_CRITICAL);
	fprintf(to, ";%s", has_minimum ? "0" : "");
	if (known->maximum > 0)
		fprintf(to, ";%s", range_number(known->maximum, 0, value, sizeof value));
}

static void print_perfdata(FILE *to, const struct outcome *outcome)
{
	const char *before = " |";

	for (int i = 0; i < METRIC_COUNT; i++) {
		enum metric metric = (enum metric)i;
		bool is_wanted =
			metric_spec(metric)->is_default || outcome->config->measured[metric];

		if (!is_wanted || !report_knows(outcome->report, metric))
			continue;
		fputs(before, to);
		before = " ";
		print_value(to, outcome, metric);
	}
}

/* --- the lines below ------------------------------------------------------------------------- */

static void print_problems(FILE *to, const struct verdict *verdict)
{
	for (unsigned i = 0; i < verdict->count; i++)
		fprintf(to, "[%s] %s: %s\n", state_name(verdict->items[i].state),
			verdict->items[i].phase, verdict->items[i].text);
}

static void print_notes(FILE *to, const struct report *report)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		if (report->values[i].why[0])
			fprintf(to, "note: %s: %s\n", metric_spec((enum metric)i)->name,
				report->values[i].why);
	for (unsigned i = 0; i < report->note_count; i++)
		fprintf(to, "note: %s\n", report->notes[i]);
}

void out_nagios(FILE *to, const struct outcome *outcome)
{
	if (is_bad_usage(outcome->verdict)) {
		fprintf(to, "IMAP %s - %s\n", state_name(outcome->verdict->state),
			outcome->verdict->items[0].text);
		return;
	}
	fprintf(to, "IMAP %s - ", state_name(outcome->verdict->state));
	out_summary(to, outcome);
	print_perfdata(to, outcome);
	putc('\n', to);
	print_problems(to, outcome->verdict);
	print_notes(to, outcome->report);
	out_detail(to, outcome);
}
