# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a file of tests/conversations to the plugin; the format is told in the README.md there. Knows
only the lines that matter end to end."""

import re
import select
import shlex
import socket
import threading
import time

from servers import Server

SIMPLE = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", '"': b'"', "\\": b"\\"}


def unescape(text):
    """The bytes of an S or C line."""
    def one(match):
        word = match[1]
        if word[0] == "x" and len(word) == 3:
            return bytes([int(word[1:], 16)]).decode("latin-1")
        assert word in SIMPLE, f"no such escape: \\{word}"
        return SIMPLE[word].decode("latin-1")

    raw = text.encode().decode("latin-1")
    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", one, raw).encode("latin-1")


class Conversation:
    """`options` is None where the file is for the unit test only; `fails` where the session must. A step is
    (session, kind, rest)."""

    def __init__(self, path):
        self.name = f"{path.parent.name}/{path.name}"
        self.options = self.state = None
        self.fails = False
        self.is_shared = False  # with the unit test, which may go on where the program leaves
        self.texts, self.taboos, self.steps = [], [], []
        self.read_file(path)

    def read_file(self, path):
        for line in path.read_text().splitlines():
            if line.startswith("< "):
                self.read_file(path.parent / line[2:])
            else:
                self.read(line)

    def read(self, line):
        self.is_shared = self.is_shared or line[:1] == ">"
        if not line.strip() or line[0] in "#>?!":
            return
        session, kind, rest = re.match(r"(2?)(\S\S?)(?: (.*))?$", line, re.S).groups()
        rest = rest or ""
        if kind == "$":
            self.options = shlex.split(rest)
        elif kind == "=" and rest.startswith("~ "):
            self.texts.append(rest[2:])
        elif kind == "=" and rest.startswith("! "):
            self.taboos.append(rest[2:])
        elif kind == "=":
            self.state = rest
        elif kind in ("S:", "S-", "S*", "C:", "C~", "T:", "X:", "H:", "M:", "M/"):
            self.steps.append((int(session or 1), kind, rest))
        elif kind == "E:":
            self.fails = self.fails or rest.startswith("failed ")
        else:
            raise AssertionError(f"what is this line? {line!r}")

    def takes_time(self):
        """Whether somebody waits in it, for a second or until the time is up."""
        return "-t" in self.options or any(kind == "T:" for _, kind, _ in self.steps)

    def tls(self):
        for word in self.options:
            if word.startswith("--tls="):
                return word[6:]
        return "implicit"


class Line:
    """The server's end of one session: what it says, and what must be said to it."""

    def __init__(self, player, connection):
        self.player = player
        self.connection = connection
        self.last_tag = self.last_line = b""
        self.attach(connection)

    def attach(self, connection):
        self.connection = connection
        self.stream = connection.makefile("rb")

    def secure(self):
        self.attach(self.player.secure(self.connection))

    def say(self, kind, rest):
        if kind == "S*":
            count, pattern = rest.split(" ", 1)
            self.connection.sendall(unescape(pattern) * int(count))
            return
        parts = re.split(r"(\\[mhT])", rest)  # every second one is a name of what only this run knows
        said = b"".join(self.known(part[1]) if i % 2 else unescape(part) for i, part in enumerate(parts))
        self.connection.sendall(said + (b"\r\n" if kind == "S:" else b""))

    def known(self, name):
        letter = self.player.letter
        if name == "T":
            return self.last_tag
        if name == "h":
            mark = re.search(rb"^X-Check-Imap-Full:.*\r\n(?:[ \t].*\r\n)*", letter, re.M)
            letter = mark[0] + b"\r\n"
        return b"{%d}\r\n%s" % (len(letter), letter)

    def take_letter(self):
        """The literal that the line before announced, and the end of that line."""
        self.player.letter = self.stream.read(int(re.search(rb"\{(\d+)\+?\}", self.last_line)[1]))
        self.expect("C:", "")

    def expect(self, kind, wanted):
        got = self.last_line = self.stream.readline()
        match = re.match(rb"A\d+(?= )", got)
        self.last_tag = match[0] if match else self.last_tag
        conversation = self.player.conversation
        if not got and (conversation.state in ("OK", "WARNING") or not conversation.is_shared):
            self.player.complaint = f"the client left where {wanted!r} was to come"
        elif not got:  # it had a reason to leave
            raise EOFError
        elif kind == "C~":
            is_wanted = re.fullmatch(wanted, got.decode("latin-1").removesuffix("\r\n"))
        else:
            is_wanted = wanted == "*" or got == unescape(wanted) + b"\r\n"
        if got and not is_wanted:
            self.player.complaint = f"the client said {got!r} instead of {wanted!r}"

    def act(self, kind, rest):
        if kind == "H:":
            self.secure()
        elif kind in ("C:", "C~"):
            self.expect(kind, rest)
        elif kind == "M:":
            self.take_letter()
        elif kind == "M/":
            old, new = map(unescape, rest.split("=>"))
            assert old in self.player.letter, f"{old!r} is not in the message"
            self.player.letter = self.player.letter.replace(old, new, 1)
        elif kind == "T:":
            time.sleep(float(rest))
        else:
            self.say(kind, rest)


