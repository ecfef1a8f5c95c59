# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run opens and where it writes, as strace sees it: libraries, the CA, the resolver's and the
password file, nothing else; the socket and standard output, nothing else."""

import re
import shutil

from world import Skip

READS = (
    r"/(usr/)?lib(32|64)?/.*\.so(\.[\d.]+)?$",
    r"/usr/lib/.*/gconv/.*",
    r"/etc/(ld\.so\.(cache|preload)|localtime)$",
    r"/usr/share/zoneinfo/.*",
    # resolver
    r"/etc/(resolv\.conf|hosts|nsswitch\.conf|host\.conf|gai\.conf|hostname)$",
    # GnuTLS
    r"/etc/gnutls/config$|/usr/share/crypto-policies/.*|/etc/crypto-policies/.*|/dev/u?random$",
)
CALLS = "open,openat,openat2,creat,write,writev,pwrite64,pwritev,sendto,sendmsg,sendmmsg,unlink,unlinkat,rename," \
        "renameat,renameat2,mkdir,mkdirat,link,linkat,symlink,symlinkat,truncate,ftruncate,chmod,fchmod,mknod,mknodat"


class Trace:
    """The calls of one run and its children."""

    def __init__(self, w, *arguments, **how):
        if w.is_instrumented:
            raise Skip("a sanitizer opens files of its own")
        if not shutil.which("strace"):
            raise Skip("strace is not there")
        path = w.dir / f"trace-{w.runs}"
        prefix = ["strace", "-f", "-qq", "-y", "-e", f"trace={CALLS}", "-o", str(path)]
        # It is slower so: only what it does counts.
        self.run = w.run(*arguments, prefix=prefix, is_judged=False, **how)
        if b"ptrace" in self.run.stderr:
            raise Skip("strace may not trace here")
        assert self.run.code == 0, str(self.run)
        self.lines = path.read_text(errors="replace").splitlines()

    def opened(self):
        """Paths that were opened, not only tried; and with which flags."""
        for line in self.lines:
            match = re.search(r'\bopen(?:at)?\([^"]*"([^"]+)", ([A-Z_|]+).*\) = \d', line)
            if match:
                yield match[1], match[2]

    def written(self):
        """(descriptor, what it is) of each octet that left."""
        for line in self.lines:
            match = re.search(r"\b(write|writev|pwrite64|pwritev|sendto|sendmsg|sendmmsg)\((\d+)<(.*?)>[,\]]", line)
            if match:
                yield int(match[2]), match[3]

    def others(self):
        """Calls that change the file system."""
        return [line for line in self.lines
                if re.search(r"\b(creat|unlink|rename|mkdir|link|symlink|truncate|ftruncate|chmod|fchmod|mknod)\w*\(", line)]


def _check(w, trace, *more):
    allowed = [*READS, *(re.escape(str(path)) + "$" for path in more)]
    opened = list(trace.opened())
    assert opened, "strace saw nothing"
    for path, flags in opened:
        if path == "/dev/null":
            continue
        assert any(re.match(pattern, path) for pattern in allowed), f"it opened {path}"
        assert "O_RDONLY" in flags and "O_CREAT" not in flags, f"it opened {path} for writing ({flags})"
    written = list(trace.written())
    assert any(fd == 1 for fd, _ in written), "strace saw no output"
    for fd, what in written:
        is_socket = what.startswith(("socket:", "TCP", "UDP"))
        assert fd == 1 or (is_socket and fd > 2), f"it wrote to {fd}, {what}"
    assert not trace.others(), trace.others()[:3]


def an_ordinary_run_opens_and_writes_what_it_must(w):
    password = w.dir / "alice.password"
    _check(w, Trace(w, *w.to()), w.ca, password)
    _check(w, Trace(w, *w.to(), "-vvv", "-o", "json"), w.ca, password)
    _check(w, Trace(w, *w.by_name()), w.ca, password)


def so_does_one_that_looks_into_a_message(w):
    """--capture works in a child, which writes to a pipe of ours and looks how large it may grow."""
    trace = Trace(w, *w.to(), "--capture=Subject: (.*)", "-w", "total=9", "--search=ALL", "--measure=unseen")
    assert any(what.startswith("pipe:") for _, what in trace.written())
    trace.lines = [line for line in trace.lines if not re.search(r"\bwrite\(\d+<pipe:", line) or "write(1<" in line]
    _check(w, trace, w.ca, w.dir / "alice.password", "/proc/self/statm")


def a_password_in_the_environment_needs_no_file(w):
    trace = Trace(w, *w.to(user=None), "-u", "alice", "--password-env=IMAP_PASSWORD",
                  env={"IMAP_PASSWORD": "opensesame-4711"})
    _check(w, trace, w.ca)
    assert not any("opensesame" in line for line in trace.lines if "write(1<" in line)
