/* SPDX-License-Identifier: GPL-3.0-or-later */
/* out_detail.h - what -v, -vv and -vvv add below the first line of the nagios output. */
#ifndef OUT_DETAIL_H
#define OUT_DETAIL_H

#include "out.h"

void out_detail(FILE *to, const struct outcome *outcome);

#endif
