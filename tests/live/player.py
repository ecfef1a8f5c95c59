# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays a file of tests/conversations to the plugin; the format is told in the README.md there. Knows
only the lines that matter end to end."""

import re
import select
import shlex
import socket
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
    """`options` is None where the file is for the unit test only."""

    def __init__(self, path):
        self.options = self.state = None
        self.texts, self.steps = [], []
        for line in path.read_text().splitlines():
            self.read(line)

    def read(self, line):
        if not line.strip() or line[0] in "#>?":
            return
        kind, rest = re.match(r"(\S\S?)(?: (.*))?$", line, re.S).groups()
        rest = rest or ""
        if kind == "$":
            self.options = shlex.split(rest)
        elif kind == "=" and rest.startswith("~ "):
            self.texts.append(rest[2:])
        elif kind == "=":
            self.state = rest
        elif kind in ("S:", "S-", "S*", "C:", "T:", "X:", "H:"):
            self.steps.append((kind, rest))
        else:
            assert kind == "E:", f"what is this line? {line!r}"

    def tls(self):
        for word in self.options:
            if word.startswith("--tls="):
                return word[6:]
        return "implicit"


class Player(Server):
    """The server's side of a conversation. `complaint` says where the client left the script."""

    def __init__(self, conversation, context):
        super().__init__()
        self.conversation = conversation
        self.context = context
        self.complaint = None

    def handle(self, connection):
        if self.conversation.tls() == "implicit":
            connection = self.secure(connection)
        self.stream = connection.makefile("rb")
        for kind, rest in self.conversation.steps:
            if kind == "H:":
                connection = self.secure(connection)
                self.stream = connection.makefile("rb")
            elif kind == "X:":
                break
            elif kind == "C:":
                self.expect(rest)
            elif kind == "T:":
                time.sleep(float(rest))
            else:
                connection.sendall(self.bytes_of(kind, rest))
            if self.complaint:
                break
        self.finish(connection)

    def secure(self, connection):
        connection = self.context.wrap_socket(connection, server_side=True)
        self.connections.append(connection)
        return connection

    @staticmethod
    def bytes_of(kind, rest):
        if kind == "S*":
            count, pattern = rest.split(" ", 1)
            return unescape(pattern) * int(count)
        return unescape(rest) + (b"\r\n" if kind == "S:" else b"")

    def expect(self, wanted):
        got = self.stream.readline()
        if not got and self.conversation.state in ("OK", "WARNING"):
            self.complaint = f"the client left where {wanted!r} was to come"
        elif not got:  # it had a reason to leave, and the unit test may go on where the program does not
            raise EOFError
        elif wanted != "*" and got != unescape(wanted) + b"\r\n":
            self.complaint = f"the client said {got!r} instead of {wanted!r}"

    def finish(self, connection):
        """Closes, and waits for the client to do so: an early end of both ways would lose what was sent."""
        connection.shutdown(socket.SHUT_WR)
        end = time.monotonic() + 5
        while time.monotonic() < end and not self.closing.is_set():
            if select.select([connection], [], [], 0.1)[0] and not connection.recv(65536):
                return
