# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in by every mechanism over TLS 1.2 and 1.3, against a server that offers what it is told to:
who gets in, who does not, what is said then, and that the secret shows nowhere."""

import base64
import re
import socket
import ssl
import threading

from saslserver import SaslServer
from servers import FakeImap, Server, tls_context
from world import Skip, alone, told

PASSWORD = 'q"uo\\te %s%n {5} Grüß\u20ac ' + "long" * 44  # 200 characters
TOKEN = 'ya29."\\%s-_~+/' + "long" * 46 + "=="

# --auth, what the server offers for it
WITH_PASSWORD = [
    ("login", "COMMAND"), ("plain", "PLAIN"), ("sasl-login", "LOGIN"), ("cram-md5", "CRAM-MD5"),
    ("scram-sha-1", "SCRAM-SHA-1"), ("scram-sha-256", "SCRAM-SHA-256"),
    ("scram-sha-1-plus", "SCRAM-SHA-1-PLUS"), ("scram-sha-256-plus", "SCRAM-SHA-256-PLUS"),
]
WITH_TOKEN = [("xoauth2", "XOAUTH2"), ("oauthbearer", "OAUTHBEARER")]

VARIANTS = [(version, ir) for version in ("1.2", "1.3") for ir in ((), ("-n",))]


def _options(w, server, auth, secret=PASSWORD, user="alice", tls=None):
    options = w.to(port=server.port, user=None, tls=tls) + [f"--auth={auth}"]
    if user:
        options += ["-u", user]
    if secret:
        options += [f"--password-file={w.write(f'{server.port}.password', secret + chr(10))}"]
    return options


def _forms(secret):
    """Everything that the secret may look like on the wire or in a careless output."""
    octets = secret.encode()
    forms = {octets, octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"'), octets[:60], octets[-60:]}
    for before in (b"", b"\0alice\0", b"alice\0alice\0", b"user=alice\1auth=Bearer ", b"x"):
        text = base64.b64encode(before + octets)
        forms |= {text[24:64], text[-60:-8]}
    return forms


def _shows_no(run, secret):
    with told(run):
        for form in _forms(secret):
            assert form not in run.raw, f"{form!r} is in the output"


def _one_attempt(server, pattern):
    server.stop()
    assert len(server.attempts) == 1 and re.search(pattern, server.attempts[0]), server.attempts


def every_mechanism_logs_in_over_both_versions_of_tls(w):
    cases = [(*case, PASSWORD) for case in WITH_PASSWORD] + [(*case, TOKEN) for case in WITH_TOKEN]
    for auth, offer, secret in cases:
        for version, ir in VARIANTS:
            with SaslServer(w.pki, offer, "alice", secret, version, *ir) as server:
                run = w.run(*_options(w, server, auth, secret), "-vvv", state="OK")
                _shows_no(run, secret)
                with told(run):
                    assert any(line.startswith(f"tls TLS{version} ") for line in run.lines)
                _one_attempt(server, "right$")


def every_mechanism_is_refused_with_a_wrong_secret_and_named(w):
    for auth, offer in WITH_PASSWORD + WITH_TOKEN:
        secret = TOKEN if auth in dict(WITH_TOKEN) else PASSWORD
        with SaslServer(w.pki, offer, "alice", "another") as server:
            name = "SASL LOGIN" if auth == "sasl-login" else auth.upper()
            run = w.run(*_options(w, server, auth, secret), "-vvv", state="CRITICAL",
                        text=rf"^auth: server refused alice \({name}\): \[AUTHENTICATIONFAILED\] no, not you; ")
            _shows_no(run, secret)
            assert "auto" not in run.text
            _one_attempt(server, r"(?<!right)$")


def no_mechanism_shows_the_secret_where_the_server_repeats_it(w):
    quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    for echo in (PASSWORD, quoted, base64.b64encode(b"\0alice\0" + PASSWORD.encode()).decode(),
                 "x" * 180 + PASSWORD, "x" * 500 + PASSWORD):
        for auth, offer in WITH_PASSWORD:
            refusal = f"NO [ALERT] you said {echo} to me"
            with SaslServer(w.pki, offer, "alice", "another", "1.3", "-r", refusal) as server:
                run = w.run(*_options(w, server, auth), "-vvv", state="CRITICAL", text=r"^auth: .*ALERT")
                _shows_no(run, PASSWORD)
                with told(run):
                    assert "quo" not in run.raw.decode() and "longlong" not in run.raw.decode()


def auto_takes_the_first_that_mail_clients_take(w):
    rising = ["CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "COMMAND", "PLAIN"]
    never = "SCRAM-SHA-256-PLUS XOAUTH2 OAUTHBEARER EXTERNAL ANONYMOUS GSSAPI LOGIN"
    for count, best in enumerate(rising, 1):
        with SaslServer(w.pki, " ".join(rising[:count]) + " " + never, "alice", PASSWORD) as server:
            w.run(*_options(w, server, "auto"), state="OK")
            _one_attempt(server, rf"^login {'LOGIN-command' if best == 'COMMAND' else best} .* right$")
    with SaslServer(w.pki, never, "alice", PASSWORD) as server:
        w.run(*_options(w, server, "auto"), state="CRITICAL",
              text=r"^auth: server does not offer a password mechanism known here; it offers LOGINDISABLED AUTH=")


def in_clear_only_what_hides_the_secret_is_used_unless_allowed(w):
    for auth, offer in WITH_PASSWORD + WITH_TOKEN:
        with SaslServer(w.pki, offer, "alice", PASSWORD, None) as server:
            if auth in ("cram-md5", "scram-sha-1", "scram-sha-256"):
                w.run(*_options(w, server, auth, tls="none"), state="OK")
                _one_attempt(server, "right$")
            else:
                w.run(*_options(w, server, auth, tls="none"), state="UNKNOWN", text=f"--auth={auth}")
                server.stop()
                assert not server.attempts
    for offer, hidden in (("PLAIN", False), ("PLAIN CRAM-MD5", True)):
        with SaslServer(w.pki, offer, "alice", PASSWORD, None) as server:
            w.run(*_options(w, server, "auto", tls="none"), state="OK" if hidden else "CRITICAL")
            w.run(*_options(w, server, "plain", tls="none"), "--allow-cleartext", state="OK")


def a_mechanism_that_is_not_offered_is_missing(w):
    for auth, _ in WITH_PASSWORD + WITH_TOKEN:
        with SaslServer(w.pki, "ANONYMOUS") as server:
            w.run(*_options(w, server, auth, "token"), "--state=missing=warning", state="WARNING",
                  text=r"^auth: server does not offer .*it offers LOGINDISABLED AUTH=ANONYMOUS")
            server.stop()
            assert not server.attempts


def a_login_after_starttls_works_the_same(w):
    for auth, offer in WITH_PASSWORD:
        for version in ("1.2", "1.3"):
            with SaslServer(w.pki, offer, "alice", PASSWORD, version, "-s") as server:
                w.run(*_options(w, server, auth, tls="starttls"), state="OK")
                _one_attempt(server, "right$")


# --- SCRAM ---


def a_server_that_cannot_sign_is_not_believed(w):
    for auth, offer in WITH_PASSWORD[4:]:
        with SaslServer(w.pki, offer, "alice", PASSWORD, "1.3", "-f", "signature") as server:
            w.run(*_options(w, server, auth), state="CRITICAL",
                  text=rf"^auth: {auth.upper()}: the server's signature is wrong: it does not know the password")
        with SaslServer(w.pki, offer, "alice", PASSWORD, "1.3", "-f", "early") as server:
            w.run(*_options(w, server, auth), state="CRITICAL", text="said OK before the exchange was complete")


def the_count_of_iterations_has_bounds(w):
    for count, words in (("1", "fewer than 4096"), ("4095", "fewer than 4096"), ("1000001", "more than 1000000"),
                         ("99999999999", "more than 1000000")):
        with SaslServer(w.pki, "SCRAM-SHA-256", "alice", PASSWORD, "1.3", "-i", count) as server:
            run = w.run(*_options(w, server, "auto"), state="CRITICAL",
                        text=rf"^auth: SCRAM-SHA-256, chosen by auto: the server asks for {count} SCRAM iterations, "
                             rf"and {words}")
            assert run.seconds("auth") < 1
    with SaslServer(w.pki, "SCRAM-SHA-1", "alice", PASSWORD, "1.3", "-i", "4096") as server:
        w.run(*_options(w, server, "auto"), state="OK")


@alone
def the_most_iterations_do_not_outlive_the_deadline(w):
    """They take over a second in one call of the library, so it is the watchdog that strikes."""
    with SaslServer(w.pki, "SCRAM-SHA-256", "alice", PASSWORD, "1.3", "-i", "1000000") as server:
        w.run(*_options(w, server, "auto"), "-t", "0.5", state="CRITICAL", text=r"^auth: .* within 0\.5 s")


def plain_scram_works_where_the_server_could_bind(w):
    for version in ("1.2", "1.3"):
        with SaslServer(w.pki, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "alice", PASSWORD, version) as server:
            w.run(*_options(w, server, "scram-sha-256"), state="OK")


class _Middle(Server):
    """Ends TLS with the server's own certificate, and begins another to the server behind it."""

    def __init__(self, pki, port, **where):
        super().__init__(**where)
        self.behind, self.context = port, tls_context(pki)

    def handle(self, connection):
        client = ssl.create_default_context()
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        with self.context.wrap_socket(connection, server_side=True) as front, \
                client.wrap_socket(socket.create_connection(("127.0.0.1", self.behind))) as back:
            threading.Thread(target=self.carry, args=(back, front), daemon=True).start()
            self.carry(front, back)

    @staticmethod
    def carry(source, to):
        try:
            while data := source.recv(65536):
                to.sendall(data)
        except (OSError, ValueError):
            pass
        for end in (source, to):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def a_plus_mechanism_notices_somebody_in_the_middle(w):
    for version in ("1.2", "1.3"):
        with SaslServer(w.pki, "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "alice", PASSWORD, version) as server:
            with _Middle(w.pki, server.port) as middle:
                w.run(*_options(w, middle, "scram-sha-256"), state="OK")
                w.run(*_options(w, middle, "scram-sha-256-plus"), state="CRITICAL",
                      text=r"^auth: server refused alice \(SCRAM-SHA-256-PLUS\)")
            w.run(*_options(w, server, "scram-sha-256-plus"), state="OK")


# --- without a password ---


def anonymous_needs_no_user_and_leaves_a_trace(w):
    for user, trace in ((None, "check_imap_full"), ("monitor@example.org", "monitor@example.org")):
        with SaslServer(w.pki, "ANONYMOUS") as server:
            w.run(*_options(w, server, "anonymous", None, user), state="OK", text="INBOX: 0 messages")
            _one_attempt(server, rf"^login ANONYMOUS user={trace} .*right$")


def external_is_refused_without_a_certificate(w):
    with SaslServer(w.pki, "EXTERNAL", "alice", "x", "1.3", "-a", w.ca) as server:
        w.run(*_options(w, server, "external", None), state="CRITICAL",
              text=r"^auth: server refused alice \(EXTERNAL\): .*; EXTERNAL rests on the client certificate")
        w.run(*_options(w, server, "external", None, None), state="CRITICAL",
              text=r"^auth: server refused the login \(EXTERNAL\)")


def external_logs_in_by_the_client_certificate(w):
    if b"--client-cert" not in w.run("--help", is_judged=False).raw:
        raise Skip("this program has no --client-cert")
    mine = [f"--client-cert={w.pki}/client.pem", f"--client-key={w.pki}/client.key"]
    for version, ir in VARIANTS:
        with SaslServer(w.pki, "EXTERNAL", "alice", "x", version, "-a", w.ca, *ir) as server:
            for user in ("alice", None):
                w.run(*_options(w, server, "external", None, user), *mine, state="OK")
            w.run(*_options(w, server, "external", None), "--authzid=bob", *mine, state="CRITICAL",
                  text="refused alice as bob")
            server.stop()
            assert [re.sub(".*authzid=", "", line) for line in server.attempts] == \
                ["alice right", " right", "bob GSASL_AUTHENTICATION_ERROR"], server.attempts


def another_user_can_be_acted_as(w):
    for auth, offer in (("plain", "PLAIN"), ("scram-sha-1", "SCRAM-SHA-1"), ("scram-sha-256", "SCRAM-SHA-256"),
                        ("auto", "COMMAND CRAM-MD5 SCRAM-SHA-256")):
        with SaslServer(w.pki, offer, "alice", PASSWORD, "1.3", "-z", "boss") as server:
            w.run(*_options(w, server, auth), "--authzid=boss", state="OK")
            w.run(*_options(w, server, auth), "--authzid=other", state="CRITICAL", text="refused alice as other")
            server.stop()
            assert "authzid=boss right" in server.attempts[0] and len(server.attempts) == 2
    with SaslServer(w.pki, "COMMAND CRAM-MD5", "alice", PASSWORD) as server:
        w.run(*_options(w, server, "auto"), "--authzid=boss", state="CRITICAL", text="can act as another")


# --- what servers say ---


def a_refused_token_is_told_with_what_its_error_says(w):
    gmail = '{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}'
    for auth, offer in WITH_TOKEN:
        for _, ir in VARIANTS[:2]:
            with SaslServer(w.pki, offer, "alice", "x", "1.3", *ir) as server:
                w.run(*_options(w, server, auth, TOKEN), state="CRITICAL",
                      text=r"no, not you; it told status invalid_token \(expired.*\), scope mail \(")
                _one_attempt(server, f"wrong, then {1 if auth == 'oauthbearer' else 0} octets")
        with SaslServer(w.pki, offer, "alice", "x", "1.3", "-e", gmail,
                        "-r", "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)") as server:
            w.run(*_options(w, server, auth, TOKEN), state="CRITICAL",
                  text=r"Invalid credentials \(Failure\); it told status 400 .*scope https://mail.google.com/")
        with SaslServer(w.pki, offer, "alice", "x", "1.3", "-e", f"no json: {TOKEN}") as server:
            run = w.run(*_options(w, server, auth, TOKEN), "-vvv", state="CRITICAL", text="it told no json")
            _shows_no(run, TOKEN)


def the_words_of_the_large_providers_are_understood(w):
    cases = [
        ("NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 "
         "(Failure)", "an app password is needed", "auth"),
        ("NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", "wrong user name or password", "auth"),
        ("NO [ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 "
         "(Failure)", "a person to log in", "auth"),
        ("NO Basic authentication is disabled.", "only a token logs in: --auth=xoauth2", "auth"),
        ("NO LOGIN failed.", "Exchange says no more", "auth"),
        ("NO [AUTHENTICATIONFAILED] AuthFailed:LogonDenied-BasicAuthBlocked-<UserType:OutlookCom> "
         "LogonFailed-BasicAuthBlocked", "basic authentication is off", "auth"),
        ("NO [EXPIRED] too old", "the password has expired", "auth"),
        ("NO [AUTHORIZATIONFAILED] not as him", "may not act as this user", "auth"),
        ("NO [PRIVACYREQUIRED] encrypt", "TLS first", "auth"),
        ("NO [OVERQUOTA] full", "over its quota", "auth"),
        ("NO [UNAVAILABLE] ldap is away", "(LDAP, SQL, storage) does not answer it", "unavailable"),
        ("NO [CONTACTADMIN] locked", "needs its administrator", "unavailable"),
        ("NO [INUSE] busy", "another session", "unavailable"),
        ("NO [LIMIT] too many", "a limit of the server", "unavailable"),
        ("NO [SERVERBUG] oops", "within the server", "unavailable"),
        ("NO just so", None, "auth"),
        ("BAD what?", None, "refused"),
    ]
    for refusal, hint, kind in cases:
        with SaslServer(w.pki, "PLAIN", "alice", "x", "1.3", "-r", refusal) as server:
            run = w.run(*_options(w, server, "plain"), f"--state={kind}=warning", state="WARNING",
                        text=r"^auth: server refused alice \(PLAIN\): ")
            with told(run):
                assert hint is None or re.search(rf"; .*{re.escape(hint)}", run.text)
                assert hint is not None or ";" not in run.text


def an_alert_is_shown(w):
    replies = {"AUTHENTICATE": "* OK [ALERT] the house is closing\r\n{t} OK in\r\n"}
    with FakeImap(replies, tls=tls_context(w.pki), implicit=True) as server:
        run = w.run(*w.to(port=server.port), "-v", state="OK")
        with told(run):
            assert run.raw.decode().count("the server's alert: the house is closing") == 1


def gssapi_without_a_ticket_says_for_what(w):
    """Without one nothing is sent but the capabilities."""
    if w.is_instrumented:
        raise Skip("the Kerberos libraries leak")
    with SaslServer(w.pki, "GSSAPI") as server:
        w.run(*_options(w, server, "gssapi", None, None), env={"KRB5CCNAME": "FILE:/nonexistent/tickets"},
              state="CRITICAL", text=r"^auth: GSSAPI: the Kerberos library gives no ticket for imap/imap\.example\.org")
        server.stop()
        assert not server.attempts
