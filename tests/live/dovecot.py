# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Dovecot as an ordinary process: free loopback ports, a folder of its own, one certificate
per address. Speaks the configuration language of Dovecot 2.3 and of 2.4. Knows nothing of the plugin.

Dovecot is started wholly as one ordinary user (nobody, where the caller is root), so that no service
changes its identity or its root folder."""

import grp
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

# Which certificate of make-pki is shown on which address. 127.0.0.12 is there to be met from another
# address: Dovecot takes a client whose address equals its own for secure.
ADDRESSES = {
    "127.0.0.1": "good",
    "127.0.0.2": "soon",
    "127.0.0.3": "expired",
    "127.0.0.4": "wrongname",
    "127.0.0.5": "selfsigned",
    "127.0.0.6": "unknown",
    "127.0.0.7": "intermediate",
    "127.0.0.8": "missing",
    "127.0.0.9": "cnonly",
    "127.0.0.10": "nameonly",
    "127.0.0.11": "notyet",
    "127.0.0.12": "good",
    "127.0.0.13": "clientonly",
    "127.0.0.14": "shortsub",
    "127.0.0.15": "crosssigned",
    "127.0.0.16": "wildcard",
    "127.0.0.17": "short",
    "127.0.0.18": "idn",
    "127.0.0.19": "addressonly",
    "127.0.0.20": "muststaple",
}

ADDRESS_OF = {name: address for address, name in reversed(ADDRESSES.items())}

COMMON = """
protocols = imap
listen = {listen}
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/dovecot.log
log_timestamp = "%Y-%m-%d %H:%M:%S "
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
last_valid_uid = 0
first_valid_gid = {gid}
mail_max_userip_connections = 200
auth_mechanisms = plain login cram-md5 scram-sha-256
auth_failure_delay = 0
auth_verbose = yes
auth_verbose_passwords = plain
verbose_proctitle = no
shutdown_clients = yes

