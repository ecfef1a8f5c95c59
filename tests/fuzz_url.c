/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_url.c - URLs, host names and addresses, as a user or a script may write them. */
#include <ctype.h>

#include "address.h"
#include "fuzz.h"
#include "host.h"
#include "url.h"

static void check_failure(const struct failure *failure)
{
	check(failure->class == CLASS_USAGE, "what a user wrote is bad usage");
	check(failure->text[0] != '\0', "it has a sentence");
	for (const char *at = failure->text; *at; at++)
		check(isprint((unsigned char)*at) && !strchr("|`$<>", *at), "that can be printed");
}

static void try_url(const char *text)
{
	struct failure failure = {.text = ""};
	struct url url;

	if (!url_is_one(text))
		return;
	if (!url_parse(text, &url, &failure)) {
		check_failure(&failure);
		return;
	}
	check(url.host[0] != '\0' && url.port <= 65535, "a URL names a host and a port");
	for (const char *at = url.mailbox; *at; at++)
		check((unsigned char)*at >= ' ' && *at != 0x7f,
		      "no control character comes through");
}

static void try_host(const char *text)
{
	struct failure failure = {.text = ""};
	struct host host;

	if (!host_parse(text, &host, &failure)) {
		check_failure(&failure);
		return;
	}
	for (const char *at = host.name; *at; at++)
		check(isgraph((unsigned char)*at) && *at != '%' && *at != '[', "a name is plain");
	check(host.is_address || host.name[strlen(host.name) - 1] != '.', "no dot ends it");
}

static void try_address(const char *text)
{
	struct address address;
	char shown[ADDRESS_TEXT];

	if (address_parse_with_port(text, 53, &address))
		check(address_text(&address, shown)[0] != '\0', "an address can be written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 1000)
		return 0;
	char *text = fuzz_string(data, size);

	try_url(text);
	try_host(text);
	try_address(text);
	free(text);
	return 0;
}
