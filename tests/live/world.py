# SPDX-License-Identifier: GPL-3.0-or-later
"""What every live test stands on: a temporary folder that goes away however the run ends, the test
certificates, one Dovecot, and run(), which runs the plugin once and judges what every run must keep
(grammar, silence on stderr, the deadline, no secret). Knows no single test."""

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import grammar
from dovecot import Dovecot, Missing, give_away
from servers import Dns

HERE = Path(__file__).resolve().parent

USERS = {"alice": "opensesame-4711", "bob": "correcthorse-0815", "carol": 'quo"te\\d p{5}word',
         "dora": "manymailboxes-99", "frank": "writesalot-77"}
WRONG = "wrongsecret-2323"
SECRETS = [*USERS.values(), WRONG]

SLACK = 0.2  # what a run may outlive its deadline by


class Skip(Exception):
    """A test cannot be run on this machine; the text says why."""


def alone(test):
    """For a test that measures short times: it must not share the machine with the others."""
    test.is_alone = True
    return test


class Folder:
    """A temporary folder. A small watcher outside removes it and ends the Dovecot in it when this
    process is gone, even if it was killed."""

    WATCHER = """
        cat >/dev/null
        for pid in "$0"/*/run/master.pid; do [ -f "$pid" ] && kill "$(cat "$pid")"; done
        for i in 1 2 3 4 5 6 7 8 9 10; do
            ls "$0"/*/run/master.pid && sleep 0.2 || break
        done
        rm -rf "$0"
    """

    def __init__(self, path=None):
        self.path = Path(path or tempfile.mkdtemp(prefix="imap-", dir=self.where()))
        self.path.mkdir(exist_ok=True)
        self.path.chmod(0o755)  # Dovecot's user must come through
        self.watcher = subprocess.Popen(
            ["/bin/sh", "-c", self.WATCHER, str(self.path)], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )

    @staticmethod
    def where():
        """Socket paths must be short, and an ordinary user must be able to come here."""
        wanted = os.environ.get("TMPDIR", "/tmp")
        usable = len(wanted) < 30 and os.path.isdir(wanted) and os.stat(wanted).st_mode & 0o001
        return wanted if usable else "/tmp"

    def close(self):
        self.watcher.stdin.close()
        self.watcher.wait()


class Run:
    """One finished run of the plugin."""

    def __init__(self, command, code, stdout, stderr, elapsed):
        self.command, self.code, self.raw, self.stderr = command, code, stdout, stderr
        self.elapsed = elapsed
        self.output = None

    def __getattr__(self, name):
        """text, state, metrics, lines, first: see grammar.Output"""
        if name.startswith("_") or self.output is None:
            raise AttributeError(name)
        return getattr(self.output, name)

    def __str__(self):
        return (f"$ {' '.join(map(str, self.command))}\n{self.raw.decode(errors='replace')}"
                f"{self.stderr.decode(errors='replace')}(exit {self.code}, {self.elapsed:.3f} s)")

    def seconds(self, phase):
        return self.metrics[phase].value


def has_deadline(arguments):
    return any(re.match(r"-t|--timeout", word) for word in arguments)


def deadline_of(arguments):
    for i, word in enumerate(arguments):
        match = re.match(r"(?:-t|--timeout=)(\d+(?:\.\d+)?)", word)
        if word in ("-t", "--timeout"):
            match = re.match(r"(\d+(?:\.\d+)?)", arguments[i + 1])
        if match and float(match[1]) > 0:
            return float(match[1])
    return 30.0 if any(str(word).startswith("--sync") for word in arguments) else 10.0


def judge(run, arguments, slack):
    """The promises that every run keeps."""
    run.output = grammar.Output(run.raw, run.code)
    assert run.stderr == b"", f"something on stderr: {run.stderr!r}"
    limit = deadline_of(arguments) + slack
    assert run.elapsed <= limit, f"took {run.elapsed:.3f} s, allowed {limit:.1f} s"
    for secret in SECRETS:
        assert secret.encode() not in run.raw, f"the secret {secret!r} is in the output"


