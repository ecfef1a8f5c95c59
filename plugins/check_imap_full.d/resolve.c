/* SPDX-License-Identifier: GPL-3.0-or-later */
/* resolve.c - looks names up with c-ares. Knows no connections; the loop does its waiting. */
#include "resolve.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "clock.h"
#include "text.h"

enum { SOCKETS_MAX = 8, NAME_MAX_LENGTH = 255, CANDIDATES_MAX = 16, FAMILIES = 2, DNS_PORT = 53 };

static const imap_time RESOLUTION_DELAY = 50 * CLOCK_MILLISECOND; /* RFC 8305 section 8 */
static const int TRY_MILLISECONDS = 1000;
static const int TRIES = 2;

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
	char servers[200]; /* for the failure's sentence */
	struct query queries[FAMILIES];
	unsigned query_count;
	struct pollfd sockets[SOCKETS_MAX];
	unsigned socket_count;

	/* The name as it is, and with each of the search domains, in the order to be tried. */
	char *candidates[CANDIDATES_MAX];
	unsigned candidate_count;
	unsigned candidate; /* the one that is being looked up */

	struct address_list addresses;
	imap_time now;	    /* of the latest call */
	imap_time first_at; /* valid once there is an address */
	bool is_finished;
	int status; /* ARES_SUCCESS, or what the candidates came to */
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
	memcpy(&address.sa, node->ai_addr, node->ai_addrlen);
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

/* `where`: "f" for /etc/hosts, "b" for name servers. */
static bool open_channel(struct resolve *resolve, const char *where)
{
	char lookups[2] = {where[0], '\0'};
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
		.timeout = TRY_MILLISECONDS,
		.tries = TRIES,
		.lookups = lookups,
		.sock_state_cb = note_socket,
		.sock_state_cb_data = resolve,
	};

	return ares_init_options(&resolve->channel, &options,
				 ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
					 ARES_OPT_LOOKUPS | ARES_OPT_NOROTATE |
					 ARES_OPT_SOCK_STATE_CB) == ARES_SUCCESS;
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
	const char *name = resolve->candidates[resolve->candidate];

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

/* Goes on to the next candidate, or finishes. */
static void settle(struct resolve *resolve)
{
	while (!resolve->is_finished && !is_pending(resolve)) {
		int status = candidate_status(resolve);

		if (resolve->addresses.count > 0) {
			resolve->status = ARES_SUCCESS;
			resolve->is_finished = true;
			return;
		}
		if (status == ARES_SUCCESS)
			status = ARES_ENODATA;
		resolve->status = resolve->candidate > 0 ? merge(resolve->status, status) : status;
		if (!is_negative(status) || resolve->candidate + 1 == resolve->candidate_count) {
			resolve->is_finished = true;
			return;
		}
		resolve->candidate++;
		ask_candidate(resolve);
	}
}

/* --- names to try -------------------------------------------------------------------------- */

static bool add_candidate(struct resolve *resolve, const char *domain)
{
	char *candidate;

	if (resolve->candidate_count == CANDIDATES_MAX)
		return true;
	if (asprintf(&candidate, "%s%s%s", resolve->name, domain ? "." : "", domain ? domain : "") <
	    0)
		return false;
	resolve->candidates[resolve->candidate_count++] = candidate;
	return true;
}

static int count_dots(const char *name)
{
	int dots = 0;

	for (; *name; name++)
		dots += *name == '.';
	return dots;
}

/* As resolv.conf(5) says: a name with `ndots` dots is tried as it is first, another one last. */
static bool list_candidates(struct resolve *resolve)
{
	struct ares_options options = {.ndots = 1};
	size_t length = strlen(resolve->name);
	bool as_it_is_first, well = true;
	int mask;

	if (length > 0 && resolve->name[length - 1] == '.')
		return add_candidate(resolve, NULL);
	if (ares_save_options(resolve->channel, &options, &mask) != ARES_SUCCESS)
		return false;
	as_it_is_first = count_dots(resolve->name) >= options.ndots;
	if (as_it_is_first)
		well = add_candidate(resolve, NULL);
	for (int i = 0; i < options.ndomains && resolve->candidate_count < CANDIDATES_MAX - 1; i++)
		if (options.domains[i][0] != '\0' && strcmp(options.domains[i], ".") != 0)
			well = well && add_candidate(resolve, options.domains[i]);
	if (!as_it_is_first)
		well = well && add_candidate(resolve, NULL);
	ares_destroy_options(&options);
	return well;
}

/* --- name servers --------------------------------------------------------------------------- */

