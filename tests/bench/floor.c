/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * floor.c - the least that the default journey can cost: C and GnuTLS, one CA file, the same
 * session, no more checks than verification. What check_imap_full costs is measured against it.
 *
 *	floor ADDRESS PORT NAME CA-FILE USER PASSWORD-FILE
 *
 * Exit status: 0 when all of the session went well. Believes the server; not for use.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char text[65536];

static void require(int is_well, const char *what)
{
	if (is_well)
		return;
	fprintf(stderr, "floor: %s\n", what);
	exit(1);
}

static int dial(const char *address, const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	require(inet_pton(AF_INET, address, &to.sin_addr) == 1, "not an IPv4 address");
	require(connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "cannot connect");
	return fd;
}

static gnutls_session_t secure(int fd, const char *name, const char *ca)
{
	gnutls_certificate_credentials_t credentials;
	gnutls_session_t session;

	gnutls_certificate_allocate_credentials(&credentials);
	require(gnutls_certificate_set_x509_trust_file(credentials, ca, GNUTLS_X509_FMT_PEM) > 0,
		"no CA");
	gnutls_init(&session, GNUTLS_CLIENT);
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
	gnutls_server_name_set(session, GNUTLS_NAME_DNS, name, strlen(name));
	gnutls_session_set_verify_cert(session, name, 0);
	gnutls_transport_set_int(session, fd);
	require(gnutls_handshake(session) == 0, "the handshake failed");
	return session;
}

/* Reads up to the end of the line that begins with `tag`. */
static void await(gnutls_session_t session, const char *tag)
{
	size_t length = 0;
	const char *line = NULL;

	while (!line || !strchr(line, '\n')) {
		ssize_t got = gnutls_record_recv(session, text + length, sizeof text - 1 - length);

		if (got == GNUTLS_E_AGAIN)
			continue;
		require(got > 0, "the connection ended");
		length += (size_t)got;
		text[length] = '\0';
		for (line = text; line && strncmp(line, tag, strlen(tag)) != 0;)
			line = (line = strchr(line, '\n')) ? line + 1 : NULL;
	}
	require(strncmp(line + strlen(tag), " OK", 3) == 0, line);
}

static void command(gnutls_session_t session, const char *tag, const char *words)
{
	char line[1000];
	int length = snprintf(line, sizeof line, "%s %s\r\n", tag, words);

	require(gnutls_record_send(session, line, (size_t)length) == length, "cannot send");
	await(session, tag);
}

static void log_in(gnutls_session_t session, const char *user, const char *file)
{
	char password[100] = "", words[400];
	FILE *from = fopen(file, "r");

	require(from && fgets(password, sizeof password, from) != NULL, "no password");
	fclose(from);
	password[strcspn(password, "\n")] = '\0';
	snprintf(words, sizeof words, "LOGIN \"%s\" \"%s\"", user, password);
	command(session, "a1", words);
}

int main(int argc, char **argv)
{
	gnutls_session_t session;

	require(argc == 7, "ADDRESS PORT NAME CA-FILE USER PASSWORD-FILE");
	session = secure(dial(argv[1], argv[2]), argv[3], argv[4]);
	await(session, "*");
	log_in(session, argv[5], argv[6]);
	command(session, "a2", "EXAMINE INBOX");
	command(session, "a3", "FETCH * (UID BODY.PEEK[HEADER])");
	command(session, "a4", "LOGOUT");
	puts("OK");
	return 0;
}
