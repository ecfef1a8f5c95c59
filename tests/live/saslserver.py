# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts tests/saslserver, the small IMAP server on GNU SASL's server side: any mechanism, over TLS of
either version or in clear, one user with an empty INBOX. Knows nothing of the plugin."""

import os
import subprocess
import threading
from pathlib import Path

from dovecot import Missing


def find_server():
    """SASLSERVER names the program; otherwise it is looked for in the build folder."""
    given = os.environ.get("SASLSERVER")
    here = Path(__file__).resolve().parent.parent
    for place in [given] if given else ["tests/saslserver", here / "saslserver"]:
        if os.access(place, os.X_OK):
            return str(Path(place).resolve())
    raise Missing("tests/saslserver is not built (make tests/saslserver)")


class SaslServer:
    """A context manager. `port` is where it listens, `attempts` what it logged: one line for each login
    that was tried, "login MECHANISM user=... authzid=... right" or why not. `tls` is "1.2", "1.3" or
    None for clear; `more` are further options of the program."""

    def __init__(self, pki, mechanisms, user="alice", password="secret", tls="1.3", *more, environment=()):
        command = [find_server(), "-m", mechanisms, "-u", user, "-p", password, "-h", "imap.example.org"]
        if tls:
            command += ["-c", f"{pki}/good.pem", "-k", f"{pki}/good.key", "-t", tls]
        self.command = command + list(more)
        self.environment = {**os.environ, **dict(environment)}
        self.attempts = []

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=self.environment)
        self.port = int(self.process.stdout.readline().split()[1])
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        return self

    def read(self):
        for line in self.process.stdout:
            self.attempts.append(line.rstrip("\n"))

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Afterwards `attempts` is complete."""
        self.process.stdin.close()
        self.process.wait(5)
        self.reader.join(5)
