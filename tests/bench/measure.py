# SPDX-License-Identifier: GPL-3.0-or-later
"""What one run of a command costs: instructions (callgrind), system calls (strace), CPU time and memory
(spent.c), wall time. Knows no command. Every run has to end as it is expected to: a failure is cheap."""

import re
import shutil
import subprocess
import time


class Command:
    """`words` to run; `stdin` is fed to it; `says` is looked for in what it prints."""

    def __init__(self, name, words, says, stdin=b"", env=None):
        self.name, self.words, self.says, self.stdin = name, [str(word) for word in words], says, stdin
        self.env = {"PATH": "/usr/bin:/bin", **(env or {})}

    def run(self, *prefix, timeout=600):
        done = subprocess.run([*prefix, *self.words], input=self.stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=self.env, timeout=timeout, check=False)
        if not re.search(self.says, done.stdout.decode(errors="replace")):
            raise RuntimeError(f"{self.name} failed:\n$ {' '.join(self.words)}\n"
                               f"{done.stdout.decode(errors='replace')}")
        return done.stdout.decode(errors="replace")


def has(tool):
    return shutil.which(tool) is not None


def instructions(command):
    """Steady to a thousandth. Counts one process, not its children."""
    said = command.run("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    return int(re.search(r"Collected : (\d+)", said)[1])


def system_calls(command, folder):
    table = folder / "calls"
    command.run("strace", "-f", "-c", "-o", table)
    return int(re.search(r"^100\.00 +\S+ +\d+ +(\d+) .*total$", table.read_text(), re.M)[1])


def spent(command, spent_program, folder):
    """(CPU in milliseconds, peak of the resident memory in MiB)"""
    command.run(spent_program, folder / "spent")
    cpu, peak, _ = (folder / "spent").read_text().split()
    return int(cpu) / 1000, int(peak) / 1024


def wall(command):
    began = time.monotonic()
    command.run()
    return time.monotonic() - began


def median(values):
    return sorted(values)[len(values) // 2]


def tenth(values, n):
    """The n-th tenth of the way from the least to the most."""
    return sorted(values)[min(len(values) - 1, len(values) * n // 10)]
