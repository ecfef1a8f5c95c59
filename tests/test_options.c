/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_options.c - from arguments to the configuration: every option, every bad usage, every
   spelling of a secret. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "options.h"

enum { ARGS_MAX = 20 };

/* An argument vector laid out as the kernel does it: one string behind the other, all writable. */
struct vector {
	int argc;
	char *argv[ARGS_MAX + 2];
	char area[2000];
	size_t used;
};

static void vector_make(struct vector *vector, const char *const *args)
{
	*vector = (struct vector){.argc = 1};
	vector->argv[0] = strcpy(vector->area, "check_imap_full");
	vector->used = strlen(vector->area) + 1;
	for (; *args; args++) {
		char *to = vector->area + vector->used;

		vector->argv[vector->argc++] = strcpy(to, *args);
		vector->used += strlen(*args) + 1;
		assert_true(vector->used < sizeof vector->area && vector->argc <= ARGS_MAX);
	}
}

static struct vector vector;
static struct config config;
static struct failure failure;

static enum options_answer parse(const char *const *args)
{
	vector_make(&vector, args);
	failure = (struct failure){0};
	return options_parse(vector.argc, vector.argv, &config, &failure);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})
#define RUNS(...)  assert_int_equal(PARSE(__VA_ARGS__), OPTIONS_RUN)

/* --- defaults and single options ------------------------------------------------------------- */

static void a_host_is_enough_and_the_rest_has_its_defaults(void **state)
{
	(void)state;
	RUNS("-H", "imap.example.org");
	assert_string_equal(config.host.lookup, "imap.example.org");
	assert_int_equal(config.port, 993);
	assert_int_equal(config.tls, CONFIG_TLS_IMPLICIT);
	assert_int_equal(config.tls_settings.min, TLS_1_2);
	assert_false(config.tls_settings.insecure);
	assert_string_equal(config.tls_settings.peer.name, "imap.example.org");
	assert_int_equal(config.family, AF_UNSPEC);
	assert_true(config.timeout == 10 * CLOCK_SECOND);
	assert_null(config.user);
	assert_int_equal(config.auth, AUTH_AUTO);
	assert_int_equal(config.fetch, CONFIG_FETCH_HEADER);
	assert_string_equal(config.mailbox, "INBOX");
	assert_int_equal(config.verbosity, 0);
	assert_int_equal(config.class_state[CLASS_USAGE], STATE_UNKNOWN);
	assert_int_equal(config.class_state[CLASS_INTERNAL], STATE_UNKNOWN);
	assert_int_equal(config.class_state[CLASS_POLICY], STATE_WARNING);
	assert_int_equal(config.class_state[CLASS_ALTERED], STATE_WARNING);
	assert_int_equal(config.class_state[CLASS_TIMEOUT], STATE_CRITICAL);
	assert_int_equal(config.class_state[CLASS_AUTH], STATE_CRITICAL);
}

static void every_spelling_of_an_option_is_understood(void **state)
{
	(void)state;
	RUNS("-Ha", "-p143");
	assert_int_equal(config.port, 143);
	RUNS("-H", "a", "-p", "144");
	assert_int_equal(config.port, 144);
	RUNS("--hostname=a", "--port=145");
	assert_int_equal(config.port, 145);
	RUNS("--hostname", "a", "--port", "146");
	assert_int_equal(config.port, 146);
	RUNS("-4vHa", "-vv");
	assert_int_equal(config.family, AF_INET);
	assert_int_equal(config.verbosity, 3);
	RUNS("-H", "a", "--");
	RUNS("-H", "a", "-vvvv");
	assert_int_equal(config.verbosity, 3);
	RUNS("-H", "a", "--logname=x", "-ay");
	assert_string_equal(config.user, "x");
	RUNS("-H", "a", "-lx", "-ay");
	assert_string_equal(config.user, "x");
}

static void of_a_repeated_option_the_last_one_counts(void **state)
{
	(void)state;
	RUNS("-H", "a", "-H", "b", "-p", "1", "-p", "2", "-t", "3", "-t", "4");
	assert_string_equal(config.host.name, "b");
	assert_int_equal(config.port, 2);
	assert_true(config.timeout == 4 * CLOCK_SECOND);
	RUNS("-H", "imap://u@b/Sent", "-H", "c");
	assert_int_equal(config.tls, CONFIG_TLS_IMPLICIT);
	assert_string_equal(config.mailbox, "INBOX");
}

static void each_way_to_say_where_is_taken(void **state)
{
	(void)state;
	RUNS("-6", "-H", "[::1]", "--sni=Imap.example.org.");
	assert_true(config.host.is_address);
	assert_int_equal(config.family, AF_INET6);
	assert_string_equal(config.tls_settings.peer.name, "Imap.example.org");
	assert_false(config.tls_settings.peer.is_address);
	RUNS("-H", "192.0.2.1");
	assert_true(config.tls_settings.peer.is_address);
	assert_int_equal(config.tls_settings.peer.address_length, 4);
	assert_memory_equal(config.tls_settings.peer.address, "\xc0\0\2\1", 4);
	RUNS("-H", "example.org", "--sni=fe80::1%lo");
	assert_int_equal(config.tls_settings.peer.address_length, 16);
	assert_string_equal(config.tls_settings.peer.name, "fe80::1");
	for (const char *const *server = (const char *const[]){"127.0.0.1", "127.0.0.1:5353", "::1",
							       "[::1]", "[::1]:53", NULL};
	     *server; server++) {
		RUNS("-H", "a", "--nameserver", *server);
		assert_string_equal(config.nameserver, *server);
	}
}

