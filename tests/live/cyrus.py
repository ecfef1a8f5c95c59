# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Cyrus imapd out of the packages that get-servers unpacked: free loopback ports, a folder of its
own, passwords in Cyrus SASL's sasldb. Knows nothing of the plugin."""

from pathlib import Path

from box import Box
from dovecot import free_port, give_away, servant
from stock import QUOTA_MESSAGES, QUOTA_STORAGE, Raw

ADMIN, ADMIN_PASSWORD = "cyrus", "queenofservers-1"

IMAPD_CONF = """\
configdirectory: {dir}/conf
proc_path: {dir}/proc
mboxname_lockpath: {dir}/lock
defaultpartition: default
partition-default: {dir}/spool
altnamespace: yes
unixhierarchysep: yes
cyrus_user: {user}
admins: {admin}
servername: imap.example.org
allowplaintext: no
allowstarttls: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {dir}/sasldb2
tls_server_cert: {pki}/good.pem
tls_server_key: {pki}/good.key
tls_client_ca_file: {pki}/ca.pem
idlesocket: {dir}/socket/idle
notifysocket: {dir}/socket/notify
lmtpsocket: {dir}/socket/lmtp
syslog_prefix: cyrus
specialusealways: yes
"""

CYRUS_CONF = """\
START {{
  recover cmd="{bin}/ctl_cyrusdb -C {dir}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{bin}/imapd -C {dir}/imapd.conf" listen="127.0.0.1:{imap}" proto="tcp4" prefork=1
  imaps cmd="{bin}/imapd -s -C {dir}/imapd.conf" listen="127.0.0.1:{imaps}" proto="tcp4" prefork=1
}}
DAEMON {{
  idled cmd="{bin}/idled -C {dir}/imapd.conf"
}}
"""


class Cyrus:
    """started with start(), ended with stop(); alice has a quota and special-use mailboxes."""

    name = "Cyrus"
    prefix = ""
    mechanisms = ("login", "plain", "sasl-login", "cram-md5", "scram-sha-1", "scram-sha-256")
    not_offered = ("xoauth2", "oauthbearer")

    def __init__(self, folder, packages, pki, users, environment=()):
        self.dir, self.root, self.pki = Path(folder), Path(packages) / "cyrus", Path(pki)
        self.users = users
        self.port, self.tls_port = free_port(), free_port()
        # Cyrus' user may not come through to the packages: the box shows them in our folder.
        self.inside = self.dir / "packages"
        self.bin = self.inside / "usr/lib/cyrus/bin"
        libraries = self.inside / next(self.root.glob("usr/lib/*/sasl2")).parent.relative_to(self.root)
        self.environment = {"PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": str(libraries),
                            "SASL_PATH": str(libraries / "sasl2"), **dict(environment)}
        self.box = None

    def prepare(self):
        for name in ("packages", "conf/db", "conf/socket", "conf/log", "conf/msg", "conf/proc", "proc", "lock",
                     "spool", "socket"):
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        facts = dict(dir=self.dir, bin=self.bin, pki=self.pki, imap=self.port, imaps=self.tls_port,
                     user=servant()[0], admin=ADMIN)
        (self.dir / "imapd.conf").write_text(IMAPD_CONF.format(**facts))
        (self.dir / "cyrus.conf").write_text(CYRUS_CONF.format(**facts))

    def start(self):
        self.prepare()
        give_away(self.dir)
        set_password = [str(self.inside / "usr/sbin/saslpasswd2"), "-p", "-c", "-f", str(self.dir / "sasldb2"),
                        "-u", "imap.example.org"]
        first = [{"command": [*set_password, user], "environment": self.environment, "input": password}
                 for user, password in {**self.users, ADMIN: ADMIN_PASSWORD}.items()]
        first.append({"command": ["chown", servant()[0], str(self.dir / "sasldb2")],
                      "environment": self.environment})
        master = [str(self.bin / "master"), "-D", "-C", str(self.dir / "imapd.conf"),
                  "-M", str(self.dir / "cyrus.conf"), "-p", str(self.dir / "cyrus.pid")]
        self.box = Box(self.dir, [{"command": master, "environment": self.environment}], first=first,
                       binds=[(str(self.root), str(self.inside))])
        self.box.start()
        self.box.await_greeting("127.0.0.1", self.port)
        self.fill()

    def fill(self):
        with Raw(self, ADMIN, ADMIN_PASSWORD) as admin:
            for user in self.users:
                admin.do("CREATE", f"user/{user}")
            limits = f"(STORAGE {QUOTA_STORAGE} MESSAGE {QUOTA_MESSAGES})"
            admin.do("SETQUOTA", "user/alice", limits)
        with Raw(self, "alice", self.users["alice"]) as raw:
            raw.do("CREATE", "Sent", r"(USE (\Sent))")
            raw.do("CREATE", "Trash", r"(USE (\Trash))")
            raw.fill()

    def stop(self):
        if self.box:
            self.box.stop()

    def log(self):
        return self.box.log()

    @staticmethod
    def attempts(log):
        """The lines of the log that tell of somebody who tried to log in."""
        return [line for line in log.splitlines() if " login: " in line or " badlogin: " in line]
