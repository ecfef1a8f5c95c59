# SPDX-License-Identifier: GPL-3.0-or-later
"""A small server that is right: one mailbox, any number of sessions, IDLE, UIDPLUS. It remembers what it was
told to remove. Whenever it is about to speak it asks whether it may: `takeover` may speak in its place."""

import hashlib
import re
import select
import socket
import ssl
import threading
import time

from servers import Server, command_name

MARK = b"X-Check-Imap-Full"
MAILBOX = "Test"
CAPABILITIES = "IMAP4rev1 SASL-IR UIDPLUS IDLE AUTH=PLAIN"


def identity(kind, user="alice", host="127.0.0.1"):
    """What the messages of a check bear, as plugins/check_imap_full.d/mark.h says."""
    return hashlib.sha256("".join(f"{part}\0" for part in (kind, host, user, MAILBOX)).encode()).hexdigest()[:32]


def marked(ident, age=0):
    return b"%s: id=%s; time=%d;\r\n run=0123456789abcdef; check=x\r\nSubject: ours\r\n\r\nOurs.\r\n" % (
        MARK, ident.encode(), time.time() - age)


def letters(kind):
    """What is in the mailbox beforehand. One message only is both of this check and old."""
    ident = identity(kind)
    return {
        1: b"Subject: of somebody else\r\n\r\nNot of the check.\r\n",
        2: b"Subject: it quotes one\r\n\r\n" + marked(ident, 7200),
        3: marked("0" * 32, 7200),
        4: marked(ident, 7200),
        5: marked(ident),
        6: b"Subject: " + ident.encode() + b"\r\n\r\nOf somebody else, who marked it as deleted.\r\n",
    }


OLD, DELETED, FIRST_NEW = 4, 6, 12

LEFT = b"may be left behind"  # so a run tells of what it could not remove


class Over(Exception):
    """The connection ends here."""


class Letter:
    def __init__(self, text, flags=()):
        self.text = text
        self.flags = set(flags)

    def field(self):
        header = self.text.split(b"\r\n\r\n", 1)[0] + b"\r\n"
        match = re.search(rb"^%s:.*\r\n(?:[ \t].*\r\n)*" % MARK, header, re.M | re.I)
        return (match[0] if match else b"") + b"\r\n"


