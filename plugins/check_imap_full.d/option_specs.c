/* SPDX-License-Identifier: GPL-3.0-or-later */
/* option_specs.c - every option, described once: see options.h. Nothing but the table. */
#include "options.h"
#include "settings.h"

static const char *const group_names[GROUP_COUNT] = {
	[GROUP_SERVER] = "Server",
	[GROUP_TLS] = "TLS and certificates",
	[GROUP_LOGIN] = "Login",
	[GROUP_MAILBOX] = "Mailbox",
	[GROUP_WRITING] = "Writing",
	[GROUP_JUDGING] = "Judging",
	[GROUP_OUTPUT] = "Output and other",
};

const char *option_group_name(enum option_group group)
{
	return group_names[group];
}

const struct option_spec option_specs[] = {
	{
		.letters = "H",
		.name = "hostname",
		.argument = ARGUMENT_REQUIRED,
		.value = "HOST",
		.kind = KIND_HOST,
		.group = GROUP_SERVER,
		.help = "The server: a name, an IPv4 or IPv6 address, or a URL (RFC 5092) like "
			"imaps://alice@imap.example.org/INBOX. imaps:// is implicit TLS, "
			"imap:// is STARTTLS on port 143. User, port, mailbox and ;AUTH= are "
			"taken from the URL; options win over it. A password or ;UID= in it is "
			"refused.",
		.apply = setting_host,
	},
	{
		.letters = "p",
		.name = "port",
		.argument = ARGUMENT_REQUIRED,
		.value = "N",
		.group = GROUP_SERVER,
		.by_default = "993 for implicit TLS, else 143",
		.help = "The TCP port.",
		.apply = setting_port,
	},
	{
		.letters = "4",
		.name = "use-ipv4",
		.group = GROUP_SERVER,
		.by_default = "both families race, the first connection wins (RFC 8305)",
		.help = "Use IPv4 only.",
		.apply = setting_ipv4,
	},
	{
		.letters = "6",
		.name = "use-ipv6",
		.group = GROUP_SERVER,
		.help = "Use IPv6 only.",
		.apply = setting_ipv6,
	},
	{
		.letters = "",
		.name = "nameserver",
		.argument = ARGUMENT_REQUIRED,
		.value = "ADDR[:PORT]",
		.group = GROUP_SERVER,
		.by_default = "those of /etc/resolv.conf",
		.help = "Ask this name server. An IPv6 address with a port stands in brackets.",
		.apply = setting_nameserver,
	},
	{
		.letters = "",
		.name = "haproxy-protocol",
		.group = GROUP_SERVER,
		.help = "Send a PROXY header (version 1) before all else, as a load balancer "
			"does, to a server that expects one.",
		.apply = setting_haproxy_protocol,
	},
	{
		.letters = "t",
		.name = "timeout",
		.argument = ARGUMENT_REQUIRED,
		.value = "SECONDS[:STATE]",
		.group = GROUP_SERVER,
		.by_default = "10:critical, with --sync 30",
		.help = "Deadline of the whole run, from fetching the password and looking up "
			"the name to the logout. STATE is what missing it is worth: ok, "
			"warning, critical, unknown or 0 to 3; N:STATE is short for "
			"--state=timeout=STATE.",
		.apply = setting_timeout,
	},
	{
		.letters = "",
		.name = "tls",
		.argument = ARGUMENT_REQUIRED,
		.value = "MODE",
		.choices = SETTING_TLS_WORDS,
		.group = GROUP_TLS,
		.by_default = "implicit",
		.help = "TLS from the first octet, after the STARTTLS command, or not at all. "
			"There is no fallback from one to another.",
		.apply = setting_tls,
	},
	{
		.letters = "S",
		.name = "ssl",
		.group = GROUP_TLS,
		.help = "The same as --tls=implicit, for those who are used to check_tcp.",
		.apply = setting_ssl,
	},
	{
		.letters = "",
		.name = "ca-file",
		.argument = ARGUMENT_REQUIRED,
		.value = "FILE",
		.kind = KIND_FILE,
		.group = GROUP_TLS,
		.by_default = "the system's store",
		.help = "Trust the certificates in this PEM file instead.",
		.apply = setting_ca_file,
	},
	{
		.letters = "",
		.name = "ca-dir",
		.argument = ARGUMENT_REQUIRED,
		.value = "DIR",
		.kind = KIND_FOLDER,
		.group = GROUP_TLS,
		.by_default = "the system's store",
		.help = "Trust the certificates in this directory instead.",
		.apply = setting_ca_dir,
	},
	{
		.letters = "",
		.name = "sni",
		.argument = ARGUMENT_REQUIRED,
		.value = "NAME",
		.kind = KIND_HOST,
		.group = GROUP_TLS,
		.by_default = "HOST",
		.help = "The name to send to the server and to look for in its certificate, "
			"where -H is an address or another name. An address is looked for, but "
			"not sent.",
		.apply = setting_sni,
	},
	{
		.letters = "k",
		.name = "insecure",
		.group = GROUP_TLS,
		.help = "Go on if the certificate does not verify. The fault is then WARNING, "
			"and the password goes to whoever answered.",
		.apply = setting_insecure,
	},
	{
		.letters = "",
		.name = "tls-min",
		.argument = ARGUMENT_REQUIRED,
		.value = "VERSION",
		.choices = SETTING_TLS_MIN_WORDS,
		.group = GROUP_TLS,
		.by_default = "1.2",
		.help = "The oldest version of TLS that is good enough.",
		.apply = setting_tls_min,
	},
	{
		.letters = "",
		.name = "tls-priority",
		.argument = ARGUMENT_REQUIRED,
		.value = "STRING",
		.group = GROUP_TLS,
		.by_default = "what suits --tls-min",
		.help = "What may be negotiated, as a priority string of GnuTLS like "
			"SECURE192:-VERS-ALL:+VERS-TLS1.3. It takes the place of --tls-min. "
			"What is demanded of certificates stays, unless it names another "
			"strength by %PROFILE_.",
		.apply = setting_tls_priority,
	},
	{
		.letters = "",
		.name = "pin",
		.argument = ARGUMENT_REQUIRED,
		.value = "sha256//BASE64",
		.group = GROUP_TLS,
		.is_repeatable = true,
		.help = "The server's key must be this one, or one of several: the SHA-256 of its "
			"public key, as curl's --pinnedpubkey takes it and -vv shows it. It takes "
			"the place of verifying who signed the certificate and for which name, so "
			"that a self-signed one is checked safely; expiry is still judged by -D.",
		.apply = setting_pin,
	},
	{
		.letters = "",
		.name = "client-cert",
		.argument = ARGUMENT_REQUIRED,
		.value = "FILE",
		.kind = KIND_FILE,
		.group = GROUP_TLS,
		.help = "Our own certificate, in PEM form, with its intermediates behind it. It "
			"is shown to a server that asks for it and whose own was accepted.",
		.apply = setting_client_cert,
	},
	{
		.letters = "",
		.name = "client-key",
		.argument = ARGUMENT_REQUIRED,
		.value = "FILE",
		.kind = KIND_FILE,
		.group = GROUP_TLS,
		.by_default = "the file of --client-cert",
		.help = "Its key, in PEM form and without a passphrase.",
		.apply = setting_client_key,
	},
	{
		.letters = "D",
		.name = "certificate",
		.argument = ARGUMENT_REQUIRED,
		.value = "WARN[,CRIT]",
		.group = GROUP_TLS,
		.by_default = "20,7, but never more than 25%,10%",
		.help = "Alarm when fewer than this many days of a certificate are left, or "
			"less than N% of its lifetime; the word none turns both off. Each "
			"certificate of the verified path is judged, the trust anchor left out. "
			"Short for the thresholds cert_days=WARN: and cert_days=CRIT:; give one "
			"of the forms for each level. CRIT left out keeps its default, unless "
			"WARN is no earlier: then only the end itself is CRITICAL.",
		.apply = setting_certificate,
	},
	{
		.letters = "ul",
		.name = "username",
		.alias = "logname",
		.argument = ARGUMENT_REQUIRED,
		.value = "NAME",
		.group = GROUP_LOGIN,
		.by_default = "no login: connection and certificate are checked",
		.help = "Log in as this user, once; a refused login is never tried again. Only "
			"--auth=external, anonymous and gssapi log in without it.",
		.apply = setting_username,
	},
	{
		.letters = "",
		.name = "password-file",
		.argument = ARGUMENT_REQUIRED,
		.value = "FILE",
		.kind = KIND_FILE,
		.group = GROUP_LOGIN,
		.help = "The password is the first line of this file; - is the standard input. "
			"Of several sources of a password the last one counts.",
		.apply = setting_password_file,
	},
	{
		.letters = "",
		.name = "password-env",
		.argument = ARGUMENT_REQUIRED,
		.value = "NAME",
		.group = GROUP_LOGIN,
		.help = "The password is the value of this environment variable.",
		.apply = setting_password_env,
	},
	{
		.letters = "",
		.name = "password-command",
		.argument = ARGUMENT_REQUIRED,
		.value = "COMMAND",
		.kind = KIND_COMMAND,
		.group = GROUP_LOGIN,
		.help = "The password is the first line that /bin/sh -c COMMAND prints. It must "
			"exit with 0; if it does not, its last line on stderr is told.",
		.apply = setting_password_command,
	},
	{
		.letters = "Pa",
		.name = "password",
		.argument = ARGUMENT_REQUIRED,
		.value = "SECRET",
		.group = GROUP_LOGIN,
		.is_secret = true,
		.help = "The password itself. It is wiped from the process list at once, but "
			"was there: better use one of the other ways.",
		.apply = setting_password,
	},
	{
		.letters = "",
		.name = "auth",
		.argument = ARGUMENT_REQUIRED,
		.value = "MECHANISM",
		.choices = SETTING_AUTH_WORDS,
		.group = GROUP_LOGIN,
		.by_default = "auto",
		.help = "How to log in: login is the LOGIN command, all others are SASL "
			"mechanisms; case does not matter. auto does what mail clients do: over "
			"verified TLS PLAIN, else LOGIN, else SCRAM-SHA-256, SCRAM-SHA-1 or "
			"CRAM-MD5; without TLS only what does not reveal the password. The "
			"-plus ones also bind the login to the TLS connection. For xoauth2 and "
			"oauthbearer the password is the token. external (a client "
			"certificate), anonymous and gssapi (a Kerberos ticket) log in without "
			"a password, which is refused then, and without -u; with it, -u names "
			"whom to be, or is the trace that anonymous leaves.",
		.apply = setting_auth,
	},
	{
		.letters = "",
		.name = "authzid",
		.argument = ARGUMENT_REQUIRED,
		.value = "NAME",
		.group = GROUP_LOGIN,
		.help = "Log in with the credentials of -u, but act as this user, which the "
			"server must allow (a master user). Possible with plain, scram, "
			"oauthbearer, external and gssapi; auto then takes one of these.",
		.apply = setting_authzid,
	},
	{
		.letters = "",
		.name = "allow-cleartext",
		.group = GROUP_LOGIN,
		.help = "Permit sending the password or token over a connection that is not "
			"encrypted.",
		.apply = setting_allow_cleartext,
	},
	{
		.letters = "m",
		.name = "mailbox",
		.argument = ARGUMENT_REQUIRED,
		.value = "NAME",
		.group = GROUP_MAILBOX,
		.by_default = "INBOX",
		.help = "The mailbox to open (read-only), in UTF-8.",
		.apply = setting_mailbox,
	},
	{
		.letters = "",
		.name = "fetch",
		.argument = ARGUMENT_REQUIRED,
		.value = "PART",
		.choices = SETTING_FETCH_WORDS,
		.group = GROUP_MAILBOX,
		.by_default = "header",
		.help = "What to fetch of the newest message. It is not marked as read, and an "
			"empty mailbox is fine.",
		.apply = setting_fetch,
	},
	{
		.letters = "",
		.name = "search",
		.argument = ARGUMENT_REQUIRED,
		.value = "KEYS",
		.group = GROUP_MAILBOX,
		.help = "Search the mailbox, by IMAP search keys like 'SUBJECT \"backup done\" "
			"SINCE 1-Nov-2026'; non-ASCII text may stand in quotes. Measures matched; "
			"newest_age, oldest_age and --fetch are of the hits then.",
		.apply = setting_search,
	},
	{
		.letters = "",
		.name = "capture",
		.argument = ARGUMENT_REQUIRED,
		.value = "REGEX",
		.group = GROUP_MAILBOX,
		.help = "Take a number out of the newest message, like 'Total: ([0-9.]+) MB': "
			"what the first group of this POSIX extended regular expression holds "
			"in the first line that matches is measured as capture. Lines are those "
			"of the header, decoded, one for each field, then those of the first "
			"text part; 2 KiB of a line and 64 KiB of the message are looked at, "
			"octet for octet in UTF-8. There are no back-references.",
		.apply = setting_capture,
	},
	{
		.letters = "",
		.name = "capability",
		.argument = ARGUMENT_REQUIRED,
		.value = "NAME[,NAME]",
		.group = GROUP_MAILBOX,
		.help = "What the server must offer after login (else it is missing); -NAME must "
			"not be offered (else it is policy).",
		.apply = setting_capability,
	},
	{
		.letters = "",
		.name = "special-use",
		.argument = ARGUMENT_REQUIRED,
		.value = "NAME[,NAME]",
		.group = GROUP_MAILBOX,
		.help = "Mailboxes with these uses must exist, like Sent,Trash (RFC 6154).",
		.apply = setting_special_use,
	},
	{
		.letters = "",
		.name = "cleartext-refused",
		.group = GROUP_LOGIN,
		.help = "Look over a second connection whether a port would take a password "
			"without TLS; no login is tried. Closed, LOGINDISABLED or no password "
			"mechanism is fine, all else is policy.",
		.apply = setting_cleartext_refused,
	},
	{
		.letters = "",
		.name = "cleartext-port",
		.argument = ARGUMENT_REQUIRED,
		.value = "N",
		.group = GROUP_LOGIN,
		.by_default = "143",
		.help = "The port of --cleartext-refused.",
		.apply = setting_cleartext_port,
	},
	{
		.letters = "",
		.name = "append",
		.argument = ARGUMENT_OPTIONAL,
		.value = "MAILBOX",
		.group = GROUP_WRITING,
		.by_default = "the mailbox that is marked \\Sent",
		.help = "Append a message, and measure how long that takes. It bears a header "
			"field that names this check; older messages with the same one are "
			"removed first (see --append-keep), nothing else is touched. The server "
			"must offer UIDPLUS.",
		.apply = setting_append,
	},
	{
		.letters = "",
		.name = "append-keep",
		.argument = ARGUMENT_REQUIRED,
		.value = "N",
		.group = GROUP_WRITING,
		.by_default = "10",
		.help = "How many messages of this check are in the mailbox after --append, the "
			"new one included: 1 to 1000.",
		.apply = setting_append_keep,
	},
	{
		.letters = "",
		.name = "from",
		.argument = ARGUMENT_REQUIRED,
		.value = "ADDRESS",
		.group = GROUP_WRITING,
		.by_default = "the user, at the server's name where that is no mail address",
		.help = "The sender in the message of --append: alice@example.org, or "
			"'Alice <alice@example.org>'. Nothing is sent: the message is stored.",
		.apply = setting_from,
	},
	{
		.letters = "",
		.name = "to",
		.argument = ARGUMENT_REQUIRED,
		.value = "ADDRESS",
		.group = GROUP_WRITING,
		.is_repeatable = true,
		.by_default = "the sender, where there is no --cc and no --bcc either",
		.help = "A recipient in the message of --append.",
		.apply = setting_to,
	},
	{
		.letters = "",
		.name = "cc",
		.argument = ARGUMENT_REQUIRED,
		.value = "ADDRESS",
		.group = GROUP_WRITING,
		.is_repeatable = true,
		.help = "Another one, in its Cc field.",
		.apply = setting_cc,
	},
	{
		.letters = "",
		.name = "bcc",
		.argument = ARGUMENT_REQUIRED,
		.value = "ADDRESS",
		.group = GROUP_WRITING,
		.is_repeatable = true,
		.help = "Another one, in its Bcc field.",
		.apply = setting_bcc,
	},
	{
		.letters = "",
		.name = "subject",
		.argument = ARGUMENT_REQUIRED,
		.value = "TEXT",
		.group = GROUP_WRITING,
		.by_default = "check_imap_full: test of storing a message",
		.help = "The subject of the message of --append, in UTF-8.",
		.apply = setting_subject,
	},
	{
		.letters = "",
		.name = "body",
		.argument = ARGUMENT_REQUIRED,
		.value = "TEXT",
		.group = GROUP_WRITING,
		.by_default = "a few lines that say what the message is",
		.help = "The text of the message of --append, in UTF-8; it may have several "
			"lines.",
		.apply = setting_body,
	},
	{
		.letters = "",
		.name = "sync",
		.argument = ARGUMENT_REQUIRED,
		.value = "MAILBOX",
		.group = GROUP_WRITING,
		.help = "Measure how soon a second session of the same user is told: of a "
			"message that is appended to this mailbox (idle) and of a flag that is "
			"set (flags), by IDLE, or by NOOP four times a second where the server "
			"has no IDLE. The message is fetched back and compared, then removed; "
			"one that an interrupted run left is removed an hour later. Nothing "
			"else is touched. The server must offer UIDPLUS. A mailbox of its own, "
			"which must exist, is best. The default of --timeout is 30 then.",
		.apply = setting_sync,
	},
	{
		.letters = "w",
		.name = "warning",
		.argument = ARGUMENT_REQUIRED,
		.value = "LIST",
		.kind = KIND_RANGES,
		.group = GROUP_JUDGING,
		.is_repeatable = true,
		.help = "WARNING if a metric is outside its range: "
			"METRIC=RANGE[,METRIC=RANGE...], or RANGE alone for total. A RANGE of 5 "
			"alerts above 5 (and below 0), 20: below 20, 1:5 outside, @1:5 inside. "
			"Naming a metric runs what yields it.",
		.apply = setting_warning,
	},
	{
		.letters = "c",
		.name = "critical",
		.argument = ARGUMENT_REQUIRED,
		.value = "LIST",
		.kind = KIND_RANGES,
		.group = GROUP_JUDGING,
		.is_repeatable = true,
		.help = "The same for CRITICAL.",
		.apply = setting_critical,
	},
	{
		.letters = "",
		.name = "measure",
		.argument = ARGUMENT_REQUIRED,
		.value = "METRIC[,METRIC...]",
		.kind = KIND_METRICS,
		.group = GROUP_JUDGING,
		.is_repeatable = true,
		.help = "Report these metrics too, without judging them.",
		.apply = setting_measure,
	},
	{
		.letters = "",
		.name = "state",
		.argument = ARGUMENT_REQUIRED,
		.value = "CLASS=STATE",
		.kind = KIND_STATES,
		.group = GROUP_JUDGING,
		.is_repeatable = true,
		.help = "What a class of failure (see below) is worth: ok, warning, critical, "
			"unknown or 0 to 3.",
		.apply = setting_state,
	},
	{
		.letters = "o",
		.name = "output",
		.argument = ARGUMENT_REQUIRED,
		.value = "FORM",
		.choices = SETTING_OUTPUT_WORDS,
		.group = GROUP_OUTPUT,
		.by_default = "nagios",
		.tells_form = true,
		.help = "How to tell the result: as the plugins of Nagios do, as one JSON "
			"object on one line, or in the text format of Prometheus. The exit "
			"status is the same, and bad usage is told in this form as well.",
		.apply = setting_output,
	},
	{
		.letters = "v",
		.name = "verbose",
		.group = GROUP_OUTPUT,
		.is_repeatable = true,
		.help = "Show the phases; twice: certificates, capabilities and addresses too; "
			"three times: what was sent and received, secrets masked. All of it "
			"follows the first line; in JSON it adds members, for Prometheus "
			"comments.",
		.apply = setting_verbose,
	},
	{
		.letters = "",
		.name = "extra-opts",
		.argument = ARGUMENT_OPTIONAL,
		.value = "[SECTION][@FILE]",
		.group = GROUP_OUTPUT,
		.is_repeatable = true,
		.by_default =
			"section check_imap_full of the monitoring-plugins.ini that is found first",
		.help = "Read options from a section of an ini file, as long names without the "
			"dashes (username=alice). They come before those of the command line, "
			"which win.",
		.apply = setting_extra_opts,
	},
	{
		.letters = "V",
		.name = "version",
		.group = GROUP_OUTPUT,
		.answer = OPTIONS_VERSION,
		.help = "Print the version.",
	},
	{
		.letters = "h",
		.name = "help",
		.group = GROUP_OUTPUT,
		.answer = OPTIONS_HELP,
		.help = "Print this help.",
	},
	{.name = NULL},
};
