# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that attack below IMAP: in the handshake, by their certificates, in the midst of the TLS
stream, and in each phase of the journey by closing, stalling, dripping and resetting."""

import os
import re
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time

import forge
from scales import weigh
from servers import REPLIES, FakeImap, Flood, Injector, Server, Talker, command_name, tls_context
from world import USERS, Skip, alone, told

NAME = b"imap.example.org"
EVIL = b"x|y=1 `id` $(id) <b> \x1b[31m \xc3\xbc \x7f \x01 'q'\"\\"


def _context_of(w, name, certificate, key="good", weak=False):
    """A context for a forged certificate with the key of one of make-pki's."""
    folder = w.dir / f"forged-{name}"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.pem").write_text(certificate)
    shutil.copy(f"{w.pki}/{key}.key", folder / f"{name}.key")
    return tls_context(folder, name, weak=weak)


def _forged(w, name, subject, names):
    ca = forge.subject_of(w.ca)
    return _context_of(w, name, forge.forge(f"{w.pki}/good.key", subject, names, ca, f"{w.pki}/ca.key"))


def _meets(w, context, *options, state, text=None, phase=None):
    """One run against the small IMAP server behind that TLS context."""
    with FakeImap(tls=context, implicit=True) as server:
        run = weigh(w, *w.to(port=server.port), *options, "-t", "3", state=state)
        with told(run):
            if phase:
                assert run.text.startswith(f"{phase}: "), f"phase is not {phase}"
            assert not text or re.search(text, run.text), f"{run.text!r} does not match {text!r}"
            assert state == "OK" or not server.heard, "something was said to a server that is not trusted"
    return run


# --- certificates ------------------------------------------------------------------------------------


def a_forged_certificate_that_is_sound_is_taken(w):
    """What the following ones differ from."""
    _meets(w, _forged(w, "sound", NAME, [NAME]), state="OK")


def a_nul_in_a_name_does_not_shorten_it(w):
    for name in (NAME + b"\0.evil.example", NAME + b"\0"):
        _meets(w, _forged(w, "nul", name, [name]), state="CRITICAL", phase="tls", text="(?i)certificate")
        _meets(w, _forged(w, "nul", name, []), state="CRITICAL", phase="tls", text="(?i)certificate")


def control_octets_in_names_reach_no_output(w):
    context = _forged(w, "control", EVIL, [EVIL, NAME])
    for form in ([], ["-vvv"], ["-D", "200,100"]):
        with FakeImap(tls=context, implicit=True) as server:
            weigh(w, *w.to(port=server.port), *form, "-t", "3", state="CRITICAL" if "-D" in form else "OK")
    _meets(w, _forged(w, "control", EVIL, [EVIL]), "-vvv", state="CRITICAL", phase="tls")


def a_thousand_names_are_read(w):
    many = [b"host-%d.example.org" % i for i in range(1000)]
    _meets(w, _forged(w, "many", NAME, [*many, NAME]), "-vvv", state="OK")
    _meets(w, _forged(w, "many", NAME, many), "-vvv", state="CRITICAL", phase="tls", text="does not cover")


def a_name_of_sixty_kilobytes_is_cut(w):
    _meets(w, _forged(w, "long", b"y" * 64, [b"x" * 60000]), "-vvv", state="CRITICAL", phase="tls")


def a_chain_of_a_hundred_is_refused(w):
    ca, key = forge.subject_of(w.ca), f"{w.pki}/good.key"
    short = forge.chain(key, [NAME], ca, f"{w.pki}/ca.key", 4)
    long = forge.chain(key, [NAME], ca, f"{w.pki}/ca.key", 100)
    _meets(w, _context_of(w, "short-chain", short), state="OK")
    _meets(w, _context_of(w, "long-chain", long), state="CRITICAL", phase="tls")


def one_certificate_a_hundred_times_is_refused(w):
    chain = open(f"{w.pki}/good.pem", encoding="ascii").read() + open(w.ca, encoding="ascii").read() * 99
    _meets(w, _context_of(w, "again", chain), state="CRITICAL", phase="tls")


def tiny_keys_are_refused(w):
    for bits in (512, 1024):
        key = w.dir / f"tiny-{bits}.key"
        made = subprocess.run(["openssl", "genrsa", "-out", str(key), str(bits)], capture_output=True, check=False)
        if made.returncode:
            raise Skip("openssl makes no such keys")
        certificate = forge.forge(str(key), NAME, [NAME], forge.subject_of(w.ca), f"{w.pki}/ca.key")
        folder = w.dir / f"tiny-{bits}"
        folder.mkdir()
        (folder / "tiny.pem").write_text(certificate)
        shutil.copy(key, folder / "tiny.key")
        _meets(w, tls_context(folder, "tiny", weak=True), state="CRITICAL", phase="tls")


