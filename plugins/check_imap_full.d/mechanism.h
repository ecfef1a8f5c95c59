/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mechanism.h - how to log in: which mechanism is asked for, offered and safe here. */
#ifndef MECHANISM_H
#define MECHANISM_H

#include "config.h"

/* How much the connection protects. */
enum mechanism_shield {
	SHIELD_NONE,	   /* in clear */
	SHIELD_UNVERIFIED, /* TLS, but --insecure let a fault pass */
	SHIELD_VERIFIED,
};

/* The mechanism to use; one with AUTH_LOGIN's spec is the LOGIN command, anything else goes by
   AUTHENTICATE. NULL with *failure (class missing): what was wanted and what the server offers. */
const struct auth_spec *mechanism_choose(const struct config *config, const struct imap *imap,
					 enum mechanism_shield shield, struct failure *failure);

#endif