class World:
    def __init__(self, plugin):
        self.plugin = plugin
        self.folder = Folder()
        self.dir = self.folder.path
        self.runs = 0
        self.guests = {}  # see guests.py
        self.at_end = []
        # Sanitizers cost memory and time: the bounds are not meant for them.
        self.is_under_valgrind = b"\nexec valgrind " in Path(plugin).read_bytes()  # tests/memcheck
        self.is_instrumented = self.is_under_valgrind or b"__asan_init" in Path(plugin).read_bytes()

    def start(self):
        pki = self.dir / "pki"
        subprocess.run([str(HERE.parent / "pki" / "make-pki"), str(pki)], check=True)
        self.pki = pki
        self.ca = str(pki / "ca.pem")
        give_away(pki)
        self.dovecot = Dovecot(self.dir / "dovecot", pki, USERS)
        self.dovecot.prepare()
        for n in range(1, 4):
            self.dovecot.deliver("alice", n, "S")
        self.dovecot.start()
        self.dns = Dns(a=["127.0.0.1"]).__enter__()
        for name, password in USERS.items():
            self.write(f"{name}.password", password + "\n")
        self.write("wrong.password", WRONG + "\n")

    def stop(self):
        for stop in reversed(self.at_end):
            stop()
        if hasattr(self, "dovecot"):
            self.dovecot.stop()
        self.folder.close()

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    def password_file(self, user="alice"):
        return f"--password-file={self.dir / (user + '.password')}"

    def to(self, address="127.0.0.1", port=None, name="imap.example.org", user="alice", tls=None):
        """Options for a run against `address`: trusts the test CA, verifies `name`, logs in."""
        secure = tls in (None, "implicit")
        port = port or (self.dovecot.tls_port if secure else self.dovecot.port)
        options = ["-H", address, "-p", str(port)]
        if tls != "none":
            options += [f"--ca-file={self.ca}"] + ([f"--sni={name}"] if name else [])
        options += [f"--tls={tls}"] if tls else []
        return options + (["-u", user, self.password_file(user)] if user else [])

    def by_name(self, **more):
        """The same by the name imap.example.org, which the name server of the tests resolves."""
        return [*self.to(address="imap.example.org", name=None, **more),
                f"--nameserver={self.dns.where}"]

    def environment(self, more=()):
        kept = {k: v for k, v in os.environ.items() if re.match(r"(A|UB|L|T)SAN_OPTIONS$", k)}
        return {"PATH": "/usr/bin:/bin", **kept, **dict(more or {})}

    def start_run(self, *arguments, env=None, plugin=None, prefix=(), **how):
        command = [*prefix, plugin or self.plugin, *map(str, arguments)]
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how}
        self.runs += 1
        return subprocess.Popen(command, env=self.environment(env), cwd=self.dir, **how)

    def run(self, *arguments, state=None, text=None, stdin=None, stdin_from=None, is_judged=True, **how):
        """Runs the plugin. `state` is the word expected, `text` a regular expression for what follows."""
        arguments = [str(word) for word in arguments]
        if self.is_under_valgrind and not has_deadline(arguments):
            arguments[:0] = ["-t", "120"]
        if stdin is not None:
            how["stdin"] = subprocess.PIPE
        elif stdin_from is not None:
            how["stdin"] = stdin_from
        began = time.monotonic()
        process = self.start_run(*arguments, **how)
        try:
            out, err = process.communicate(stdin, timeout=deadline_of(arguments) + 15)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        run = Run(process.args, process.returncode, out, err, time.monotonic() - began)
        with told(run):
            if is_judged:
                judge(run, arguments, 1.0 if self.is_instrumented else SLACK)
            if state is not None:
                assert run.state == state, f"state is {run.state}, not {state}"
            if text is not None:
                assert re.search(text, run.text), f"{run.text!r} does not match {text!r}"
        return run


class told:
    """Adds the command and its output to an assertion that fails inside."""

    def __init__(self, run):
        self.run = run

    def __enter__(self):
        return self.run

    def __exit__(self, kind, error, _):
        if kind is AssertionError:
            raise AssertionError(f"{error}\n{self.run}") from None


def find_plugin():
    """CHECK_IMAP_FULL names the program; otherwise it is looked for in the build folder."""
    given = os.environ.get("CHECK_IMAP_FULL")
    places = [given] if given else ["check_imap_full", "plugins/check_imap_full",
                                    HERE.parent.parent / "check_imap_full",
                                    HERE.parent.parent / "plugins" / "check_imap_full"]
    for place in places:
        if os.path.isfile(place) and os.access(place, os.X_OK):
            return str(Path(place).resolve())
    raise Missing(f"no program to test: {given or 'check_imap_full'} (build it, or set CHECK_IMAP_FULL)")