def a_signature_of_an_unknown_kind_is_told(w):
    unknown = forge.der(0x30, bytes.fromhex("06032a0304"))
    certificate = forge.forge(f"{w.pki}/good.key", NAME, [NAME], forge.subject_of(w.ca), f"{w.pki}/ca.key",
                              algorithm=unknown)
    _meets(w, _context_of(w, "unknown", certificate, weak=True), state="CRITICAL", phase="tls",
           text="^tls: the certificate is signed in a way that is not known here")


def a_chain_that_turns_in_a_circle_is_refused(w):
    key = f"{w.pki}/good.key"
    ring = [forge.forge(key, one, [], forge.name(by), key, is_authority=True) for one, by in ((b"A", b"B"), (b"B", b"A"))]
    certificate = forge.forge(key, NAME, [NAME], forge.name(b"A"), key)
    _meets(w, _context_of(w, "ring", certificate + "".join(ring * 3)), state="CRITICAL", phase="tls", text="not trusted")


@alone
def a_key_that_takes_a_minute_to_check_does_not_outlive_the_deadline(w):
    """An authority that we trust would have to have signed it; then it is the watchdog that strikes."""
    key, middle = f"{w.pki}/good.key", forge.name(b"Middle")
    costly = forge.forge(key, b"Middle", [], forge.subject_of(w.ca), f"{w.pki}/ca.key", is_authority=True,
                         spki=forge.rsa_key(65536))
    certificate = forge.forge(key, NAME, [NAME], middle, key, algorithm=forge.RSA_SHA256,
                              signature=b"\1" * (65536 // 8))
    with FakeImap(tls=_context_of(w, "costly", certificate + costly), implicit=True) as server:
        run = weigh(w, *w.to(port=server.port), "-t", "0.3", state="CRITICAL")
        with told(run):
            assert run.text.startswith("tls: ") and run.elapsed > 0.3


def weak_protocol_versions_are_refused(w):
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        context = tls_context(w.pki, newest=version, oldest=version, weak=True)
        _meets(w, context, state="CRITICAL", phase="tls", text="(?i)version|TLS 1")


# --- the handshake -----------------------------------------------------------------------------------


def rubbish_in_the_handshake_ends_the_run(w):
    pieces = {
        "SSL 3 is answered": b"\x16\x03\x00\x00\x2a\x02\x00\x00\x26\x03\x00" + b"r" * 32 + b"\0\0\x35\0",
        "SSL 2": b"\x80\x0b\x04\x00\x01\x00\x02\x00\x00\x00\x00\x00\x00",
        "a fatal alert": b"\x15\x03\x03\x00\x02\x02\x28",
        "a record that is too long": b"\x16\x03\x03\xff\xff" + b"x" * 70000,
        "a ServerHello of 16 MB": b"\x16\x03\x03\x40\x00\x02\xff\xff\xff" + b"x" * 16380,
        "application data at once": b"\x17\x03\x03\x00\x10" + b"x" * 16,
        "a ServerHello that ends early": b"\x16\x03\x03\x00\x04\x02\x00\x00\x20",
        "an unknown record": b"\x63\x03\x03\x00\x01x",
        "a heartbeat": b"\x18\x03\x03\x00\x03\x01\xff\xff",
    }
    for what, piece in pieces.items():
        with Talker(piece) as server:
            run = weigh(w, *w.to(port=server.port), "-t", "2", state="CRITICAL")
            with told(run):
                assert run.text.startswith("tls: "), what


def what_comes_in_clear_after_starttls_is_called_an_injection(w):
    """Late enough that the handshake has begun: it is TLS that stumbles over it."""
    with Injector() as server:
        run = weigh(w, *w.to(port=server.port, tls="starttls"), "-t", "2", state="CRITICAL")
        with told(run):
            assert run.text.startswith("tls: ") and "injecting" in run.text and "--tls=" not in run.text


def floods_in_the_handshake_are_cut_off(w):
    patterns = {
        "empty records": b"\x16\x03\x03\x00\x00",
        "warnings": b"\x15\x03\x03\x00\x02\x01\x5a",
        "changes of the cipher": b"\x14\x03\x03\x00\x01\x01",
        "requests to begin": b"\x16\x03\x03\x00\x04\x00\x00\x00\x00",
        "ServerHello in pieces": b"\x16\x03\x03\x00\x01\x02",
    }
    for what, pattern in patterns.items():
        with Flood(pattern) as server:
            run = weigh(w, *w.to(port=server.port), "-t", "2", state="CRITICAL")
            with told(run):
                assert run.text.startswith("tls: "), what


# --- the midst of the stream -------------------------------------------------------------------------


class Breaker(FakeImap):
    """Does `harm(tls, raw)` instead of answering the command `when`; raw is the same connection below
    TLS. Before the greeting where `when` is None."""

    def __init__(self, when, harm, context):
        super().__init__(tls=context, implicit=True)
        self.when, self.harm = when, harm
        self.raw = None

    def secure(self, connection):
        self.raw = socket.socket(fileno=os.dup(connection.fileno()))
        return super().secure(connection)

    def say(self, connection, data):
        last = command_name(self.heard[-1][1]) if self.heard else None
        if last != self.when:
            super().say(connection, data)
            return
        try:
            self.harm(connection, self.raw)
        finally:
            self.raw.close()
        raise EOFError


def _close_without_notice(tls, raw):
    """The octets of TCP end, and TLS was not told."""
    tls.sendall(b"* OK in the mid")
    raw.shutdown(socket.SHUT_RDWR)


def _reset(tls, raw):
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(tls.detach())


def _speak_in_clear(_, raw):
    raw.sendall(b"* OK injected\r\nA2 OK injected\r\n")
    time.sleep(0.3)


def _send_forged_record(_, raw):
    raw.sendall(b"\x17\x03\x03\x00\x30" + b"z" * 48)
    time.sleep(0.3)


def _send_forged_alert(_, raw):
    raw.sendall(b"\x15\x03\x03\x00\x02\x01\x00" * 20)
    time.sleep(0.3)


def _cut_record(_, raw):
    raw.sendall(b"\x17\x03\x03\x10\x00" + b"z" * 48)
    raw.shutdown(socket.SHUT_RDWR)


HARMS = (_close_without_notice, _reset, _speak_in_clear, _send_forged_record, _send_forged_alert, _cut_record)


def what_breaks_the_stream_is_told_in_its_phase(w):
    phases = {None: "greeting", "AUTHENTICATE": "auth", "EXAMINE": "select", "FETCH": "fetch"}
    for newest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        for command, phase in phases.items():
            for harm in HARMS:
                context = tls_context(w.pki, newest=newest, oldest=newest)
                with Breaker(command, harm, context) as server:
                    run = weigh(w, *w.to(port=server.port), "-t", "3", state="CRITICAL")
                    with told(run):
                        assert run.text.startswith(f"{phase}: "), (harm.__name__, newest, phase)
                        assert run.elapsed < 2


def after_the_goodbye_any_close_is_fine(w):
    def bye_and(harm):
        def do(tls, raw):
            tls.sendall(b"* BYE bye\r\n")
            harm(tls, raw)

        return do

    for harm in (lambda tls, raw: raw.shutdown(socket.SHUT_RDWR), _reset, _send_forged_record):
        with Breaker("LOGOUT", bye_and(harm), tls_context(w.pki)) as server:
            weigh(w, *w.to(port=server.port), "-t", "3", state="OK")


class Console:
    """openssl s_server with its console: between two of the lines it sends, single letters make it do what
    Python's ssl cannot: "k" and "K" update the keys, "r" and "R" handshake anew. For one connection."""

    def __init__(self, pki, version, letter, times=1):
        self.times = times
        self.command = ["openssl", "s_server", "-naccept", "1", f"-{version}", "-cert", f"{pki}/good.pem",
                        "-key", f"{pki}/good.key"]
        self.letter = letter

    def __enter__(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen([*self.command, "-accept", f"127.0.0.1:{self.port}"], bufsize=0,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in iter(self.process.stdout.readline, b""):
            if line.startswith(b"ACCEPT"):
                break
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def type(self, text):
        self.process.stdin.write(text)
        time.sleep(0.03)

    def serve(self):
        try:
            for line in iter(self.process.stdout.readline, b""):
                if b"CIPHER is" in line:
                    self.type(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n")
                if not re.match(rb"A\d+ ", line):
                    continue
                for _ in range(self.times):
                    self.type(self.letter + b"\n")
                reply = REPLIES.get(command_name(line), "{t} BAD unknown command\r\n")
                self.type(reply.format(t=line.split()[0].decode(), caps="IMAP4rev1").encode())
        except (OSError, ValueError):
            pass


def new_keys_in_the_middle_are_taken(w):
    for letter in (b"k", b"K"):
        with Console(w.pki, "tls1_3", letter) as server:
            weigh(w, *w.to(port=server.port), "-t", "5", state="OK")


def a_wish_to_handshake_anew_is_not_granted(w):
    """TLS 1.2. Refused, and harmless where the server lives with that."""
    for letter in (b"r", b"R"):
        with Console(w.pki, "tls1_2", letter) as server:
            run = weigh(w, *w.to(port=server.port), "-t", "5")
            with told(run):
                assert run.state in ("OK", "CRITICAL") and run.elapsed < 4


def new_keys_without_end_are_too_much(w):
    with Console(w.pki, "tls1_3", b"k", times=20) as server:
        run = weigh(w, *w.to(port=server.port), "-t", "5", state="CRITICAL")
        assert run.elapsed < 3


# --- each phase, in each way -------------------------------------------------------------------------

# What is answered with harm, in which phase that falls, and the options that lead there.
MOMENTS = {
    "greeting": (None, "(greeting|connect)", []),
    "capability": ("CAPABILITY", "tls", []),
    "starttls": ("STARTTLS", "tls", []),
    "auth": ("AUTHENTICATE", "auth", []),
    "list": ("LIST", "list", ["--measure=mailboxes"]),
    "quota": ("GETQUOTAROOT", "quota", ["--measure=quota_storage"]),
    "select": ("EXAMINE", "select", []),
    "search": ("UID", "search", ["--search=ALL"]),
    "fetch": ("FETCH", "fetch", []),
}
CAPS = "IMAP4rev1 AUTH=PLAIN QUOTA STARTTLS"


class Harmful(FakeImap):
    """Answers one command by closing, resetting, silence, or its own answer octet by octet and never whole."""

    def __init__(self, when, way, context, **more):
        greeting = "* OK ready\r\n" if when == "CAPABILITY" else "* OK [CAPABILITY {caps}] ready\r\n"
        super().__init__(greeting=greeting, tls=context, caps=CAPS, **more)
        self.when, self.way = when, way

    def say(self, connection, data):
        last = command_name(self.heard[-1][1]) if self.heard else None
        is_search = last == "SEARCH" and self.when == "UID"
        if last != self.when and not is_search:
            super().say(connection, data)
        elif self.way == "closed":
            raise EOFError
        elif self.way == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(connection.detach())
            raise EOFError
        elif self.way == "stalled":
            self.closing.wait(10)
        else:
            for i in range(200):
                connection.sendall((b"* OK " + b"x" * 200)[i : i + 1])
                if self.closing.wait(0.05):
                    return


def _harm_of(moment, way):
    when, phase, options = MOMENTS[moment]

    def test(w):
        with Harmful(when, way, tls_context(w.pki)) as server:
            run = weigh(w, *w.to(port=server.port, tls="starttls"), *options, "-t", "1", state="CRITICAL")
            with told(run):
                assert re.match(f"{phase}: ", run.text), f"it is not told of {phase}"
                assert run.elapsed < 0.9 or way in ("stalled", "dripped"), "it waited for nothing"

    return test


for _moment in MOMENTS:
    for _way in ("closed", "reset", "stalled", "dripped"):
        globals()[f"the {_moment} is {_way}"] = _harm_of(_moment, _way)


def the_handshake_itself_is_dripped(w):
    class Drip(Server):
        def handle(self, connection):
            for octet in b"\x16\x03\x03\x01\x00\x02\x00\x00\xfc\x03\x03" + b"r" * 300:
                connection.sendall(bytes([octet]))
                if self.closing.wait(0.05):
                    return

    with Drip() as server:
        run = weigh(w, *w.to(port=server.port), "-t", "1", state="CRITICAL")
        with told(run):
            assert run.text.startswith("tls: ")


def the_logout_does_no_harm_however_it_ends(w):
    for way in ("closed", "reset"):
        with Harmful("LOGOUT", way, tls_context(w.pki)) as server:
            weigh(w, *w.to(port=server.port, tls="starttls"), "-t", "1", state="OK")


def nothing_secret_goes_to_a_server_that_is_not_trusted(w):
    """Each untrusted certificate in turn; whatever the client said, the secret was not in it."""
    for name in ("selfsigned", "expired", "wrongname", "unknown", "clientonly", "rsa1024"):
        with FakeImap(tls=tls_context(w.pki, name, weak=True), implicit=True) as server:
            weigh(w, *w.to(port=server.port), "-t", "3", state="CRITICAL")
            assert not server.heard and USERS["alice"].encode() not in server.received