static void each_option_about_tls_is_taken(void **state)
{
	(void)state;
	RUNS("-H", "a", "--tls=starttls");
	assert_int_equal(config.tls, CONFIG_TLS_STARTTLS);
	assert_int_equal(config.port, 143);
	RUNS("-H", "a", "--tls=NONE");
	assert_int_equal(config.tls, CONFIG_TLS_NONE);
	assert_int_equal(config.port, 143);
	RUNS("-H", "a", "--tls=starttls", "-S");
	assert_int_equal(config.tls, CONFIG_TLS_IMPLICIT);
	RUNS("-H", "a", "-k", "--tls-min=1.3");
	assert_true(config.tls_settings.insecure);
	assert_int_equal(config.tls_settings.min, TLS_1_3);
	RUNS("-H", "a", "--insecure", "--tls-min", "1.0");
	assert_int_equal(config.tls_settings.min, TLS_1_0);
}

#define PIN_OF_NOTHING "sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
static const char pin_word[] = "--pin=" PIN_OF_NOTHING;

static void each_option_about_keys_and_ciphers_is_taken(void **state)
{
	(void)state;
	RUNS("-H", "a", "--tls-priority=SECURE192:-VERS-ALL:+VERS-TLS1.3");
	assert_string_equal(config.tls_settings.priority, "SECURE192:-VERS-ALL:+VERS-TLS1.3");
	RUNS("-H", "a", pin_word);
	assert_int_equal(config.tls_settings.pins.count, 1);
	assert_int_equal(config.tls_settings.pins.items[0].hash[0], 0xe3);
	RUNS("-H", "a", "--pin", PIN_OF_NOTHING, pin_word, "-k", "--sni=b");
	assert_int_equal(config.tls_settings.pins.count, 2);
}

static void the_timeout_takes_decimals_and_a_state(void **state)
{
	(void)state;
	RUNS("-H", "a", "-t", "2.5");
	assert_true(config.timeout == 2500 * CLOCK_MILLISECOND);
	RUNS("-H", "a", "-t", "0.1:unknown");
	assert_int_equal(config.class_state[CLASS_TIMEOUT], STATE_UNKNOWN);
	RUNS("-H", "a", "--state=timeout=ok", "-t", "3600:1");
	assert_int_equal(config.class_state[CLASS_TIMEOUT], STATE_WARNING);
	RUNS("-H", "a", "-t", "5:1", "--state=Timeout=OK", "-t", "6");
	assert_int_equal(config.class_state[CLASS_TIMEOUT], STATE_OK);
}

static void each_option_about_the_login_is_taken(void **state)
{
	(void)state;
	RUNS("-H", "a", "-u", "alice", "--password-file=-");
	assert_int_equal(config.secret.source, SECRET_FILE);
	assert_string_equal(config.secret.where, "-");
	RUNS("-H", "a", "-u", "alice", "--password-file", "-");
	assert_string_equal(config.secret.where, "-");
	RUNS("-H", "a", "-u", "alice", "--password-env=PW");
	assert_int_equal(config.secret.source, SECRET_ENV);
	RUNS("-H", "a", "-u", "alice", "--password-command=pass show imap");
	assert_int_equal(config.secret.source, SECRET_COMMAND);
	RUNS("-H", "a", "-u", "alice", "-P", "-x");
	assert_int_equal(config.secret.source, SECRET_GIVEN);
	assert_string_equal(config.secret.given, "-x");
	RUNS("-H", "a", "-u", "alice", "-Px", "--auth=PLAIN");
	assert_int_equal(config.auth, AUTH_PLAIN);
	RUNS("-H", "a", "-u", "alice", "-Px", "--tls=none", "--auth=login", "--allow-cleartext");
	assert_true(config.allow_cleartext);
	RUNS("-H", "a", "-u", "alice", "-Px", "--auth=SCRAM-sha-256", "--tls=none",
	     "--authzid=bob");
	assert_int_equal(config.auth, AUTH_SCRAM_SHA_256);
	assert_string_equal(config.authzid, "bob");
	RUNS("-H", "a", "-u", "alice", "-Px", "-m", "Archiv/Ä", "--fetch=message");
	assert_string_equal(config.mailbox, "Archiv/Ä");
	assert_int_equal(config.fetch, CONFIG_FETCH_MESSAGE);
}

static void some_mechanisms_log_in_without_user_and_password(void **state)
{
	static const char *const options[] = {"--auth=external", "--auth=anonymous",
					      "--auth=gssapi"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		RUNS("-H", "a", options[i], "-mINBOX", "-wselect=1");
		assert_true(config_logs_in(&config));
		assert_false(config_needs_secret(&config));
		RUNS("-H", "a", "-u", "alice", options[i]);
		assert_false(config_needs_secret(&config));
	}
	RUNS("-H", "imaps://;AUTH=ANONYMOUS@a/");
	assert_true(config_logs_in(&config));
	RUNS("-H", "a");
	assert_false(config_logs_in(&config));
	RUNS("-H", "a", "-u", "alice", "-Px");
	assert_true(config_needs_secret(&config));
}

