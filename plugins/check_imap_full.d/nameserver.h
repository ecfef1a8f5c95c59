/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nameserver.h - whom a channel of c-ares asks. */
#ifndef NAMESERVER_H
#define NAMESERVER_H

#include <ares.h>
#include "address.h"

enum { NAMESERVER_PORT = 53 };

/* From now on the channel asks this one only. */
bool nameserver_set(struct ares_channeldata *channel, const struct address *server);

/* "192.0.2.53, 2001:db8::53 port 5353", or "(none)", also for no channel; what does not fit is cut.
 */
void nameserver_list(struct ares_channeldata *channel, char *text, size_t size);

#endif
