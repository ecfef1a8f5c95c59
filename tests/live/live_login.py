# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in and opening the mailbox: what servers refuse, and that a secret never goes in clear."""

import re

from dovecot import free_port
from servers import FakeImap, Proxy, shows, tls_context
from world import SECRETS, USERS, told


def a_wrong_password_is_critical_and_names_user_and_mechanism(w):
    run = w.run(*w.by_name(user=None), "-u", "alice", f"--password-file={w.dir}/wrong.password",
                state="CRITICAL",
                text=r"^auth: server refused alice \(PLAIN, chosen by auto\): \[AUTHENTICATIONFAILED\] "
                r"Authentication failed\b.* \(imap\.example\.org:\d+, \d+\.\d{3} s\)$")
    with told(run):
        assert "auth" in run.metrics or "greeting" in run.metrics
        assert "select" not in run.metrics


def a_wrong_password_is_tried_exactly_once(w):
    mark = len(w.dovecot.log())
    w.run(*w.to(user=None), "-u", "nobody-here", f"--password-file={w.dir}/wrong.password", state="CRITICAL")
    tries = [line for line in w.dovecot.log()[mark:].splitlines()
             if "nobody-here" in line and "unknown user" in line.lower()]
    assert len(tries) == 1, tries


def an_asked_for_mechanism_is_not_called_auto(w):
    for auth, name in (("login", "LOGIN"), ("plain", "PLAIN")):
        run = w.run(*w.to(user=None), "-u", "alice", f"--password-file={w.dir}/wrong.password",
                    f"--auth={auth}", state="CRITICAL", text=rf"^auth: .*\({name}\)")
        assert "auto" not in run.text, run.text


def no_such_mailbox_is_critical_in_select(w):
    w.run(*w.to(), "-m", "Absent", state="CRITICAL", text=r"^select: .*Absent")


def a_refused_connection_is_critical_in_connect(w):
    w.run(*w.to(port=free_port()), state="CRITICAL", text=r"^connect: .*refused")


def a_mechanism_that_reveals_the_secret_in_clear_is_bad_usage(w):
    for auth in ("plain", "login"):
        with FakeImap(caps="IMAP4rev1 AUTH=PLAIN") as server:
            w.run(*w.to(port=server.port, tls="none"), f"--auth={auth}", state="UNKNOWN",
                  text=r"--allow-cleartext|--tls")
            assert not server.arrived.is_set(), "it connected all the same"


def auto_finds_nothing_safe_in_clear(w):
    for caps in ("IMAP4rev1", "IMAP4rev1 AUTH=PLAIN AUTH=LOGIN"):
        with FakeImap(caps=caps) as server:
            run = w.run(*w.to(port=server.port, tls="none"), state="CRITICAL", text=r"^auth: ")
            with told(run):
                assert not shows(USERS["alice"], *(line for _, line in server.heard))
                assert not {"LOGIN", "AUTHENTICATE"} & set(server.commands())


def cleartext_works_where_it_is_allowed(w):
    run = w.run(*w.to(tls="none"), "--allow-cleartext", state="OK")
    with told(run):
        assert "tls" not in run.metrics and "cert_days" not in run.metrics
        assert "fetch" in run.metrics


def logindisabled_is_respected_even_where_cleartext_is_allowed(w):
    """Dovecot says LOGINDISABLED to a client from another address."""
    for auth in ("login", "plain"):
        w.run(*w.to(address="127.0.0.12", tls="none"), "--allow-cleartext", f"--auth={auth}", state="CRITICAL",
              text=r"^auth: .*LOGINDISABLED")
    with FakeImap(caps="IMAP4rev1 LOGINDISABLED AUTH=PLAIN") as server:
        w.run(*w.to(port=server.port, tls="none"), "--allow-cleartext", "--auth=login", state="CRITICAL",
              text=r"^auth: ")
        assert not shows(USERS["alice"], *(line for _, line in server.heard))


def in_clear_auto_takes_a_mechanism_that_keeps_the_secret(w):
    with Proxy(w.dovecot.port) as proxy:
        run = w.run(*w.to(port=proxy.port, tls="none"), "-vv", state="OK")
    with told(run):
        assert any(re.match(r"login by (SCRAM|CRAM)-", line) for line in run.lines)
        assert b"AUTHENTICATE" in proxy.received and not shows(USERS["alice"], proxy.received)


def logindisabled_goes_away_with_starttls(w):
    w.run(*w.to(address="127.0.0.12", tls="starttls"), state="OK")


def capabilities_that_nobody_volunteered_are_asked_for(w):
    replies = {"LOGIN": "{t} OK in\r\n", "AUTHENTICATE": "{t} OK in\r\n"}
    with FakeImap(replies, greeting="* OK hello\r\n", tls=tls_context(w.pki), implicit=True) as server:
        w.run(*w.to(port=server.port), state="OK")
        assert "CAPABILITY" in server.commands()


def capabilities_from_before_starttls_are_forgotten(w):
    """What was offered in clear, and not after, is not used."""
    caps = "IMAP4rev1 STARTTLS AUTH=PLAIN"
    after = "* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n{t} OK done\r\n"

    with FakeImap(tls=tls_context(w.pki), caps=caps,
                  greeting="* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] x\r\n",
                  replies={"CAPABILITY": after}) as server:
        w.run(*w.to(port=server.port, tls="starttls"), state="CRITICAL", text=r"^(auth|tls): ")
        assert not shows(USERS["alice"], *(line for _, line in server.heard))


def the_login_command_is_used_where_plain_is_not_offered(w):
    with FakeImap(tls=tls_context(w.pki), implicit=True, caps="IMAP4rev1") as server:
        w.run(*w.to(port=server.port), state="OK")
        assert "LOGIN" in server.commands() and "AUTHENTICATE" not in server.commands()


def sasl_ir_saves_the_empty_prompt(w):
    for caps, words in (("IMAP4rev1 SASL-IR AUTH=PLAIN", 4), ("IMAP4rev1 AUTH=PLAIN", 3)):
        with FakeImap(tls=tls_context(w.pki), implicit=True, caps=caps) as server:
            w.run(*w.to(port=server.port), state="OK")
            line = next(l for _, l in server.heard if b"AUTHENTICATE" in l.upper())
            assert len(line.split()) == words, line


def a_service_that_is_down_is_told_from_a_wrong_password(w):
    for code in ("UNAVAILABLE", "LIMIT", "INUSE", "SERVERBUG", "CONTACTADMIN"):
        refusal = {k: "{t} NO [%s] try later\r\n" % code for k in ("LOGIN", "AUTHENTICATE")}
        with FakeImap(refusal, tls=tls_context(w.pki), implicit=True) as server:
            options = w.to(port=server.port)
            w.run(*options, state="CRITICAL", text=rf"^auth: .*\[{code}\] try later")


def no_secret_is_ever_on_the_wire_in_clear(w):
    with FakeImap(tls=tls_context(w.pki)) as server:
        w.run(*w.to(port=server.port, tls="starttls"), state="OK")
        in_clear = [line for is_secure, line in server.heard if not is_secure]
        assert in_clear and not any(shows(secret, *in_clear) for secret in SECRETS)
        assert [c for c in server.commands() if c == "LOGOUT"] == ["LOGOUT"]
