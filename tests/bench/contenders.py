# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is measured: check_imap_full in several ways, the floor, and the rivals that are installed. All
speak to one Dovecot, at a port that can be another's, so that a proxy may stand in between."""

import sys
from pathlib import Path

from measure import Command, has

HERE = Path(__file__).resolve().parent
PLUGINS = Path("/usr/lib/nagios/plugins")
SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
NAME = "imap.example.org"


def full_bundle(world):
    """The system's trust anchors and the one that is needed, which comes last."""
    path = world.dir / "full.pem"
    if not path.exists():
        anchors = SYSTEM_BUNDLE.read_text() if SYSTEM_BUNDLE.exists() else ""
        path.write_text(anchors + Path(world.ca).read_text())
    return path


def password_of(world):
    return (world.dir / "alice.password").read_text().strip()


def ours(world, name, *options, ca=None, port=None, **more):
    """By name, which the name server of the tests resolves."""
    words = [world.plugin, "-H", NAME, f"--nameserver={world.dns.where}", "-p", port or world.dovecot.tls_port,
             f"--ca-file={ca or world.ca}", "-u", "alice", world.password_file(), "-t", "60", *options]
    return Command(name, words, "IMAP OK", **more)


def ours_full(world, port=None):
    return ours(world, "check_imap_full, all CAs", ca=full_bundle(world), port=port)


def floor(world, program, port=None):
    return Command("floor (C, GnuTLS), one CA", [
        program, "127.0.0.1", port or world.dovecot.tls_port, NAME, world.ca, "alice",
        world.dir / "alice.password"], "OK")


def curl(world, name, ca, port=None):
    port = port or world.dovecot.tls_port
    return Command(name, ["curl", "-sS", "--cacert", ca, "--resolve", f"{NAME}:{port}:127.0.0.1", "-u",
                          f"alice:{password_of(world)}",
                          f"imaps://{NAME}:{port}/INBOX;MAILINDEX=3;SECTION=HEADER"], "Subject: message 3")


def simap(world, port=None):
    return Command("check_simap -D (no login, not verified)", [
        PLUGINS / "check_simap", "-H", "127.0.0.1", "-p", port or world.dovecot.tls_port, "-D", "7"], "OK - Cert")


def imap_receive(world, port=None):
    return Command("check_imap_receive, one CA", [
        "/usr/bin/perl", PLUGINS / "check_imap_receive", "-H", "127.0.0.1", "-p", port or world.dovecot.tls_port,
        "--ssl", f"--ssl-ca-file={world.ca}", "--username", "alice", "--password", password_of(world),
        "-s", "SUBJECT", "-s", "message", "--nodelete", "--peek", "-w", "50", "-c", "60",
        "--imap-retries", "1"], "IMAP RECEIVE OK")


def python(world, port=None):
    return Command("Python imaplib, one CA", [
        sys.executable, HERE / "imaplib_check.py", "127.0.0.1", port or world.dovecot.tls_port, NAME, world.ca,
        "alice", world.dir / "alice.password"], "OK")


def openssl(world, port=None):
    """All commands at once: it does not wait for answers."""
    said = f"a1 LOGIN alice {password_of(world)}\r\na2 EXAMINE INBOX\r\n" \
           "a3 FETCH * (UID BODY.PEEK[HEADER])\r\na4 LOGOUT\r\n"
    return Command("openssl s_client, one CA (pipelined)", [
        "openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{port or world.dovecot.tls_port}", "-servername",
        NAME, "-verify_hostname", NAME, "-verify_return_error", "-CAfile", world.ca], "a4 OK", said.encode())


def all_of(world, floor_program, port=None):
    """Ours comes first; the others are compared with it."""
    found = [ours_full(world, port), ours(world, "check_imap_full, one CA", port=port),
             floor(world, floor_program, port)]
    if has("curl"):
        found += [curl(world, "curl, one CA", world.ca, port), curl(world, "curl, all CAs", full_bundle(world), port)]
    if (PLUGINS / "check_simap").exists():
        found.append(simap(world, port))
    if (PLUGINS / "check_imap_receive").exists():
        found.append(imap_receive(world, port))
    found.append(python(world, port))
    if has("openssl"):
        found.append(openssl(world, port))
    return found
