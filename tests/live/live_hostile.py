# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are not IMAP, break its rules, or want to deceive the client."""

import time

from scales import weigh
from servers import CLOSE, REPLIES, FakeImap, Flood, Talker, shows, tls_context
from world import USERS, told

HTTP = b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n"
SSH = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
SMTP = b"220 mail.example.org ESMTP Postfix\r\n"
POP3 = b"+OK Dovecot ready.\r\n"


def _starttls(w, server, why, phase="tls", **more):
    run = w.run(*w.to(port=server.port, tls="starttls"), "-t", "5", state="CRITICAL",
                text=rf"(?i)^{phase}: .*({why})", **more)
    with told(run):
        heard = getattr(server, "heard", [])
        assert not shows(USERS["alice"], server.received, *(line for _, line in heard))
        assert run.elapsed < 2
    return run


def starttls_that_is_not_offered_is_critical(w):
    with FakeImap(caps="IMAP4rev1 AUTH=PLAIN") as server:
        _starttls(w, server, "STARTTLS")
        assert "STARTTLS" not in server.commands(), "asked for what was not offered"


def starttls_that_is_refused_is_critical(w):
    for reply in ("{t} NO not now\r\n", "{t} BAD what\r\n"):
        with FakeImap({"STARTTLS": reply}, tls=tls_context(w.pki)) as server:
            _starttls(w, server, "STARTTLS|not now|what")