static void add_server(struct resolve *resolve, const struct address *server)
{
	char text[ADDRESS_TEXT];
	unsigned port = address_port(server);

	text_add(resolve->servers, sizeof(resolve->servers), "%s%s",
		 resolve->servers[0] ? ", " : "", address_text(server, text));
	if (port != DNS_PORT && port != 0)
		text_add(resolve->servers, sizeof(resolve->servers), " port %u", port);
}

#if ARES_VERSION >= 0x011800 /* 1.24 */
static void list_servers(struct resolve *resolve)
{
	char *list = ares_get_servers_csv(resolve->channel);
	char *rest = NULL;
	struct address server;

	if (!list)
		return;
	for (char *one = strtok_r(list, ",", &rest); one; one = strtok_r(NULL, ",", &rest))
		if (address_parse_with_port(one, DNS_PORT, &server))
			add_server(resolve, &server);
	ares_free_string(list);
}
#else
static void list_servers(struct resolve *resolve)
{
	struct ares_addr_port_node *list = NULL;

	if (ares_get_servers_ports(resolve->channel, &list) != ARES_SUCCESS)
		return;
	for (const struct ares_addr_port_node *one = list; one; one = one->next) {
		char text[INET6_ADDRSTRLEN];
		struct address server;

		if (inet_ntop(one->family, &one->addr, text, sizeof(text)) &&
		    address_parse(text, (unsigned short)one->udp_port, &server))
			add_server(resolve, &server);
	}
	ares_free_data(list);
}
#endif

static bool set_server(struct resolve *resolve, const struct address *server)
{
	char text[ADDRESS_TEXT];
	char list[ADDRESS_TEXT + 16];
	bool is_in6 = server->sa.sa_family == AF_INET6;

	snprintf(list, sizeof(list), "%s%s%s:%u", is_in6 ? "[" : "", address_text(server, text),
		 is_in6 ? "]" : "", address_port(server));
	add_server(resolve, server);
	return ares_set_servers_ports_csv(resolve->channel, list) == ARES_SUCCESS;
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

static bool begin(struct resolve *resolve, const struct address *server)
{
	/* A name server is never asked for localhost (RFC 6761 section 6.3). */
	if ((!server || is_localhost(resolve->name)) && !look_into_hosts(resolve))
		return false;
	if (resolve->is_finished)
		return true;
	if (!open_channel(resolve, "b") || (server && !set_server(resolve, server)) ||
	    !list_candidates(resolve))
		return false;
	if (!server)
		list_servers(resolve);
	ask_candidate(resolve);
	settle(resolve);
	return true;
}

struct resolve *resolve_new(const char *name, int family, unsigned short port,
			    const char *nameserver, struct failure *failure)
{
	struct address server;
	struct resolve *resolve;

	if (nameserver && !address_parse_with_port(nameserver, DNS_PORT, &server)) {
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
		resolve->now = clock_now();
		snprintf(resolve->name, sizeof(resolve->name), "%s", name);
		if (begin(resolve, nameserver ? &server : NULL))
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
	for (unsigned i = 0; i < resolve->candidate_count; i++)
		free(resolve->candidates[i]);
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

/* --- words ---------------------------------------------------------------------------------- */

static const char *family_word(int family)
{
	return family == AF_INET ? "IPv4 " : family == AF_INET6 ? "IPv6 " : "";
}

/* The name stands before the middle, the name servers after it. */
static const struct sentence {
	int status;
	const char *before, *middle, *after;
} sentences[] = {
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
static const struct sentence pending_sentence = {0, "no answer yet for ", " from name server ", ""};

static const struct sentence *find_sentence(const struct resolve *resolve)
{
	if (!resolve->is_finished)
		return &pending_sentence;
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++)
		if (sentences[i].status == resolve->status)
			return &sentences[i];
	return NULL;
}

void resolve_failure(const struct resolve *resolve, struct failure *failure)
{
	const char *servers = resolve->servers[0] ? resolve->servers : "(none)";
	const struct sentence *sentence = find_sentence(resolve);

	if (sentence)
		failure_set(failure, CLASS_RESOLVE, "%s%s%s%s%s", sentence->before, resolve->name,
			    sentence->middle, servers, sentence->after);
	else if (resolve->status == ARES_ENODATA)
		failure_set(failure, CLASS_RESOLVE,
			    "%s exists, but has no %saddress (asked name server %s)", resolve->name,
			    family_word(resolve->family), servers);
	else if (resolve->status == ARES_ENOMEM)
		failure_set(failure, CLASS_INTERNAL, "out of memory");
	else
		failure_set(failure, CLASS_RESOLVE, "the lookup of %s failed: %s", resolve->name,
			    ares_strerror(resolve->status));
}
