/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * saslserver.c - an IMAP server on loopback for tests of logging in: offers the mechanisms that it
 * is told to, over TLS of a given version or in clear, and has one user with an empty INBOX. Prints
 * "port N" and then one line for each login attempt. Built on GNU SASL's server side, so that the
 * client's side meets an implementation of its own kind for what the distribution's servers do not
 * offer.
 */
#include "saslserver.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static void die(const char *what)
{
	fprintf(stderr, "saslserver: %s\n", what);
	exit(1);
}

/* --- bytes ------------------------------------------------------------------------------------ */

static ssize_t receive(struct link *link, void *to, size_t size)
{
	ssize_t got;

	if (!link->tls)
		return read(link->fd, to, size);
	do
		got = gnutls_record_recv(link->tls, to, size);
	while (got == GNUTLS_E_INTERRUPTED || got == GNUTLS_E_AGAIN);
	return got;
}

static bool read_byte(struct link *link, char *byte)
{
	if (link->at == link->used) {
		ssize_t got = receive(link, link->buffer, sizeof link->buffer);

		if (got <= 0)
			return false;
		link->at = 0;
		link->used = (size_t)got;
	}
	*byte = link->buffer[link->at++];
	return true;
}

bool link_read(struct link *link, char *to, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!read_byte(link, to + i))
			return false;
	return true;
}

bool link_read_line(struct link *link)
{
	size_t length = 0;
	char byte;

	while (read_byte(link, &byte)) {
		if (byte == '\n') {
			link->line[length > 0 && link->line[length - 1] == '\r' ? length - 1
										: length] = '\0';
			return true;
		}
		if (length + 1 < LINE)
			link->line[length++] = byte;
	}
	return false;
}

void link_say(struct link *link, const char *format, ...)
{
	static char text[LINE + 100];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	vsnprintf(text, sizeof text - 2, format, arguments);
	va_end(arguments);
	length = strlen(text);
	memcpy(text + length, "\r\n", 2);
	if (link->tls)
		gnutls_record_send(link->tls, text, length + 2);
	else if (write(link->fd, text, length + 2) < 0)
		_exit(0);
}

/* --- TLS -------------------------------------------------------------------------------------- */

static gnutls_certificate_credentials_t load(const struct settings *settings)
{
	gnutls_certificate_credentials_t credentials;

	if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
	    gnutls_certificate_set_x509_key_file(credentials, settings->certificate, settings->key,
						 GNUTLS_X509_FMT_PEM) < 0)
		die("cannot load certificate and key");
	if (settings->client_ca &&
	    gnutls_certificate_set_x509_trust_file(credentials, settings->client_ca,
						   GNUTLS_X509_FMT_PEM) < 0)
		die("cannot load the clients' authority");
	return credentials;
}

static void secure(struct link *link)
{
	const struct settings *settings = link->settings;
	char priority[60] = "NORMAL";
	unsigned status;
	int result;

	if (settings->version)
		snprintf(priority, sizeof priority, "NORMAL:-VERS-ALL:+VERS-TLS%s",
			 settings->version);
	if (gnutls_init(&link->tls, GNUTLS_SERVER) < 0 ||
	    gnutls_priority_set_direct(link->tls, priority, NULL) < 0 ||
	    gnutls_credentials_set(link->tls, GNUTLS_CRD_CERTIFICATE, load(settings)) < 0)
		die("cannot set up TLS");
	if (settings->client_ca)
		gnutls_certificate_server_set_request(link->tls, GNUTLS_CERT_REQUEST);
	gnutls_transport_set_int(link->tls, link->fd);
	do
		result = gnutls_handshake(link->tls);
	while (result < 0 && !gnutls_error_is_fatal(result));
	if (result < 0)
		_exit(0);
	link->at = link->used = 0;
	link->has_client_certificate = settings->client_ca &&
				       gnutls_certificate_verify_peers2(link->tls, &status) == 0 &&
				       status == 0;
}

/* --- IMAP ------------------------------------------------------------------------------------- */

bool is_listed(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list) {
		size_t next = strcspn(list, " ");

		if (next == length && strncasecmp(list, word, length) == 0)
			return true;
		list += next + (list[next] == ' ');
	}
	return false;
}

/* Before STARTTLS nothing is offered. */
static void write_capabilities(const struct link *link, char *text, size_t size)
{
	const struct settings *settings = link->settings;
	char list[1000];
	char *rest = list;
	size_t used = (size_t)snprintf(text, size, "IMAP4rev1 LITERAL+%s",
				       settings->has_sasl_ir ? " SASL-IR" : "");

	if (settings->is_starttls && !link->tls) {
		snprintf(text + used, size - used, " STARTTLS LOGINDISABLED");
		return;
	}
	if (!is_listed(settings->mechanisms, "COMMAND"))
		used += (size_t)snprintf(text + used, size - used, " LOGINDISABLED");
	snprintf(list, sizeof list, "%s", settings->mechanisms);
	for (char *word; (word = strsep(&rest, " "));)
		if (word[0] && strcasecmp(word, "COMMAND") != 0)
			used += (size_t)snprintf(text + used, size - used, " AUTH=%s", word);
}

