/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_dial.c - the race with real sockets on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "dial.h"

static struct address loopback(const char *text, unsigned short port)
{
	struct address address;

	assert_true(address_parse(text, port, &address));
	return address;
}

/* A descriptor that listens, and its address; backlog -1: bound, but nobody listens. */
static int listen_at(const char *text, int backlog, struct address *address)
{
	int fd;

	*address = loopback(text, 0);
	fd = socket(address->sa.sa_family, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &address->sa, address->length), 0);
	if (backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, &address->sa, &address->length), 0);
	return fd;
}

static enum dial_progress run(struct dial *dial)
{
	enum dial_progress progress = dial_ready(dial, clock_now());

	while (progress == DIAL_WAIT) {
		struct wait wait;

		wait_clear(&wait);
		dial_wait(dial, &wait, clock_now());
		assert_true(poll(wait.fds, wait.count, 5) >= 0);
		progress = dial_ready(dial, clock_now());
	}
	return progress;
}

static void the_winner_is_handed_over_ready_for_use(void **state)
{
	struct address_list list = {.count = 0};
	struct address address, winner;
	int listener = listen_at("127.0.0.1", 5, &address);
	struct dial dial;
	int on = 0;
	socklen_t length = sizeof(on);
	int fd;

	(void)state;
	dial_init(&dial);
	address_list_add(&list, &address);
	dial_add(&dial, &list, false);
	assert_int_equal(run(&dial), DIAL_UP);
	fd = dial_take(&dial, &winner);
	assert_int_equal(address_port(&winner), address_port(&address));
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &length), 0);
	assert_int_equal(on, 1);
	dial_close(&dial);
	assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(dial_take(&dial, &winner), -1);
	close(fd);
	close(listener);
}

static void a_refusal_is_told_with_its_address(void **state)
{
	struct address_list list = {.count = 0};
	struct address address;
	int nobody = listen_at("127.0.0.1", -1, &address);
	struct failure failure;
	struct dial dial;
	char text[100];

	(void)state;
	dial_init(&dial);
	address_list_add(&list, &address);
	dial_add(&dial, &list, false);
	assert_int_equal(run(&dial), DIAL_LOST);
	dial_failure(&dial, &failure);
	assert_int_equal(failure.class, CLASS_CONNECT);
	snprintf(text, sizeof(text), "127.0.0.1 port %u: Connection refused; nothing listens there",
		 address_port(&address));
	assert_string_equal(failure.text, text);
	assert_int_equal(dial.race.lanes[0].error, ECONNREFUSED);
	dial_close(&dial);
	close(nobody);
}

static void a_refused_address_gives_way_to_the_next(void **state)
{
	struct address_list list = {.count = 0};
	struct address refused, good, winner;
	int nobody = listen_at("127.0.0.1", -1, &refused);
	int listener = listen_at("127.0.0.2", 5, &good);
	struct dial dial;
	int fd;

	(void)state;
	dial_init(&dial);
	address_list_add(&list, &refused);
	address_list_add(&list, &good);
	dial_add(&dial, &list, false);
	assert_int_equal(run(&dial), DIAL_UP);
	fd = dial_take(&dial, &winner);
	assert_int_equal(address_port(&winner), address_port(&good));
	assert_int_equal(dial.race.lanes[0].status, RACE_FAILED);
	dial_close(&dial);
	close(fd);
	close(nobody);
	close(listener);
}

static void all_failures_are_told_together(void **state)
{
	struct address_list list = {.count = 0};
	struct address address;
	struct failure failure;
	struct dial dial;
	int nobody = listen_at("127.0.0.1", -1, &address);

	(void)state;
	dial_init(&dial);
	for (int i = 1; i <= 20; i++) {
		char text[20];

		snprintf(text, sizeof(text), "127.0.0.%d", i);
		address = loopback(text, address_port(&address));
		address_list_add(&list, &address);
	}
	dial_add(&dial, &list, false);
	assert_int_equal(run(&dial), DIAL_LOST);
	dial_failure(&dial, &failure);
	assert_ptr_equal(strstr(failure.text, "no address took the connection: 127.0.0.1 port "),
			 failure.text);
	assert_non_null(strstr(failure.text, "127.0.0.2 port "));
	assert_non_null(strstr(failure.text, " more"));
	dial_close(&dial);
	close(nobody);
}

static void addresses_that_come_later_take_part(void **state)
{
	struct address_list list = {.count = 0};
	struct address refused, good, winner;
	int nobody = listen_at("127.0.0.1", -1, &refused);
	int listener = listen_at("127.0.0.1", 5, &good);
	struct dial dial;
	struct wait wait;

	(void)state;
	dial_init(&dial);
	address_list_add(&list, &refused);
	dial_add(&dial, &list, true);
	while (dial_ready(&dial, 0), dial.race.lanes[0].status != RACE_FAILED)
		poll(NULL, 0, 1);
	assert_int_equal(dial_ready(&dial, 0), DIAL_WAIT);
	wait_clear(&wait);
	dial_wait(&dial, &wait, 0);
	assert_int_equal(wait.count, 0);
	assert_true(wait.until == CLOCK_NEVER);
	address_list_add(&list, &good);
	dial_add(&dial, &list, false);
	assert_int_equal(run(&dial), DIAL_UP);
	close(dial_take(&dial, &winner));
	dial_close(&dial);
	close(nobody);
	close(listener);
}

static void time_up_tells_who_was_silent(void **state)
{
	struct address_list list = {.count = 0};
	struct address address;
	int listener = listen_at("127.0.0.1", 0, &address);
	struct failure failure;
	struct dial dial;
	int fillers[4];

	(void)state;
	/* A full queue makes the kernel drop what comes. */
	for (int i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fillers[i], &address.sa, address.length);
	}
	dial_init(&dial);
	address_list_add(&list, &address);
	dial_add(&dial, &list, false);
	if (dial_ready(&dial, 0) == DIAL_WAIT) {
		dial_failure(&dial, &failure);
		assert_non_null(strstr(failure.text, ": no answer"));
	}
	dial_close(&dial);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(listener);
}

static void no_address_at_all_is_told(void **state)
{
	struct address_list list = {.count = 0};
	struct failure failure;
	struct dial dial;

	(void)state;
	dial_init(&dial);
	dial_add(&dial, &list, false);
	assert_int_equal(dial_ready(&dial, 0), DIAL_LOST);
	dial_failure(&dial, &failure);
	assert_string_equal(failure.text, "there is no address to connect to");
	dial_close(&dial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_winner_is_handed_over_ready_for_use),
		cmocka_unit_test(a_refusal_is_told_with_its_address),
		cmocka_unit_test(a_refused_address_gives_way_to_the_next),
		cmocka_unit_test(all_failures_are_told_together),
		cmocka_unit_test(addresses_that_come_later_take_part),
		cmocka_unit_test(time_up_tells_who_was_silent),
		cmocka_unit_test(no_address_at_all_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
