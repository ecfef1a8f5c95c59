/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz.h - what the fuzzers share: the door that libFuzzer and AFL++ knock at, and how a promise
   that does not hold is told. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn static inline void fuzz_fail(const char *what)
{
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

/* A promise. A macro, so that analysers see that nothing goes on without it. */
#define check(holds, what) ((holds) ? (void)0 : fuzz_fail(what))

/* A copy that ends with a NUL, and where the room ends too: what reads on is seen. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	check(text != NULL, "memory");
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif
