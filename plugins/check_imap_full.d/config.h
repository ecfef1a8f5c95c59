/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config.h - what was asked for. Filled once by options_parse(), const from then on.
 *
 * Strings point into the argument vector, which lives as long as the program, or into the struct
 * itself: never copy it.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include "auth.h"
#include "clock.h"
#include "failure.h"
#include "host.h"
#include "metric.h"
#include "range.h"
#include "secret.h"
#include "state.h"
#include "tls.h"
#include "url.h"

enum config_tls { CONFIG_TLS_IMPLICIT, CONFIG_TLS_STARTTLS, CONFIG_TLS_NONE };
enum config_output { CONFIG_OUTPUT_NAGIOS, CONFIG_OUTPUT_JSON, CONFIG_OUTPUT_PROMETHEUS };
enum config_fetch { CONFIG_FETCH_HEADER, CONFIG_FETCH_MESSAGE, CONFIG_FETCH_NONE };

/* A limit on a certificate's remaining life: days, or a share of its whole lifetime. */
struct config_expiry {
	bool is_set;  /* false: never alarm */
	double days;  /* fewer days left than this alarm; 0 if only the share counts */
	double share; /* of the lifetime, 0 to 1; 0 if only the days count */
	bool smaller; /* both are set: the smaller of the two counts (the default does) */
};

struct config_threshold {
	bool is_set;
	struct range range;
};

enum { CONFIG_ADDRESSES = 50, CONFIG_KEEP = 10, CONFIG_KEEP_MAX = 1000 };

struct config_addresses {
	const char *items[CONFIG_ADDRESSES]; /* each as mail_address_parse() takes it */
	unsigned count;
};

/* What --append puts where. */
struct config_append {
	bool is_asked;
	const char *mailbox; /* NULL: the one that is marked \Sent */
	unsigned keep;	     /* messages of this check that remain; 0 until config_finish() */
	const char *from;    /* NULL: the user, at the server's name where that is no address */
	struct config_addresses to, cc, bcc;
	const char *subject, *body; /* UTF-8; NULL: words of ours */
};

enum config_level { CONFIG_WARNING, CONFIG_CRITICAL };

/* What the user said in so many words, where that cannot be seen from the value: options win over a
   URL in any order, and one that could have no effect is refused. For config_finish() alone. */
struct config_given {
	bool tls;
	bool tls_min;
	bool auth;
	bool fetch;
	bool timeout;
	bool cleartext_port;
	bool expiry[2]; /* [level], by -D */
	bool no_expiry; /* -D none */
};

struct config {
	/* where */
	struct host host;
	unsigned short port;
	int family; /* AF_UNSPEC, AF_INET, AF_INET6 */
	const char
		*nameserver; /* ADDR, ADDR:PORT or [ADDR]:PORT, well-formed; NULL: the system's */
	struct url url;	     /* what -H was taken apart into; host "" if it was no URL */

	/* how */
	imap_time timeout; /* of the whole run */
	enum config_tls tls;
	struct tls_settings tls_settings; /* its peer's name lives in `host` or `sni` */
	struct host sni;		  /* of --sni; shown "" without it */
	bool allow_cleartext;
	bool haproxy_protocol; /* a PROXY header comes first */

	/* who */
	const char *user;    /* NULL: none was given; see config_logs_in() */
	const char *authzid; /* whom to act as; NULL: oneself */
	struct secret_spec secret;
	enum auth auth;

	/* what */
	const char *mailbox;
	enum config_fetch fetch;
	const char *search;	  /* search keys, NULL for none */
	const char *capture;	  /* regular expression, NULL for none */
	const char *special_use;  /* "Sent,Trash", NULL for none */
	const char *capabilities; /* "IDLE,-LOGIN", NULL for none */
	bool cleartext_refused;
	unsigned short cleartext_port;

	/* writing: never without having been asked to */
	struct config_append append;
	const char *sync; /* the mailbox for two sessions; NULL: there is only one */

	/* judging */
	struct config_threshold thresholds[METRIC_COUNT][2]; /* [metric][level] */
	bool measured[METRIC_COUNT];			     /* named in -w, -c or --measure */
	struct config_expiry expiry[2];
	enum state class_state[CLASS_COUNT];

	/* showing */
	enum config_output output;
	unsigned verbosity; /* 0 to 3 */

	struct config_given given;
};

bool config_wants_ages(const struct config *config);

/* "Nothing was said yet": what has a default that needs no thought gets it here. */
void config_init(struct config *config);

/* Once all options are in: takes from the URL what no option said, sets the remaining defaults and
   refuses what contradicts. False with *failure (class usage). */
bool config_finish(struct config *config, struct failure *failure);

/* Whether there is a login: -u, or a mechanism that needs no user name. */
bool config_logs_in(const struct config *config);
bool config_needs_secret(const struct config *config); /* for that login */

#endif