class Player(Server):
    """The server's side of a conversation, of one session or two: the steps are taken in their order,
    each by the session it belongs to. `complaint` says where the client left the script."""

    def __init__(self, conversation, context):
        super().__init__()
        self.conversation = conversation
        self.context = context
        self.complaint = None
        self.letter = b""  # the message that the client stored
        self.sessions = 0
        self.ended = 0  # of these
        self.turn = threading.Condition()
        self.next = 0  # the step that comes

    def handle(self, connection):
        with self.turn:
            self.sessions += 1
            session = self.sessions
        line = Line(self, connection)
        try:
            if self.conversation.tls() == "implicit":
                line.secure()
            self.play(line, session)
        except AssertionError as error:
            self.complaint = str(error)
        finally:
            with self.turn:
                self.next = len(self.conversation.steps)
                self.ended += 1
                self.turn.notify_all()
        self.finish(line.connection)

    def settle(self):
        """The client is gone: whatever there is to complain of is in `complaint` when this returns."""
        with self.turn:
            self.turn.wait_for(lambda: self.ended == self.sessions, 10)

    def play(self, line, session):
        steps = self.conversation.steps
        while True:
            with self.turn:
                self.turn.wait_for(lambda: self.next == len(steps) or steps[self.next][0] == session, 60)
                if self.next == len(steps) or self.complaint:
                    return
                kind, rest = steps[self.next][1:]
            if kind == "X:":
                return
            line.act(kind, rest)
            with self.turn:
                self.next += 1
                self.turn.notify_all()

    def secure(self, connection):
        connection = self.context.wrap_socket(connection, server_side=True)
        self.connections.append(connection)
        return connection

    def finish(self, connection):
        """Closes, and waits for the client to do so: an early end of both ways would lose what was sent."""
        connection.shutdown(socket.SHUT_WR)
        end = time.monotonic() + 5
        while time.monotonic() < end and not self.closing.is_set():
            if select.select([connection], [], [], 0.1)[0] and not connection.recv(65536):
                return


class Attacker(Player):
    """Says what the server of a conversation says, whatever the client does: over TCP, TLS or STARTTLS.
    Where the client should speak it is given a moment to."""

    MOMENT = 0.1
    TAIL = 0.3

    def __init__(self, conversation, context, tls):
        super().__init__(conversation, context)
        self.tls = tls

    def handle(self, connection):
        if self.tls == "implicit":
            connection = self.secure(connection)
        elif self.tls == "starttls":
            connection.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n")
            self.listen(connection, 5)
            connection.sendall(b"A1 OK begin\r\n")
            connection = self.secure(connection)
        for session, kind, rest in self.conversation.steps:
            if kind == "X:":
                break
            if kind in ("S:", "S-", "S*") and session == 1:
                connection.sendall(self.bytes_of(kind, rest))
            elif session == 1:
                self.listen(connection, self.MOMENT)
        self.listen(connection, self.TAIL)
        self.finish(connection)

    @staticmethod
    def listen(connection, seconds):
        if select.select([connection], [], [], seconds)[0] and not connection.recv(65536):
            raise EOFError

    @staticmethod
    def bytes_of(kind, rest):
        """What only a run knows, \\T and the like, stays away."""
        if kind == "S*":
            count, pattern = rest.split(" ", 1)
            return unescape(pattern) * int(count)
        return unescape(re.sub(r"(?<!\\)\\[mhT]", "", rest)) + (b"\r\n" if kind == "S:" else b"")