static void every_mechanism_can_be_asked_for(void **state)
{
	(void)state;
	for (int i = 0; i < AUTH_COUNT; i++) {
		const struct auth_spec *spec = auth_spec((enum auth)i);
		char option[60];

		snprintf(option, sizeof option, "--auth=%s", spec->word);
		if (spec->secret == AUTH_SECRET_NONE)
			RUNS("-H", "a", option);
		else
			RUNS("-H", "a", "-u", "alice", "-Px", option);
		assert_int_equal((int)config.auth, i);
		if (spec->mechanism)
			assert_int_equal((int)auth_find_mechanism(spec->mechanism), i);
	}
}

static void the_last_source_of_a_secret_counts_and_the_first_is_wiped(void **state)
{
	(void)state;
	RUNS("-H", "a", "-u", "alice", "-P", "hunter2", "--password-env=PW");
	assert_int_equal(config.secret.source, SECRET_ENV);
	assert_null(config.secret.given);
	assert_null(memmem(vector.area, sizeof vector.area, "hunter2", 7));
}

/* --- URLs and options ------------------------------------------------------------------------ */

static void a_url_says_where_and_who(void **state)
{
	(void)state;
	RUNS("-H", "imap://alice;AUTH=PLAIN@imap.example.org:1143/Sent%20Items", "-Px");
	assert_string_equal(config.host.name, "imap.example.org");
	assert_int_equal(config.tls, CONFIG_TLS_STARTTLS);
	assert_int_equal(config.port, 1143);
	assert_string_equal(config.user, "alice");
	assert_int_equal(config.auth, AUTH_PLAIN);
	assert_string_equal(config.mailbox, "Sent Items");
	RUNS("-H", "imaps://[::1]/");
	assert_true(config.host.is_address);
	assert_int_equal(config.port, 993);
}

static void options_win_over_a_url_in_any_order(void **state)
{
	static const char url[] = "imap://alice;AUTH=PLAIN@h:1143/Sent";

	(void)state;
	for (int order = 0; order < 2; order++) {
		if (order == 0)
			RUNS("-H", url, "-S", "-ubob", "-Px", "-mDrafts", "-p7", "--auth=auto");
		else
			RUNS("-S", "-ubob", "-Px", "-mDrafts", "-p7", "--auth=auto", "-H", url);
		assert_int_equal(config.tls, CONFIG_TLS_IMPLICIT);
		assert_string_equal(config.user, "bob");
		assert_string_equal(config.mailbox, "Drafts");
		assert_int_equal(config.port, 7);
		assert_int_equal(config.auth, AUTH_AUTO);
	}
}

/* --- judging --------------------------------------------------------------------------------- */

static const struct config_threshold *threshold(enum metric metric, enum config_level level)
{
	assert_true(config.thresholds[metric][level].is_set && config.measured[metric]);
	return &config.thresholds[metric][level];
}

static void thresholds_are_for_total_or_for_the_metrics_named(void **state)
{
	(void)state;
	RUNS("-H", "a", "-w", "5", "-c", "10:");
	assert_true(threshold(METRIC_TOTAL, CONFIG_WARNING)->range.high == 5);
	assert_true(threshold(METRIC_TOTAL, CONFIG_CRITICAL)->range.high_is_open);
	RUNS("-H", "a", "-uu", "-Px", "-w", "total=5,auth=0:1", "-wauth=@1:2", "-cmessages=9");
	assert_true(threshold(METRIC_TOTAL, CONFIG_WARNING)->range.high == 5);
	assert_true(threshold((enum metric)PHASE_AUTH, CONFIG_WARNING)->range.alerts_inside);
	assert_true(threshold(METRIC_MESSAGES, CONFIG_CRITICAL)->range.high == 9);
	assert_false(config.thresholds[METRIC_MESSAGES][CONFIG_WARNING].is_set);
	RUNS("-H", "a", "-uu", "-Px", "--measure=uidvalidity,size");
	assert_true(config.measured[METRIC_UIDVALIDITY] && config.measured[METRIC_SIZE]);
	assert_false(config.measured[METRIC_MESSAGES]);
	assert_false(config.thresholds[METRIC_SIZE][CONFIG_WARNING].is_set);
}

static void a_negative_bound_may_stand_alone_behind_its_option(void **state)
{
	(void)state;
	RUNS("-H", "a", "-w", "-5:5");
	assert_true(threshold(METRIC_TOTAL, CONFIG_WARNING)->range.low == -5);
}

static void assert_expiry(enum config_level level, double days, double share, bool smaller)
{
	const struct config_expiry *expiry = &config.expiry[level];

	assert_true(expiry->is_set);
	assert_true(fabs(expiry->days - days) < 1e-9);
	assert_true(fabs(expiry->share - share) < 1e-9);
	assert_int_equal(expiry->smaller, smaller);
}

static void the_end_of_a_certificate_is_near_by_days_or_by_its_lifetime(void **state)
{
	(void)state;
	RUNS("-H", "a");
	assert_expiry(CONFIG_WARNING, 20, 0.25, true);
	assert_expiry(CONFIG_CRITICAL, 7, 0.10, true);
	RUNS("-H", "a", "-D", "30.5,10");
	assert_expiry(CONFIG_WARNING, 30.5, 0, false);
	assert_expiry(CONFIG_CRITICAL, 10, 0, false);
	RUNS("-H", "a", "--certificate=20%,5");
	assert_expiry(CONFIG_WARNING, 0, 0.2, false);
	assert_expiry(CONFIG_CRITICAL, 5, 0, false);
	RUNS("-H", "a", "-D", "30");
	assert_expiry(CONFIG_WARNING, 30, 0, false);
	assert_expiry(CONFIG_CRITICAL, 7, 0.10, true);
	RUNS("-H", "a", "-D", "none");
	assert_false(config.expiry[CONFIG_WARNING].is_set);
	assert_false(config.expiry[CONFIG_CRITICAL].is_set);
	RUNS("-H", "a", "-D", "none", "-D", "9,8");
	assert_expiry(CONFIG_WARNING, 9, 0, false);
}

