/* SPDX-License-Identifier: GPL-3.0-or-later */
/* names.h - words of the protocol as enums. */
#ifndef NAMES_H
#define NAMES_H

#include "imapcheck.h"

enum imap_status status_of_name(struct imap_span name); /* IMAP_NONE if it is another word */

#endif
