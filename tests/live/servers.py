# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers on loopback that do what real ones should not: silent, dripping, lying, slow, not IMAP at
all. Each runs in threads of its own until its `with` block ends, and records what it received."""

import base64
import re
import select
import socket
import ssl
import struct
import subprocess
import threading
import time
import warnings
from pathlib import Path


class Server:
    """Accepts on a free port and gives each connection to handle(connection) in a thread of its own."""

    def __init__(self, address="127.0.0.1", port=0, backlog=16):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.create_server((address, port), family=family, backlog=backlog)
        self.address = address
        self.port = self.listener.getsockname()[1]
        self.received = bytearray()  # everything any client sent, as it was on the wire
        self.arrived = threading.Event()  # somebody connected
        self.closing = threading.Event()
        self.connections = []
        self.threads = []

    def __enter__(self):
        self.start(self.accept)
        return self

    def __exit__(self, *_):
        """Nothing is closed while a thread may still read from it: its descriptor might be another test's by
        then. Most threads end once there is nothing to read."""
        self.closing.set()
        for s in [self.listener, *self.connections]:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        end = time.monotonic() + 0.5
        for thread in list(self.threads):
            thread.join(max(0, end - time.monotonic()))
        for s in [self.listener, *self.connections]:
            s.close()

    def start(self, work, *arguments):
        self.threads.append(threading.Thread(target=work, args=arguments, daemon=True))
        self.threads[-1].start()

    def accept(self):
        while not self.closing.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(connection)
            self.arrived.set()
            self.start(self.serve, connection)

    def serve(self, connection):
        try:
            self.handle(connection)
        except (OSError, ssl.SSLError, EOFError, ValueError):
            pass
        finally:
            try:
                connection.close()
            except OSError:
                pass

    def handle(self, connection):
        raise NotImplementedError

    def drain(self, connection, seconds=30):
        """Reads, and records, until the client closes."""
        end = time.monotonic() + seconds
        while not self.closing.is_set() and time.monotonic() < end:
            if select.select([connection], [], [], 0.2)[0]:
                data = connection.recv(65536)
                if not data:
                    return
                self.received += data


class Silent(Server):
    """Accepts and says nothing."""

    def handle(self, connection):
        self.drain(connection)


class Closer(Server):
    """Accepts and closes at once."""

    def handle(self, connection):
        pass


class Talker(Server):
    """Says its piece at once, whatever it is, and listens from then on."""

    def __init__(self, piece, **where):
        super().__init__(**where)
        self.piece = piece

    def handle(self, connection):
        connection.sendall(self.piece)
        self.drain(connection)


class Injector(Server):
    """Agrees to STARTTLS, and speaks in clear once the handshake has begun."""

    def handle(self, connection):
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n")
        connection.recv(100)
        connection.sendall(b"A1 OK begin\r\n")
        connection.recv(2000)  # the ClientHello
        connection.sendall(b"* OK [ALERT] injected\r\n")
        self.drain(connection, 2)


class Flood(Server):
    """Says `opening`, then `pattern` over and over, as fast as it is read."""

    def __init__(self, pattern, opening=b"", **where):
        super().__init__(**where)
        self.opening = opening
        self.pattern = pattern * (65536 // len(pattern) + 1)

    def handle(self, connection):
        connection.sendall(self.opening)
        while not self.closing.is_set():
            connection.sendall(self.pattern)


class Dripper(Server):
    """One octet a second, from a text that never becomes a line."""

    def __init__(self, text=b"* OK ", pause=1.0, **where):
        super().__init__(**where)
        self.text = text
        self.pause = pause

    def handle(self, connection):
        for i in range(60):
            connection.sendall(self.text[i : i + 1] or b"x")
            if self.closing.wait(self.pause):
                return


class Unreachable:
    """A port whose queue of waiting connections is full: a SYN is never answered."""

    def __init__(self, address="127.0.0.1", port=0):
        self.where = address, port

    def __enter__(self):
        self.listener = socket.create_server(self.where, backlog=0)
        self.where = self.listener.getsockname()
        self.port = self.where[1]
        self.fillers = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(self.where)
            self.fillers.append(s)
        time.sleep(0.05)
        return self

    def __exit__(self, *_):
        for s in self.fillers + [self.listener]:
            s.close()


class Proxy(Server):
    """Passes everything to 127.0.0.1:upstream. The `hold`-th reply of the server is held back by `delay`
    seconds; a reply is what the server says before the client speaks again. What the client
    says within `settle` seconds is passed on as one, so that replies can be counted: the end of a
    handshake and the command behind it would else be two occasions for the server to speak."""

    def __init__(self, upstream, hold=0, delay=0.0, drip=False, settle=0.0, **where):
        super().__init__(**where)
        self.upstream = upstream
        self.hold = hold
        self.delay = delay
        self.drip = drip
        self.settle = settle
        self.replies = 0

    def handle(self, client):
        with socket.create_connection(("127.0.0.1", self.upstream)) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(server)
            is_new_reply = True
            while True:
                for s in select.select([client, server], [], [])[0]:
                    data = self.gather(s, self.settle if s is client else 0)
                    if not data:
                        return
                    if s is client:
                        is_new_reply = True
                        self.received += data
                        server.sendall(data)
                        continue
                    if is_new_reply:
                        self.replies += 1
                        if self.replies == self.hold:
                            time.sleep(self.delay)
                    is_new_reply = False
                    self.pass_on(client, data)

    @staticmethod
    def gather(s, settle):
        data = s.recv(65536)
        while settle and data and select.select([s], [], [], settle)[0]:
            more = s.recv(65536)
            if not more:
                break
            data += more
        return data

    def pass_on(self, client, data):
        if not self.drip or self.replies < self.hold:
            client.sendall(data)
            return
        for i in range(len(data)):
            client.sendall(data[i : i + 1])
            if self.closing.wait(1.0):
                return


class Gate(Proxy):
    """A proxy that lets nobody in who does not begin with a PROXY header (version 1)."""

    def handle(self, client):
        header = b""
        while not header.endswith(b"\r\n") and len(header) < 108:
            octet = client.recv(1)
            if not octet:
                return
            header += octet
        self.header = header
        words = header.decode("ascii").split()
        if words[:2] == ["PROXY", "TCP4"] and words[2:4] == [client.getpeername()[0], client.getsockname()[0]] \
                and [int(n) for n in words[4:]] == [client.getpeername()[1], client.getsockname()[1]]:
            super().handle(client)


def tls_context(pki, name="good", newest=None, oldest=None, weak=False, client_ca=None):
    """A server's side of TLS with one of the certificates of make-pki."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if weak:
        context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.load_cert_chain(f"{pki}/{name}.pem", f"{pki}/{name}.key")
    if oldest is not None or newest is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = oldest or ssl.TLSVersion.TLSv1
            context.maximum_version = newest or ssl.TLSVersion.TLSv1_3
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


