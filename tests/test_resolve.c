/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_resolve.c - name lookups against a name server in the same thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "clock.h"
#include "resolve.h"

enum { TYPE_A = 1, TYPE_AAAA = 28 };

/* What the name server does with a question: its RCODE, or one of these. */
enum { DROP = -1, GARBAGE = -2, NOERROR = 0, FORMERR = 1, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

struct answer {
	int code;
	unsigned count; /* addresses; with NOERROR */
};

struct server {
	int fd;
	char text[40]; /* 127.0.0.1:PORT */
	struct answer a, aaaa;
	unsigned questions;
};

static void open_server(struct server *server, struct answer aaaa, struct answer a)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(at);

	*server = (struct server){.aaaa = aaaa, .a = a};
	server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(server->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&at, &length), 0);
	snprintf(server->text, sizeof(server->text), "127.0.0.1:%u", ntohs(at.sin_port));
}

/* Appends one resource record that points at the question's name. */
static size_t add_record(unsigned char *to, unsigned type, unsigned number)
{
	static const unsigned char in6[16] = {0x20, 0x01, 0x0d, 0xb8};
	const unsigned char head[12] = {0xc0, 12, 0, (unsigned char)type,    0, 1, 0, 0,
					0,    60, 0, type == TYPE_A ? 4 : 16};

	memcpy(to, head, sizeof(head));
	if (type == TYPE_A) {
		const unsigned char in[4] = {192, 0, 2, (unsigned char)number};

		memcpy(to + sizeof(head), in, sizeof(in));
		return sizeof(head) + sizeof(in);
	}
	memcpy(to + sizeof(head), in6, sizeof(in6));
	to[sizeof(head) + 15] = (unsigned char)number;
	return sizeof(head) + sizeof(in6);
}

static void serve(struct server *server)
{
	unsigned char packet[4000];
	struct sockaddr_in from;
	socklen_t from_length = sizeof(from);

	while (recvfrom(server->fd, packet, 512, 0, (struct sockaddr *)&from, &from_length) > 16) {
		size_t end = 12;
		unsigned type;
		const struct answer *answer;

		server->questions++;
		while (packet[end] != 0)
			end += packet[end] + 1u;
		type = packet[end + 2];
		end += 5;
		answer = type == TYPE_A ? &server->a : &server->aaaa;
		if (answer->code == DROP)
			continue;
		packet[2] = 0x81;
		packet[3] = (unsigned char)(0x80 | (answer->code > 0 ? answer->code : 0));
		packet[7] = (unsigned char)answer->count;
		memset(packet + 8, 0, 4);
		for (unsigned i = 1; i <= answer->count; i++)
			end += add_record(packet + end, type, i);
		if (answer->code == GARBAGE)
			packet[7] = 200;
		sendto(server->fd, packet, end, 0, (struct sockaddr *)&from, from_length);
	}
}

static struct resolve *begin(const struct server *server, int family)
{
	struct failure failure;
	struct resolve *resolve =
		resolve_new("imap.example.org.", family, 993, server->text, &failure);

	if (!resolve)
		fail_msg("%s", failure.text);
	return resolve;
}

static void turn(struct resolve *resolve, struct server *server)
{
	struct wait wait;

	wait_clear(&wait);
	resolve_wait(resolve, &wait);
	poll(wait.fds, wait.count, 2);
	serve(server);
	resolve_ready(resolve, &wait, clock_now());
}

static void finish(struct resolve *resolve, struct server *server)
{
	while (!resolve_finished(resolve))
		turn(resolve, server);
}

static void end(struct resolve *resolve, struct server *server)
{
	resolve_free(resolve);
	close(server->fd);
}

/* --- well -------------------------------------------------------------------------------- */

static void both_families_are_found(void **state)
{
	struct server server;
	struct resolve *resolve;
	const struct address_list *list;
	char text[ADDRESS_TEXT];
	bool has_in = false, has_in6 = false;

	(void)state;
	open_server(&server, (struct answer){NOERROR, 1}, (struct answer){NOERROR, 2});
	resolve = begin(&server, AF_UNSPEC);
	finish(resolve, &server);
	list = resolve_addresses(resolve);
	assert_int_equal(list->count, 3);
	for (unsigned i = 0; i < list->count; i++) {
		assert_int_equal(address_port(&list->items[i]), 993);
		address_text(&list->items[i], text);
		has_in = has_in || strcmp(text, "192.0.2.1") == 0;
		has_in6 = has_in6 || strcmp(text, "2001:db8::1") == 0;
	}
	assert_true(has_in && has_in6);
	assert_int_equal(server.questions, 2);
	end(resolve, &server);
}

