/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loop.h - moves a check forward until it is over. The only caller of poll(). */
#ifndef LOOP_H
#define LOOP_H

#include "check.h"

void loop_run(struct check *check);

#endif