class Session:
    """One connection. `seen` is what it was told of: {UID: flags}."""

    def __init__(self, box, number, connection):
        self.box, self.number, self.connection = box, number, connection
        self.tag = "*"
        self.buffer = b""
        self.seen = {}
        self.is_open = self.is_idle = False
        self.waker, self.bell = socket.socketpair()
        self.times = {}
        self.held = [connection]
        self.is_over = threading.Event()

    def secure(self):
        self.connection = self.box.tls.wrap_socket(self.connection, server_side=True)
        self.box.connections.append(self.connection)
        self.held.append(self.connection)

    # --- speaking and listening ---

    def say(self, name, said):
        self.times[name] = self.times.get(name, 0) + 1
        point = f"{self.number} {name}" + (f" #{self.times[name]}" if self.times[name] > 1 else "")
        self.box.points.append(point)
        if self.box.takeover and self.box.takeover.is_due(point):
            self.box.takeover.speak(self, name, said, point)
        else:
            self.connection.sendall(said)

    def answer(self, name, text="OK done", data=b""):
        self.say(name, data + f"{self.tag} {text}\r\n".encode())

    def receive(self):
        data = self.connection.recv(65536)
        if not data:
            raise Over
        self.buffer += data

    def line(self):
        """The next one; None where there is news instead."""
        while b"\n" not in self.buffer:
            pending = isinstance(self.connection, ssl.SSLSocket) and self.connection.pending()
            ready = [self.connection] if pending else select.select([self.connection, self.bell], [], [], 20)[0]
            if self.connection in ready:
                self.receive()
            elif self.bell in ready:
                self.bell.recv(64)
                if self.is_idle:
                    return None
            else:
                raise Over
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("latin-1")

    def literal(self, line):
        size = int(re.search(r"\{(\d+)\+?\}$", line)[1])
        if not line.endswith("+}"):
            self.say("APPEND +", b"+ go on\r\n")
        while len(self.buffer) < size:
            self.receive()
        octets, self.buffer = self.buffer[:size], self.buffer[size:]
        self.line()
        return octets

    # --- what is new ---

    def news(self):
        """[(name, response)]; from now on they are known."""
        with self.box.lock:
            now = {uid: set(letter.flags) for uid, letter in self.box.letters.items()}
        told, uids = [], sorted(self.seen)
        for uid in [uid for uid in uids[::-1] if uid not in now]:
            told.append(("EXPUNGE", f"* {uids.index(uid) + 1} EXPUNGE\r\n"))
            uids.remove(uid)
        for uid in uids:
            if self.seen[uid] != now[uid]:
                told.append(("FETCH", f"* {uids.index(uid) + 1} FETCH (FLAGS ({' '.join(sorted(now[uid]))}))\r\n"))
        if len(now) > len(uids):
            told.append(("EXISTS", f"* {len(now)} EXISTS\r\n"))
        self.seen = now
        return [(name, text.encode()) for name, text in told] if self.is_open else []

    def news_at_once(self):
        return b"".join(text for _, text in self.news())

    # --- commands ---

    def serve(self):
        if self.box.mode == "implicit":
            self.secure()
        self.say("greeting", f"* OK [CAPABILITY {self.box.capabilities(self)}] ready\r\n".encode())
        while True:
            line = self.line()
            self.box.heard.append((self.number, line))
            self.tag, _, rest = line.partition(" ")
            name = command_name(line.encode())
            getattr(self, "do_" + name.lower(), self.unknown)(name, rest)

    def unknown(self, name, rest):
        self.box.complaint = f"session {self.number} said {rest!r}"
        self.answer(name, "BAD unknown")

    def do_capability(self, name, _):
        self.answer(name, data=f"* CAPABILITY {self.box.capabilities(self)}\r\n".encode())

    def do_starttls(self, name, _):
        self.answer(name)
        self.secure()

    def do_authenticate(self, name, _):
        self.answer(name, f"OK [CAPABILITY {CAPABILITIES}] welcome")

    def do_select(self, name, rest):
        self.news()
        self.is_open = True
        self.answer(name, f"OK [READ-{'WRITE' if name == 'SELECT' else 'ONLY'}] opened",
                    f"* {len(self.seen)} EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n".encode())

    do_examine = do_select

    def do_search(self, name, rest):
        """As loosely as a server may: wherever the words stand."""
        words = re.search(r'HEADER \S+ "(.*)"', rest)[1].encode()
        hits = [str(uid) for uid, letter in self.box.letters.items() if words in letter.text]
        self.answer(name, data=f"* SEARCH {' '.join(hits)}".rstrip().encode() + b"\r\n")

    def chosen(self, rest):
        wanted = {int(uid) for uid in rest.split()[2].split(",")}
        return [(n, uid) for n, uid in enumerate(sorted(self.seen), 1) if uid in wanted and uid in self.box.letters]

    def do_fetch(self, name, rest):
        news, said = self.news_at_once(), b""
        for number, uid in self.chosen(rest):
            letter = self.box.letters[uid]
            octets = letter.field() if "HEADER" in rest else letter.text
            flags = "" if "HEADER" in rest else f"FLAGS ({' '.join(sorted(letter.flags))}) "
            item = re.search(r"BODY\.PEEK(\[.*\])\)", rest)[1]
            said += f"* {number} FETCH (UID {uid} {flags}BODY{item} {{{len(octets)}}}\r\n".encode() + octets + b")\r\n"
        self.answer(name, data=news + said)

    def do_store(self, name, rest):
        news, said = self.news_at_once(), b""
        for number, uid in self.chosen(rest):
            flags = self.box.letters[uid].flags
            flags.add("\\" + re.search(r"\(\\(\w+)\)", rest)[1])
            if ".SILENT" not in rest:
                said += f"* {number} FETCH (UID {uid} FLAGS ({' '.join(sorted(flags))}))\r\n".encode()
            self.seen[uid] = set(flags)
        if "\\Deleted" in rest:
            self.box.note_removal(rest)
        self.box.ring(self)
        self.answer(name, data=news + said)

    def do_expunge(self, name, rest):
        self.box.note_removal(rest)
        with self.box.lock:
            for _, uid in self.chosen(rest):
                if "\\Deleted" in self.box.letters[uid].flags:
                    del self.box.letters[uid]
        self.box.ring(self)
        self.answer(name, data=self.news_at_once())

    def do_append(self, name, rest):
        octets = self.literal(rest)
        with self.box.lock:
            uid = max([FIRST_NEW - 1, *self.box.letters]) + 1
            self.box.letters[uid] = Letter(octets, ["\\Seen"])
            self.box.own.append(uid)
        self.box.ring(self)
        self.answer(name, f"OK [APPENDUID 7 {uid}] stored", self.news_at_once())

    def do_noop(self, name, _):
        self.answer(name, data=self.news_at_once())

    def do_idle(self, name, _):
        self.is_idle = True
        self.say(name, b"+ idling\r\n")
        while True:
            for what, text in self.news():
                self.say(f"push {what}", text)
            line = self.line()
            if line is not None:
                break
        self.is_idle = False
        self.box.heard.append((self.number, line))
        self.answer("DONE")

    def do_logout(self, name, _):
        self.answer(name, data=b"* BYE come again\r\n")
        raise Over


