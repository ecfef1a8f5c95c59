/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out.c - see out.h: which form is asked for, and what the forms have in common. Must not know what
   any of them looks like. */
#include "out.h"

#include <stdlib.h>
#include <string.h>

static bool print(FILE *to, const struct outcome *outcome)
{
	switch (outcome->config->output) {
	case CONFIG_OUTPUT_JSON:
		return out_json(to, outcome);
	case CONFIG_OUTPUT_PROMETHEUS:
		return out_prometheus(to, outcome);
	case CONFIG_OUTPUT_NAGIOS:
		break;
	}
	out_nagios(to, outcome);
	return true;
}

char *out_text(const struct outcome *outcome)
{
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);
	bool is_whole;

	if (!to)
		return NULL;
	is_whole = print(to, outcome);
	if (fclose(to) == 0 && is_whole)
		return text;
	free(text);
	return NULL;
}

/* A run that was cut short: no phase was timed, and nobody judged. */
struct ending {
	struct report report;
	struct verdict verdict;
};

static struct outcome outcome_of(struct ending *ending, const struct config *config,
				 enum phase phase, time_t now)
{
	ending->verdict.items[0].phase = phase < PHASE_COUNT ? phase_name(phase) : "start";
	return (struct outcome){config, &ending->report, &ending->verdict, now};
}

static struct ending *ending_new(enum state state, const struct failure *failure)
{
	struct ending *ending = calloc(1, sizeof *ending);
	struct verdict_item *item;

	if (!ending)
		return NULL;
	item = &ending->verdict.items[ending->verdict.count++];
	ending->verdict.state = item->state = state;
	item->class = failure->class;
	memcpy(item->code, failure->code, sizeof item->code);
	memcpy(item->text, failure->text, sizeof item->text);
	return ending;
}

char *out_ending(const struct config *config, enum state state, enum phase phase,
		 const struct failure *failure, time_t now)
{
	struct ending *ending = ending_new(state, failure);
	char *text = NULL;

	if (ending) {
		struct outcome outcome = outcome_of(ending, config, phase, now);

		text = out_text(&outcome);
	}
	free(ending);
	return text;
}

/* One after the other, each with its NUL. False when out of memory. */
static bool print_endings(FILE *to, struct ending *ending, const struct config *config, time_t now,
			  off_t starts[PHASE_COUNT + 1])
{
	bool is_whole = true;

	for (int i = 0; i <= PHASE_COUNT; i++) {
		struct outcome outcome = outcome_of(ending, config, (enum phase)i, now);

		starts[i] = ftello(to);
		is_whole = print(to, &outcome) && is_whole;
		putc('\0', to);
	}
	return is_whole;
}

/* One stream serves all of them, for each costs memory that is wiped first, and this happens in
   every run. */
void out_endings(const struct config *config, enum state state, const struct failure *failure,
		 time_t now, char *texts[PHASE_COUNT + 1])
{
	struct ending *ending = ending_new(state, failure);
	char *block = NULL;
	size_t length = 0;
	FILE *to = ending ? open_memstream(&block, &length) : NULL;
	off_t starts[PHASE_COUNT + 1];
	bool is_whole = to && print_endings(to, ending, config, now, starts);

	if ((to && fclose(to) != 0) || !is_whole) {
		free(block);
		block = NULL;
	}
	for (int i = 0; i <= PHASE_COUNT; i++)
		texts[i] = block ? block + starts[i] : NULL;
	free(ending);
}