static void one_family_is_asked_alone(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct server server;
		struct resolve *resolve;

		open_server(&server, (struct answer){NOERROR, 1}, (struct answer){NOERROR, 1});
		resolve = begin(&server, families[i]);
		finish(resolve, &server);
		assert_int_equal(resolve_addresses(resolve)->count, 1);
		assert_int_equal(resolve_addresses(resolve)->items[0].sa.sa_family, families[i]);
		assert_int_equal(server.questions, 1);
		end(resolve, &server);
	}
}

static void a_dropped_aaaa_costs_the_resolution_delay_only(void **state)
{
	struct server server;
	struct resolve *resolve;
	struct wait wait;
	imap_time now;

	(void)state;
	open_server(&server, (struct answer){DROP, 0}, (struct answer){NOERROR, 1});
	resolve = begin(&server, AF_UNSPEC);
	assert_false(resolve_may_connect(resolve, clock_now()));
	while (resolve_addresses(resolve)->count == 0)
		turn(resolve, &server);
	now = clock_now();
	assert_false(resolve_finished(resolve));
	assert_true(resolve_may_connect(resolve, now + 51 * CLOCK_MILLISECOND));
	assert_false(resolve_may_connect(resolve, now - 51 * CLOCK_MILLISECOND));
	wait_clear(&wait);
	resolve_wait(resolve, &wait);
	assert_true(wait.count > 0);
	assert_true(wait.until <= now + 50 * CLOCK_MILLISECOND ||
		    resolve_may_connect(resolve, clock_now()));
	end(resolve, &server);
}

static void a_dropped_a_does_not_hold_up_aaaa(void **state)
{
	struct server server;
	struct resolve *resolve;

	(void)state;
	open_server(&server, (struct answer){NOERROR, 1}, (struct answer){DROP, 0});
	resolve = begin(&server, AF_UNSPEC);
	while (resolve_addresses(resolve)->count == 0)
		turn(resolve, &server);
	assert_false(resolve_finished(resolve));
	assert_true(resolve_may_connect(resolve, 0));
	end(resolve, &server);
}

static void an_error_of_one_family_leaves_the_other(void **state)
{
	static const int codes[] = {NXDOMAIN, SERVFAIL, REFUSED, FORMERR, NOERROR};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct server server;
		struct resolve *resolve;

		open_server(&server, (struct answer){codes[i], 0}, (struct answer){NOERROR, 1});
		resolve = begin(&server, AF_UNSPEC);
		finish(resolve, &server);
		assert_int_equal(resolve_addresses(resolve)->count, 1);
		end(resolve, &server);
	}
}

static void many_addresses_leave_room_for_the_other_family(void **state)
{
	struct server server;
	struct resolve *resolve;

	(void)state;
	open_server(&server, (struct answer){NOERROR, 1}, (struct answer){NOERROR, 25});
	resolve = begin(&server, AF_UNSPEC);
	finish(resolve, &server);
	assert_int_equal(resolve_addresses(resolve)->count, ADDRESS_MAX / 2 + 1);
	end(resolve, &server);
}

static void localhost_needs_no_name_server(void **state)
{
	struct failure failure;
	struct resolve *resolve = resolve_new("localhost", AF_INET, 993, NULL, &failure);
	char text[ADDRESS_TEXT];

	(void)state;
	assert_non_null(resolve);
	assert_true(resolve_finished(resolve));
	assert_true(resolve_may_connect(resolve, clock_now()));
	assert_int_equal(resolve_addresses(resolve)->count, 1);
	assert_string_equal(address_text(&resolve_addresses(resolve)->items[0], text), "127.0.0.1");
	assert_int_equal(address_port(&resolve_addresses(resolve)->items[0]), 993);
	resolve_free(resolve);
}

/* --- faults ------------------------------------------------------------------------------ */

static void expect_failure(struct answer aaaa, struct answer a, int family, const char *part)
{
	struct server server;
	struct failure failure;
	struct resolve *resolve;
	char text[100];

	open_server(&server, aaaa, a);
	resolve = begin(&server, family);
	finish(resolve, &server);
	assert_int_equal(resolve_addresses(resolve)->count, 0);
	assert_true(resolve_may_connect(resolve, clock_now()));
	resolve_failure(resolve, &failure);
	assert_int_equal(failure.class, CLASS_RESOLVE);
	if (!strstr(failure.text, part) || !strstr(failure.text, "imap.example.org"))
		fail_msg("wanted ...%s..., got %s", part, failure.text);
	snprintf(text, sizeof(text), "name server 127.0.0.1 port %s", strchr(server.text, ':') + 1);
	assert_non_null(strstr(failure.text, text));
	end(resolve, &server);
}

