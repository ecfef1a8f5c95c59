# SPDX-License-Identifier: GPL-3.0-or-later
"""What the template is about: its name, the phases, the classes, the macros, and the key of the check."""

NAME = "IMAP session by external check"

# Each phase in the order of the journey, with its colour in the graph: network, TLS, login, mailbox.
PHASES = {
    "password": "9E9E9E", "dns": "0D47A1", "connect": "1E88E5", "tls": "00897B", "greeting": "80CBC4",
    "auth": "8E24AA", "list": "CE93D8", "quota": "D4E157", "select": "FBC02D", "search": "FB8C00",
    "fetch": "6D4C41", "append": "A1887F", "sync": "37474F", "logout": "B0BEC5",
}
FAILED = "E53935"
# Times inside the phase sync.
WAYS = {"idle": "a new message to be told to the other session",
        "flags": "a new flag to be told to the other session"}

# class: (severity, scope, what is wrong, what the class means)
CLASSES = {
    "usage": ("AVERAGE", "notice", "Check is misconfigured",
              "A macro, an option or a file of the check is wrong: nothing is known of the server."),
    "internal": ("AVERAGE", "notice", "Check itself failed",
                 "The check could not do its work, for want of memory for instance: nothing is known of the server."),
    "resolve": ("HIGH", "availability", "Server name cannot be resolved",
                "There is no such name, or the name servers do not answer."),
    "connect": ("HIGH", "availability", "Server cannot be reached",
                "The connection was refused, or nobody answered."),
    "timeout": ("HIGH", "availability", "Session did not end in time",
                "The session was not over within {$IMAP.TIMEOUT} seconds; the summary names the phase that took them."),
    "tls": ("HIGH", "availability", "TLS handshake failed",
            "The two sides did not agree on TLS, or the server refused our certificate."),
    "certificate": ("HIGH", "security", "Certificate does not verify",
                    "Expired, for another name, or signed by nobody who is trusted. No password was sent."),
    "protocol": ("HIGH", "availability", "Server does not speak proper IMAP",
                 "What answered is no IMAP server, or one that breaks the protocol."),
    "missing": ("HIGH", "availability", "Server does not offer what is needed",
                "STARTTLS, a safe login mechanism, a capability, a mailbox or a metric that was asked for."),
    "auth": ("HIGH", "availability", "Login was refused",
             "The server said no to the user name or the password of the check."),
    "unavailable": ("HIGH", "availability", "Server says that it is unavailable",
                    "It works, and says that it cannot serve now: it is the service, not the account of the check."),
    "refused": ("HIGH", "availability", "Command was refused",
                "The server said no to a command behind the login: opening the mailbox, for instance."),
    "altered": ("WARNING", "notice", "Message came back altered",
                "Headers or the encoding of a message changed on its way through the server."),
    "policy": ("WARNING", "security", "Policy is violated",
               "The server accepts passwords in clear, or its certificate is bad and --insecure let it pass."),
    "thresholds": ("WARNING", "performance", "Outside a threshold of the check",
                   "A metric is outside a threshold that was given to the check itself, by {$IMAP.OPTION}."),
}

KEY = ("check_imap_full", ["--output=json", "--hostname={HOST.CONN}", "--sni={$IMAP.NAME}", "--port={$IMAP.PORT}",
       "--tls={$IMAP.TLS}", "--username={$IMAP.USER}", "--password-file={$IMAP.PASSWORD.FILE}",
       "--mailbox={$IMAP.MAILBOX}", "--measure={$IMAP.MEASURE}", "--timeout={$IMAP.TIMEOUT}",
       "--certificate=none", "{$IMAP.OPTION}"])
MASTER = KEY[0] + "[" + ",".join(f'"{word}"' for word in KEY[1]) + "]"

MACROS = [
    ("{$IMAP.NAME}", "", "The server's name: the one that mail clients use and that its certificate is for. Required."),
    ("{$IMAP.USER}", "", "The mailbox account that logs in. Required."),
    ("{$IMAP.PASSWORD.FILE}", "/etc/zabbix/imap.password",
     "A file on the Zabbix server or proxy whose first line is the password; readable by the user zabbix alone."),
    ("{$IMAP.PORT}", "993", "The TCP port."),
    ("{$IMAP.TLS}", "implicit", "implicit (port 993), starttls (port 143) or none."),
    ("{$IMAP.MAILBOX}", "INBOX", "The mailbox to open."),
    ("{$IMAP.MEASURE}", "newest_age,unseen,quota_storage,uidvalidity",
     "What to measure beside the phases, by the names of the check's metrics."),
    ("{$IMAP.OPTION}", "--verbose",
     "One more option of check_imap_full, such as --append, or --extra-opts=SECTION@FILE for many."),
    ("{$IMAP.INTERVAL}", "1m", "How often a session is made."),
    ("{$IMAP.TIMEOUT}", "2.5",
     "Deadline of a session in seconds. It must be less than Timeout in zabbix_server.conf (or zabbix_proxy.conf)."),
    ("{$IMAP.NODATA}", "5m", "How long nothing may be heard of the check."),
    ("{$IMAP.PHASE.MAX.WARN}", "1",
     'Seconds that a phase may take. For one phase: {$IMAP.PHASE.MAX.WARN:"auth"}.'),
    ("{$IMAP.SESSION.MAX.WARN}", "2", "Seconds that the whole session may take."),
    ("{$IMAP.PHASE.BASELINE.FACTOR}", "3",
     'How many times as long as usual a phase may take. For one phase: {$IMAP.PHASE.BASELINE.FACTOR:"auth"}.'),
    ("{$IMAP.PHASE.BASELINE.MIN}", "0.1",
     "Seconds by which a phase must be longer than usual to be worth an alert."),
    ("{$IMAP.CERT.EXPIRY.WARN}", "20", "Days before the end of a certificate to warn."),
    ("{$IMAP.CERT.EXPIRY.CRIT}", "7", "Days before the end of a certificate to alert."),
    ("{$IMAP.CERT.LIFETIME.WARN}", "25",
     "Percent of a certificate's lifetime: not to warn of short-lived ones before less than this is left."),
    ("{$IMAP.CERT.LIFETIME.CRIT}", "10", "The same for the alert."),
    ("{$IMAP.NEWEST.AGE.MAX.WARN}", "0", "Seconds without a new message to warn after; 0 is never."),
    ("{$IMAP.QUOTA.MAX.WARN}", "80", "Percent of the storage quota to warn at."),
    ("{$IMAP.QUOTA.MAX.CRIT}", "95", "Percent of the storage quota to alert at."),
    ("{$IMAP.RUNBOOK.URL}", "https://www.example.org/check_imap_full/RUNBOOK.md",
     "Where RUNBOOK.md of check_imap_full can be read; each trigger adds #CLASS."),
]

ABOUT = """
Makes the whole journey of an IMAP user with check_imap_full: name lookup, connect, TLS, login, opening a mailbox,
fetching the newest message, logout. Each phase is timed; the first thing that goes wrong is named, with the reason.

Set {$IMAP.NAME} and {$IMAP.USER}, put the password into the file {$IMAP.PASSWORD.FILE}. See README.md.
"""
