/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proxy_header.h - the line by which a proxy tells a server whom it speaks for (PROXY protocol,
   version 1), for servers that answer to nobody who does not begin with it. */
#ifndef PROXY_HEADER_H
#define PROXY_HEADER_H

#include <stddef.h>
#include "address.h"

enum { PROXY_HEADER_SIZE = 108 }; /* the longest there is, and a NUL */

/* "PROXY TCP4 192.0.2.1 192.0.2.2 50000 993\r\n"; returns its length. */
size_t proxy_header(const struct address *from, const struct address *to, char *text);

#endif
