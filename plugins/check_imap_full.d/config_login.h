/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_login.h - whether what was asked for can be a login at all. For config.c alone. */
#ifndef CONFIG_LOGIN_H
#define CONFIG_LOGIN_H

#include "config.h"

/* User, secret, mechanism and --authzid fit together, and to --tls. False with *failure (usage). */
bool config_login_fits(const struct config *config, struct failure *failure);

#endif