class Postbox(Server):
    """`heard` is what clients said, `points` where it spoke, `removals` the UIDs it was to remove, `own` those
    of messages that were stored."""

    def __init__(self, kind, tls, mode="implicit", takeover=None):
        super().__init__()
        self.kind, self.tls, self.mode, self.takeover = kind, tls, mode, takeover
        self.letters = {uid: Letter(text) for uid, text in letters(kind).items()}
        self.letters[DELETED].flags.add("\\Deleted")
        self.before = {uid: (letter.text, set(letter.flags)) for uid, letter in self.letters.items()}
        self.lock = threading.Lock()
        self.heard, self.points, self.removals, self.own, self.sessions = [], [], set(), [], []
        self.complaint = None

    def capabilities(self, session):
        is_clear = self.mode == "starttls" and session.connection is session.held[0]
        return CAPABILITIES + (" STARTTLS" if is_clear else "")

    def is_left(self):
        return bool(set(self.own) & set(self.letters))

    def note_removal(self, rest):
        """Single UIDs alone: a range or a star may reach what nobody looked at."""
        words = rest.split()
        if words[0] != "UID" or not re.fullmatch(r"\d+(,\d+)*", words[2]):
            self.complaint = f"it removes by {rest!r}"
            return
        self.removals |= {int(uid) for uid in words[2].split(",")}

    def ring(self, teller):
        for session in self.sessions:
            try:
                if session is not teller:
                    session.waker.send(b"!")
            except OSError:  # it is gone
                pass

    def handle(self, connection):
        with self.lock:
            session = Session(self, len(self.sessions) + 1, connection)
            self.sessions.append(session)
        try:
            session.serve()
        except Over:
            pass
        finally:
            self.part(session)
            session.is_over.set()

    @staticmethod
    def part(session):
        """As TLS wants it, and without a look at what the client does then."""
        try:
            session.connection.settimeout(0.2)
            if isinstance(session.connection, ssl.SSLSocket):
                session.connection.unwrap()
            session.connection.shutdown(socket.SHUT_RDWR)
        except (OSError, ValueError):
            pass
        for held in [*session.held, session.waker, session.bell]:
            held.close()

    def __exit__(self, *why):
        """Nothing is closed that a thread may still read from: its descriptor might be another's by then."""
        self.closing.set()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for session in self.sessions:
            session.is_over.wait(10)
        super().__exit__(*why)


def nothing_else_is_removed(box):
    allowed = {OLD} | (set(box.own) if box.kind == "sync" else set())
    assert box.removals <= allowed, f"it removed {sorted(box.removals - allowed)}"
    for uid, (text, flags) in box.before.items():
        if uid != OLD:
            letter = box.letters.get(uid)
            assert letter and letter.text == text and letter.flags == flags, f"message {uid} is not as it was"


def all_was_done(box):
    """What OK says."""
    assert len(box.own) == 1, f"it stored {len(box.own)} messages"
    if box.kind == "append":
        assert box.own[0] in box.letters, "what it appended is gone"
        return
    for point in ("2 IDLE", "2 push EXISTS", "2 FETCH", "2 push FETCH"):
        assert point in box.points, f"OK without {point}"
    assert box.own[0] not in box.letters, "OK with the message left behind"
