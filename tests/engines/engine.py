# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of every engine stand on: what it needs, its process, waiting for what it says, and the
search for the secret in all the places where it must not be. Knows no single engine."""

import collections
import http.server
import os
import pwd
import queue
import shutil
import subprocess
import threading
import time
from pathlib import Path

from dovecot import free_port  # noqa: F401  (for the engines)
from world import HERE, SECRETS, USERS, WRONG, Skip

CONTRIB = HERE.parent.parent / "contrib"

# Passwords of this run alone: whoever sees one has it from here, and not from another run of the tests.
for _user in ("alice", "bob"):
    USERS[_user] += f"-{os.getpid()}"
WRONG += f"-{os.getpid()}"
USERS["probe"] = "the password"  # of the READMEs
SECRETS[:] = [*USERS.values(), WRONG]

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def program(name):
    """The path of a program, or of a file when `name` is a path; None if there is none."""
    if name.startswith("/"):
        return name if os.path.exists(name) else None
    return shutil.which(name, path=PATH)


def only_where(needs, test):
    """The test, skipped where something is missing. `needs`: {Debian package: a program or file of it}."""
    def guarded(w):
        missing = [package for package, name in needs.items() if not program(name)]
        if missing:
            raise Skip(f"not installed: {' '.join(missing)}")
        if os.getuid() != 0:
            raise Skip("engines change to a user of their own, which takes root")
        test(w)
    return guarded


def give_to(user, path):
    """Hands a file tree to the user that the engine runs as."""
    entry = pwd.getpwnam(user)
    for top, folders, files in os.walk(path):
        for name in [top] + [os.path.join(top, f) for f in folders + files]:
            os.chown(name, entry.pw_uid, entry.pw_gid, follow_symlinks=False)


def until(what, question, seconds=60):
    """Asks until the answer is true, and returns it. An answer that is an exception counts for no."""
    deadline = time.monotonic() + seconds
    last = None
    while time.monotonic() < deadline:
        try:
            last = question()
            if last:
                return last
        except (OSError, ValueError, KeyError, IndexError) as error:
            last = error
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s for {what}; the last answer was {last!r}")


class Process:
    """A program in the foreground, in a session of its own, its words in a file."""

    def __init__(self, command, log, **how):
        self.log = Path(log)
        with open(self.log, "ab") as out:
            self.popen = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True, **how)

    def is_alive(self):
        return self.popen.poll() is None

    def said(self):
        return self.log.read_text(errors="replace")

    def session(self):
        """The ids of all its processes that are alive."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == self.popen.pid and fields[0] != "Z":
                found.append(int(entry.name))
        return found

    def stop(self, seconds=10):
        """Asks it to end, which ends its children in its own way; then whoever is left of the session."""
        for signal, whom in ((15, lambda: [self.popen.pid]), (15, self.session), (9, self.session)):
            for pid in whom() if self.session() else []:
                try:
                    os.kill(pid, signal)
                except ProcessLookupError:
                    pass
            deadline = time.monotonic() + seconds
            while self.session() and time.monotonic() < deadline:
                self.popen.poll()
                time.sleep(0.05)
        self.popen.wait()


def finish(command, seconds=60, expect=0, **how):
    """Runs a command to its end, and returns what it printed; if it failed, all it said is the reason."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=seconds,
                          check=False, **how)
    if done.returncode != expect:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


Post = collections.namedtuple("Post", "path headers body")


class Hook:
    """An HTTP server on loopback that keeps what is posted to it."""

    def __init__(self):
        posts = self.posts = queue.Queue()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                posts.put(Post(self.path, dict(self.headers), body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def take(self):
        """The next post that came, or None."""
        try:
            return self.posts.get_nowait()
        except queue.Empty:
            return None

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Covers:
    """Commands that see folders and files of ours where the system has its own: {part of the folder: what it
    covers}. Only what is there can be covered."""

    def __init__(self, folder, covers):
        unshare = [program("unshare"), "--mount"]
        if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
            raise Skip("namespaces are not allowed here")
        mounts = [f"mount --bind {Path(folder) / part} {over}" for part, over in covers.items() if Path(over).exists()]
        self.prefix = [*unshare, "/bin/sh", "-c", f'{" && ".join(mounts)} && exec "$@"', "sh"]

    def inside(self, *command):
        return [*self.prefix, *command]


# --- the secret ------------------------------------------------------------------------------------

def _read(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


class ProcessList:
    """Looks at the arguments of every process, again and again, while its block runs. `sightings` are the
    commands in which the secret was seen, `plugins` how often a running plugin was looked at: if never,
    nothing is proved."""

    def __init__(self, secret, name=b"check_imap_full"):
        self.secret, self.name = secret.encode(), name
        self.sightings, self.plugins = set(), 0
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.is_over.is_set():
            for entry in Path("/proc").glob("[0-9]*"):
                words = _read(entry / "cmdline")
                self.plugins += self.name in words
                if self.secret in words:
                    self.sightings.add(words)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


def files_with(secret, *folders, but=()):
    """The files under the folders that hold the secret, those in `but` left out."""
    found = []
    for folder in folders:
        for top, _, files in os.walk(folder):
            for name in files:
                path = Path(top) / name
                if path.is_file() and path not in but and secret.encode() in _read(path):
                    found.append(path)
    return found
