# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the plugin and weighs it: the peak of its resident memory (VmHWM), which must stay below what is
promised whatever a server sends."""

import os
import subprocess
import sys

from world import SLACK, Run, deadline_of, judge, told

LIMIT = 32 * 1024  # KiB

# A light process of its own between the test and the plugin: what a process weighed before its exec()
# counts as well, and the test's own is heavy.
SCALES = """
import os, sys, time
began = time.monotonic()
pid = os.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
os.write(int(sys.argv[1]), b"%d %f" % (usage.ru_maxrss, time.monotonic() - began))
sys.exit(os.waitstatus_to_exitcode(status) & 255)
"""


def weigh(w, *arguments, state=None, env=None):
    """One run, judged as all are. `run.peak` is in KiB."""
    arguments = [str(word) for word in arguments]
    reader, writer = os.pipe()
    prefix = [sys.executable, "-I", "-S", "-c", SCALES, str(writer)]
    process = w.start_run(*arguments, prefix=prefix, pass_fds=[writer], env=env)
    os.close(writer)
    try:
        out, err = process.communicate(timeout=deadline_of(arguments) + 15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"it does not end: {arguments}") from None
    with open(reader, encoding="ascii") as scales:
        peak, elapsed = scales.read().split()
    run = Run(process.args[6:], process.returncode, out, err, float(elapsed))
    run.peak = int(peak)
    with told(run):
        judge(run, arguments, 1.0 if w.is_instrumented else SLACK)
        assert run.peak < LIMIT or w.is_instrumented, f"VmHWM {run.peak} KiB"
        assert state is None or run.state == state, f"state is {run.state}, not {state}"
    return run
