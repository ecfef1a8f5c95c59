#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""imaplib_check.py ADDRESS PORT NAME CA-FILE USER PASSWORD-FILE - the session of check_imap_full's default
journey as one would write it with Python's standard library: verified TLS, LOGIN, EXAMINE, one header."""

import imaplib
import socket
import ssl
import sys


class Imap(imaplib.IMAP4_SSL):
    """By address, verified by name."""

    def __init__(self, address, port, name, ca):
        self.name, self.trusting = name, ssl.create_default_context(cafile=ca)
        super().__init__(address, int(port), ssl_context=self.trusting)

    def _create_socket(self, timeout):
        plain = socket.create_connection((self.host, self.port), timeout or 10)
        return self.trusting.wrap_socket(plain, server_hostname=self.name)


def main(address, port, name, ca, user, password_file):
    with open(password_file, encoding="utf-8") as file:
        password = file.readline().rstrip("\n")
    imap = Imap(address, port, name, ca)
    imap.login(user, password)
    _, (count,) = imap.select("INBOX", readonly=True)
    status, _ = imap.fetch(count, "(UID BODY.PEEK[HEADER])")
    imap.logout()
    print(status)
    return 0 if status == "OK" else 2


sys.exit(main(*sys.argv[1:]))
