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

static char *ending_text(struct ending *ending, const struct config *config, enum phase phase,
			 time_t now)
{
	ending->verdict.items[0].phase = phase < PHASE_COUNT ? phase_name(phase) : "start";
	return out_text(&(struct outcome){config, &ending->report, &ending->verdict, now});
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
	char *text = ending ? ending_text(ending, config, phase, now) : NULL;

	free(ending);
	return text;
}

/* One struct serves all of them: it is large, and this happens in every run. */
void out_endings(const struct config *config, enum state state, const struct failure *failure,
		 time_t now, char *texts[PHASE_COUNT + 1])
{
	struct ending *ending = ending_new(state, failure);

	for (int i = 0; i <= PHASE_COUNT; i++)
		texts[i] = ending ? ending_text(ending, config, (enum phase)i, now) : NULL;
	free(ending);
}
