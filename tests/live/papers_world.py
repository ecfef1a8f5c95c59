# SPDX-License-Identifier: GPL-3.0-or-later
"""The world in which the command lines of the papers are true: a Dovecot that is imap.example.org, with alice and
what the examples look for in her mailbox, her files where the examples have them, and programs that hand out passwords.
Turns an example into a command line that runs there. Knows no single test."""

import re
import shlex
import subprocess
import threading
import time
from pathlib import Path

from dovecot import free_port, give_away, has_ipv6
from examples import of_markdown
from full_dovecot import FullDovecot
from servers import Dns, Gate
from stock import Raw
from world import USERS, WRONG, Skip

PAPERS = ["README.md", "doc/COOKBOOK.md", "doc/MIGRATING.md", "doc/SECRETS.md"]

SHELL = "/bin/bash"  # `read -s` is not every shell's

MASTER = "mastersecret-1618"

MASTER_2_3 = """
passdb {{
  driver = passwd-file
  master = yes
  args = username_format=%u {dir}/masters
}}
plugin {{
  acl_user = %u
}}
"""

MASTER_2_4 = """
passdb masters {{
  driver = passwd-file
  master = yes
  passwd_file_path = {dir}/masters
}}
acl_user = %{{user}}
"""

LOCK = threading.RLock()


def _message(subject, body):
    return f"From: alice@example.org\r\nTo: alice@example.org\r\nSubject: {subject}\r\n\r\n{body}\r\n".encode()


class PaperDovecot(FullDovecot):
    """Its mailboxes hold what the examples ask for, delivered a minute ago; it has a master user."""

    def configuration(self):
        more = MASTER_2_4 if self.version >= (2, 4) else MASTER_2_3
        return super().configuration() + more.format(dir=self.dir)

    def prepare(self):
        super().prepare()
        (self.dir / "masters").write_text(f"master:{{PLAIN}}{MASTER}\n")
        give_away(self.dir)

    def furnish(self):
        when = time.strftime('"%d-%b-%Y %H:%M:%S +0000"', time.gmtime(time.time() - 60))
        with Raw(self, "alice", self.users["alice"]) as raw:
            raw.do("CREATE", '"Orders"')
            raw.do("CREATE", '"Archive"')
            raw.do("CREATE", '"Monitoring"')
            for mailbox, subject, body in (("INBOX", "hello", "."), ("INBOX", "backup done", "Written: 120.5 GB"),
                                           ("INBOX", "heartbeat", "."), ("Orders", "order 4711", ".")):
                status, said = raw.imap.append(mailbox, r"(\Seen)", when, _message(subject, body))
                assert status == "OK", said