static void a_late_warning_is_not_overtaken_by_the_critical_default(void **state)
{
	(void)state;
	RUNS("-H", "a", "-D", "5");
	assert_expiry(CONFIG_WARNING, 5, 0, false);
	assert_false(config.expiry[CONFIG_CRITICAL].is_set);
	RUNS("-H", "a", "-D", "10%");
	assert_false(config.expiry[CONFIG_CRITICAL].is_set);
	RUNS("-H", "a", "-w", "cert_days=5:");
	assert_false(config.expiry[CONFIG_CRITICAL].is_set);
}

static void a_threshold_on_cert_days_takes_the_place_of_that_levels_default(void **state)
{
	(void)state;
	RUNS("-H", "a", "-w", "cert_days=20:");
	assert_false(config.expiry[CONFIG_WARNING].is_set);
	assert_expiry(CONFIG_CRITICAL, 7, 0.10, true);
	RUNS("-H", "a", "-D", "30", "-c", "cert_days=3:");
	assert_expiry(CONFIG_WARNING, 30, 0, false);
	assert_false(config.expiry[CONFIG_CRITICAL].is_set);
	RUNS("-H", "a", "-D", "none", "-w", "cert_days=3:");
	assert_false(config.expiry[CONFIG_CRITICAL].is_set);
}

/* --- bad usage ------------------------------------------------------------------------------- */

struct misuse {
	const char *args[ARGS_MAX];
	const char *words[4]; /* each stands in the sentence */
};

