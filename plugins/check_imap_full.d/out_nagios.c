/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_nagios.c - the output of the Monitoring Plugins guidelines: one line and its perfdata, a line
   for each problem, then what -v asks for. */
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "out_detail.h"
#include "text.h"

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

/* --- the first line --------------------------------------------------------------------------- */

enum { LINE_MAX_LENGTH = 999, SENTENCE_MIN = 60 };

static void print_line(FILE *to, const struct outcome *outcome, size_t room)
{
	fprintf(to, "IMAP %s - ", state_name(outcome->verdict->state));
	out_summary(to, outcome, room);
	print_perfdata(to, outcome);
}

/* Engines cut what is too long, and would cut the perfdata: the sentence gives way, which stands in
   full on the next line. */
static void print_first_line(FILE *to, const struct outcome *outcome)
{
	off_t began_at = ftello(to);
	size_t length;

	print_line(to, outcome, OUT_WHOLE);
	length = (size_t)(ftello(to) - began_at);
	if (length > LINE_MAX_LENGTH && outcome->verdict->count > 0) {
		size_t sentence = strlen(outcome->verdict->items[0].text);
		size_t excess = length - LINE_MAX_LENGTH + sizeof "...";

		fseeko(to, began_at, SEEK_SET);
		print_line(to, outcome,
			   sentence > excess + SENTENCE_MIN ? sentence - excess : SENTENCE_MIN);
	}
	putc('\n', to);
}

/* --- the lines below ------------------------------------------------------------------------- */

static void print_problems(FILE *to, const struct verdict *verdict)
{
	for (unsigned i = 0; i < verdict->count; i++)
		fprintf(to, "[%s] %s: %s\n", state_name(verdict->items[i].state),
			verdict->items[i].phase, verdict->items[i].text);
	/* For those who find the chapter of the runbook by it. */
	if (verdict->count > 0)
		fprintf(to, "class: %s\n", out_class(&verdict->items[0]));
}

/* Whether a problem says already what could not be measured. */
static bool is_told(const struct verdict *verdict, enum metric metric)
{
	for (unsigned i = 0; i < verdict->count; i++)
		if (strcmp(verdict->items[i].phase, metric_spec(metric)->name) == 0)
			return true;
	return false;
}

static void print_notes(FILE *to, const struct report *report, const struct verdict *verdict)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		if (report->values[i].why[0] && !is_told(verdict, (enum metric)i))
			fprintf(to, "note: %s: %s\n", metric_spec((enum metric)i)->name,
				report->values[i].why);
	for (unsigned i = 0; i < report->note_count; i++)
		fprintf(to, "note: %s\n", report->notes[i]);
}

void out_nagios(FILE *to, const struct outcome *outcome)
{
	if (out_is_bad_usage(outcome->verdict)) {
		fprintf(to, "IMAP %s - %s\n", state_name(outcome->verdict->state),
			outcome->verdict->items[0].text);
		return;
	}
	print_first_line(to, outcome);
	print_problems(to, outcome->verdict);
	print_notes(to, outcome->report, outcome->verdict);
	out_detail(to, outcome);
}
