# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Courier-IMAP out of the packages that get-servers unpacked, with passwords in its userdb. Its
settings are those of the package, read by the shell as its own start script does; only what names a place,
a password or a certificate is ours. Knows nothing of the plugin."""

import subprocess
from pathlib import Path

from box import Box
from dovecot import free_port, give_away, servant
from stock import QUOTA_MESSAGES, QUOTA_STORAGE, Raw

START = """
set -a
. {root}/etc/courier/imapd
. {root}/etc/courier/imapd-ssl
IMAP_CAPABILITY=$IMAP_CAPABILITY_ORIG IMAP_CAPABILITY_TLS="$IMAP_CAPABILITY_TLS_ORIG AUTH=EXTERNAL"
TLS_VERIFYPEER=PEER TLS_EXTERNAL=CN
IMAP_STARTTLS=YES TLS_CERTFILE={dir}/server.pem TLS_TRUSTCERTS={pki}/ca.pem COURIERTLS={root}/usr/bin/couriertls
TLS_CACHEFILE= prefix=/usr IMAP_IDLE_TIMEOUT=1
unset TLS_DHPARAMS
exec {root}/usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 $TCPDOPTS \\
    {port} {tls} {root}/usr/lib/courier/courier/imaplogin {root}/usr/bin/imapd Maildir
"""


class Courier:
    """started with start(), ended with stop(); alice has a quota. There are no special-use mailboxes."""

    name = "Courier"
    prefix = "INBOX."
    mechanisms = ("login", "plain", "cram-md5")
    not_offered = ("sasl-login", "scram-sha-1", "scram-sha-256", "scram-sha-256-plus", "xoauth2", "oauthbearer")

    def __init__(self, folder, packages, pki, users):
        self.dir, self.root, self.pki = Path(folder), Path(packages) / "courier", Path(pki)
        self.users = users
        self.port, self.tls_port = free_port(), free_port()
        # Courier's users may not come through to the packages: the box shows them in our folder.
        self.inside = self.dir / "packages"
        self.environment = self._environment(self.inside)
        self.box = None

    def _environment(self, root):
        places = [self.root / "usr/lib", *self.root.glob("usr/lib/*-linux-gnu*"),
                  self.root / "usr/lib/courier-authlib"]
        path = ":".join(str(root / place.relative_to(self.root)) for place in places)
        return {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": path}

    def _call(self, program, *arguments, stdin=None):
        done = subprocess.run([self.root / program, *arguments], env=self._environment(self.root),
                              input=stdin, capture_output=True, text=True, check=True)
        return done.stdout

    def _database(self, name, entries):
        """A file of keys and fields as Courier's libraries read it."""
        path = self.dir / name
        lines = "".join(f"{key}\t{'|'.join(fields)}\n" for key, fields in entries.items())
        self._call("usr/lib/courier/courier-authlib/makedatprog", "-", f"{path}.tmp", path, stdin=lines + ".\n")
        return str(path)

    def prepare(self):
        _, _, uid, gid = servant()
        accounts, secrets = {}, {}
        for user, password in self.users.items():
            home = self.dir / "mail" / user
            home.mkdir(parents=True)
            self._call("usr/bin/maildirmake.courier", str(home / "Maildir"))
            accounts[user] = [f"uid={uid}", f"gid={gid}", f"home={home}", f"mail={home}/Maildir"]
            secrets[user] = [f"{field}={self._call('usr/sbin/userdbpw', how, stdin=password + chr(10)).strip()}"
                             for field, how in (("systempw", "-md5"), ("hmac-md5pw", "-hmac-md5"),
                                                ("hmac-sha1pw", "-hmac-sha1"), ("hmac-sha256pw", "-hmac-sha256"))]
        self._call("usr/bin/maildirmake.courier", "-q", f"{QUOTA_STORAGE * 1024}S,{QUOTA_MESSAGES}C",
                   str(self.dir / "mail/alice/Maildir"))
        good = [(self.pki / name).read_text() for name in ("good.pem", "good.key")]
        (self.dir / "server.pem").write_text("".join(good))
        (self.dir / "imap.sh").write_text(self._script(self.port, ""))
        (self.dir / "imaps.sh").write_text("export IMAP_TLS=1\n" + self._script(
            self.tls_port, f"{self.inside}/usr/bin/couriertls -server -tcpd -user=courier"))
        give_away(self.dir)
        return self._database("userdb.dat", accounts), self._database("userdbshadow.dat", secrets)

    def _script(self, port, tls):
        return START.format(root=self.inside, dir=self.dir, pki=self.pki, port=port, tls=tls)

    def start(self):
        self.inside.mkdir(parents=True)
        accounts, secrets = self.prepare()
        rc = {**self.environment, "authmodulelist": "authuserdb", "daemons": "3", "DEBUG_LOGIN": "0",
              "authdaemonvar": "/run/courier/authdaemon", "DEFAULTOPTIONS": "", "LOGGEROPTS": ""}
        settings = "".join(f'{key}="{value}"\n' for key, value in rc.items())
        programs = [{"command": [str(self.inside / "usr/lib/courier/courier-authlib/authdaemond")], "environment": rc}]
        programs += [{"command": ["/bin/sh", str(self.dir / name)], "environment": self.environment}
                     for name in ("imap.sh", "imaps.sh")]
        self.box = Box(self.dir, programs, users=["courier"], run=["courier/authdaemon"],
                       etc={"courier/authdaemonrc": settings},
                       binds=[(str(self.root), str(self.inside)),
                              (str(self.root / "usr/libexec"), "/usr/libexec")],
                       copies={"courier/userdb.dat": accounts, "courier/userdbshadow.dat": secrets})
        self.box.start()
        self.box.await_greeting("127.0.0.1", self.port)
        self.fill()

    def fill(self):
        with Raw(self, "alice", self.users["alice"]) as raw:
            raw.fill(self.prefix)

    def stop(self):
        if self.box:
            self.box.stop()

    def log(self):
        return self.box.log()

    @staticmethod
    def attempts(log):
        """The lines of the log that tell of somebody who tried to log in."""
        return [line for line in log.splitlines() if "LOGIN, user=" in line or "LOGIN FAILED" in line]
