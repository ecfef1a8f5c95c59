/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_detail.c - see out_detail.h. No '|' in here: an engine would take what follows for perfdata.
 */
#include "out_detail.h"

#include <string.h>

enum { BAR = 40 };

/* --- -v: the phases as a waterfall ------------------------------------------------------------ */

/* One column of the bar is the same length of time in every row; a phase too short for one column
   still shows, as a dot. */
static void print_bar(FILE *to, const struct report *report, const struct report_phase *phase)
{
	double whole = report_seconds(report);
	double scale = whole > 0 ? BAR / whole : 0;
	int from = (int)(clock_seconds(phase->began_at - report->began_at) * scale);
	int until = (int)(clock_seconds(phase->ended_at - report->began_at) * scale);

	fprintf(to, "%*s", from < BAR ? from : BAR - 1, "");
	if (until <= from)
		putc('.', to);
	for (int i = from; i < until && i < BAR; i++)
		putc('#', to);
}

static void print_phase(FILE *to, const struct report *report, enum phase name)
{
	const struct report_phase *phase = &report->phases[name];
	bool is_inside = phase->began_at >= report->began_at && report->began_at > 0;

	fprintf(to, "%-9s %8.3f %9.6f  ", phase_name(name),
		is_inside ? clock_seconds(phase->began_at - report->began_at) : 0.0,
		report_phase_seconds(report, name));
	if (is_inside)
		print_bar(to, report, phase);
	fprintf(to, "%s\n", phase->is_over ? "" : " (here it ended)");
}

/* The phase that began next after `after`, PHASE_COUNT for none: STARTTLS puts the greeting before
   tls. One of no length begins with the next one; their order is that of the enum. */
static enum phase next_phase(const struct report *report, enum phase after)
{
	const struct report_phase *phases = report->phases;
	imap_time at = after < PHASE_COUNT ? phases[after].began_at : 0;
	enum phase next = PHASE_COUNT;

	for (int i = 0; i < PHASE_COUNT; i++) {
		bool is_later = phases[i].began_at > at ||
				(phases[i].began_at == at && after < PHASE_COUNT && i > (int)after);

		if (phases[i].is_reached && is_later &&
		    (next == PHASE_COUNT || phases[i].began_at < phases[next].began_at))
			next = (enum phase)i;
	}
	return next;
}

static void print_waterfall(FILE *to, const struct report *report)
{
	enum phase phase = PHASE_COUNT;

	fprintf(to, "phase      start s  seconds\n");
	while ((phase = next_phase(report, phase)) != PHASE_COUNT)
		print_phase(to, report, phase);
	fprintf(to, "%-9s          %9.6f\n", "total", report_seconds(report));
}

/* --- -vv: certificates, capabilities, addresses ------------------------------------------------
 */

static void print_attempts(FILE *to, const struct report *report)
{
	for (unsigned i = 0; i < report->attempt_count; i++) {
		const struct report_attempt *attempt = &report->attempts[i];
		const char *ending = attempt->error == 0    ? "connected"
				     : attempt->error == -1 ? "given up, another was faster"
							    : strerror(attempt->error);

		fprintf(to, "address %s: %s after %.3f s\n", attempt->address, ending,
			clock_seconds(attempt->lasted_for));
	}
}

static const char *date(time_t at, char *text, size_t size)
{
	struct tm tm;

	strftime(text, size, "%Y-%m-%d %H:%M UTC", gmtime_r(&at, &tm));
	return text;
}

static void print_certs(FILE *to, const struct cert_path *path, time_t now)
{
	for (unsigned i = 0; i < path->count; i++) {
		const struct cert *cert = &path->certs[i];
		char from[32], until[32];

		fprintf(to, "certificate %u%s: %s\n", i + 1,
			cert->is_anchor ? " (trust anchor)" : "", cert->subject);
		if (cert->names[0])
			fprintf(to, "  names   %s\n", cert->names);
		fprintf(to, "  issuer  %s\n", cert->issuer);
		fprintf(to, "  valid   %s to %s, %.1f days left\n",
			date(cert->not_before, from, sizeof from),
			date(cert->not_after, until, sizeof until), report_days(cert, now));
		fprintf(to, "  sha256  %s\n", cert->sha256);
		if (i == 0 && path->pin[0])
			fprintf(to, "  pin     %s\n", path->pin);
	}
}

static void print_facts(FILE *to, const struct outcome *outcome)
{
	const struct report *report = outcome->report;
	char text[250];

	print_attempts(to, report);
	if (report->has_tls && report->tls.version[0])
		fprintf(to, "tls %s %s, certificate %s\n", report->tls.version, report->tls.cipher,
			report->tls.path.is_pinned  ? "verified by its pin"
			: report->tls.path.verified ? "verified"
						    : "not verified");
	if (report->has_tls)
		print_certs(to, &report->tls.path, outcome->now);
	if (report->has_tls && report->tls.staple.status != STAPLE_NONE)
		fprintf(to, "ocsp %s: %s\n", staple_status_name(report->tls.staple.status),
			staple_describe(&report->tls.staple, text, sizeof text));
	if (report->mechanism[0])
		fprintf(to, "login by %s\n", report->mechanism);
	if (report->capabilities[0])
		fprintf(to, "capabilities %s\n", report->capabilities);
}

/* --- -vvv: the transcript ----------------------------------------------------------------------
 */

static void print_transcript(FILE *to, const struct report *report)
{
	if (report->transcript)
		fputs(report->transcript, to);
	if (report->transcript_is_cut)
		fprintf(to, "(the rest of the transcript is left out)\n");
}

void out_detail(FILE *to, const struct outcome *outcome)
{
	unsigned verbosity = outcome->config->verbosity;

	if (verbosity >= 1 && outcome->report->ended_at > 0)
		print_waterfall(to, outcome->report);
	if (verbosity >= 2)
		print_facts(to, outcome);
	if (verbosity >= 3)
		print_transcript(to, outcome->report);
}
