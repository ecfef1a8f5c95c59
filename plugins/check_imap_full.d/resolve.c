/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve.c - looks names up with c-ares. Knows no connections; the loop does its waiting. */
#include "resolve.h"

#include <ares.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "clock.h"
#include "nameserver.h"
#include "resolve_fault.h"
#include "candidates.h"

enum { SOCKETS_MAX = 8, NAME_MAX_LENGTH = 255, FAMILIES = 2 };

static const imap_time RESOLUTION_DELAY = 50 * CLOCK_MILLISECOND; /* RFC 8305 section 8 */
static const int TRY_MILLISECONDS = 1000;
static const int TRIES = 4; /* each waits twice as long; where packets get lost two are too few */
static const imap_time PATIENCE = 15 * CLOCK_SECOND; /* what they come to */

/* One family's lookup of one candidate name. */
struct query {
	struct resolve *resolve;
	int family;
	bool is_pending;
	int status; /* of c-ares; valid once not pending */
};

struct resolve {
	struct ares_channeldata *channel;
	char name[NAME_MAX_LENGTH + 1];
	int family;
	unsigned short port;
	struct address server; /* the one to ask; valid if has_server */
	bool has_server;
	bool takes_any_answer; /* asks again, see explain() */
	unsigned extensions;   /* how often it was asked again, see insist() */
	struct query queries[FAMILIES];
	unsigned query_count;
	struct pollfd sockets[SOCKETS_MAX];
	unsigned socket_count;

	struct candidates candidates; /* the names to look up for it, one after the other */
	unsigned candidate;	      /* the one that is being looked up */

	struct address_list addresses;
	imap_time now; /* of the latest call */
	imap_time began_at;
	imap_time first_at; /* valid once there is an address */
	bool is_finished;
	int status; /* what the candidates came to; valid once finished without an address */
};

/* --- c-ares tells -------------------------------------------------------------------------- */

static void note_socket(void *context, ares_socket_t fd, int readable, int writable)
{
	struct resolve *resolve = context;
	short events = (short)((readable ? POLLIN : 0) | (writable ? POLLOUT : 0));
	unsigned i = 0;

	while (i < resolve->socket_count && resolve->sockets[i].fd != fd)
		i++;
	if (events == 0) {
		if (i < resolve->socket_count)
			resolve->sockets[i] = resolve->sockets[--resolve->socket_count];
		return;
	}
	if (i == SOCKETS_MAX)
		return;
	resolve->sockets[i] = (struct pollfd){.fd = fd, .events = events};
	if (i == resolve->socket_count)
		resolve->socket_count++;
}

static unsigned count_family(const struct address_list *list, int family)
{
	unsigned count = 0;

	for (unsigned i = 0; i < list->count; i++)
		count += list->items[i].sa.sa_family == family;
	return count;
}

/* Each family may fill half of the list, so that one with many addresses cannot crowd out the
 * other. */
static void add_node(struct resolve *resolve, const struct ares_addrinfo_node *node)
{
	struct address address = {.length = 0};

	if ((node->ai_family != AF_INET && node->ai_family != AF_INET6) ||
	    node->ai_addrlen > sizeof(address.in6) ||
	    count_family(&resolve->addresses, node->ai_family) >= ADDRESS_MAX / 2)
		return;
	memcpy(&address.in6, node->ai_addr, node->ai_addrlen);
	address.length = node->ai_addrlen;
	address_set_port(&address, resolve->port);
	if (resolve->addresses.count == 0)
		resolve->first_at = resolve->now;
	address_list_add(&resolve->addresses, &address);
}

static void take_answer(void *context, int status, int timeouts, struct ares_addrinfo *answer)
{
	struct query *query = context;

	(void)timeouts;
	query->is_pending = false;
	query->status = status;
	if (!answer)
		return;
	for (const struct ares_addrinfo_node *node = answer->nodes; node; node = node->ai_next)
		add_node(query->resolve, node);
	ares_freeaddrinfo(answer);
}

/* --- asking -------------------------------------------------------------------------------- */

/* `where`: "f" for /etc/hosts, "b" for name servers. All that c-ares would look up in resolv.conf
   is said here, but for the servers where they are asked: then it does not read the file. */
static bool open_channel(struct resolve *resolve, const char *where)
{
	char lookups[2] = {where[0], '\0'};
	bool wants_servers = where[0] == 'b' && !resolve->has_server;
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
			 (resolve->takes_any_answer ? ARES_FLAG_NOCHECKRESP : 0),
		.timeout = TRY_MILLISECONDS << resolve->extensions,
		.tries = TRIES,
		.ndots = 1,
		.lookups = lookups,
		.sock_state_cb = note_socket,
		.sock_state_cb_data = resolve,
	};

	return ares_init_options(&resolve->channel, &options,
				 ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					 ARES_OPT_NDOTS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST |
					 ARES_OPT_LOOKUPS | ARES_OPT_NOROTATE |
					 (wants_servers ? 0 : ARES_OPT_SERVERS) |
					 ARES_OPT_SOCK_STATE_CB) == ARES_SUCCESS;
}

