# SPDX-License-Identifier: GPL-3.0-or-later
"""One node of Icinga 2 in a folder of its own, and its API. Knows no test."""

import base64
import json
import shutil
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from engine import Process, finish, give_to, program, until

USER = "nagios"  # Icinga changes to it on Debian
API_PASSWORD = "api-of-the-tests"

MAIN = """
const NodeName = "{name}"
const ZoneName = "{zone}"
const PluginDir = "/usr/lib/nagios/plugins"
const ManubulonPluginDir = PluginDir
const PluginContribDir = "{plugins}"
include <itl>
include <plugins>
include <plugins-contrib>
include "zones.conf"
object CheckerComponent "checker" {{ }}
object NotificationComponent "notification" {{ }}
object FileLogger "main-log" {{ severity = "information", path = LogDir + "/icinga2.log" }}
object ApiListener "api" {{ bind_host = "{address}", bind_port = {port}, accept_config = true, accept_commands = true }}
object ApiUser "test" {{ password = "{password}", permissions = [ "*" ] }}
include_recursive "conf.d"
"""


class Icinga:
    """`files`: {path below the configuration: text, or the Path of a file that is copied as it is}."""

    def __init__(self, folder, name, plugins, files, zone=None, address="127.0.0.1", port=5665, prefix=()):
        self.dir, self.name, self.address, self.port = Path(folder), name, address, port
        self.prefix = list(prefix)
        for part in ("etc/conf.d", "etc/zones.d", "data/certs", "log", "cache", "run", "spool"):
            (self.dir / part).mkdir(parents=True)
        self.write("icinga2.conf", MAIN.format(name=name, zone=zone or name, plugins=plugins, address=address,
                                               port=port, password=API_PASSWORD))
        for path, what in files.items():
            self.write(path, what)
        give_to(USER, self.dir)
        self.process = None

    def write(self, path, what):
        to = self.dir / "etc" / path
        to.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(what, Path):
            shutil.copy(what, to)
        else:
            to.write_text(what)

    def command(self, *words):
        places = {"ConfigDir": "etc", "ZonesDir": "etc/zones.d", "DataDir": "data", "LogDir": "log",
                  "CacheDir": "cache", "InitRunDir": "run", "SpoolDir": "spool"}
        return [*self.prefix, program("icinga2"), *words,
                *(word for name, part in places.items() for word in ("-D", f"{name}={self.dir / part}"))]

    def make_ca(self):
        finish(self.command("pki", "new-ca"))

    def certify(self, authority):
        """Gets a certificate of the node whose CA it is."""
        certs = self.dir / "data/certs"
        key, csr, crt = (certs / f"{self.name}.{end}" for end in ("key", "csr", "crt"))
        finish(self.command("pki", "new-cert", "--cn", self.name, "--key", key, "--csr", csr))
        signing = authority.dir / "data" / csr.name
        shutil.copy(csr, signing)
        give_to(USER, authority.dir)
        finish(authority.command("pki", "sign-csr", "--csr", signing, "--cert", signing.with_suffix(".crt")))
        shutil.copy(signing.with_suffix(".crt"), crt)
        shutil.copy(authority.dir / "data/ca/ca.crt", certs / "ca.crt")
        give_to(USER, self.dir)

    def validate(self):
        """What the daemon says of the configuration; AssertionError if it refuses it."""
        return finish(self.command("daemon", "-C", "-c", self.dir / "etc/icinga2.conf"))

    def start(self):
        self.process = Process(self.command("daemon", "-c", self.dir / "etc/icinga2.conf"), self.dir / "said")
        until(f"Icinga's API; it said:\n{self.process.said()}", lambda: self.get("/v1/status/IcingaApplication"))

    def stop(self):
        if self.process:
            self.process.stop()

    # --- API ---------------------------------------------------------------------------------------

    def ask(self, path, body=None, method=None):
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        request = urllib.request.Request(f"https://{self.address}:{self.port}{path}", method=method,
                                         data=json.dumps(body).encode() if body is not None else None)
        login = base64.b64encode(f"test:{API_PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {login}")
        request.add_header("Accept", "application/json")
        with urllib.request.urlopen(request, context=trusting, timeout=10) as answer:
            return answer.read()

    def get(self, path):
        return json.loads(self.ask(path))["results"]

    @staticmethod
    def path_of(host, service):
        return "/v1/objects/services/" + urllib.parse.quote(f"{host}!{service}")

    def service(self, host, service):
        return self.get(self.path_of(host, service))[0]["attrs"]

    def change(self, host, service, **attributes):
        self.ask(self.path_of(host, service), {"attrs": attributes})

    def check(self, host, service, by=None):
        """Has the service checked now, and returns it as this node then knows it. `by` is the node that
        schedules it: a satellite may not heed the master's wish before it has checked once."""
        began = time.time()
        (by or self).ask("/v1/actions/reschedule-check", {"type": "Service", "force": True, "filter":
                         f'host.name == "{host}" && service.name == "{service}"'})

        def fresh():
            found = self.service(host, service)
            result = found["last_check_result"]
            return found if result and result["schedule_end"] >= began else None
        return until(f"a check of {service} on {host}", fresh)
