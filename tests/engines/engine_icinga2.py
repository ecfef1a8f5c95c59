# SPDX-License-Identifier: GPL-3.0-or-later
"""Icinga 2: the files of contrib/icinga2 on a node of its own, and on a master with a satellite."""

import json
import re
import shutil
from pathlib import Path

import grammar
from engine import CONTRIB, ProcessList, files_with, finish, free_port, give_to, program, until
from icinga2 import USER, Icinga
from world import USERS, Skip

NEEDS = {"icinga2-bin": "icinga2", "icinga2-common": "/usr/share/icinga2/include/itl"}

SHIPPED = CONTRIB / "icinga2"
SECRET = USERS["alice"]
AWKWARD = 'pass "word" \'with\' $HOME \\ and `all`; & | that'

# The plugin with a witness before it: what came in, what went out.
RECORDER = """#!/bin/sh
printf '%s\\0' "$@" >{dir}/arguments
printf %s "$IMAP_FULL_PASSWORD" >{dir}/password
{dir}/check_imap_full "$@" >{dir}/output
status=$?
cat {dir}/output
exit $status
"""

HOSTS = """
template Host "imap" {{
	check_command = "dummy"
	address = "127.0.0.1"
	vars.imap_full_sni = "imap.example.org"
	vars.imap_full_port = {port}
	vars.imap_full_ca_file = "{dir}/ca.pem"
	vars.imap_full_sendmail = "{dir}/sendmail"
	vars.imap_full_webhook = "http://127.0.0.1:{webhook}/hook"
}}
object Host "well" {{
	import "imap"
	vars.imap_checks["imap"] = {{
		imap_full_username = "alice"
		imap_full_password_file = "{dir}/alice.password"
		imap_full_warning = [ "total=8", "cert_days=20:", "messages=1:" ]
		imap_full_critical = [ "total=9" ]
		imap_full_measure = [ "uidvalidity", "newest_age" ]
	}}
	vars.imap_checks["imap by environment"] = {{
		imap_full_username = "alice"
		imap_full_password = "{secret}"
	}}
	vars.imap_checks["imap certificate"] = {{ }}
}}
object Host "wrong password" {{
	import "imap"
	vars.imap_checks["imap"] = {{
		imap_full_username = "alice"
		imap_full_password_file = "{dir}/wrong.password"
	}}
}}
object Host "expired" {{
	import "imap"
	address = "127.0.0.3"
	vars.imap_checks["imap certificate"] = {{ }}
}}
object UserGroup "icingaadmins" {{ }}
object User "oncall" {{ groups = [ "icingaadmins" ], email = "oncall@example.org" }}
object CheckCommand "imap_full_recorded" {{
	import "imap_full"
	command = [ "{dir}/recorder" ]
}}
object Host "recorded" {{
	import "imap"
}}
object Service "imap" {{
	host_name = "recorded"
	check_command = "imap_full_recorded"
	vars.imap_full_username = "alice"
	vars.imap_full_password_file = "{dir}/alice.password"
	vars.imap_full_measure = [ "uidvalidity,unseen", "newest_age" ]
	vars.imap_full_capability = [ "IDLE", "-X" ]
	vars.imap_full_extra_opts = "some@/tmp/x y"
	vars.imap_full_warning = [ "total=0.5:8", "cert_days=20:" ]
	vars.imap_full_critical = "auth=7"
	vars.imap_full_verbose = 2
}}
"""


def _folder(w):
    """What the engine's user needs of the test's world, where that user can read it."""
    home = w.dir / "icinga"
    if not home.exists():
        home.mkdir()
        shutil.copy(w.plugin, home / "check_imap_full")
        shutil.copy(w.ca, home / "ca.pem")
        (home / "recorder").write_text(RECORDER.format(dir=home))
        for name in ("alice", "wrong"):
            shutil.copy(w.dir / f"{name}.password", home)
        for path in home.iterdir():
            path.chmod(0o600 if path.suffix == ".password" else 0o755)
        give_to(USER, home)
    return home


def _files():
    return {"conf.d/imap_full.conf": SHIPPED / "imap_full.conf",
            "conf.d/services.conf": SHIPPED / "services.conf",
            "conf.d/notifications.conf": SHIPPED / "notifications.conf",
            "scripts/imap-full-notify": CONTRIB / "notify/imap-full-notify"}


def _alone(name):
    return f'object Endpoint "{name}" {{ }}\nobject Zone "{name}" {{ endpoints = [ "{name}" ] }}\n'


def _node(w):
    """The node that most tests share."""
    if "icinga" not in w.guests:
        home = _folder(w)
        w.guests["webhook port"] = free_port()
        hosts = HOSTS.format(dir=home, port=w.dovecot.tls_port, secret=SECRET, webhook=w.guests["webhook port"])
        node = Icinga(home / "node", "node", home, {**_files(), "zones.conf": _alone("node"),
                                                    "conf.d/hosts.conf": hosts}, port=free_port())
        w.at_end.append(node.stop)
        node.make_ca()
        node.certify(node)
        node.start()
        w.guests["icinga"] = node
    return w.guests["icinga"]
