/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_writing.h - what contradicts among the options that write: part of config_finish(). */
#ifndef CONFIG_WRITING_H
#define CONFIG_WRITING_H

#include "config.h"

/* Sets the defaults of --append and --sync too. False with *failure (class usage). */
bool config_writing_fits(struct config *config, struct failure *failure);

#endif