static void each_fault_has_its_sentence(void **state)
{
	static const struct answer none = {NXDOMAIN, 0}, empty = {NOERROR, 0},
				   broken = {SERVFAIL, 0}, refused = {REFUSED, 0},
				   garbage = {GARBAGE, 0};

	(void)state;
	expect_failure(none, none, AF_UNSPEC, "no such name: ");
	expect_failure(empty, empty, AF_UNSPEC, "exists, but has no address");
	expect_failure(empty, none, AF_UNSPEC, "exists, but has no address");
	expect_failure(empty, empty, AF_INET6, "exists, but has no IPv6 address");
	expect_failure(empty, empty, AF_INET, "exists, but has no IPv4 address");
	expect_failure(broken, broken, AF_UNSPEC, "(SERVFAIL)");
	expect_failure(empty, broken, AF_UNSPEC, "(SERVFAIL)");
	expect_failure(refused, refused, AF_UNSPEC, "(REFUSED)");
	expect_failure(garbage, garbage, AF_UNSPEC, "malformed answer");
}

static void nobody_at_the_name_server_is_told(void **state)
{
	struct server server;
	struct failure failure;
	struct resolve *resolve;

	(void)state;
	open_server(&server, (struct answer){DROP, 0}, (struct answer){DROP, 0});
	close(server.fd);
	resolve = begin(&server, AF_UNSPEC);
	server.fd = -1;
	finish(resolve, &server);
	resolve_failure(resolve, &failure);
	assert_non_null(strstr(failure.text, "cannot reach name server 127.0.0.1"));
	resolve_free(resolve);
}

static void time_up_tells_who_was_asked(void **state)
{
	struct server server;
	struct failure failure;
	struct resolve *resolve;

	(void)state;
	open_server(&server, (struct answer){DROP, 0}, (struct answer){DROP, 0});
	resolve = begin(&server, AF_UNSPEC);
	while (server.questions < 2)
		turn(resolve, &server);
	resolve_failure(resolve, &failure);
	assert_ptr_equal(strstr(failure.text, "no answer yet for imap.example.org"), failure.text);
	end(resolve, &server);
}

static void bad_name_servers_and_names_are_refused(void **state)
{
	struct failure failure;
	char name[300];

	(void)state;
	assert_null(resolve_new("imap.example.org", AF_UNSPEC, 993, "dns.example.org", &failure));
	assert_int_equal(failure.class, CLASS_USAGE);
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_null(resolve_new(name, AF_UNSPEC, 993, "127.0.0.1", &failure));
	assert_int_equal(failure.class, CLASS_RESOLVE);
	assert_null(resolve_new("", AF_UNSPEC, 993, "127.0.0.1", &failure));
	resolve_free(NULL);
}

static void a_label_that_is_too_long_is_told(void **state)
{
	struct server server;
	struct failure failure;
	struct resolve *resolve;

	(void)state;
	open_server(&server, (struct answer){NOERROR, 1}, (struct answer){NOERROR, 1});
	resolve = resolve_new("a..b.", AF_UNSPEC, 993, server.text, &failure);
	assert_non_null(resolve);
	finish(resolve, &server);
	resolve_failure(resolve, &failure);
	assert_int_equal(failure.class, CLASS_RESOLVE);
	assert_non_null(strstr(failure.text, "not a well-formed name"));
	end(resolve, &server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_families_are_found),
		cmocka_unit_test(one_family_is_asked_alone),
		cmocka_unit_test(a_dropped_aaaa_costs_the_resolution_delay_only),
		cmocka_unit_test(a_dropped_a_does_not_hold_up_aaaa),
		cmocka_unit_test(an_error_of_one_family_leaves_the_other),
		cmocka_unit_test(many_addresses_leave_room_for_the_other_family),
		cmocka_unit_test(localhost_needs_no_name_server),
		cmocka_unit_test(each_fault_has_its_sentence),
		cmocka_unit_test(nobody_at_the_name_server_is_told),
		cmocka_unit_test(time_up_tells_who_was_asked),
		cmocka_unit_test(bad_name_servers_and_names_are_refused),
		cmocka_unit_test(a_label_that_is_too_long_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
