/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * out_prometheus.c - the run in the text format of Prometheus, for the textfile collector. Every
 * sample has the labels target and, with a login, mailbox; none tells the user. What is not known
 * is left out.
 */
#include <stdlib.h>
#include <string.h>

#include "autoconfig.h"
#include "out.h"
#include "utf8.h"

struct label {
	const char *name;
	const char *value; /* NULL: there is no such label */
};

/* --- the format --------------------------------------------------------------------------------
 */

static void print_head(FILE *to, const char *name, const char *help)
{
	fprintf(to, "# HELP imap_check_%s %s\n# TYPE imap_check_%s gauge\n", name, help, name);
}

/* Quotes, backslashes and line ends have escapes; other control characters have none, and no place
   in a label. */
static void print_escaped(FILE *to, const char *text)
{
	size_t length;

	for (; *text; text += length ? length : 1) {
		length = utf8_length(text);
		if (length == 0)
			fputs(UTF8_REPLACEMENT, to);
		else if (*text == '\n')
			fputs("\\n", to);
		else if (*text == '"' || *text == '\\')
			fprintf(to, "\\%c", *text);
		else if ((unsigned char)*text < ' ' || *text == 0x7f)
			putc('?', to);
		else
			fwrite(text, 1, length, to);
	}
}

/* `before` is what opens the list or parts it; returns what parts the next one. */
static char print_label(FILE *to, char before, const struct label *label)
{
	if (!label->value)
		return before;
	fprintf(to, "%c%s=\"", before, label->name);
	print_escaped(to, label->value);
	putc('"', to);
	return ',';
}

static char print_place(FILE *to, const struct config *config)
{
	char target[300];
	struct label place[] = {
		{"target", config->host.shown[0] && config->port ? target : NULL},
		{"mailbox", config_logs_in(config) ? config->mailbox : NULL},
	};

	snprintf(target, sizeof target, "%s:%u", config->host.shown, config->port);
	return print_label(to, print_label(to, '{', &place[0]), &place[1]);
}

static void print_sample(FILE *to, const struct outcome *outcome, const char *name,
			 struct label first, struct label second, double value, int decimals)
{
	char text[400];
	char before;

	fprintf(to, "imap_check_%s", name);
	before = print_place(to, outcome->config);
	before = print_label(to, before, &first);
	before = print_label(to, before, &second);
	fprintf(to, "%s %s\n", before == ',' ? "}" : "",
		range_number(value, decimals, text, sizeof text));
}

static const struct label none;

static void print_single(FILE *to, const struct outcome *outcome, const char *name,
			 const char *help, double value, int decimals)
{
	print_head(to, name, help);
	print_sample(to, outcome, name, none, none, value, decimals);
}

/* --- the run -----------------------------------------------------------------------------------
 */

/* Thresholds are for the alerting rules to judge, and a warning is no failure. */
static bool is_failure(const struct verdict_item *item)
{
	return item->class != CLASS_COUNT && item->state != STATE_OK &&
	       item->state != STATE_WARNING;
}

static bool is_success(const struct verdict *verdict)
{
	for (unsigned i = 0; i < verdict->count; i++)
		if (is_failure(&verdict->items[i]))
			return false;
	return true;
}

static void print_phases(FILE *to, const struct outcome *outcome)
{
	static const char name[] = "phase_duration_seconds";
	bool has_head = false;

	for (int i = 0; i < PHASE_COUNT; i++) {
		struct label label = {"phase", phase_name((enum phase)i)};

		if (!outcome->report->phases[i].is_reached)
			continue;
		if (!has_head)
			print_head(to, name, "How long each phase took.");
		has_head = true;
		print_sample(to, outcome, name, label, none,
			     report_phase_seconds(outcome->report, (enum phase)i), 9);
	}
}

/* Two problems of one kind in one phase would be the same sample twice, which is an error. */
static bool was_said(const struct verdict *verdict, unsigned index)
{
	const struct verdict_item *item = &verdict->items[index];

	for (unsigned i = 0; i < index; i++)
		if (verdict->items[i].class == item->class &&
		    strcmp(verdict->items[i].phase, item->phase) == 0)
			return true;
	return false;
}

static void print_problems(FILE *to, const struct outcome *outcome)
{
	static const char name[] = "problem_info";
	const struct verdict *verdict = outcome->verdict;

	if (verdict->count > 0)
		print_head(to, name,
			   "A problem that was found: its class and its phase or metric.");
	for (unsigned i = 0; i < verdict->count; i++) {
		const struct verdict_item *item = &verdict->items[i];
		struct label class = {"class", out_class(item)};
		struct label phase = {"phase", item->phase};

		if (!was_said(verdict, i))
			print_sample(to, outcome, name, class, phase, 1, 0);
	}
}

/* --- what was measured --------------------------------------------------------------------------
 */

static void print_metric(FILE *to, const struct outcome *outcome, enum metric metric,
			 const char *name, const char *help)
{
	if (report_knows(outcome->report, metric))
		print_single(to, outcome, name, help, outcome->report->values[metric].value,
			     metric_spec(metric)->decimals);
}

/* An age would be stale as soon as it is written; the moment it counts from is not. */
static void print_moment(FILE *to, const struct outcome *outcome, enum metric metric,
			 const char *name, const char *help)
{
	const struct report_value *age = &outcome->report->values[metric];
	double moment = age->since ? (double)age->since : (double)outcome->now - age->value;

	if (report_knows(outcome->report, metric))
		print_single(to, outcome, name, help, moment, 0);
}

