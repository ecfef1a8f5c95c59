# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds tests in modules, performs them on one World and counts. Knows no single test."""

import argparse
import concurrent.futures
import importlib
import signal
import sys
import time
import traceback

import world
from dovecot import Missing


def collect(prefix, groups):
    """Every public function of each module PREFIX_GROUP, with the sentence that its name is."""
    tests = []
    for group in groups:
        module = importlib.import_module(f"{prefix}_{group}")
        for name, test in vars(module).items():
            if callable(test) and getattr(test, "__module__", "") == module.__name__:
                if not name.startswith("_") and not isinstance(test, type):
                    tests.append((f"{group}: {name.replace('_', ' ')}", test))
    return tests


def perform(test, on):
    began = time.monotonic()
    try:
        test(on)
        verdict, why = "ok", ""
    except world.Skip as reason:
        verdict, why = "skip", str(reason)
    except AssertionError as error:
        verdict, why = "FAIL", str(error) or traceback.format_exc()
    except Exception:  # pylint: disable=broad-except
        verdict, why = "FAIL", traceback.format_exc()
    return verdict, why, time.monotonic() - began


def show(name, verdict, why, seconds):
    note = f"  ({why})" if verdict == "skip" else ""
    print(f"{verdict:4} {name}  [{seconds:.1f} s]{note}", flush=True)
    if verdict == "FAIL":
        print("     " + why.rstrip().replace("\n", "\n     "), flush=True)


def run_all(tests, on, workers):
    """Those that measure time come last, each alone on the machine."""
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    together = [t for t in tests if not getattr(t[1], "is_alone", False)]
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        waiting = {pool.submit(perform, test, on): name for name, test in together}
        for done in concurrent.futures.as_completed(waiting):
            counts[done.result()[0]] += 1
            show(waiting[done], *done.result())
    for name, test in tests:
        if getattr(test, "is_alone", False):
            result = perform(test, on)
            counts[result[0]] += 1
            show(name, *result)
    return counts


def command_line(description, jobs):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("-l", "--list", action="store_true")
    parser.add_argument("-j", "--jobs", type=int, default=jobs)
    parser.add_argument("-k", "--keep-log", action="store_true")
    return parser.parse_args()


def chosen(tests, words):
    words = [w.lower().replace("_", " ") for w in words]
    return [t for t in tests if not words or any(w in t[0].lower() for w in words)]


def main(tests, what, options):
    """Performs the tests that the options choose; returns the exit status."""
    tests = chosen(tests, options.words)
    if options.list:
        print("\n".join(name for name, _ in tests))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    try:
        on = world.World(world.find_plugin())
    except Missing as reason:
        print(f"{what}: {reason}", file=sys.stderr)
        return 77
    try:
        on.start()
        counts = run_all(tests, on, options.jobs)
        if counts["FAIL"] and options.keep_log:
            print(on.dovecot.log())
    except Missing as reason:
        print(f"{what}: {reason}", file=sys.stderr)
        return 77
    finally:
        on.stop()
    print(f"{counts['ok']} passed, {counts['FAIL']} failed, {counts['skip']} skipped; {on.runs} runs of "
          f"the plugin in {time.monotonic() - began:.0f} s")
    return 1 if counts["FAIL"] or not counts["ok"] else 0