HEADER = b"From: alice@example.org\r\nSubject: hello\r\n\r\n"

CLOSE = object()  # as a reply: the server closes instead

# What a well-behaved small server says. {t} is the client's tag; a test replaces single entries.
REPLIES = {
    "CAPABILITY": "* CAPABILITY {caps}\r\n{t} OK done\r\n",
    "NOOP": "{t} OK done\r\n",
    "ID": "* ID NIL\r\n{t} OK done\r\n",
    "STARTTLS": "{t} OK begin\r\n",
    "LOGIN": "{t} OK [CAPABILITY {caps}] welcome\r\n",
    "AUTHENTICATE": "{t} OK [CAPABILITY {caps}] welcome\r\n",
    "EXAMINE": "* FLAGS (\\Seen)\r\n* 2 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 7] ok\r\n"
    "* OK [UIDNEXT 12] ok\r\n{t} OK [READ-ONLY] done\r\n",
    "SEARCH": "* SEARCH 5 11\r\n{t} OK done\r\n",
    "FETCH": "* 2 FETCH (UID 11 BODY[HEADER] {{%d}}\r\n%s)\r\n{t} OK done\r\n"
    % (len(HEADER), HEADER.decode()),
    "LOGOUT": "* BYE bye\r\n{t} OK done\r\n",
}