def bytes_injected_after_starttls_are_a_fault(w):
    injections = (b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", b"a2 OK [CAPABILITY IMAP4rev1] in\r\n", b"x")
    for injected in injections:
        reply = b"{t} OK begin\r\n" + injected
        with FakeImap({"STARTTLS": reply}, tls=tls_context(w.pki)) as server:
            _starttls(w, server, "STARTTLS|after|inject")
            assert server.commands()[-1] == "STARTTLS", server.heard


def bytes_injected_a_little_later_are_a_fault_too(w):
    for pause in (0.005, 0.05):
        with FakeImap({"STARTTLS": "{t} OK begin\r\n"}, tls=None, caps="IMAP4rev1 STARTTLS AUTH=PLAIN") as server:
            server.secure = lambda connection: _inject(connection, pause)
            _starttls(w, server, ".")


def _inject(connection, pause):
    time.sleep(pause)
    connection.sendall(b"* OK injected\r\n")
    raise EOFError


def a_greeting_with_a_forged_reply_behind_it_is_a_fault(w):
    forged = "".join(f"{tag} OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] done\r\n"
                     for tag in ("a1", "A1", "a001", "A001", "a0001", "A0001", "1", "t1", "c1"))
    with FakeImap(greeting="* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] hi\r\n" + forged,
                  tls=tls_context(w.pki)) as server:
        _starttls(w, server, ".", phase="(greeting|tls)")


def preauth_is_refused_with_starttls(w):
    with FakeImap(greeting="* PREAUTH [CAPABILITY IMAP4rev1] welcome\r\n") as server:
        _starttls(w, server, "PREAUTH", phase="(greeting|tls)")


def preauth_is_refused_with_credentials(w):
    with FakeImap(greeting="* PREAUTH [CAPABILITY IMAP4rev1] in\r\n", tls=tls_context(w.pki), implicit=True) as server:
        w.run(*w.to(port=server.port), state="CRITICAL", text=r"^(greeting|auth): .*PREAUTH")
        assert not shows(USERS["alice"], *(line for _, line in server.heard))


def a_bye_greeting_is_critical_and_told(w):
    for code in ("", "[UNAVAILABLE] "):
        greeting = f"* BYE {code}too many connections\r\n"
        with FakeImap(greeting=greeting, tls=tls_context(w.pki), implicit=True) as server:
            w.run(*w.to(port=server.port), state="CRITICAL", text=r"^greeting: .*too many connections")


def a_bye_in_the_middle_is_critical_and_told(w):
    for command, phase in (("AUTHENTICATE", "auth"), ("EXAMINE", "select"), ("FETCH", "fetch")):
        with FakeImap({command: "* BYE shutting down\r\n"}, tls=tls_context(w.pki), implicit=True) as server:
            w.run(*w.to(port=server.port), "-t", "3", state="CRITICAL", text=rf"^{phase}: .*shutting down")


def other_protocols_are_recognised(w):
    for banner, name in ((HTTP, "HTTP"), (SSH, "SSH"), (SMTP, "SMTP"), (POP3, "POP3?")):
        with Talker(banner) as server:
            _starttls(w, server, name, phase="greeting")
            w.run(*w.to(port=server.port, tls="none", user=None), state="CRITICAL", text=rf"^greeting: .*{name}")


def imap_in_clear_on_a_tls_port_says_use_starttls(w):
    w.run(*w.to(port=w.dovecot.port), state="CRITICAL", text=r"^tls: .*--tls=starttls")
    with Talker(b"* OK ready\r\n") as server:
        w.run(*w.to(port=server.port), "-t", "5", state="CRITICAL", text=r"^tls: .*--tls=starttls")


def tls_on_a_plain_port_says_so(w):
    for tls in ("starttls", "none"):
        options = w.to(port=w.dovecot.tls_port, tls=tls, user=None)
        run = w.run(*options, "-t", "3", state="CRITICAL", text=r"^greeting: ")
        with told(run):
            assert run.elapsed <= 3.2
    with Talker(b"\x15\x03\x01\x00\x02\x02\x16") as server:
        w.run(*w.to(port=server.port, tls="starttls"), "-t", "3", state="CRITICAL", text=r"^greeting: .*TLS")


def other_protocols_on_a_tls_port_are_a_tls_failure(w):
    for banner in (HTTP, SSH, SMTP):
        with Talker(banner) as server:
            w.run(*w.to(port=server.port), "-t", "5", state="CRITICAL", text=r"^tls: ")


def nothing_that_a_server_says_can_break_the_output(w):
    evil = "x|y=1;2 `id` $(id) <script> \x1b[31m \u00fc \x7f \x00 \\n\x0b\x0c\x85"
    refusals = {
        "AUTHENTICATE": "{t} NO [AUTHENTICATIONFAILED] EVIL\r\n",
        "EXAMINE": "{t} NO [NONEXISTENT] EVIL\r\n",
        "FETCH": "{t} BAD EVIL\r\n",
    }
    for command, reply in refusals.items():
        reply = reply.encode().replace(b"EVIL", evil.encode())
        for level in ("-v", "-vvv"):
            with FakeImap({command: reply}, tls=tls_context(w.pki), implicit=True) as server:
                w.run(*w.to(port=server.port), level, "-t", "3", state="CRITICAL")
    for greeting in (f"* OK {evil}\r\n", f"* BYE {evil}\r\n", f"{evil}\r\n", f"* OK [CAPABILITY {evil}] x\r\n"):
        with FakeImap(greeting=greeting.encode(), tls=tls_context(w.pki), implicit=True) as server:
            w.run(*w.to(port=server.port), "-vvv", "-t", "3")


def a_very_long_refusal_still_fits_the_first_line(w):
    with FakeImap({"EXAMINE": b"{t} NO " + b"x" * 60000 + b"\r\n"}, tls=tls_context(w.pki), implicit=True) as server:
        w.run(*w.to(port=server.port), state="CRITICAL", text=r"^select: .*:\d+, \d+\.\d{3} s\)$")


def replies_in_single_octets_change_nothing(w):
    for tls in ("implicit", "starttls"):
        with FakeImap(tls=tls_context(w.pki), implicit=tls == "implicit", is_sliced=True) as server:
            w.run(*w.to(port=server.port, tls=tls), state="OK", text="2 messages")


def a_close_in_every_phase_is_told_in_that_phase(w):
    for command, phase in (("AUTHENTICATE", "auth"), ("EXAMINE", "select"), ("FETCH", "fetch")):
        with FakeImap({command: CLOSE}, tls=tls_context(w.pki), implicit=True) as server:
            run = w.run(*w.to(port=server.port), state="CRITICAL", text=rf"^{phase}: .*clos")
            assert run.elapsed < 1


def a_missing_goodbye_is_no_alarm(w):
    for reply in ("{t} OK done\r\n", "* BYE bye\r\n"):
        with FakeImap({"LOGOUT": reply}, tls=tls_context(w.pki), implicit=True) as server:
            w.run(*w.to(port=server.port), "-t", "3", state="OK")


def a_message_that_is_gone_or_never_comes_is_not_ok(w):
    for reply in ("{t} NO gone\r\n", "{t} BAD no\r\n"):
        with FakeImap({"FETCH": reply}, tls=tls_context(w.pki), implicit=True) as server:
            w.run(*w.to(port=server.port), state="CRITICAL", text="^fetch: ")


def untagged_noise_between_replies_is_harmless(w):
    noise = "* OK [ALERT] maintenance at noon\r\n* XVENDOR (a \"b\" NIL)\r\n"
    replies = {name: noise + reply for name, reply in REPLIES.items()}
    with FakeImap(replies, tls=tls_context(w.pki), implicit=True) as server:
        w.run(*w.to(port=server.port), state="OK")


def memory_stays_bounded_whatever_is_sent(w):
    big = b"* 2 FETCH (UID 11 BODY[HEADER] {4000000000}\r\n"
    floods = {
        "an endless line": (b"* OK ", b"x" * 4096),
        "endless lines": (b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", b"* LIST () \"/\" " + b"y" * 200 + b"\r\n"),
        "endless lists": (b"* OK hi\r\n* X ", b"(" * 4096),
        "a huge literal": (b"* OK hi\r\n" + big, b"z" * 4096),
        "a long number": (b"* OK hi\r\n* ", b"9" * 4096),
    }
    for what, (opening, pattern) in floods.items():
        with Flood(pattern, opening) as server:
            try:
                weigh(w, *w.to(port=server.port, tls="starttls"), "-t", "2", "-vvv", state="CRITICAL")
            except AssertionError as error:
                raise AssertionError(f"{what}: {error}") from None


def a_large_message_is_streamed(w):
    size = 30_000_000
    reply = b"* 2 FETCH (UID 11 BODY[] {%d}\r\n" % size + b"m" * size + b")\r\n{t} OK done\r\n"
    with FakeImap({"FETCH": reply}, tls=tls_context(w.pki), implicit=True) as server:
        run = weigh(w, *w.to(port=server.port), "--fetch=message", "-t", "10", state="OK")
        assert run.metrics["size"].value == size
