/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings.h - one function for each option: takes its value into the configuration.
 *
 * Each looks at its own value only (what contradicts is config_finish()'s affair) and returns false
 * with *failure set to what is wrong with it, without the option's name. `value` is never empty,
 * and NULL where the option takes none.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "config.h"

/* The words that an option takes, in the order of their enums. */
#define SETTING_TLS_WORDS     "implicit,starttls,none"
#define SETTING_TLS_MIN_WORDS "1.0,1.1,1.2,1.3"
#define SETTING_AUTH_WORDS    AUTH_WORDS
#define SETTING_FETCH_WORDS   "header,message,none"
#define SETTING_OUTPUT_WORDS  "nagios,json,prometheus"

typedef bool setting(struct config *config, char *value, struct failure *failure);

setting setting_host, setting_port, setting_ipv4, setting_ipv6, setting_nameserver, setting_timeout;
setting setting_haproxy_protocol;
setting setting_tls, setting_ssl, setting_ca_file, setting_ca_dir, setting_sni, setting_insecure,
	setting_tls_min, setting_certificate;
setting setting_client_cert, setting_client_key, setting_pin, setting_tls_priority;
setting setting_username, setting_password_file, setting_password_env, setting_password_command,
	setting_password, setting_auth, setting_authzid, setting_allow_cleartext;
setting setting_mailbox, setting_fetch, setting_search, setting_capture, setting_capability,
	setting_special_use, setting_cleartext_refused, setting_cleartext_port;
setting setting_append, setting_append_keep, setting_from, setting_to, setting_cc, setting_bcc,
	setting_subject, setting_body, setting_sync;
setting setting_warning, setting_critical, setting_measure, setting_state;
setting setting_output, setting_verbose, setting_extra_opts;

#endif