class FakeImap(Server):
    """A small scripted IMAP server. `replies` replaces what it says to a command, by its name; None
    is silence, CLOSE a close. `tls` is a context; `implicit` begins with TLS; `is_sliced` sends every
    octet by itself. What it heard is in `heard`, a list of (was it encrypted, line)."""

    def __init__(self, replies=(), greeting="* OK [CAPABILITY {caps}] ready\r\n", tls=None,
                 implicit=False, caps=None, is_sliced=False, **where):
        super().__init__(**where)
        self.replies = {**REPLIES, **dict(replies)}
        self.greeting = greeting
        self.tls = tls
        self.implicit = implicit
        self.caps = caps or "IMAP4rev1 AUTH=PLAIN" + (" STARTTLS" if tls and not implicit else "")
        self.is_sliced = is_sliced
        self.heard = []
        self.tls_error = None

    def commands(self):
        return [command_name(line) for _, line in self.heard]

    def text(self, template, tag=""):
        if isinstance(template, bytes):
            return template.replace(b"{t}", tag.encode())
        return template.format(t=tag, caps=self.caps).encode()

    def secure(self, connection):
        try:
            connection = self.tls.wrap_socket(connection, server_side=True)
        except (OSError, ssl.SSLError) as error:
            self.tls_error = error
            raise
        self.connections.append(connection)
        return connection

    def say(self, connection, data):
        if not self.is_sliced:
            connection.sendall(data)
            return
        for i in range(len(data)):
            connection.sendall(data[i : i + 1])

    def read_rest(self, connection, reader, line, is_secure):
        """A literal is part of the command, and so is what follows it."""
        while match := re.search(rb"\{(\d+)(\+?)\}\r\n$", line):
            if not match[2]:
                self.say(connection, b"+ go\r\n")
            literal = reader.read(int(match[1]))
            line = reader.readline()
            self.heard.append((is_secure, literal + line))

    def handle(self, connection):
        held = [connection]  # the TLS layer takes the descriptor of the plain connection over
        try:
            self.converse(connection, held)
        finally:
            held[-1].shutdown(socket.SHUT_RDWR)
            held[-1].close()

    def converse(self, connection, held):
        is_secure = self.implicit
        if self.implicit:
            connection = self.secure(connection)
            held.append(connection)
        self.say(connection, self.text(self.greeting))
        reader = connection.makefile("rb")
        while line := reader.readline():
            self.heard.append((is_secure, line))
            tag, name = line.split()[0].decode(errors="replace"), command_name(line)
            self.read_rest(connection, reader, line, is_secure)
            if name == "AUTHENTICATE" and len(line.split()) < 4:
                self.say(connection, b"+ \r\n")
                self.heard.append((is_secure, reader.readline()))
            reply = self.replies.get(name, "{t} BAD unknown command\r\n")
            if reply is CLOSE:
                return
            if reply is None:
                self.drain(connection)
                return
            said = self.text(reply, tag)
            self.say(connection, said)
            if name == "LOGOUT":
                return
            if name == "STARTTLS" and b" OK" in said:
                connection = self.secure(connection)
                held.append(connection)
                reader = connection.makefile("rb")
                is_secure = True


class Stapler:
    """openssl s_server, which staples an OCSP response, with the small IMAP server behind it; for one
    connection. `version` is tls1_2 or tls1_3."""

    def __init__(self, pki, name, response, version):
        self.command = ["openssl", "s_server", "-quiet", "-naccept", "1", f"-{version}", "-cert", f"{pki}/{name}.pem",
                        "-key", f"{pki}/{name}.key", "-status_file", str(response)]
        self.heard = []

    def __enter__(self):
        for _ in range(20):
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
            self.process = subprocess.Popen([*self.command, "-accept", f"127.0.0.1:{self.port}"], bufsize=0,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if self.is_listening():
                break
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def is_listening(self):
        """Without connecting: that would be the one connection."""
        while self.process.poll() is None:
            if re.search(rf":{self.port:04X} 00000000:0000 0A", Path("/proc/net/tcp").read_text()):
                return True
            time.sleep(0.01)
        return False

    def serve(self):
        try:
            self.process.stdin.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n")
            for line in iter(self.process.stdout.readline, b""):
                self.heard.append(line)
                reply = REPLIES.get(command_name(line), "{t} BAD unknown command\r\n")
                self.process.stdin.write(reply.format(t=line.split()[0].decode(), caps="IMAP4rev1").encode())
        except (OSError, ValueError):
            pass


class CostlyScram(Server):
    """Offers SCRAM-SHA-256 with that many iterations, and is silent after its challenge."""

    def __init__(self, iterations, **where):
        super().__init__(**where)
        self.iterations = iterations
        self.proofs = []

    def handle(self, connection):
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256] ready\r\n")
        reader = connection.makefile("rb")
        first = base64.b64decode(reader.readline().split()[-1]).decode()
        nonce = re.search(r"r=([^,]+)", first)[1]
        challenge = f"r={nonce}server,s=c2FsdHNhbHRzYWx0,i={self.iterations}"
        connection.sendall(b"+ " + base64.b64encode(challenge.encode()) + b"\r\n")
        for line in reader:
            self.proofs.append(line)