static bool open_dns_channel(struct resolve *resolve)
{
	return open_channel(resolve, "b") &&
	       (!resolve->has_server || nameserver_set(resolve->channel, &resolve->server));
}

static void close_channel(struct resolve *resolve)
{
	if (resolve->channel)
		ares_destroy(resolve->channel);
	resolve->channel = NULL;
}

static void ask(struct resolve *resolve, const char *name, int family)
{
	/* The servers' own order is kept: sorting by RFC 6724 would open sockets, and the race
	   finds out by itself what can be reached. */
	struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NOSORT,
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
	};
	struct query *query = &resolve->queries[resolve->query_count++];

	*query = (struct query){.resolve = resolve, .family = family, .is_pending = true};
	ares_getaddrinfo(resolve->channel, name, NULL, &hints, take_answer, query);
}

static void ask_candidate(struct resolve *resolve)
{
	const char *name = resolve->candidates.names[resolve->candidate];

	resolve->query_count = 0;
	if (resolve->family != AF_INET)
		ask(resolve, name, AF_INET6);
	if (resolve->family != AF_INET6)
		ask(resolve, name, AF_INET);
}

static bool is_pending(const struct resolve *resolve)
{
	for (unsigned i = 0; i < resolve->query_count; i++)
		if (resolve->queries[i].is_pending)
			return true;
	return false;
}

/* "There is none" is an answer; what else can happen is not. */
static bool is_negative(int status)
{
	return status == ARES_ENOTFOUND || status == ARES_ENODATA;
}

/* What both families' lookups of a candidate without an address came to. A name that exists for one
   of them exists. */
static int merge(int one, int other)
{
	if (!is_negative(one))
		return one;
	if (!is_negative(other))
		return other;
	return one == ARES_ENODATA ? one : other;
}

static int candidate_status(const struct resolve *resolve)
{
	int status = resolve->queries[0].status;

	for (unsigned i = 1; i < resolve->query_count; i++)
		status = merge(status, resolve->queries[i].status);
	return status;
}

/* --- going from one to the next -------------------------------------------------------------- */

static bool ask_anew(struct resolve *resolve)
{
	close_channel(resolve);
	if (!open_dns_channel(resolve))
		return false;
	ask_candidate(resolve);
	return true;
}

/*
 * After an error of one name server c-ares asks the next, which is well; but when all of them had
 * errors, 1.18 says that none could be reached. So they are asked once more, and the first answer
 * is taken for what it is.
 */
static bool explain(struct resolve *resolve, int status)
{
	if (status != ARES_ECONNREFUSED || resolve->takes_any_answer)
		return false;
	resolve->takes_any_answer = true;
	return ask_anew(resolve);
}

/* Over TCP c-ares 1.18 tries once, and no longer than it takes to notice that the first packet got
   lost. */
static bool insist(struct resolve *resolve, int status)
{
	if (status != ARES_ETIMEOUT || resolve->extensions + 1 >= (unsigned)TRIES ||
	    resolve->now >= resolve->began_at + PATIENCE)
		return false;
	resolve->extensions++;
	return ask_anew(resolve);
}

/* Whether there is another candidate to go on with after this status. */
static bool go_on(struct resolve *resolve, int status)
{
	if (explain(resolve, status) || insist(resolve, status))
		return true;
	resolve->status = resolve->candidate > 0 ? merge(resolve->status, status) : status;
	if (!is_negative(status) || resolve->candidate + 1 == resolve->candidates.count)
		return false;
	resolve->candidate++;
	ask_candidate(resolve);
	return true;
}

static void settle(struct resolve *resolve)
{
	while (!resolve->is_finished && !is_pending(resolve)) {
		int status = candidate_status(resolve);

		if (resolve->addresses.count > 0)
			resolve->is_finished = true;
		else
			resolve->is_finished =
				!go_on(resolve, status == ARES_SUCCESS ? ARES_ENODATA : status);
	}
}

/* --- life ----------------------------------------------------------------------------------- */

/* The file is read at once, so its answer is there when ares_getaddrinfo() returns. Both families
   in one question: a name that stands there for one family only is not asked of name servers. */
static bool look_into_hosts(struct resolve *resolve)
{
	if (!open_channel(resolve, "f"))
		return false;
	ask(resolve, resolve->name, resolve->family);
	close_channel(resolve);
	resolve->query_count = 0;
	resolve->is_finished = resolve->addresses.count > 0;
	return true;
}

static bool is_localhost(const char *name)
{
	return strcasecmp(name, "localhost") == 0 || strcasecmp(name, "localhost.") == 0;
}