static const struct misuse misuses[] = {
	/* spelling */
	{{NULL}, {"no host", "-H"}},
	{{"-H"}, {"-H needs a value (HOST)", "missing"}},
	{{"-H", ""}, {"-H needs a value", "empty"}},
	{{"--hostname="}, {"--hostname", "empty"}},
	{{"-H", "a", "-u", "", "-Px"}, {"-u", "empty"}},
	{{"-H", "a", "--bogus"}, {"--bogus is not an option"}},
	{{"-H", "a", "-z"}, {"-z is not an option"}},
	{{"-H", "a", "--host=b"}, {"--host is not an option", "--hostname?"}},
	{{"-H", "a", "--dane"}, {"--dane is not an option"}},
	{{"-H", "a", "--searching=ALL"}, {"--searching is not an option"}},
	{{"-H", "a", "--insecure=yes"}, {"--insecure takes no value"}},
	{{"-H", "a", "--verbose=2"}, {"--verbose takes no value"}},
	{{"-H", "a", "-w=5"}, {"-w", "without '='", "--warning=LIST"}},
	{{"-H", "a", "b"}, {"\"b\" belongs to no option"}},
	{{"a"}, {"\"a\" belongs to no option", "-H"}},
	{{"-H", "a", "--", "-v"}, {"\"-v\" belongs to no option"}},
	{{"-H", "a", "-"}, {"\"-\" belongs to no option"}},
	{{"-H", "a", "--password", "--mailbox=x"}, {"--password needs a value", "missing"}},
	{{"-H", "a", "-u", "-v"}, {"-u needs a value", "missing"}},
	{{"-H", "a", "--mailbox", "--"}, {"--mailbox needs a value", "missing"}},
	{{"-H", "a", "--extra-opts"}, {"--extra-opts"}},
	/* where */
	{{"-H", "http://a/"}, {"-H", "imaps://"}},
	{{"-H", "imaps://u:secret@a/"}, {"-H", "password"}},
	{{"-H", "a b"}, {"-H", "white space"}},
	{{"-H", "a:993"}, {"-H", "-p"}},
	{{"-H", "a", "-p", "0"}, {"-p", "1 to 65535"}},
	{{"-H", "a", "-p", "65536"}, {"-p", "1 to 65535"}},
	{{"-H", "a", "-p", "0x10"}, {"-p", "1 to 65535"}},
	{{"-H", "a", "-p", "+5"}, {"-p", "1 to 65535"}},
	{{"-H", "a", "-p", " 5"}, {"-p", "1 to 65535"}},
	{{"-H", "a", "-p", "99999999999999999999"}, {"-p", "1 to 65535"}},
	{{"-H", "a", "-46"}, {"-6", "exclude each other"}},
	{{"-H", "::1", "-4"}, {"-4", "IPv6", "[::1]", "contradict"}},
	{{"-H", "127.0.0.1", "-6"}, {"-6", "IPv4", "127.0.0.1", "contradict"}},
	{{"-H", "a", "--nameserver=ns.example.org"}, {"--nameserver", "not a name"}},
	{{"-H", "a", "--nameserver=127.0.0.1:0"}, {"--nameserver", "ADDRESS:PORT"}},
	{{"-H", "a", "--nameserver=[::1"}, {"--nameserver", "[ADDRESS]:PORT"}},
	{{"-H", "a", "--nameserver=[::1]x"}, {"--nameserver", "[ADDRESS]:PORT"}},
	{{"-H", "::1", "--nameserver=::1"}, {"--nameserver", "nothing to look up"}},
	{{"-H", "a", "-t", "0"}, {"-t", "0.1 to 3600"}},
	{{"-H", "a", "-t", "3601"}, {"-t", "0.1 to 3600"}},
	{{"-H", "a", "-t", "1e3"}, {"-t", "0.1 to 3600"}},
	{{"-H", "a", "-t", "nan"}, {"-t", "0.1 to 3600"}},
	{{"-H", "a", "-t", "5."}, {"-t", "0.1 to 3600"}},
	{{"-H", "a", "-t", "1,5"}, {"-t", "0.1 to 3600"}},
	{{"-H", "a", "-t", "5:"}, {"-t", "critical"}},
	{{"-H", "a", "-t", "5:bad"}, {"-t", "critical"}},
	/* TLS */
	{{"-H", "a", "--tls=ssl"}, {"--tls", "starttls"}},
	{{"-H", "a", "--tls-min=1.4"}, {"--tls-min", "1.3"}},
	{{"-H", "a", "--ca-file=/nonexistent"}, {"/nonexistent"}},
	{{"-H", "a", "--ca-dir=/nonexistent"}, {"/nonexistent"}},
	{{"-H", "a", "--sni=a..b"}, {"--sni", "two dots"}},
	{{"-H", "a", "-D", "x"}, {"-D", "WARN[,CRIT]"}},
	{{"-H", "a", "-D", "20,"}, {"-D", "WARN[,CRIT]"}},
	{{"-H", "a", "-D", "20,7,1"}, {"-D", "WARN[,CRIT]"}},
	{{"-H", "a", "-D", "101%"}, {"-D", "lifetime"}},
	{{"-H", "a", "-D", "-1"}, {"-D", "WARN[,CRIT]"}},
	{{"-H", "a", "-D", "7,20"}, {"-D", "CRIT", "more than WARN"}},
	{{"-H", "a", "-D", "10%,20%"}, {"-D", "CRIT", "more than WARN"}},
	{{"-H", "a", "-D", "20", "-w", "cert_days=20:"}, {"-D", "-w cert_days", "give one"}},
	{{"-H", "a", "-D", "20,7", "-c", "cert_days=7:"}, {"-D", "-c cert_days", "give one"}},
	{{"-H", "a", "--tls=none", "--ca-file=/x"}, {"--ca-file", "--tls=none"}},
	{{"-H", "a", "--tls=none", "--ca-dir=/x"}, {"--ca-dir", "--tls=none"}},
	{{"-H", "a", "--tls=none", "--sni=b"}, {"--sni", "--tls=none"}},
	{{"-H", "a", "--tls=none", "-k"}, {"--insecure", "--tls=none"}},
	{{"-H", "a", "--tls=none", "--tls-min=1.2"}, {"--tls-min", "--tls=none"}},
	{{"-H", "a", "--tls=none", "-D5"}, {"-D", "--tls=none"}},
	{{"-H", "a", "--tls=none", "--pin=" PIN_OF_NOTHING}, {"--pin", "--tls=none"}},
	{{"-H", "a", "--tls=none", "--client-cert=/x"}, {"--client-cert", "--tls=none"}},
	{{"-H", "a", "--tls=none", "--tls-priority=NORMAL"}, {"--tls-priority", "--tls=none"}},
	{{"-H", "a", "--tls-priority=NORMAL:+NOISE:-MD5"},
	 {"--tls-priority", "character 8", "\"+NOISE"}},
	{{"-H", "a", "--tls-priority=BEST"}, {"--tls-priority", "character 1 "}},
	{{"-H", "a", "--tls-priority=NONE"}, {"--tls-priority", "no priority string"}},
	{{"-H", "a", "--tls-priority=NORMAL", "--tls-min=1.2"}, {"--tls-priority", "--tls-min"}},
	{{"-H", "a", "--pin=sha256//AAAA"}, {"--pin", "sha256// and 44 characters"}},
	{{"-H", "a", "--pin=" PIN_OF_NOTHING, "--ca-file=/x"}, {"--pin", "--ca-file"}},
	{{"-H", "a", "--pin=" PIN_OF_NOTHING, "--ca-dir=/x"}, {"--pin", "--ca-dir"}},
	{{"-H", "a", "--client-cert=/nonexistent"},
	 {"--client-cert", "/nonexistent", "No such file"}},
	{{"-H", "a", "--client-cert=/dev/null"}, {"--client-cert", "/dev/null", "not a file"}},
	{{"-H", "a", "--client-key=/x"}, {"--client-key", "needs --client-cert"}},
	/* login */
	{{"-H", "a", "-ux"}, {"no password", "--password-file", "--password-env"}},
	{{"-H", "imaps://x@a"}, {"no password", "--password-command"}},
	{{"-H", "a", "-Px"}, {"no user name", "--username"}},
	{{"-H", "a", "--password-env=X"}, {"no user name", "--username"}},
	{{"-H", "a", "--password-env=X=y"}, {"--password-env", "'='"}},
	{{"-H", "a", "--auth=plain"}, {"--auth=plain", "--username"}},
	{{"-H", "a", "--auth=xoauth2"}, {"--auth=xoauth2", "--username"}},
	{{"-H", "a", "--auth=digest-md5"}, {"--auth", "auto", "gssapi"}},
	{{"-H", "a", "-ux", "--auth=oauthbearer"}, {"no token", "--password-file"}},
	{{"-H", "a", "-Px", "--auth=external"}, {"--auth=external uses no password"}},
	{{"-H", "a", "-ux", "-Px", "--auth=gssapi"}, {"--auth=gssapi uses no password"}},
	{{"-H", "a", "-Px", "--auth=anonymous"}, {"--auth=anonymous uses no password"}},
	{{"-H", "a", "--authzid=y"}, {"--authzid", "--username"}},
	{{"-H", "a", "-ux", "-Pz", "--authzid=y", "--auth=login"}, {"login", "no place for"}},
	{{"-H", "a", "-ux", "-Pz", "--authzid=y", "--auth=cram-md5"}, {"no place for --authzid"}},
	{{"-H", "a", "-ux", "-Pz", "--authzid=y", "--auth=xoauth2"}, {"-u names the mailbox"}},
	{{"-H", "a", "--authzid=y", "--auth=anonymous"}, {"no place for --authzid"}},
	{{"-H", "a", "-ux", "-Py", "--tls=none", "--auth=scram-sha-256-plus"}, {"--tls=none"}},
	{{"-H", "a", "-ux", "-Py", "--tls=none", "--auth=xoauth2"}, {"the token in clear"}},
	{{"-H", "a", "-ux", "-Py", "--tls=none", "--auth=sasl-login"}, {"in clear"}},
	{{"-H", "imaps://x;AUTH=GSSAPI@a", "-Px"}, {"--auth=gssapi uses no password"}},
	{{"-H", "imaps://x;AUTH=NTLM@a", "-Px"}, {";AUTH=NTLM", "no SASL mechanism"}},
	{{"-H", "a", "--tls=none", "-ux", "-Py", "--auth=login"},
	 {"--auth=login", "--tls=none", "--allow-cleartext"}},
	{{"-H", "a", "--tls=none", "-ux", "-Py", "--auth=plain"},
	 {"--auth=plain", "in clear", "--allow-cleartext"}},
	{{"-H", "a", "-ux", "-P", "my", "secret"}, {"--password", "quote it"}},
	/* mailbox */
	{{"-H", "a", "-m", "Sent"}, {"mailbox", "--username"}},
	{{"-H", "imaps://a/Sent"}, {"mailbox", "--username"}},
	{{"-H", "a", "-ux", "-Py", "-m", "\xff"}, {"mailbox", "UTF-8"}},
	{{"-H", "a", "--fetch=header"}, {"--fetch", "--username"}},
	{{"-H", "a", "-ux", "-Py", "--fetch=body"}, {"--fetch", "header,message,none"}},
	/* judging */
	{{"-H", "a", "-w", "5s"}, {"-w", "\"5s\" is no range"}},
	{{"-H", "a", "-w", "1,5"}, {"-w", "METRIC=RANGE"}},
	{{"-H", "a", "-w", "total=,dns=1"}, {"-w", "no range"}},
	{{"-H", "a", "-w", "total=1,"}, {"-w", "METRIC=RANGE"}},
	{{"-H", "a", "--warning=bogus=1"}, {"--warning", "\"bogus\" is no metric", "cert_days"}},
	{{"-H", "a", "-c", "append=1"}, {"-c append", "--append"}},
	{{"-H", "a", "-ux", "-Py", "-w", "sync=1"}, {"-w sync", "--sync"}},
	{{"-H", "a", "-ux", "-Py", "-c", "idle=1"}, {"-c idle", "--sync"}},
	{{"-H", "a", "-ux", "-Py", "--measure=flags"}, {"--measure: flags", "--sync"}},
	{{"-H", "a", "--append"}, {"--append needs a login"}},
	{{"-H", "a", "--sync=Test"}, {"--sync needs a login"}},
	{{"-H", "a", "-ux", "-Py", "--sync"}, {"--sync", "MAILBOX"}},
	{{"-H", "a", "-ux", "-Py", "--append=a\xff"}, {"--append", "UTF-8"}},
	{{"-H", "a", "-ux", "-Py", "--sync=a\xff"}, {"--sync", "UTF-8"}},
	{{"-H", "a", "-ux", "-Py", "--append-keep=5"}, {"--append-keep needs --append"}},
	{{"-H", "a", "-ux", "-Py", "--to=a@b.example"}, {"--to needs --append"}},
	{{"-H", "a", "-ux", "-Py", "--body=x"}, {"--body needs --append"}},
	{{"-H", "a", "-ux", "-Py", "--append", "--append-keep=0"}, {"--append-keep", "1 to 1000"}},
	{{"-H", "a", "-ux", "-Py", "--append", "--from=alice"}, {"--from", "no @"}},
	{{"-H", "a", "-ux", "-Py", "--append", "--to=a@b\r\nBcc: c@d"}, {"--to", "control"}},
	{{"-H", "a", "-ux", "-Py", "--append", "--subject=a\nb"}, {"--subject", "one line"}},
	{{"-H", "a", "-ux", "-Py", "--append", "--body=\xff"}, {"--body", "UTF-8"}},
	{{"-H", "a", "--measure=total,x"}, {"--measure", "\"x\" is no metric"}},
	{{"-H", "a", "--state=bogus=ok"}, {"--state", "CLASS=STATE", "timeout"}},
	{{"-H", "a", "--state=timeout"}, {"--state", "CLASS=STATE"}},
	{{"-H", "a", "--state=timeout=4"}, {"--state", "critical"}},
	{{"-H", "a", "-w", "auth=1"}, {"-w auth", "no login"}},
	{{"-H", "a", "-c", "messages=1"}, {"-c messages", "no login"}},
	{{"-H", "a", "--measure=select"}, {"--measure: select", "no login"}},
	{{"-H", "a", "-w", "cert_days=20"}, {"-w cert_days=20", "cert_days=20:"}},
	{{"-H", "a", "-w", "fetch=1"}, {"-w fetch", "no login"}},
	{{"-H", "a", "-ux", "-Py", "-w", "size=1", "--fetch=none"}, {"-w size", "--fetch=none"}},
	{{"-H", "::1", "-w", "dns=1"}, {"-w dns", "address"}},
	{{"-H", "a", "--tls=none", "-w", "tls=1"}, {"-w tls", "--tls=none"}},
	{{"-H", "a", "--tls=none", "-w", "cert_days=9:"}, {"-w cert_days", "--tls=none"}},
	{{"-H", "a", "-ux", "-Py", "-w", "password=1"}, {"-w password", "--password-command"}},
};

