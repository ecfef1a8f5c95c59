/* SPDX-License-Identifier: GPL-3.0-or-later */
/* state.c - see state.h. */
#include "state.h"

#include <string.h>
#include <strings.h>

static const char *const names[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
static const int weights[] = {
	[STATE_OK] = 0, [STATE_UNKNOWN] = 1, [STATE_WARNING] = 2, [STATE_CRITICAL] = 3};

const char *state_name(enum state state)
{
	return names[state];
}

bool state_find(const char *text, enum state *state)
{
	for (int i = STATE_OK; i <= STATE_UNKNOWN; i++) {
		bool is_number = text[0] == '0' + i && text[1] == '\0';

		if (is_number || strcasecmp(text, names[i]) == 0) {
			*state = (enum state)i;
			return true;
		}
	}
	return false;
}

enum state state_worse(enum state one, enum state other)
{
	return weights[one] >= weights[other] ? one : other;
}