static void print_quota(FILE *to, const struct outcome *outcome)
{
	static const char name[] = "quota_used_ratio";
	static const struct {
		enum metric metric;
		const char *resource;
	} quotas[] = {{METRIC_QUOTA_STORAGE, "storage"}, {METRIC_QUOTA_MESSAGES, "messages"}};
	const struct report *report = outcome->report;
	double limit = report->values[METRIC_QUOTA_STORAGE_USED].maximum;

	if (report_knows(report, METRIC_QUOTA_STORAGE) ||
	    report_knows(report, METRIC_QUOTA_MESSAGES))
		print_head(to, name, "Share of the quota in use, of the fullest root, 0 to 1.");
	for (int i = 0; i < 2; i++)
		if (report_knows(report, quotas[i].metric))
			print_sample(to, outcome, name,
				     (struct label){"resource", quotas[i].resource}, none,
				     report->values[quotas[i].metric].value / 100, 6);
	print_metric(to, outcome, METRIC_QUOTA_STORAGE_USED, "quota_used_bytes",
		     "Storage in use, of the fullest quota root.");
	if (limit > 0)
		print_single(to, outcome, "quota_limit_bytes", "The limit of that storage.", limit,
			     0);
}

static void print_mailbox(FILE *to, const struct outcome *outcome)
{
	print_metric(to, outcome, METRIC_MESSAGES, "messages", "Messages in the mailbox.");
	print_metric(to, outcome, METRIC_UNSEEN, "unseen_messages",
		     "Messages in the mailbox that nobody has seen.");
	print_metric(to, outcome, METRIC_MATCHED, "matched_messages",
		     "Messages that the search found.");
	print_metric(to, outcome, METRIC_MAILBOXES, "mailboxes",
		     "Mailboxes of the user's own that can be opened.");
	print_moment(to, outcome, METRIC_NEWEST_AGE, "newest_message_timestamp_seconds",
		     "When the newest message arrived.");
	print_moment(to, outcome, METRIC_OLDEST_AGE, "oldest_message_timestamp_seconds",
		     "When the oldest message arrived.");
	print_metric(to, outcome, METRIC_SIZE, "fetched_bytes", "Octets of what was fetched.");
	print_quota(to, outcome);
	print_metric(to, outcome, METRIC_CAPTURE, "capture",
		     "The number that the regular expression captured.");
	print_metric(to, outcome, METRIC_UIDVALIDITY, "uidvalidity",
		     "The mailbox's UIDVALIDITY: a change makes clients download all anew.");
}

/* --- TLS ---------------------------------------------------------------------------------------
 */

/* The first of the verified path to expire, its anchor left out; where nothing verified, the leaf.
 */
static time_t first_expiry(const struct cert_path *path)
{
	time_t first = path->certs[0].not_after;

	for (unsigned i = 1; path->verified && i < path->count; i++)
		if (!path->certs[i].is_anchor && path->certs[i].not_after < first)
			first = path->certs[i].not_after;
	return first;
}

static void print_tls(FILE *to, const struct outcome *outcome)
{
	static const char name[] = "tls_info";
	const struct tls_facts *facts = &outcome->report->tls;

	if (!outcome->report->has_tls)
		return;
	if (facts->path.count > 0)
		print_single(to, outcome, "certificate_not_after_timestamp_seconds",
			     "When the first certificate of the verified path expires.",
			     (double)first_expiry(&facts->path), 0);
	if (!facts->version[0])
		return;
	print_head(to, name, "Version and cipher of the connection.");
	print_sample(to, outcome, name, (struct label){"version", facts->version},
		     (struct label){"cipher", facts->cipher}, 1, 0);
}

/* --- -v: what the nagios output says, as comments -----------------------------------------------
 */

static bool print_comments(FILE *to, const struct outcome *outcome)
{
	char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);
	bool is_whole;

	if (!memory)
		return false;
	out_nagios(memory, outcome);
	is_whole = fclose(memory) == 0;
	for (char *line = is_whole ? strtok(text, "\n") : NULL; line; line = strtok(NULL, "\n"))
		fprintf(to, "# %s\n", line);
	free(text);
	return is_whole;
}

/* --- all ---------------------------------------------------------------------------------------
 */

bool out_prometheus(FILE *to, const struct outcome *outcome)
{
	static const char build[] = "build_info";

	print_single(to, outcome, "success",
		     "1 unless a failure is CRITICAL or UNKNOWN; thresholds do not count.",
		     is_success(outcome->verdict), 0);
	print_single(to, outcome, "state", "0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.",
		     outcome->verdict->state, 0);
	print_metric(to, outcome, METRIC_TOTAL, "duration_seconds", "How long the journey took.");
	print_phases(to, outcome);
	print_problems(to, outcome);
	print_metric(to, outcome, METRIC_IDLE, "idle_duration_seconds",
		     "From the APPEND in one session to the EXISTS in the other.");
	print_metric(to, outcome, METRIC_FLAGS, "flags_duration_seconds",
		     "From the STORE in one session to the FETCH in the other.");
	print_tls(to, outcome);
	print_mailbox(to, outcome);
	print_head(to, build, "The version of the program.");
	print_sample(to, outcome, build, (struct label){"version", PACKAGE_VERSION}, none, 1, 0);
	print_single(to, outcome, "run_timestamp_seconds", "When this was found.",
		     (double)outcome->now, 0);
	return outcome->config->verbosity == 0 || print_comments(to, outcome);
}
