# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kerberos KDC on loopback out of the packages that get-servers unpacked: realm EXAMPLE.ORG, alice
and bob as principals, imap/imap.example.org in a keytab. An ordinary process; knows nothing of the plugin."""

import os
import secrets
import signal
import subprocess
import time
from pathlib import Path

from dovecot import free_port, give_away

REALM = "EXAMPLE.ORG"
PRINCIPALS = ("alice", "bob")
SERVICE = f"imap/imap.example.org@{REALM}"

KRB5_CONF = """\
[libdefaults]
  default_realm = {realm}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  {realm} = {{
    kdc = 127.0.0.1:{port}
  }}
[domain_realm]
  example.org = {realm}
"""

KDC_CONF = """\
[kdcdefaults]
  kdc_listen = 127.0.0.1:{port}
  kdc_tcp_listen = 127.0.0.1:{port}
[realms]
  {realm} = {{
    database_name = {dir}/principal
    key_stash_file = {dir}/stash
    max_life = 1h
  }}
[dbmodules]
  db_module_dir = {plugins}
[logging]
  kdc = FILE:{dir}/log
"""


class Kdc:
    """started with start(), ended with stop(); `keytab` is the service's, `environment` a client's."""

    def __init__(self, folder, packages, _, users):
        self.dir, self.root, self.users = Path(folder), Path(packages) / "kerberos", users
        self.port = free_port()
        self.keytab, self.conf = self.dir / "keytab", self.dir / "krb5.conf"
        self.environment = {"KRB5_CONFIG": str(self.conf)}
        self.process = None

    def _environment(self):
        libraries = ":".join(map(str, self.root.glob("usr/lib/*-linux-gnu*")))
        return {**self.environment, "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": libraries,
                "KRB5_KDC_PROFILE": str(self.dir / "kdc.conf")}

    def _call(self, program, *arguments, stdin="", **more):
        done = subprocess.run([self.root / "usr" / program, *arguments], env={**self._environment(), **more},
                              input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{program} {arguments}: {done.stdout}{done.stderr}"

    def start(self):
        (self.dir / "run").mkdir(parents=True)
        facts = dict(dir=self.dir, realm=REALM, port=self.port,
                     plugins=next(self.root.glob("usr/lib/*/krb5/plugins/kdb")))
        self.conf.write_text(KRB5_CONF.format(**facts))
        (self.dir / "kdc.conf").write_text(KDC_CONF.format(**facts))
        self._call("sbin/kdb5_util", "create", "-s", "-r", REALM, "-P", secrets.token_hex())
        for user in PRINCIPALS:
            self._call("sbin/kadmin.local", "-q", f"addprinc -pw {self.users[user]} {user}")
        self._call("sbin/kadmin.local", "-q", f"addprinc -randkey {SERVICE}")
        self._call("sbin/kadmin.local", "-q", f"ktadd -k {self.keytab} {SERVICE}")
        give_away(self.keytab.parent)
        self.process = subprocess.Popen(
            [self.root / "usr/sbin/krb5kdc", "-n", "-r", REALM], env=self._environment(),
            stdin=subprocess.DEVNULL, stdout=open(self.dir / "out", "wb"), stderr=subprocess.STDOUT)
        (self.dir / "run" / "master.pid").write_text(str(self.process.pid))
        self._await_ticket()

    def _await_ticket(self):
        deadline = time.monotonic() + 20
        while True:
            try:
                return self.login("alice")
            except AssertionError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def login(self, user, lifetime="1h"):
        """What a client that is logged in as the user has in its environment."""
        cache = self.dir / f"tickets-{user}"
        kinit = "bin/kinit.mit" if (self.root / "usr/bin/kinit.mit").exists() else "bin/kinit"
        self._call(kinit, "-l", lifetime, "-c", str(cache), user, stdin=self.users[user] + "\n")
        return {**self.environment, "KRB5CCNAME": f"FILE:{cache}"}

    def log(self):
        return (self.dir / "log").read_text(errors="replace") + (self.dir / "out").read_text(errors="replace")

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            self.process.wait(5)
        (self.dir / "run" / "master.pid").unlink(missing_ok=True)
