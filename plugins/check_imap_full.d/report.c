/* SPDX-License-Identifier: GPL-3.0-or-later */
/* report.c - see report.h. Knows no thresholds and no states. */
#include "report.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

void report_init(struct report *report)
{
	memset(report, 0, sizeof *report);
}

void report_free(struct report *report)
{
	free(report->transcript);
	report->transcript = NULL;
}

/* The one under way: reached, without an end. */
static struct report_phase *current(struct report *report)
{
	for (int i = 0; i < PHASE_COUNT; i++)
		if (report->phases[i].is_reached && report->phases[i].ended_at == 0)
			return &report->phases[i];
	return NULL;
}

void report_end(struct report *report, imap_time now)
{
	struct report_phase *phase = current(report);

	if (!phase)
		return;
	phase->is_over = true;
	report->ended_at = phase->ended_at = now;
}

void report_begin(struct report *report, enum phase phase, imap_time now)
{
	report_end(report, now);
	report->phases[phase].is_reached = true;
	report->phases[phase].began_at = now;
	if (report->began_at == 0 && phase != PHASE_PASSWORD)
		report->began_at = now;
}

void report_stop(struct report *report, imap_time now)
{
	struct report_phase *phase = current(report);

	if (phase)
		report->ended_at = phase->ended_at = now;
}

void report_last_problem(struct report *report, enum phase phase, const struct failure *failure)
{
	report->problems[report->problem_count].phase = phase;
	report->problems[report->problem_count++].failure = *failure;
}

void report_problem(struct report *report, enum phase phase, const struct failure *failure)
{
	if (report->problem_count < REPORT_PROBLEMS - 1)
		report_last_problem(report, phase, failure);
}

void report_note(struct report *report, const char *format, ...)
{
	va_list arguments;

	if (report->note_count == REPORT_NOTES)
		return;
	va_start(arguments, format);
	vsnprintf(report->notes[report->note_count], sizeof report->notes[0], format, arguments);
	va_end(arguments);
	text_clean_in_place(report->notes[report->note_count++]);
}

void report_value(struct report *report, enum metric metric, double value)
{
	report_value_of(report, metric, value, 0);
}

void report_value_of(struct report *report, enum metric metric, double value, double maximum)
{
	report->values[metric] = (struct report_value){
		.knowledge = REPORT_KNOWN, .value = value, .maximum = maximum};
}

void report_no_value(struct report *report, enum metric metric, enum report_knowledge knowledge,
		     const char *why)
{
	report->values[metric] = (struct report_value){.knowledge = knowledge};
	snprintf(report->values[metric].why, sizeof report->values[metric].why, "%s", why);
}

bool report_knows(const struct report *report, enum metric metric)
{
	return report->values[metric].knowledge == REPORT_KNOWN;
}

void report_line(struct report *report, imap_time now, unsigned session, bool sent,
		 struct imap_span line)
{
	enum { LINE = 512 };
	char *at;

	if (!report->transcript)
		report->transcript = calloc(1, REPORT_TRANSCRIPT);
	if (!report->transcript || report->transcript_length + LINE > REPORT_TRANSCRIPT) {
		report->transcript_is_cut = true;
		return;
	}
	at = report->transcript + report->transcript_length;
	snprintf(at, LINE, "%8.3f %s%s ", clock_seconds(now - report->began_at),
		 session == 2 ? "2" : "", sent ? "C:" : "S:");
	text_clean(at + strlen(at), LINE - 1 - strlen(at), line);
	text_add(at, LINE, "\n");
	report->transcript_length += strlen(at);
}

double report_phase_seconds(const struct report *report, enum phase phase)
{
	const struct report_phase *times = &report->phases[phase];

	return clock_seconds(times->ended_at - times->began_at);
}

double report_seconds(const struct report *report)
{
	return report->began_at ? clock_seconds(report->ended_at - report->began_at) : 0;
}

double report_days(const struct cert *cert, time_t now)
{
	return floor(cert_days_left(cert, now) * 10) / 10;
}

const struct cert *report_first_to_expire(const struct report *report)
{
	const struct cert_path *path = &report->tls.path;
	const struct cert *first = &path->certs[0];

	if (!report->has_tls || path->count == 0)
		return NULL;
	for (unsigned i = 1; path->verified && i < path->count; i++)
		if (!path->certs[i].is_anchor && path->certs[i].not_after < first->not_after)
			first = &path->certs[i];
	return first;
}

void report_finish(struct report *report, time_t now)
{
	for (int i = 0; i < PHASE_COUNT; i++)
		if (report->phases[i].is_reached)
			report_value(report, (enum metric)i,
				     report_phase_seconds(report, (enum phase)i));
	if (report->began_at)
		report_value(report, METRIC_TOTAL, report_seconds(report));
	if (report_first_to_expire(report))
		report_value(report, METRIC_CERT_DAYS,
			     report_days(report_first_to_expire(report), now));
}
