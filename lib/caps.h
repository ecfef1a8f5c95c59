/* SPDX-License-Identifier: GPL-3.0-or-later */
/* caps.h - the capabilities that a server told (RFC 9051 section 7.2.2). */
#ifndef CAPS_H
#define CAPS_H

#include "buf.h"

struct caps {
	struct buf words; /* one blank between two */
	bool is_known;
};

void caps_init(struct caps *caps, size_t max);
void caps_free(struct caps *caps);

/* What was known is replaced by the atoms in `args`. */
enum buf_result caps_learn(struct caps *caps, const struct imap_arg *args);
void caps_forget(struct caps *caps);
bool caps_has(const struct caps *caps, const char *name);

#endif