/* A system without /etc/hosts, or with one that leaves it out, has a localhost all the same. */
static void answer_localhost(struct resolve *resolve)
{
	static const char *const texts[] = {"::1", "127.0.0.1"};

	for (size_t i = 0; i < 2 && !resolve->is_finished; i++) {
		struct address address;

		if (address_parse(texts[i], resolve->port, &address) &&
		    (resolve->family == AF_UNSPEC || resolve->family == address.sa.sa_family))
			address_list_add(&resolve->addresses, &address);
	}
	resolve->is_finished = true;
}

static bool begin(struct resolve *resolve)
{
	/* A name server is never asked for localhost (RFC 6761 section 6.3). */
	if ((!resolve->has_server || is_localhost(resolve->name)) && !look_into_hosts(resolve))
		return false;
	if (is_localhost(resolve->name))
		answer_localhost(resolve);
	if (resolve->is_finished)
		return true;
	if (!open_dns_channel(resolve) || !candidates_list(&resolve->candidates, resolve->name))
		return false;
	ask_candidate(resolve);
	settle(resolve);
	return true;
}

struct resolve *resolve_new(const char *name, int family, unsigned short port,
			    const char *nameserver, struct failure *failure)
{
	struct address server = {.length = 0};
	struct resolve *resolve;

	if (nameserver && !address_parse_with_port(nameserver, NAMESERVER_PORT, &server)) {
		failure_set(failure, CLASS_USAGE,
			    "name server %s is not an address with or without a port", nameserver);
		return NULL;
	}
	if (name[0] == '\0' || strlen(name) > NAME_MAX_LENGTH) {
		failure_set(failure, CLASS_RESOLVE, "a host name has 1 to %d characters",
			    NAME_MAX_LENGTH);
		return NULL;
	}
	resolve = calloc(1, sizeof(*resolve));
	if (resolve && ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS) {
		resolve->family = family;
		resolve->port = port;
		resolve->now = resolve->began_at = clock_now();
		snprintf(resolve->name, sizeof(resolve->name), "%s", name);
		resolve->has_server = nameserver != NULL;
		resolve->server = server;
		if (begin(resolve))
			return resolve;
		resolve_free(resolve);
	} else {
		free(resolve);
	}
	failure_set(failure, CLASS_INTERNAL, "the name lookup cannot be begun");
	return NULL;
}

void resolve_free(struct resolve *resolve)
{
	if (!resolve)
		return;
	close_channel(resolve);
	candidates_clear(&resolve->candidates);
	free(resolve);
	ares_library_cleanup();
}

/* --- going on ------------------------------------------------------------------------------- */

void resolve_wait(const struct resolve *resolve, struct wait *wait)
{
	struct timeval left;

	if (resolve->is_finished)
		return;
	for (unsigned i = 0; i < resolve->socket_count; i++)
		wait_fd(wait, resolve->sockets[i].fd, resolve->sockets[i].events);
	if (ares_timeout(resolve->channel, NULL, &left))
		wait_until(wait, clock_now() + left.tv_sec * CLOCK_SECOND + left.tv_usec * 1000);
	if (resolve->addresses.count > 0 && !resolve_may_connect(resolve, clock_now()))
		wait_until(wait, resolve->first_at + RESOLUTION_DELAY);
}

void resolve_ready(struct resolve *resolve, const struct wait *wait, imap_time now)
{
	struct pollfd sockets[SOCKETS_MAX];
	unsigned count = resolve->socket_count;

	resolve->now = now;
	if (resolve->is_finished)
		return;
	/* c-ares opens and closes sockets meanwhile, so a copy is walked. */
	memcpy(sockets, resolve->sockets, sizeof(sockets));
	for (unsigned i = 0; i < count; i++) {
		short got = wait_got(wait, sockets[i].fd);

		if (got)
			ares_process_fd(resolve->channel,
					got & (POLLIN | POLLERR | POLLHUP) ? sockets[i].fd
									   : ARES_SOCKET_BAD,
					got & (POLLOUT | POLLERR) ? sockets[i].fd
								  : ARES_SOCKET_BAD);
	}
	ares_process_fd(resolve->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* timeouts */
	settle(resolve);
}

const struct address_list *resolve_addresses(const struct resolve *resolve)
{
	return &resolve->addresses;
}

bool resolve_may_connect(const struct resolve *resolve, imap_time now)
{
	if (resolve->is_finished || !is_pending(resolve))
		return true;
	if (resolve->addresses.count == 0)
		return false;
	return count_family(&resolve->addresses, AF_INET6) > 0 ||
	       now >= resolve->first_at + RESOLUTION_DELAY;
}

bool resolve_finished(const struct resolve *resolve)
{
	return resolve->is_finished;
}

void resolve_failure(const struct resolve *resolve, struct failure *failure)
{
	char servers[200];

	nameserver_list(resolve->channel, servers, sizeof(servers));
	resolve_fault(failure, resolve->is_finished ? resolve->status : RESOLVE_PENDING,
		      resolve->name, resolve->family, servers);
}