service imap-login {{
  chroot =
  {login_forever}
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_min_avail = 2
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""

# Repeated failures from one address are answered ever more slowly; the tests fail on purpose.
NO_PENALTY = """
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
"""

FOR_2_3 = """
ssl = yes
ssl_min_protocol = TLSv1.2
ssl_cert = <{pki}/good.pem
ssl_key = <{pki}/good.key
disable_plaintext_auth = yes
auth_debug = yes
auth_debug_passwords = yes
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
}}
passdb {{
  driver = passwd-file
  args = username_format=%u {dir}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {dir}/users
}}
"""

FOR_2_4 = """
ssl = yes
ssl_min_protocol = TLSv1.2
ssl_server_cert_file = {pki}/good.pem
ssl_server_key_file = {pki}/good.key
auth_allow_cleartext = no
auth_debug_passwords = yes
log_debug = category=auth
mail_driver = maildir
mail_path = ~/Maildir
namespace inbox {{
  inbox = yes
}}
passdb passwd-file {{
  passwd_file_path = {dir}/users
}}
userdb passwd-file {{
  passwd_file_path = {dir}/users
}}
"""

LOCAL_2_3 = """
local {address} {{
  ssl_cert = <{pki}/{name}.pem
  ssl_key = <{pki}/{name}.key
}}
"""

LOCAL_2_4 = """
local {address} {{
  ssl_server_cert_file = {pki}/{name}.pem
  ssl_server_key_file = {pki}/{name}.key
}}
"""


class Missing(Exception):
    """Something that the tests need is not on this machine."""


def find_program(name):
    """Programs of an administrator are not in every user's PATH."""
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"
    found = shutil.which(name, path=path)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


def free_port():
    """A TCP port that is free on every address."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
        s.bind(("0.0.0.0", 0))
        return s.getsockname()[1]


def servant():
    """The ordinary user that Dovecot runs as: (name, group, uid, gid)."""
    entry = pwd.getpwuid(os.getuid() or pwd.getpwnam("nobody").pw_uid)
    return entry.pw_name, grp.getgrgid(entry.pw_gid).gr_name, entry.pw_uid, entry.pw_gid


def give_away(path):
    """Hands a file tree to the user that Dovecot runs as."""
    if os.getuid() != 0:
        return
    _, _, uid, gid = servant()
    for top, folders, files in os.walk(path):
        for name in [top] + [os.path.join(top, f) for f in folders + files]:
            os.chown(name, uid, gid, follow_symlinks=False)


MESSAGE = """\
From: Alice Example <alice@example.org>
To: bob@example.org
Subject: message {n}
Date: Sun, 1 Nov 2026 12:00:{n:02d} +0000
Message-ID: <{n}@example.org>

This is message {n}.
"""


class Dovecot:
    """started with start(), ended with stop(); `port` and `tls_port` are on every address."""

    def __init__(self, folder, pki, users, addresses=ADDRESSES, ports=None):
        self.dir = Path(folder)
        self.pki = Path(pki)
        self.users = users
        self.addresses = dict(addresses)
        self.port, self.tls_port = ports or (free_port(), free_port())
        self.binary = find_program("dovecot")
        said = subprocess.run([self.binary, "--version"], capture_output=True, text=True, check=True)
        self.version = tuple(int(n) for n in re.match(r"(\d+)\.(\d+)", said.stdout).groups())
        self.process = None

    def configuration(self):
        user, group, uid, gid = servant()
        is_new = self.version >= (2, 4)
        listen = list(self.addresses) + (["::1"] if has_ipv6() else [])
        facts = dict(
            dir=self.dir, pki=self.pki, user=user, group=group, uid=uid, gid=gid,
            imap=self.port, imaps=self.tls_port, listen=", ".join(listen),
            login_forever="restart_request_count = unlimited" if is_new else "service_count = 0",
        )
        text = COMMON + (FOR_2_4 if is_new else FOR_2_3)
        parts = [text.format(**facts), "" if is_new else NO_PENALTY]
        if is_new:
            parts.insert(0, "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n")
        for address, name in self.addresses.items():
            block = LOCAL_2_4 if is_new else LOCAL_2_3
            parts.append(block.format(address=address, name=name, pki=self.pki))
        return "".join(parts)

    def prepare(self):
        _, _, uid, gid = servant()
        for name in ("run", "state", "mail"):
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        lines = [f"{name}:{{PLAIN}}{password}:{uid}:{gid}::{self.dir}/mail/{name}::\n"
                 for name, password in self.users.items()]
        (self.dir / "users").write_text("".join(lines))
        (self.dir / "dovecot.conf").write_text(self.configuration())
        (self.dir / "dovecot.log").touch()
        for name in self.users:
            for sub in ("cur", "new", "tmp"):
                (self.maildir(name) / sub).mkdir(parents=True)

    def maildir(self, user, mailbox=""):
        return self.dir / "mail" / user / "Maildir" / (f".{mailbox}" if mailbox else "")

    def deliver(self, user, n, flags=None, text=None):
        """Puts a message into the user's INBOX; without flags it is new there, so \\Recent."""
        name = f"{1700000000 + n}.M{n}P1.localhost"
        place = f"new/{name}" if flags is None else f"cur/{name}:2,{flags}"
        path = self.maildir(user) / place
        path.write_text(text or MESSAGE.format(n=n))
        os.utime(path, (1700000000 + n, 1700000000 + n))

    def start(self):
        give_away(self.dir)
        _, _, uid, gid = servant()
        identity = dict(user=uid, group=gid, extra_groups=[]) if os.getuid() == 0 else {}
        self.process = subprocess.Popen(
            [self.binary, "-F", "-c", str(self.dir / "dovecot.conf")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, cwd=self.dir, **identity,
        )
        self.await_greeting()

    def await_greeting(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as s:
                    if s.recv(4).startswith(b"* OK"):
                        return
            except OSError:
                pass
            time.sleep(0.02)
        self.stop()
        said = self.process.stdout.read().decode(errors="replace")
        raise RuntimeError(f"Dovecot did not start: {said}\n{self.log()}")

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def talk(self, commands):
        """Sends commands in clear, all at once, and returns all that is said until the close."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as s:
            s.sendall(commands)
            return b"".join(iter(lambda: s.recv(65536), b""))

    def log(self):
        try:
            return (self.dir / "dovecot.log").read_text(errors="replace")
        except OSError:
            return ""

    def doveadm(self, *arguments):
        """What an administrator would see; runs as the user that owns the mail."""
        _, _, uid, gid = servant()
        identity = dict(user=uid, group=gid, extra_groups=[]) if os.getuid() == 0 else {}
        done = subprocess.run(
            [find_program("doveadm"), "-c", str(self.dir / "dovecot.conf"), *arguments],
            capture_output=True, text=True, timeout=20, cwd=self.dir, **identity,
        )
        if done.returncode != 0:
            raise RuntimeError(f"doveadm {arguments}: {done.stderr}")
        return done.stdout