static void bad_usage_is_told_in_a_sentence_that_names_the_option(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
		const struct misuse *misuse = &misuses[i];

		if (parse(misuse->args) != OPTIONS_BAD)
			fail_msg("row %zu is accepted", i);
		assert_int_equal(failure.class, CLASS_USAGE);
		for (int word = 0; word < 4 && misuse->words[word]; word++)
			if (!strstr(failure.text, misuse->words[word]))
				fail_msg("row %zu: no %s in: %s", i, misuse->words[word],
					 failure.text);
	}
}

static void no_sentence_repeats_a_secret(void **state)
{
	static const char *const rows[][4] = {
		{"-P", "", "hunter2"},
		{"-P", "x", "hunter2", "hunter2"},
		{"-P=hunter2"},
		{"--pasword=hunter2"},
		{"-H", "imaps://u:hunter2@h/"},
		{"-H", "imaps://u:hunt/er2@h/"},
		{"-phunter2"},
		{"-H", "imaps://h/", "-P=hunter2"},
		{"-H", "imaps://u:hunter2%zz@h/x"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *args[5] = {rows[i][0], rows[i][1], rows[i][2], rows[i][3]};

		assert_int_equal(parse(args), OPTIONS_BAD);
		if (strstr(failure.text, "hunter2") || strstr(failure.text, "er2"))
			fail_msg("row %zu: %s", i, failure.text);
	}
}

static void seventeen_pins_are_too_many(void **state)
{
	const char *args[ARGS_MAX + 1] = {"-H", "a"};

	(void)state;
	for (int i = 0; i < PIN_MAX; i++)
		args[2 + i] = "--pin=" PIN_OF_NOTHING;
	assert_int_equal(parse(args), OPTIONS_RUN);
	args[2 + PIN_MAX] = "--pin=" PIN_OF_NOTHING;
	assert_int_equal(parse(args), OPTIONS_BAD);
	assert_non_null(strstr(failure.text, "--pin: more than 16"));
}

static void help_and_version_end_the_parsing(void **state)
{
	(void)state;
	assert_int_equal(PARSE("-h", "--bogus"), OPTIONS_HELP);
	assert_int_equal(PARSE("-v", "--help"), OPTIONS_HELP);
	assert_int_equal(PARSE("-V"), OPTIONS_VERSION);
	assert_int_equal(PARSE("--bogus", "-h"), OPTIONS_BAD);
}

static void a_ca_file_without_a_certificate_is_bad_usage(void **state)
{
	(void)state;
	assert_int_equal(PARSE("-H", "a", "--ca-file=/dev/null"), OPTIONS_BAD);
	assert_non_null(strstr(failure.text, "/dev/null"));
}

/* --- hiding secrets -------------------------------------------------------------------------- */

struct hiding {
	const char *args[8];
	const char
		*left; /* what the process list shows behind the program's name, NUL as a space */
};

static const struct hiding hidings[] = {
	{{"-PSECRET", "-v"}, "-P -v"},
	{{"-P", "SECRET", "-v"}, "-P  -v"},
	{{"-aSECRET", "-v"}, "-a -v"},
	{{"-a", "SECRET"}, "-a "},
	{{"--password=SECRET", "-v"}, "--password= -v"},
	{{"--password", "SECRET", "-v"}, "--password  -v"},
	{{"-vPSECRET", "-H", "x"}, "-vP -H x"},
	{{"-4vP", "SECRET", "-H", "x"}, "-4vP  -H x"},
	{{"-P=SECRET"}, "-P"},
	{{"-P", "x", "SECRET", "SECRET"}, "-P   "},
	{{"-PSECRET", "--password", "SECRET", "-aSECRET"}, "-P --password  -a"},
	{{"--bogus", "-PSECRET"}, "--bogus -P"},
	{{"-zPSECRET"}, "-zP"},
	{{"operand", "-P", "SECRET"}, "operand -P "},
	{{"--extra-opts=imap", "--password=SECRET"}, "--extra-opts=imap --password="},
	{{"-H", "-P", "SECRET"}, "-H -P "},
	{{"-m", "P", "-u", "password"}, "-m P -u password"},
	{{"-P", "-v", "x"}, "-P -v x"},
};

static void assert_shows(const struct vector *shown, const char *left)
{
	char text[sizeof shown->area];
	size_t length = strlen(left), head = strlen("check_imap_full") + 1;

	for (size_t i = 0; i < shown->used; i++)
		text[i] = shown->area[i] ? shown->area[i] : ' ';
	if (memcmp(text + head, left, length) != 0)
		fail_msg("\"%.*s\" is not \"%s\"", (int)(shown->used - head), text + head, left);
	for (size_t i = head + length; i < shown->used; i++)
		if (shown->area[i] != '\0')
			fail_msg("more is left behind: %s", shown->area + i);
}

static void no_spelling_leaves_a_secret_or_its_length_in_the_process_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof hidings / sizeof hidings[0]; i++) {
		struct vector own;
		char **copy;

		vector_make(&own, hidings[i].args);
		copy = options_hide_secrets(own.argc, own.argv);
		assert_non_null(copy);
		for (int arg = 1; arg < own.argc; arg++)
			assert_string_equal(copy[arg], hidings[i].args[arg - 1]);
		assert_null(copy[own.argc]);
		assert_shows(&own, hidings[i].left);
		free(copy);
	}
}

