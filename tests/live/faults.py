# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of mail servers and of those who watch them, each made real on loopback, and what the one status
line must then tell somebody who sees nothing else: where it broke, why, and where to look next. Each is a
function that yields the options of a run against it. Knows no single test."""

import contextlib
import re
import ssl

from dovecot import ADDRESS_OF, free_port
from guests import guest
from servers import CLOSE, NXDOMAIN, SERVFAIL, Closer, Dns, FakeImap, Injector, Silent, Talker, Unreachable, tls_context

FAULTS = []


class Fault:
    def __init__(self, make, phase, cause, step, state):
        self.title = make.__name__.replace("_", " ")
        self.make = contextlib.contextmanager(make)
        self.phase, self.cause, self.step, self.state = phase, cause, step, state

    def check(self, run):
        """The line says the phase at its begin, the cause and the next step anywhere."""
        assert run.state == self.state, f"{self.title}: state is {run.state}, not {self.state}"
        if self.phase:
            assert run.text.startswith(f"{self.phase}: "), f"{self.title}: the phase is not {self.phase}"
        for what, pattern in (("cause", self.cause), ("next step", self.step)):
            assert re.search(pattern, run.text), f"{self.title}: no {what}, {pattern!r}"


def fault(phase, cause, step, state="CRITICAL"):
    def note(make):
        FAULTS.append(Fault(make, phase, cause, step, state))
        return make
    return note


def _fake(w, *replies, name="good", **how):
    return FakeImap(*replies, tls=tls_context(w.pki, name), implicit=True, **how)


# --- names and connections ---------------------------------------------------------------------------


@fault("dns", "no such name: imap.example.org", "name server 127.0.0.1")
def the_name_is_gone(w):
    with Dns(rcode=NXDOMAIN) as dns:
        yield ["-H", "imap.example.org", f"--nameserver={dns.where}"]


@fault("dns", "SERVFAIL", "name server 127.0.0.1")
def the_name_server_is_broken(w):
    with Dns(rcode=SERVFAIL) as dns:
        yield ["-H", "imap.example.org", f"--nameserver={dns.where}"]


@fault("dns", "no answer", "name server 127.0.0.1")
def the_name_server_is_silent(w):
    with Dns(drop=(1, 28)) as dns:
        yield ["-H", "imap.example.org", f"--nameserver={dns.where}", "-t", "1"]


@fault("connect", "refused", r"nothing listens")
def the_server_is_stopped(w):
    yield w.to(port=free_port())


@fault("connect", "no answer", "host is down, or a firewall")
def a_firewall_swallows_the_packets(w):
    with Unreachable() as server:
        yield [*w.to(port=server.port), "-t", "1"]


@fault("dns", "exists, but has no IPv6 address", "name server 127.0.0.1")
def the_name_has_no_ipv6_address(w):
    yield ["-6", *w.by_name()]


# --- TLS -----------------------------------------------------------------------------------------------


@fault("tls", "speaks IMAP in clear", "--tls=starttls")
def the_port_is_that_of_starttls(w):
    yield w.to(port=w.dovecot.port)


@fault("tls", "no end of the TLS handshake", "overloaded|not a port for TLS")
def the_server_accepts_and_is_silent(w):
    with Silent() as server:
        yield [*w.to(port=server.port), "-t", "1"]


@fault("tls", "none of our TLS versions", "--tls-min")
def the_server_speaks_old_tls_only(w):
    context = tls_context(w.pki, "rsa2048", newest=ssl.TLSVersion.TLSv1_1, oldest=ssl.TLSVersion.TLSv1, weak=True)
    with FakeImap(tls=context, implicit=True) as server:
        yield w.to(port=server.port)


@fault("tls", r"expired 12 days ago", r"renew")
def the_certificate_has_expired(w):
    yield w.to(address=ADDRESS_OF["expired"])


@fault("cert_days", r"expires in (4\.9|5) days", "fewer than 7 days")
def the_certificate_expires_soon(w):
    yield w.to(address=ADDRESS_OF["soon"])


@fault("tls", "does not cover imap.example.org", "covers other.example.org")
def the_certificate_is_for_another_name(w):
    yield w.to(address=ADDRESS_OF["wrongname"])


@fault("tls", "does not cover the address", "--sni=NAME.*imap.example.org")
def the_engine_passed_an_address(w):
    yield w.to(address=ADDRESS_OF["nameonly"], name=None)


@fault("tls", "issuer .*Intermediate.* is not trusted", "intermediate is missing.*--ca-file")
def the_intermediate_is_not_sent(w):
    yield w.to(address=ADDRESS_OF["missing"])


@fault("tls", "self-signed", "--pin|--ca-file")
def the_certificate_is_self_signed(w):
    yield w.to(address=ADDRESS_OF["selfsigned"])


@fault("tls", "not valid before", "is the clock of this machine right")
def the_certificate_is_of_tomorrow(w):
    yield w.to(address=ADDRESS_OF["notyet"])


@fault("tls", "common name .CN. only", "needs a subject alternative name")
def the_certificate_is_of_the_old_kind(w):
    yield w.to(address=ADDRESS_OF["cnonly"])


@fault("tls", "RSA with 1024 bits", "2048 are needed")
def the_key_is_too_weak(w):
    with FakeImap(tls=tls_context(w.pki, "rsa1024", weak=True), implicit=True) as server:
        yield w.to(port=server.port)


@fault("tls", "not meant for servers", "extended key usage")
def the_certificate_is_for_clients(w):
    yield w.to(address=ADDRESS_OF["clientonly"])


@fault("tls", "key is not the pinned one", "it has sha256//")
def the_key_is_another_one(w):
    where = ["-H", "127.0.0.1", "-p", str(w.dovecot.tls_port), "--sni=imap.example.org"]
    yield [*where, "--pin=sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]


@fault("tls", "accepted by --insecure", "does not cover", state="WARNING")
def insecure_lets_a_fault_pass(w):
    yield [*w.to(address=ADDRESS_OF["wrongname"]), "--insecure"]


@fault("tls", "client certificate", "--client-cert")
def the_server_wants_a_client_certificate(w):
    newest = ssl.TLSVersion.TLSv1_2
    context = tls_context(w.pki, newest=newest, oldest=newest, client_ca=w.ca)
    with FakeImap(tls=context, implicit=True) as server:
        yield w.to(port=server.port)


# --- greeting ------------------------------------------------------------------------------------------


@fault("greeting", "HTTP", "not IMAP")
def a_web_server_answers(w):
    with Talker(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n") as server:
        yield w.to(port=server.port, tls="none", user=None)


@fault("greeting", "Too many connections", "UNAVAILABLE.*try again later")
def the_server_is_full(w):
    with _fake(w, greeting="* BYE [UNAVAILABLE] Too many connections, try again later\r\n") as server:
        yield w.to(port=server.port)


@fault("tls", "closed the connection in the TLS handshake", "log.*load balancer")
def a_load_balancer_has_no_server_behind_it(w):
    with Closer() as server:
        yield w.to(port=server.port)


@fault("tls", "does not offer STARTTLS", "--tls=implicit")
def starttls_is_not_offered(w):
    with FakeImap(caps="IMAP4rev1 AUTH=PLAIN") as server:
        yield w.to(port=server.port, tls="starttls")


@fault("tls", "in clear between", "injecting")
def somebody_injects_commands(w):
    with FakeImap({"STARTTLS": "{t} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"}, tls=tls_context(w.pki)) as server:
        yield w.to(port=server.port, tls="starttls")


@fault("tls", "after the server's OK to STARTTLS", "injecting")
def somebody_injects_commands_later(w):
    with Injector() as server:
        yield w.to(port=server.port, tls="starttls")


@fault("greeting", "no greeting came", '"220 mail"')
def the_greeting_does_not_end(w):
    with Talker(b"220 mail") as server:
        yield [*w.to(port=server.port, tls="starttls"), "-t", "1"]


@fault("greeting", "no greeting came", "--tls=implicit")
def the_port_waits_for_tls(w):
    with Silent() as server:
        yield [*w.to(port=server.port, tls="starttls"), "-t", "1"]


# --- login ---------------------------------------------------------------------------------------------


@fault("auth", r"refused alice.*AUTHENTICATIONFAILED", "wrong user name or password")
def the_password_is_wrong(w):
    yield [*w.to(user=None), "-u", "alice", w.password_file("wrong")]


@fault("auth", "Application-specific password", "app password|--auth=xoauth2")
def gmail_wants_an_app_password(w):
    said = "{t} NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 " \
           "(Failure)\r\n"
    with _fake(w, {"AUTHENTICATE": said}) as server:
        yield w.to(port=server.port)


@fault("auth", "LOGIN failed", "basic authentication is off.*--auth=xoauth2")
def microsoft_has_switched_basic_authentication_off(w):
    with _fake(w, {"AUTHENTICATE": "{t} NO AUTHENTICATE failed.\r\n", "LOGIN": "{t} NO LOGIN failed.\r\n"},
               caps="IMAP4 IMAP4rev1 AUTH=XOAUTH2") as server:
        yield w.to(port=server.port)


@fault("auth", "UNAVAILABLE", r"behind the server \(LDAP")
def the_ldap_server_behind_it_is_down(w):
    said = "{t} NO [UNAVAILABLE] Temporary authentication failure. [mail1:2026-11-01 12:00:00]\r\n"
    with _fake(w, {"AUTHENTICATE": said}) as server:
        yield w.to(port=server.port)


@fault("auth", "EXPIRED", "password has expired")
def the_password_has_expired(w):
    with _fake(w, {"AUTHENTICATE": "{t} NO [EXPIRED] Password expired\r\n"}) as server:
        yield w.to(port=server.port)


@fault("auth", "LIMIT", "limit of the server")
def the_account_has_too_many_sessions(w):
    said = "{t} NO [LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)\r\n"
    with _fake(w, {"AUTHENTICATE": said}) as server:
        yield w.to(port=server.port)


@fault("auth", "does not offer SCRAM-SHA-256", "it offers AUTH=PLAIN")
def the_mechanism_is_not_offered(w):
    with _fake(w) as server:
        yield [*w.to(port=server.port), "--auth=scram-sha-256"]


@fault("auth", "does not offer QUOTA after login", "--capability demands")
def a_capability_is_not_offered(w):
    with _fake(w) as server:
        yield [*w.to(port=server.port), "--capability=QUOTA"]


@fault("auth", "no answer to the login", "LDAP, SQL, PAM")
def the_login_hangs(w):
    with _fake(w, {"AUTHENTICATE": None}) as server:
        yield [*w.to(port=server.port), "-t", "1"]


@fault("auth", "LOGINDISABLED", "--tls=starttls")
def the_server_takes_no_login_in_clear(w):
    with FakeImap(caps="IMAP4rev1 LOGINDISABLED STARTTLS") as server:
        yield w.to(port=server.port, tls="none")


@fault(None, "vault is sealed", "password command failed", state="UNKNOWN")
def the_password_store_fails(w):
    yield [*w.to(user=None), "-u", "alice", "--password-command=echo 'vault is sealed' >&2; exit 2"]


@fault(None, "--no-such-option", "--help", state="UNKNOWN")
def an_option_is_misspelt(w):
    yield [*w.to(), "--no-such-option"]


@fault(None, "no-such.password", "No such file", state="UNKNOWN")
def the_password_file_is_not_there(w):
    yield [*w.to(user=None), "-u", "alice", f"--password-file={w.dir}/no-such.password"]


# --- mailbox -------------------------------------------------------------------------------------------


@fault("select", "refused.*Absent", "Mailbox doesn't exist")
def the_mailbox_is_gone(w):
    yield [*w.to(), "-m", "Absent"]


@fault("select", "no answer to EXAMINE", "storage")
def the_storage_hangs(w):
    with _fake(w, {"EXAMINE": None}) as server:
        yield [*w.to(port=server.port), "-t", "1"]


@fault("select", "INUSE", "another session")
def the_mailbox_is_locked(w):
    with _fake(w, {"EXAMINE": "{t} NO [INUSE] Mailbox is locked by another process\r\n"}) as server:
        yield w.to(port=server.port)


@fault("select", "authenticated but not connected", "permissions.*licence")
def exchange_opens_no_mailbox(w):
    with _fake(w, {"EXAMINE": "{t} BAD User is authenticated but not connected.\r\n"}) as server:
        yield w.to(port=server.port)


@fault("search", "refused", "--search|SEARCH")
def the_search_is_not_understood(w):
    yield [*w.to(), "--search=SUBJEKT x"]


@fault("capture", "no line of the message", "--capture")
def the_number_is_not_in_the_mail(w):
    yield [*w.to(), "--capture=Written: ([0-9]+) GB", "-c", "capture=1:"]


@fault("quota_storage", "QUOTA", "not offer")
def there_is_no_quota(w):
    yield [*w.to(), "-w", "quota_storage=90"]


@fault("select", "SERVERBUG", "server log.*within the server")
def the_index_is_damaged(w):
    said = "{t} NO [SERVERBUG] Internal error occurred. Refer to server log for more information. [2026-11-01 " \
           "12:00:00]\r\n"
    with _fake(w, {"EXAMINE": said}) as server:
        yield w.to(port=server.port)


@fault("fetch", "sent no message", "matches --search")
def a_hit_cannot_be_shown(w):
    with _fake(w, {"FETCH": "{t} OK done\r\n"}) as server:
        yield [*w.to(port=server.port), "--search=SEEN"]


@fault("fetch", "closed the connection while UID FETCH", "its log should tell why")
def the_process_dies_while_it_reads(w):
    with _fake(w, {"FETCH": CLOSE}) as server:
        yield w.to(port=server.port)


@fault("newest_age", r"the newest message is \d+ days old", "0:7200")
def mail_has_stopped_arriving(w):
    yield [*w.to(), "-c", "newest_age=7200"]


@fault("quota_storage", "97 % is outside 0:90", "fullest quota root", state="WARNING")
def the_mailbox_is_nearly_full(w):
    replies = {"GETQUOTAROOT": '* QUOTAROOT INBOX "User quota"\r\n* QUOTA "User quota" (STORAGE 9700 10000)\r\n{t} OK '
                               "done\r\n"}
    with _fake(w, replies, caps="IMAP4rev1 AUTH=PLAIN QUOTA") as server:
        yield [*w.to(port=server.port), "-w", "quota_storage=90"]


@fault("auth", "is outside", "0:0.000001", state="WARNING")
def the_login_is_slow(w):
    yield [*w.to(), "-w", "auth=0.000001"]


@fault("matched", "0 is outside 1:", "hits of --search")
def the_backup_did_not_report(w):
    yield [*w.to(), "--search=SUBJECT \"backup done\"", "-c", "matched=1:"]


@fault("list", "no mailbox is marked .Archive", "marked are: .*Sent")
def the_archive_is_missing(w):
    server = guest(w, "Dovecot")
    yield [*w.to(port=server.tls_port), "--special-use=Archive"]


@fault("auth", "would take a password in clear", "without TLS", state="WARNING")
def the_old_port_takes_passwords_in_clear(w):
    with FakeImap(caps="IMAP4rev1 AUTH=PLAIN") as old:
        yield [*w.to(), "--cleartext-refused", f"--cleartext-port={old.port}"]
