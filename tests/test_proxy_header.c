/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proxy_header.h"

static struct address parsed(const char *text, unsigned short port)
{
	struct address address;

	assert_true(address_parse(text, port, &address));
	return address;
}

static void ipv4_is_tcp4(void **state)
{
	struct address from = parsed("192.0.2.1", 50000), to = parsed("192.0.2.2", 993);
	char text[PROXY_HEADER_SIZE];
	size_t length = proxy_header(&from, &to, text);

	(void)state;
	assert_int_equal(length, strlen(text));
	assert_string_equal(text, "PROXY TCP4 192.0.2.1 192.0.2.2 50000 993\r\n");
}

static void ipv6_is_tcp6(void **state)
{
	struct address from = parsed("2001:db8::1", 1), to = parsed("2001:db8::2", 143);
	char text[PROXY_HEADER_SIZE];

	(void)state;
	proxy_header(&from, &to, text);
	assert_string_equal(text, "PROXY TCP6 2001:db8::1 2001:db8::2 1 143\r\n");
}

static void the_longest_addresses_fit(void **state)
{
	static const char longest[] = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
	struct address from = parsed(longest, 65535), to = parsed(longest, 65535);
	char text[PROXY_HEADER_SIZE];

	(void)state;
	assert_int_equal(proxy_header(&from, &to, text), 104);
	assert_string_equal(text + 102, "\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_is_tcp4),
		cmocka_unit_test(ipv6_is_tcp6),
		cmocka_unit_test(the_longest_addresses_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
