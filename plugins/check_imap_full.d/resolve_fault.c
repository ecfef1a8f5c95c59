/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve_fault.c - puts what a lookup came to into words. Asks nobody. */
#include "resolve_fault.h"

#include <ares.h>
#include <sys/socket.h>

/* The name stands before the middle, the name servers after it. */
static const struct sentence {
	int status;
	const char *before, *middle, *after;
} sentences[] = {
	{RESOLVE_PENDING, "no answer yet for ", " from name server ", ""},
	{ARES_ENOTFOUND, "no such name: ", " (asked name server ", ")"},
	{ARES_ETIMEOUT, "no answer for ", " from name server ", ""},
	{ARES_ECONNREFUSED, "nobody to ask for ", ": cannot reach name server ", ""},
	{ARES_ESERVFAIL, "the lookup of ", " failed at name server ", " (SERVFAIL)"},
	{ARES_EREFUSED, "the lookup of ", " was refused by name server ", " (REFUSED)"},
	{ARES_ENOTIMP, "the lookup of ", " is beyond name server ", " (NOTIMP)"},
	{ARES_EFORMERR, "the lookup of ", " was a malformed question to name server ", ""},
	{ARES_EBADRESP, "malformed answer for ", " from name server ", ""},
	{ARES_EBADNAME, "not a well-formed name: ", ", as seen before asking name server ", ""},
};

static const struct sentence *find(int status)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (sentences[i].status == status)
			return &sentences[i];
	return NULL;
}

static const char *family_word(int family)
{
	return family == AF_INET ? "IPv4 " : family == AF_INET6 ? "IPv6 " : "";
}

static const char *family_option(int family)
{
	return family == AF_INET    ? ", and -4 asks for one"
	       : family == AF_INET6 ? ", and -6 asks for one"
				    : "";
}

void resolve_fault(struct failure *failure, int status, const char *name, int family,
		   const char *servers)
{
	const struct sentence *sentence = find(status);

	if (sentence)
		failure_set(failure, CLASS_RESOLVE, "%s%s%s%s%s", sentence->before, name,
			    sentence->middle, servers, sentence->after);
	else if (status == ARES_ENODATA)
		failure_set(failure, CLASS_RESOLVE,
			    "%s exists, but has no %saddress%s (asked name server %s)", name,
			    family_word(family), family_option(family), servers);
	else if (status == ARES_ENOMEM)
		failure_set(failure, CLASS_INTERNAL, "out of memory");
	else
		failure_set(failure, CLASS_RESOLVE, "the lookup of %s failed: %s", name,
			    ares_strerror(status));
}
