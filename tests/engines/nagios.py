# SPDX-License-Identifier: GPL-3.0-or-later
"""Nagios 4 of the distribution, with the distribution's own configuration, and NRPE, in a mount namespace where
/etc/nagios4, /var/lib/nagios4 and the like are folders of ours. Knows no test."""

import re
import shutil
import subprocess
from pathlib import Path

from engine import Covers, Process, give_to, program, until

USER = "nagios"

COVERS = {"etc/nagios4": "/etc/nagios4", "etc/nagios": "/etc/nagios", "plugins": "/usr/lib/nagios/plugins",
          "local": "/usr/local/lib", "var": "/var/lib/nagios4", "log": "/var/log/nagios4"}

# A minute of Nagios is a second here; status.dat is written every second.
CHANGES = {"interval_length": "1", "status_update_interval": "1", "check_result_reaper_frequency": "1",
           "service_inter_check_delay_method": "n", "use_syslog": "0", "check_for_updates": "0",
           "enable_flap_detection": "0", "lock_file": "/var/lib/nagios4/nagios4.pid",
           "query_socket": "/var/lib/nagios4/rw/nagios.qh", "check_host_freshness": "0", "execute_host_checks": "0"}


def main_configuration(more=""):
    """The distribution's nagios.cfg, faster, without its own host and contacts."""
    text = Path("/etc/nagios4/nagios.cfg").read_text()
    text = re.sub(r"^cfg_file=.*/(localhost|contacts)\.cfg$", "", text, flags=re.MULTILINE)
    for name, value in CHANGES.items():
        text = re.sub(rf"^{name}=.*$", "", text, flags=re.MULTILINE) + f"\n{name}={value}"
    return text + "\n" + more


class Nagios:
    """`files`: {path below the folder: text, or the Path of a file that is copied as it is}."""

    def __init__(self, folder, files):
        self.dir = Path(folder)
        self.inside = Covers(self.dir, COVERS).inside
        self.dir.mkdir()
        shutil.copytree("/etc/nagios4", self.dir / "etc/nagios4")
        (self.dir / "etc/nagios").mkdir()
        for part in ("plugins", "local", "var/rw", "var/spool/checkresults", "log/archives"):
            (self.dir / part).mkdir(parents=True)
        self.write("etc/nagios4/nagios.cfg", main_configuration())
        for path, what in files.items():
            self.write(path, what)
        give_to(USER, self.dir)
        self.process = None

    def write(self, path, what):
        to = self.dir / path
        to.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(what, Path):
            shutil.copy(what, to)
        else:
            to.write_text(what)
        to.chmod(0o755 if to.read_bytes()[:2] in (b"#!", b"\x7fE") else 0o640)

    def verify(self, main="/etc/nagios4/nagios.cfg"):
        """(exit status, what `nagios4 -v` says)."""
        done = subprocess.run(self.inside(program("nagios4"), "-v", main), capture_output=True, text=True,
                              check=False)
        return done.returncode, done.stdout + done.stderr

    def start(self):
        self.process = Process(self.inside(program("nagios4"), "/etc/nagios4/nagios.cfg"), self.dir / "said")
        until("status.dat", (self.dir / "var/status.dat").exists)

    def stop(self):
        if self.process:
            self.process.stop()

    def services(self):
        """{(host, service): {attribute: value}}, of status.dat."""
        text = (self.dir / "var/status.dat").read_text()
        found = {}
        for block in re.findall(r"^servicestatus \{\n(.*?)^\t\}", text, re.MULTILINE | re.DOTALL):
            values = dict(line.strip().split("=", 1) for line in block.splitlines() if "=" in line)
            found[values["host_name"], values["service_description"]] = values
        return found

    def checked(self, host, service):
        """The service, when it has been checked."""
        def result():
            values = self.services()[host, service]
            return values if values["has_been_checked"] == "1" else None
        return until(f"a check of {service} on {host}", result)


class Nrpe:
    """NRPE with a configuration below /etc/nagios of the same namespace."""

    def __init__(self, nagios):
        self.nagios, self.process = nagios, None

    def start(self):
        nrpe = program("nrpe")
        self.process = Process(self.nagios.inside(nrpe, "-f", "-c", "/etc/nagios/nrpe.cfg"),
                               self.nagios.dir / "nrpe-said")

    def stop(self):
        if self.process:
            self.process.stop()