def command_name(line):
    words = line.upper().split()
    if len(words) > 2 and words[1] == b"UID":
        return words[2].decode(errors="replace")
    return words[1].decode(errors="replace") if len(words) > 1 else ""


def shows(secret, *haystacks):
    """Is the secret in there, in clear or as PLAIN or LOGIN would carry it?"""
    forms = [secret.encode()]
    for lead in range(3):  # base64 depends on the position modulo three
        coded = base64.b64encode(b"\0" * lead + secret.encode())
        forms.append(coded[(0, 2, 3)[lead] : -4])
    return any(form in bytes(hay) for form in forms if len(form) > 3 for hay in haystacks)


A, AAAA, CNAME = 1, 28, 5
NXDOMAIN, SERVFAIL, REFUSED = 3, 2, 5


class Dns:
    """A name server on UDP and TCP of one port. Answers A and AAAA from its lists for any name; types
    in `drop` are never answered; `rcode` refuses; `truncated` makes the client come back over TCP."""

    def __init__(self, a=("127.0.0.1",), aaaa=(), drop=(), rcode=0, truncated=False, delay=0.0,
                 cname=None, address="127.0.0.1", port=0, garbage=None):
        self.answers = {A: list(a), AAAA: list(aaaa)}
        self.drop, self.rcode, self.truncated, self.delay = drop, rcode, truncated, delay
        self.cname, self.garbage = cname, garbage
        self.asked = []
        self.closing = threading.Event()
        self.address = address
        self.udp, self.tcp = self.bind_both(address, port)
        self.port = self.udp.getsockname()[1]
        self.where = f"{address}:{self.port}"

    @staticmethod
    def bind_both(address, port):
        for _ in range(50):
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind((address, port))
            try:
                return udp, socket.create_server((address, udp.getsockname()[1]))
            except OSError:
                udp.close()
        raise OSError("no port is free for both UDP and TCP")

    def __enter__(self):
        for loop in (self.serve_udp, self.serve_tcp):
            threading.Thread(target=loop, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.udp.close()
        self.tcp.close()

    def serve_udp(self):
        while not self.closing.is_set():
            try:
                if not select.select([self.udp], [], [], 0.2)[0]:
                    continue
                query, peer = self.udp.recvfrom(4096)
            except (OSError, ValueError):
                return
            threading.Thread(target=self.answer_udp, args=(query, peer), daemon=True).start()

    def answer_udp(self, query, peer):
        reply = self.reply(query, self.truncated)
        if reply is None or (self.delay and self.closing.wait(self.delay)):
            return
        try:
            self.udp.sendto(reply, peer)
        except OSError:
            pass

    def serve_tcp(self):
        while not self.closing.is_set():
            try:
                if not select.select([self.tcp], [], [], 0.2)[0]:
                    continue
                connection, _ = self.tcp.accept()
            except (OSError, ValueError):
                return
            threading.Thread(target=self.answer_tcp, args=(connection,), daemon=True).start()

    def answer_tcp(self, connection):
        with connection, connection.makefile("rb") as reader:
            while True:
                head = reader.read(2)
                if len(head) < 2:
                    return
                reply = self.reply(reader.read(struct.unpack("!H", head)[0]), False)
                if reply is not None:
                    connection.sendall(struct.pack("!H", len(reply)) + reply)

    def reply(self, query, truncated):
        ident, _, questions = struct.unpack("!HHH", query[:6])
        end = query.index(b"\0", 12) + 5
        question = query[12:end]
        kind = struct.unpack("!H", question[-4:-2])[0]
        self.asked.append((kind, question[:-4]))
        if kind in self.drop or "all" in self.drop:
            return None
        if self.garbage is not None:
            return struct.pack("!H", ident) + self.garbage
        records = [] if self.rcode or truncated else self.records(kind)
        flags = 0x8580 | (0x0200 if truncated else 0) | self.rcode
        return struct.pack("!HHHHHH", ident, flags, questions, len(records), 0, 0) + question + b"".join(records)

    def records(self, kind):
        made = []
        owner = b"\xc0\x0c"
        if self.cname:
            target = b"".join(bytes([len(p)]) + p for p in self.cname.encode().split(b".")) + b"\0"
            made.append(owner + struct.pack("!HHIH", CNAME, 1, 60, len(target)) + target)
            owner = target
        for text in self.answers.get(kind, ()):
            data = socket.inet_pton(socket.AF_INET6 if kind == AAAA else socket.AF_INET, text)
            made.append(owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data)
        return made
