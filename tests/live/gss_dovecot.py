# SPDX-License-Identifier: GPL-3.0-or-later
"""A Dovecot that takes Kerberos tickets: the module for it comes from the unpacked packages, the keytab
from the KDC. Runs in a Box, as Dovecot looks for its modules in one place only. Knows nothing of the
plugin."""

import shutil
from pathlib import Path

from box import Box
from dovecot import Dovecot, Missing, give_away, servant

MODULES = "/usr/lib/dovecot/modules/auth"

BOTH = """
auth_mechanisms = plain gssapi
auth_gssapi_hostname = imap.example.org
auth_krb5_keytab = {keytab}
"""


class GssDovecot(Dovecot):
    def __init__(self, folder, packages, pki, users, kdc):
        # The folder is the box's: process ids in Dovecot's own mean nothing outside.
        super().__init__(Path(folder) / "dovecot", pki, users, {"127.0.0.1": "good"})
        self.modules, self.kdc = Path(packages) / "kerberos" / MODULES[1:], kdc
        self.box = None

    def configuration(self):
        realm = "auth_username_format = %{user | username | lower}\n" if self.version >= (2, 4) \
            else "auth_username_format = %Ln\n"
        return super().configuration() + BOTH.format(keytab=self.kdc.keytab) + realm

    def start(self):
        if not Path(MODULES).is_dir():
            raise Missing(f"{MODULES} is missing")
        self.prepare()
        shutil.copytree(MODULES, self.dir / "modules")
        shutil.copytree(self.modules, self.dir / "modules", dirs_exist_ok=True)
        give_away(self.dir)
        _, _, uid, gid = servant()
        program = {"command": [self.binary, "-F", "-c", str(self.dir / "dovecot.conf")],
                   "environment": {"PATH": "/usr/sbin:/usr/bin:/bin"}, "identity": {"user": uid, "group": gid}}
        self.box = Box(self.dir.parent, [program], binds=[(str(self.dir / "modules"), MODULES)],
                       etc={"krb5.conf": self.kdc.conf.read_text()})
        self.box.start()
        self.box.await_greeting("127.0.0.1", self.port)

    def stop(self):
        if self.box:
            self.box.stop()