static void a_secret_is_wiped_also_where_the_vector_is_scattered(void **state)
{
	char program[] = "p", option[] = "--password", gap[] = "gap", secret[] = "SECRET";
	char *argv[] = {program, option, secret, NULL};
	char **copy = options_hide_secrets(3, argv);

	(void)state;
	assert_string_equal(copy[2], "SECRET");
	assert_memory_equal(secret, "\0\0\0\0\0\0", 6);
	assert_string_equal(gap, "gap");
	free(copy);
}

static void an_empty_vector_is_no_harm(void **state)
{
	char *argv[] = {NULL};
	char **copy = options_hide_secrets(0, argv);

	(void)state;
	assert_null(copy[0]);
	assert_int_equal(options_parse(0, copy, &config, &failure), OPTIONS_BAD);
	free(copy);
}

/* --- the table and the help ------------------------------------------------------------------ */

static void no_two_options_share_a_letter_or_name(void **state)
{
	(void)state;
	for (const struct option_spec *one = option_specs; one->name; one++) {
		assert_int_equal(one->argument == ARGUMENT_NONE, one->value == NULL);
		assert_true(one->apply || one->answer != OPTIONS_RUN);
		assert_true(strlen(one->help) > 5 && one->help[strlen(one->help) - 1] == '.');
		for (const struct option_spec *other = one + 1; other->name; other++) {
			assert_string_not_equal(one->name, other->name);
			assert_null(strpbrk(one->letters[0] ? one->letters : " ", other->letters));
		}
	}
}