static bool starts_tls(struct link *link, const char *tag)
{
	if (!link->settings->is_starttls || link->tls) {
		link_say(link, "%s BAD not now", tag);
		return false;
	}
	link_say(link, "%s OK begin", tag);
	secure(link);
	return true;
}

static void examine(struct link *link, const char *tag)
{
	link_say(link, "* 0 EXISTS\r\n* OK [UIDVALIDITY 1] fine\r\n%s OK [READ-ONLY] empty", tag);
}

/* False at the end of the session. */
static bool obey(struct link *link, bool *is_in)
{
	char *tag = link->line, *rest = strchr(tag, ' '), *name, capabilities[1500];
	char kept[40];

	if (!rest || rest - tag >= (int)sizeof kept)
		return false;
	*rest++ = '\0';
	memcpy(kept, tag, strlen(tag) + 1);
	name = strsep(&rest, " ");
	write_capabilities(link, capabilities, sizeof capabilities);
	if (strcasecmp(name, "CAPABILITY") == 0)
		link_say(link, "* CAPABILITY %s\r\n%s OK done", capabilities, kept);
	else if (strcasecmp(name, "STARTTLS") == 0)
		starts_tls(link, kept);
	else if (strcasecmp(name, "LOGOUT") == 0)
		link_say(link, "* BYE bye\r\n%s OK done", kept);
	else if (!*is_in && rest && strcasecmp(name, "AUTHENTICATE") == 0)
		*is_in = login_authenticate(link, kept, rest);
	else if (!*is_in && rest && strcasecmp(name, "LOGIN") == 0)
		*is_in = login_command(link, kept, rest);
	else if (*is_in && strcasecmp(name, "EXAMINE") == 0)
		examine(link, kept);
	else
		link_say(link, "%s %s", kept, *is_in ? "OK done" : "BAD not now");
	return strcasecmp(name, "LOGOUT") != 0;
}

static void serve(const struct settings *settings, int fd)
{
	static struct link link;
	char capabilities[1500];
	bool is_in = false;

	link.settings = settings;
	link.fd = fd;
	if (settings->certificate && !settings->is_starttls)
		secure(&link);
	write_capabilities(&link, capabilities, sizeof capabilities);
	link_say(&link, "* OK [CAPABILITY %s] ready", capabilities);
	while (link_read_line(&link) && obey(&link, &is_in))
		;
	if (link.tls)
		gnutls_bye(link.tls, GNUTLS_SHUT_WR);
	_exit(0);
}

/* --- life ------------------------------------------------------------------------------------- */

static int listen_somewhere(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
	    listen(fd, 50) < 0 || getsockname(fd, (struct sockaddr *)&address, &length) < 0)
		die("cannot listen");
	printf("port %u\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

static void take_options(int argc, char **argv, struct settings *settings)
{
	int letter;

	while ((letter = getopt(argc, argv, "c:k:a:t:m:u:p:z:i:e:r:f:h:ns")) != -1)
		switch (letter) {
		case 'c':
			settings->certificate = optarg;
			break;
		case 'k':
			settings->key = optarg;
			break;
		case 'a':
			settings->client_ca = optarg;
			break;
		case 't':
			settings->version = optarg;
			break;
		case 'm':
			settings->mechanisms = optarg;
			break;
		case 'u':
			settings->user = optarg;
			break;
		case 'p':
			settings->password = optarg;
			break;
		case 'z':
			settings->authzid = optarg;
			break;
		case 'i':
			settings->iterations = optarg;
			break;
		case 'e':
			settings->error = optarg;
			break;
		case 'r':
			settings->refusal = optarg;
			break;
		case 'f':
			settings->fault = optarg;
			break;
		case 'h':
			settings->host = optarg;
			break;
		case 'n':
			settings->has_sasl_ir = false;
			break;
		case 's':
			settings->is_starttls = true;
			break;
		default:
			die("see take_options() for what is understood");
		}
}

/* Ends when its standard input does, so that it never outlives the test that started it. */
static void end_with_stdin(void)
{
	char byte;

	if (fork() != 0)
		return;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	kill(getppid(), SIGTERM);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct settings settings = {.mechanisms = "PLAIN",
				    .user = "alice",
				    .password = "secret",
				    .authzid = "",
				    .iterations = "4096",
				    .fault = "",
				    .host = "localhost",
				    .has_sasl_ir = true};
	int listener;

	take_options(argc, argv, &settings);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	end_with_stdin();
	listener = listen_somewhere();
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
		if (fd >= 0 && fork() == 0)
			serve(&settings, fd);
		if (fd >= 0)
			close(fd);
	}
}