class PaperWorld:
    def __init__(self, w):
        self.w = w
        self.dir = w.dir / "papers"
        self.dir_of = {USERS["alice"]: self.dir, WRONG: w.dir / "wrongpapers"}
        self.server = PaperDovecot(w.dir / "paperdovecot", None, w.pki, USERS)
        w.at_end.append(self.server.stop)
        self.server.start()
        self.dns = Dns(a=["127.0.0.1"], aaaa=["::1"] if has_ipv6() else []).__enter__()
        w.at_end.append(lambda: self.dns.__exit__(None))
        self.bin = self.dir / "bin"
        self.bin.mkdir(parents=True)
        for name in ("oama", "pass", "jq"):
            self._program(self.bin / name, f"printf '%s\\n' '{USERS['alice']}'")
        for name in PAPERS:
            for path, text in of_markdown(name)[1].items():
                self.write(path, text.replace("SECRET", USERS["alice"]))
        self._program(self.bin / "check_imap_full", f'eval "exec {self.w.plugin} \\"\\$@\\" $PAPER_EXTRAS"')
        self._program(self.bin / "curl", 'grep -q client_secret "$(echo "$*" | sed "s/.*-K //")"')

    @staticmethod
    def _program(path, text):
        """Written by another process: a thread that starts a program at this moment would hold it open, and who is
        open for writing cannot be run."""
        subprocess.run(["sh", "-c", 'cat >"$0" && chmod 755 "$0"', str(path)], input=f"#!/bin/sh\n{text}\n", text=True,
                       check=True)

    # --- files -----------------------------------------------------------------------------------

    def _content(self, option, path, password):
        name = option.rpartition("--")[2]
        pki = Path(self.w.pki)
        if name.startswith("ca-file"):
            return (pki / "ca.pem").read_text()
        if name.startswith("client"):
            return (pki / f"client.{'key' if name.startswith('client-key') else 'pem'}").read_text()
        return (MASTER if path.endswith("master.password") else password) + "\n"

    def place(self, path, password=USERS["alice"]):
        """Where a file of the papers is in this world; that of a wrong password is elsewhere."""
        where = self.dir_of[password] / path.lstrip("/")
        where.parent.mkdir(parents=True, exist_ok=True)
        return where

    def write(self, path, text):
        where = self.place(path)
        where.write_text(self.moved(text))
        where.chmod(0o600)

    def moved(self, text, password=USERS["alice"]):
        """The text with each file it names put into this world, and written if it is not there."""
        def move(match):
            where = self.place(match[2], password)
            if not where.exists():
                where.write_text(self._content(match[1], match[2], password))
                where.chmod(0o600)
            return match[1] + str(where)
        return re.sub(r"([-\w]*[=@ '])(/(?:etc|run|var)/[\w./@%-]*[\w])", move, text)

    # --- command lines ---------------------------------------------------------------------------

    def _extras(self, words, server):
        """What tells the program where this world is, behind its options."""
        given = {re.match(r"-\w|--[\w-]+", word)[0] for word in words if re.match(r"-\w|--\w", word)}
        host = next((words[i + 1] for i, word in enumerate(words[:-1]) if word == "-H"), "")
        is_clear = bool({"--tls"} & given) and not any("implicit" in word for word in words) or "imap://" in host
        extras = []
        if not {"--ca-file", "--ca-dir", "--pin"} & given and "--tls=none" not in words:
            extras.append(f"--ca-file={self.w.ca}")
        if "-p" not in given:
            extras += ["-p", str(server.port if is_clear else server.tls_port)]
        if re.search("[a-z]", host.rpartition("@")[2]) and "--nameserver" not in given:
            extras.append(f"--nameserver={self.dns.where}")
        if "--cleartext-refused" in given:
            extras.append(f"--cleartext-port={free_port()}")
        return extras

    def _pin(self):
        run = self.w.run("-H", "127.0.0.1", "-p", self.server.tls_port, "-k", "-vv")
        return re.search(r"sha256//[\w+/]+=", run.raw.decode())[0]

    def text(self, example):
        """The example's command line as the shell of this world shall run it."""
        text = example.command.replace("/usr/lib/nagios/plugins/check_imap_full", "check_imap_full")
        text = re.sub(r"192\.0\.2\.\d+", "127.0.0.1", text)
        text = re.sub(r"\d+-Nov-2026", time.strftime("%d-%b-%Y", time.gmtime(time.time() - 86400)), text)
        text = re.sub(r"\bmonitor\b(?=[@ ])", "alice", text)
        text = text.replace("--password-file=FILE", "--password-file=/etc/FILE")
        if "--pin=sha256//" in text:
            text = re.sub(r"sha256//[\w+/]+=", self._pin(), text)
        text = text.replace("SECRET", USERS["alice"])
        password = WRONG if example.shows("AUTHENTICATIONFAILED") else USERS["alice"]
        return self.moved(text, password)

    def command(self, example, server, more=()):
        """The example for a shell, with its quotes, and the environment in which `check_imap_full` is our program and
        knows its way about this world."""
        text = self.text(example)
        words = [word for part in shlex.split(text.replace("\\\n", " "))
                 for word in (shlex.split(part) if part.startswith("check_imap_full ") else [part])]
        extras = ["--nameserver=127.0.0.1:1", "-t", "2"] if example.is_foreign else self._extras(words, server)
        is_set = "--password-env=IMAP_PASSWORD" in text
        known = {"IMAP_PASSWORD": USERS["alice"]} if is_set else {}
        return ["-c", text], {"PATH": f"{self.bin}:/usr/bin:/bin", "PAPER_EXTRAS": shlex.join([*extras, *more]), **known}

    def run(self, example):
        if example.server == "ipv6" and not has_ipv6():
            raise Skip("no IPv6 here")
        if example.server == "gate":
            with Gate(self.server.tls_port) as gate:
                gate.tls_port = gate.port
                return self._run(example, gate)
        return self._run(example, self.server)

    def _run(self, example, server):
        arguments, environment = self.command(example, server)
        return self.w.run(*arguments, plugin=SHELL, env=environment, stdin=USERS["alice"].encode() + b"\n",
                          is_judged=not example.form)


def paper_world(w):
    """One for all tests."""
    with LOCK:
        if "papers" not in w.guests:
            w.guests["papers"] = PaperWorld(w)
        return w.guests["papers"]