static char *help_text(void)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	options_print_help(to);
	fclose(to);
	return text;
}

static void help_names_everything_within_80_columns(void **state)
{
	char *text = help_text();

	(void)state;
	for (const struct option_spec *spec = option_specs; spec->name; spec++)
		assert_non_null(strstr(text, spec->name));
	for (int i = 0; i < METRIC_COUNT; i++)
		if (metric_spec((enum metric)i)->name)
			assert_non_null(strstr(text, metric_spec((enum metric)i)->name));
	for (int class = 0; class < CLASS_COUNT; class ++)
		assert_non_null(strstr(text, failure_class_name((enum failure_class) class)));
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		assert_true(strcspn(line, "\n") < 80);
		assert_true(line[0] == '\n' || line[strcspn(line, "\n") - 1] != ' ');
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_is_enough_and_the_rest_has_its_defaults),
		cmocka_unit_test(every_spelling_of_an_option_is_understood),
		cmocka_unit_test(of_a_repeated_option_the_last_one_counts),
		cmocka_unit_test(each_way_to_say_where_is_taken),
		cmocka_unit_test(each_option_about_tls_is_taken),
		cmocka_unit_test(each_option_about_keys_and_ciphers_is_taken),
		cmocka_unit_test(seventeen_pins_are_too_many),
		cmocka_unit_test(the_timeout_takes_decimals_and_a_state),
		cmocka_unit_test(each_option_about_the_login_is_taken),
		cmocka_unit_test(some_mechanisms_log_in_without_user_and_password),
		cmocka_unit_test(every_mechanism_can_be_asked_for),
		cmocka_unit_test(the_last_source_of_a_secret_counts_and_the_first_is_wiped),
		cmocka_unit_test(a_url_says_where_and_who),
		cmocka_unit_test(options_win_over_a_url_in_any_order),
		cmocka_unit_test(thresholds_are_for_total_or_for_the_metrics_named),
		cmocka_unit_test(a_negative_bound_may_stand_alone_behind_its_option),
		cmocka_unit_test(the_end_of_a_certificate_is_near_by_days_or_by_its_lifetime),
		cmocka_unit_test(a_late_warning_is_not_overtaken_by_the_critical_default),
		cmocka_unit_test(a_threshold_on_cert_days_takes_the_place_of_that_levels_default),
		cmocka_unit_test(bad_usage_is_told_in_a_sentence_that_names_the_option),
		cmocka_unit_test(no_sentence_repeats_a_secret),
		cmocka_unit_test(help_and_version_end_the_parsing),
		cmocka_unit_test(a_ca_file_without_a_certificate_is_bad_usage),
		cmocka_unit_test(no_spelling_leaves_a_secret_or_its_length_in_the_process_list),
		cmocka_unit_test(a_secret_is_wiped_also_where_the_vector_is_scattered),
		cmocka_unit_test(an_empty_vector_is_no_harm),
		cmocka_unit_test(no_two_options_share_a_letter_or_name),
		cmocka_unit_test(help_names_everything_within_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
