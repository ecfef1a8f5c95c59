# SPDX-License-Identifier: GPL-3.0-or-later
"""A box: servers that insist on paths, users and the system's log of their own, run in mount and process
namespaces where they have all of that, and vanish together. Needs root. Knows no certain server.

In the box /etc holds only what libraries need and what the server brings, /run is empty, and what is
said to /dev/log goes to the file `log`, as does all output. The rest of the file system is as outside.
Run as a program, this file is the box's first process."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from dovecot import Missing, find_program

ETC = ["alternatives", "group", "gss", "hosts", "ld.so.cache", "localtime", "nsswitch.conf", "passwd",
       "protocols", "services", "ssl/openssl.cnf", "timezone"]
DEVICES = ["null", "zero", "full", "random", "urandom"]


class Box:
    """start() runs `programs`, each {"command": [...], "environment": {...}}, by root, or with an
    "identity" {"user": uid, "group": gid}; the box ends with stop(), or when one of them ends. `etc` are
    files {name: text}, `copies` {name in /etc: file} for root alone, `run` folders in /run, `users` the
    names of accounts that are nobody's, `binds` pairs of what is seen where, `first` commands run
    beforehand, with an "input"."""

    def __init__(self, folder, programs, **more):
        self.dir = Path(folder)
        self.dir.mkdir(parents=True, exist_ok=True)
        self.spec = {"etc": {}, "run": [], "users": [], "binds": [], "first": [], "copies": {}, **more,
                     "programs": programs, "dir": str(self.dir)}
        self.process = None

    def start(self):
        if os.getuid() != 0:
            raise Missing("namespaces need root")
        unshare = find_program("unshare")
        if subprocess.run([unshare, "-m", "-p", "-f", "true"], capture_output=True, check=False).returncode:
            raise Missing("namespaces are not allowed here")
        for name in ("run", "box"):
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        (self.dir / "box.json").write_text(json.dumps(self.spec))
        self.process = subprocess.Popen(
            [unshare, "--mount", "--pid", "--fork", "--kill-child", sys.executable, "-B", __file__,
             self.dir / "box.json"], stdin=subprocess.DEVNULL, stdout=open(self.dir / "log", "ab"),
            stderr=subprocess.STDOUT, start_new_session=True, cwd=self.dir)

    def await_greeting(self, address, *ports):
        deadline = time.monotonic() + 20
        for port in ports:
            while not self._greets(address, port):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise RuntimeError(f"no greeting on port {port}:\n{self.log()}")
                time.sleep(0.05)

    @staticmethod
    def _greets(address, port):
        try:
            with socket.create_connection((address, port), timeout=5) as s:
                return s.recv(4).startswith(b"* OK")
        except OSError:
            return False

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        try:
            os.kill(int((self.dir / "run" / "master.pid").read_text()), signal.SIGTERM)
            self.process.wait(5)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def log(self):
        return (self.dir / "log").read_text(errors="replace")


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def fill_etc(etc, spec):
    for name in ETC:
        source, target = Path("/etc", name), etc / name
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        elif source.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    for name in spec["users"]:
        with open(etc / "passwd", "a", encoding="ascii") as f:
            f.write(f"{name}:x:65534:65534::/nonexistent:/bin/false\n")
        with open(etc / "group", "a", encoding="ascii") as f:
            f.write(f"{name}:x:65534:\n")
    for name, text in spec["etc"].items():
        (etc / name).parent.mkdir(exist_ok=True, parents=True)
        (etc / name).write_text(text)
    for name, source in spec["copies"].items():
        shutil.copy(source, etc / name)
        (etc / name).chmod(0o600)


def furnish(spec):
    """Puts up the box's own /etc, /run and /dev, and returns the socket behind /dev/log."""
    inside = Path(spec["dir"], "box")
    mount("-t", "tmpfs", "box", str(inside))
    for name in ("etc", "run", "dev"):
        (inside / name).mkdir()
    fill_etc(inside / "etc", spec)
    for name in spec["run"]:
        (inside / "run" / name).mkdir(parents=True)
    for name in DEVICES:
        (inside / "dev" / name).touch()
        mount("--bind", f"/dev/{name}", str(inside / "dev" / name))
    (inside / "dev" / "shm").mkdir(mode=0o1777)
    (inside / "dev" / "shm").chmod(0o1777)
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.bind(str(inside / "dev" / "log"))
    (inside / "dev" / "log").chmod(0o666)
    for source, target in spec["binds"]:
        if Path(source).is_dir() and Path(target).is_dir():
            mount("--bind", source, target)
    for name in ("etc", "run", "dev"):
        mount("--rbind", str(inside / name), f"/{name}")
    return log


def host_pid():
    """Our process id as seen from outside: /proc is still that of the outside."""
    return os.readlink("/proc/self")


def write_down(log):
    """Without a reader every program that logs would soon stand still."""
    while True:
        os.write(1, log.recv(65536).rstrip(b"\0\n") + b"\n")


def run_programs(spec):
    """Returns when one of them has ended; whoever else ends is collected, as the first process must."""
    for command in spec["first"]:
        subprocess.run(command["command"], env=command["environment"], input=command.get("input", ""),
                       text=True, check=True)
    ours = [subprocess.Popen(program["command"], env=program["environment"],
                             extra_groups=[] if "identity" in program else None,
                             **program.get("identity", {})).pid
            for program in spec["programs"]]
    while os.wait()[0] not in ours:
        pass


def main():
    spec = json.loads(Path(sys.argv[1]).read_text())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    pid_file = Path(spec["dir"], "run", "master.pid")
    pid_file.write_text(host_pid())
    try:
        threading.Thread(target=write_down, args=(furnish(spec),), daemon=True).start()
        run_programs(spec)
    finally:
        pid_file.unlink()


if __name__ == "__main__":
    main()
