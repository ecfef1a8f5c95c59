/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_summary.c - what more than one form says: the run in one line, and a threshold. Must not know
   which forms there are. */
#include "out.h"

#include <math.h>
#include <string.h>

#include "text.h"

static enum phase slowest(const struct report *report)
{
	enum phase slowest = PHASE_CONNECT;

	for (int i = PHASE_DNS; i < PHASE_COUNT; i++)
		if (report->phases[i].is_reached && report_phase_seconds(report, (enum phase)i) >
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
	if (report_knows(report, METRIC_MATCHED))
		fprintf(to, "%.0f matched, ", report->values[METRIC_MATCHED].value);
	if (report_knows(report, METRIC_CAPTURE) && isfinite(report->values[METRIC_CAPTURE].value))
		fprintf(to, "captured %s, ",
			range_number(report->values[METRIC_CAPTURE].value, 6, text, sizeof text));
	if (report_knows(report, METRIC_IDLE))
		fprintf(to, "new mail told after %.3f s, ", report->values[METRIC_IDLE].value);
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

const char *out_class(const struct verdict_item *item)
{
	return item->class == CLASS_COUNT ? "thresholds" : failure_class_name(item->class);
}

/* That the whole took too long does not say where to look. */
static void print_slowest(FILE *to, const struct outcome *outcome)
{
	enum phase phase = slowest(outcome->report);

	if (strcmp(outcome->verdict->items[0].phase, metric_spec(METRIC_TOTAL)->name) == 0)
		fprintf(to, ", %s took %.3f s", phase_name(phase),
			report_phase_seconds(outcome->report, phase));
}

bool out_is_bad_usage(const struct verdict *verdict)
{
	return verdict->count > 0 && verdict->items[0].class == CLASS_USAGE;
}

void out_summary(FILE *to, const struct outcome *outcome, size_t room)
{
	const struct verdict *verdict = outcome->verdict;
	const char *text;

	if (verdict->count == 0) {
		print_well(to, outcome);
		return;
	}
	if (out_is_bad_usage(verdict)) {
		fputs(verdict->items[0].text, to);
		return;
	}
	text = verdict->items[0].text;
	fprintf(to, "%s: %.*s%s", verdict->items[0].phase, (int)(room < 600 ? room : 600), text,
		strlen(text) > room ? "..." : "");
	print_slowest(to, outcome);
	if (verdict->count > 1)
		fprintf(to, " [and %u more]", verdict->count - 1);
	print_where(to, outcome);
}

/* -D speaks of days, or of a share that becomes days once the certificate is known. */
const char *out_limit(const struct outcome *outcome, enum metric metric, enum config_level level,
		      char *text, size_t size)
{
	const struct config_threshold *limit = &outcome->config->thresholds[metric][level];
	const struct config_expiry *expiry = &outcome->config->expiry[level];
	const struct cert *first = report_first_to_expire(outcome->report);
	double days;

	if (limit->is_set)
		return range_text(&limit->range, text, size);
	if (metric != METRIC_CERT_DAYS || !first || !judge_expiry_limit(expiry, first, &days))
		return NULL;
	range_number(days, 1, text, size - 1);
	return strcat(text, ":");
}
