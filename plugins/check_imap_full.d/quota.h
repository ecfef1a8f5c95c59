/* SPDX-License-Identifier: GPL-3.0-or-later */
/* quota.h - what QUOTA responses told (RFC 9208): of each resource the fullest root. */
#ifndef QUOTA_H
#define QUOTA_H

#include "imapcheck.h"

struct quota_use {
	bool is_known; /* a root has a limit for it */
	double used, limit;
};

struct quota {
	struct quota_use storage;  /* octets */
	struct quota_use messages; /* their number */
};

void quota_take(struct quota *quota, const struct imap_arg *args);
double quota_percent(const struct quota_use *use);

#endif
