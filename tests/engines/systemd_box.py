# SPDX-License-Identifier: GPL-3.0-or-later
"""A real systemd as process 1 of namespaces of its own: units as they are shipped run with their credentials
and all that confines them, and nothing of it is seen outside. Needs root. Knows no single unit."""

import re
import shutil
import subprocess
from pathlib import Path

from engine import PATH, Process, until
from world import Skip

# What a manager cannot do without; all other units of the system are out of sight.
UNITS = ["sysinit.target", "basic.target", "timers.target", "sockets.target", "paths.target", "slices.target",
         "network.target", "network-online.target", "nss-lookup.target", "time-set.target", "time-sync.target",
         "shutdown.target", "systemd-journald.service", "systemd-journald.socket", "systemd-journald-dev-log.socket"]

# $1 is the box's folder, with the tree `root` that is laid over / in /etc and /usr/lib.
BOOT = r"""
set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mkdir -p /run/lock
mount -t tmpfs tmpfs "$1/over"
for place in etc usr/lib; do
    mkdir -p "$1/root/$place" "$1/over/$place/upper" "$1/over/$place/work"
    cp -a "$1/root/$place/." "$1/over/$place/upper"
    mount -t overlay -o "lowerdir=/$place,upperdir=$1/over/$place/upper,workdir=$1/over/$place/work" overlay "/$place"
done
mkdir "$1/over/units"
for unit in $2; do
    [ ! -f "/usr/lib/systemd/system/$unit" ] || cp "/usr/lib/systemd/system/$unit" "$1/over/units"
done
mount -t tmpfs tmpfs /etc/systemd/system
cp -r "$1/units/." /etc/systemd/system
mount --bind "$1/over/units" /usr/lib/systemd/system
printf '[Unit]\nWants=systemd-journald.service\n' >/etc/systemd/system/box.target
while read -r from to; do mount --bind "$from" "$to"; done <"$1/binds"
umount -R /sys/fs/cgroup || :
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount --make-rshared /
export container=box
exec /lib/systemd/systemd --system --unit=box.target --log-target=console --show-status=no
"""


class SystemdBox:
    """`units` are files of units; `root` is a folder laid over /etc and /usr/lib, `binds` pairs of a folder
    and what it stands in for."""

    def __init__(self, folder, units, root, binds=()):
        self.dir, self.units, self.root, self.binds = Path(folder), units, root, binds
        self.process = self.pid = None

    def start(self):
        for name in ("units", "over"):
            (self.dir / name).mkdir(parents=True)
        for unit in self.units:
            shutil.copy(unit, self.dir / "units")
        shutil.copytree(self.root, self.dir / "root")
        (self.dir / "binds").write_text("".join(f"{a} {b}\n" for a, b in self.binds))
        (self.dir / "boot").write_text(BOOT)
        self.process = Process(
            ["unshare", "--pid", "--mount", "--cgroup", "--ipc", "--uts", "--fork", "--kill-child=KILL",
             "sh", self.dir / "boot", self.dir, " ".join(UNITS)], self.dir / "log", cwd=self.dir)
        try:
            until("systemd", self._is_up, 20)
        except AssertionError as error:
            self.stop()
            raise Skip(f"systemd does not start in namespaces here: {self.process.said()[-500:]}") from error

    def _is_up(self):
        children = Path(f"/proc/{self.process.popen.pid}/task/{self.process.popen.pid}/children").read_text().split()
        self.pid = children[0] if children else None
        return self.pid and self.run("systemctl", "is-active", "systemd-journald.service").stdout == "active\n"

    def run(self, *command, typed="", folder="/"):
        """Runs a command in the box, in a folder, and returns it, ended."""
        return subprocess.run(["nsenter", "-t", self.pid, "-a", f"--wd={folder}", *command], capture_output=True,
                              text=True, timeout=60, check=False, input=typed, env={"PATH": PATH, "TZ": "UTC"})

    def follow(self, readme, changes, typed, folder="/"):
        """Types what stands in the ```sh blocks of a README, some words changed; returns what the last one says."""
        blocks = re.findall(r"^```sh\n(.*?)^```$", Path(readme).read_text(), re.M | re.S)
        assert blocks, f"{readme} has no commands"
        for block in blocks:
            for old, new in changes.items():
                block = block.replace(old, new)
            done = self.run("sh", "-euc", block, typed=typed, folder=folder)
            assert done.returncode == 0, f"{block}{done.stdout}{done.stderr}"
        return done.stdout

    def journal(self, unit):
        return self.run("journalctl", "--no-pager", "-o", "cat", "-u", unit).stdout

    def stop(self):
        """The namespaces end with their first process, which heeds no mild signal."""
        if self.process and self.process.is_alive():
            self.process.popen.kill()
            self.process.popen.wait()
