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
	double messages = report->values[METRIC_MESSAGES];
	char text[300];

	snprintf(text, sizeof text, "%s%s%s", config->host.shown, config->user ? " " : "",
		 config->user ? config->mailbox : "");
	fprintf(to, "%s: ", text_clean_in_place(text));
	if (report->is_known[METRIC_MESSAGES])
		fprintf(to, "%.0f message%s, ", messages, messages == 1.0 ? "" : "s");
	else
		fprintf(to, "answers, no login asked for, ");
	fprintf(to, "%.3f s (%s %.3f s)", report_seconds(report), phase_name(slowest(report)),
		report_phase_seconds(report, slowest(report)));
	if (report->is_known[METRIC_CERT_DAYS])
		print_expiry(to, report->values[METRIC_CERT_DAYS]);
}

static void print_where(FILE *to, const struct outcome *outcome)
{
	char host[264];

	snprintf(host, sizeof host, "%s", outcome->config->host.shown);
	fprintf(to, " (%s:%u, %.3f s)", text_clean_in_place(host), outcome->config->port,
		report_seconds(outcome->report));
}

static void print_first_line(FILE *to, const struct outcome *outcome)
{
	const struct verdict *verdict = outcome->verdict;

	fprintf(to, "IMAP %s - ", state_name(verdict->state));
	if (verdict->count == 0) {
		print_well(to, outcome);
		return;
	}
	fprintf(to, "%s: %s", verdict->items[0].phase, verdict->items[0].text);
	if (verdict->count > 1)
		fprintf(to, " [and %u more]", verdict->count - 1);
	print_where(to, outcome);
}

/* --- perfdata ------------------------------------------------------------------------------- */

/* -D speaks of days, or of a share that becomes days once the certificate is known. */
static void print_limit(FILE *to, const struct outcome *outcome, enum metric metric,
			enum config_level level)
{
	const struct config_threshold *limit = &outcome->config->thresholds[metric][level];
	const struct config_expiry *expiry = &outcome->config->expiry[level];
	const struct cert_path *path = &outcome->report->tls.path;
	char text[160];
	double days;

	if (limit->is_set)
		fprintf(to, "%s", range_text(&limit->range, text, sizeof text));
	else if (metric == METRIC_CERT_DAYS && judge_expiry_limit(expiry, &path->certs[0], &days))
		fprintf(to, "%s:", range_number(days, 1, text, sizeof text));
}

static void print_value(FILE *to, const struct outcome *outcome, enum metric metric)
{
	const struct metric_spec *spec = metric_spec(metric);
	bool has_minimum = metric != METRIC_CERT_DAYS;
	char value[64];

	fprintf(to, "%s=%s%s;", spec->name,
		range_number(outcome->report->values[metric], spec->decimals, value, sizeof value),
		spec->unit);
	print_limit(to, outcome, metric, CONFIG_WARNING);
	putc(';', to);
	print_limit(to, outcome, metric, CONFIG_CRITICAL);
	fprintf(to, ";%s", has_minimum ? "0" : "");
}

static void print_perfdata(FILE *to, const struct outcome *outcome)
{
	const char *before = " |";

	for (int i = 0; i < METRIC_COUNT; i++) {
		enum metric metric = (enum metric)i;
		bool is_wanted =
			metric_spec(metric)->is_default || outcome->config->measured[metric];

		if (!is_wanted || !outcome->report->is_known[metric])
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
	for (unsigned i = 0; i < report->note_count; i++)
		fprintf(to, "note: %s\n", report->notes[i]);
}

/* Nothing was checked, so there is nothing to tell but what to mend in the command line. */
static bool is_bad_usage(const struct verdict *verdict)
{
	return verdict->count > 0 && verdict->items[0].class == CLASS_USAGE;
}

void out_nagios(FILE *to, const struct outcome *outcome)
{
	if (is_bad_usage(outcome->verdict)) {
		fprintf(to, "IMAP %s - %s\n", state_name(outcome->verdict->state),
			outcome->verdict->items[0].text);
		return;
	}
	print_first_line(to, outcome);
	print_perfdata(to, outcome);
	putc('\n', to);
	print_problems(to, outcome->verdict);
	print_notes(to, outcome->report);
	out_detail(to, outcome);
}
