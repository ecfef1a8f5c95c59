# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of the system that fail: each one that a run makes, in turn, and all of a kind (tests/faulty, the
plugin with its calls wrapped). And engines that close what the plugin writes to, or end it."""

import concurrent.futures
import errno
import os
import signal
import time
from pathlib import Path

import grammar
from dovecot import Missing
from servers import FakeImap, Silent, tls_context
from world import USERS, told

# How a call fails in real life; what is not named fails with EIO.
ERRORS = {
    "malloc": ["ENOMEM"], "calloc": ["ENOMEM"], "realloc": ["ENOMEM"], "open_memstream": ["ENOMEM"],
    "fopen": ["EMFILE", "ENOENT"], "open": ["EMFILE", "EINTR"], "socket": ["EMFILE", "EACCES"],
    "connect": ["ENETUNREACH", "EINTR", "EACCES"], "recv": ["ECONNRESET", "EINTR", "EAGAIN"],
    "send": ["EPIPE", "EINTR", "EAGAIN"], "sendmsg": ["EPIPE", "EINTR", "EAGAIN"],
    "read": ["EIO", "EINTR", "EAGAIN"], "write": ["EIO", "EINTR", "EAGAIN", "EPIPE"],
    "poll": ["EINTR", "ENOMEM"], "ppoll": ["EINTR", "ENOMEM"], "__ppoll_chk": ["EINTR", "ENOMEM"],
    "fork": ["EAGAIN"], "waitpid": ["EINTR", "ECHILD"], "pipe2": ["EMFILE"], "mmap": ["ENOMEM"],
    "mlock": ["EPERM"],
}


def _faulty():
    given = os.environ.get("FAULTY")
    here = Path(__file__).resolve().parent.parent
    for place in [given] if given else ["tests/faulty", here / "faulty"]:
        if os.access(place, os.X_OK):
            return str(Path(place).resolve())
    raise Missing("tests/faulty is not built (make tests/faulty)")


def _journeys(w):
    """Together they make every call: (options to the left of the port's, is it STARTTLS)."""
    command = f"--password-command=cat {w.dir}/alice.password"
    return {
        "plain": (w.to(name="imap.example.org"), False),
        "named": ([*w.by_name(user=None), "-u", "alice", command, "--capture=Subject: (.*)", "-vvv"], False),
        "json": ([*w.to(tls="starttls"), "-o", "json", "-vvv"], True),
    }


def _server(w, is_starttls):
    caps = "IMAP4rev1 AUTH=PLAIN SASL-IR" + (" STARTTLS" if is_starttls else "")
    return FakeImap(tls=tls_context(w.pki), implicit=not is_starttls, caps=caps)


def _run(w, options, port, fault=None, more=None):
    port_at = options.index("-p") + 1
    arguments = [*options[:port_at], str(port), *options[port_at + 1 :], "-t", "3"]
    env = {**({"FAULT": fault} if fault else {}), **(more or {})}
    return w.run(*arguments, plugin=_faulty(), env=env, is_judged=False)


def _counts(w, options, port):
    """How often a run without faults makes each call."""
    path = w.dir / "counts"
    run = _run(w, options, port, more={"FAULT_COUNTS": str(path)})
    with told(run):
        assert run.code == 0, "a run without faults"
    return {name: int(number) for name, number in (line.split() for line in path.read_text().splitlines())}


def _judge_fault(run, is_json, call, slack):
    """Ended by itself, silent on stderr, in time; one line that says the state, or, where there was no way
    to write it, UNKNOWN. OK is only what did the whole journey."""
    with told(run):
        assert run.code in (0, 1, 2, 3), f"it ended with {run.code}"
        assert run.stderr == b"", "something on stderr"
        assert run.elapsed <= 3.2 + slack, f"took {run.elapsed} s"
        if not run.raw:
            assert call == "write" and run.code == 3, "it said nothing"
            return
        if is_json:
            too_early = run.raw.startswith(b"IMAP UNKNOWN - ") and b"out of memory" in run.raw
            assert run.raw.startswith(b"{") or too_early, "no JSON"
            assert b'"fetch"' in run.raw or run.code != 0, "OK without a message"
            return
        if call == "write" and not run.raw.endswith(b"\n"):
            assert run.code == 3, "half of it was written"
            return
        output = grammar.Output(run.raw, run.code)
        assert output.state != "OK" or "fetch" in output.metrics, "OK without a message"


def each_call_that_fails_is_told(w):
    tried, failed = 0, []
    for name, (options, is_starttls) in _journeys(w).items():
        with _server(w, is_starttls) as server, concurrent.futures.ThreadPoolExecutor(3) as pool:
            counts = _counts(w, options, server.port)
            faults = [(call, f"{call}:{n}:{getattr(errno, error)}") for call, number in counts.items()
                      for n in range(1, number + 1) for error in ERRORS.get(call, ["EIO"])]
            runs = pool.map(lambda f, o=options, p=server.port: (*f, _run(w, o, p, f[1])), faults)
            for call, fault, run in runs:
                tried += 1
                try:
                    _judge_fault(run, "json" in options, call, 2.0 if w.is_instrumented else 0.0)
                except AssertionError as error:
                    failed.append(f"{name}, FAULT={fault}: {error}")
    assert tried > 300, f"only {tried} faults were tried"
    assert not failed, "\n".join([f"{len(failed)} of {tried}", *failed[:12]])


def _all_of_a_kind(w, what, calls):
    for name, (options, is_starttls) in _journeys(w).items():
        for call in calls:
            with _server(w, is_starttls) as server:
                run = _run(w, options, server.port, f"{call}:*:{what}")
                with told(run):
                    assert run.code == 0, f"{name}, {call}: {what} changed the outcome"


def interrupted_calls_are_made_again(w):
    calls = ("recv", "send", "sendmsg", "read", "write", "poll", "ppoll", "__ppoll_chk", "waitpid")
    _all_of_a_kind(w, errno.EINTR, calls)


def calls_that_would_block_are_waited_for(w):
    _all_of_a_kind(w, errno.EAGAIN, ("recv", "send", "sendmsg", "write"))


def single_octets_are_enough(w):
    _all_of_a_kind(w, "short", ("recv", "send", "sendmsg", "read", "write"))


# --- what an engine may do ---------------------------------------------------------------------------


def nobody_reads_the_output(w):
    """The reading end is closed: no signal ends the plugin, and nobody takes silence for OK."""
    for options in ([], ["-vvv"]):
        reader, writer = os.pipe()
        os.close(reader)
        process = w.start_run(*w.to(), *options, stdout=writer)
        os.close(writer)
        assert process.wait(12) == 3 and process.stderr.read() == b""
        process.stderr.close()


def a_closed_output_is_no_connection(w):
    """Descriptor 1 is not there: the socket must not become it."""
    with FakeImap(tls=tls_context(w.pki), implicit=True) as server:
        prefix = ["sh", "-c", 'exec "$@" >&-', "sh"]
        process = w.start_run(*w.to(port=server.port), prefix=prefix)
        _, err = process.communicate(timeout=12)
        assert process.returncode == 3 and err == b""
        assert not any(b"IMAP OK" in line for _, line in server.heard)


def a_full_output_is_unknown_in_time(w):
    with open("/dev/full", "wb") as full:
        process = w.start_run(*w.to(), stdout=full)
        assert process.wait(12) == 3


# What the server does not answer, and the phase in which the signal comes.
PHASES = {"AUTHENTICATE": "auth", "EXAMINE": "select", "FETCH": "fetch"}


def _end(w, server, *arguments, number=signal.SIGTERM):
    process = w.start_run(*map(str, arguments), "-t", "9")
    assert server.arrived.wait(4)
    time.sleep(0.2)
    began = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=5)
    assert time.monotonic() - began < 0.5, "it took its time"
    output = grammar.Output(out, process.returncode)
    assert err == b"" and output.state == "UNKNOWN", (out, err)
    assert USERS["alice"].encode() not in out
    return output.text


def a_signal_to_end_is_answered_at_once(w):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        for command, phase in PHASES.items():
            with FakeImap({command: None}, tls=tls_context(w.pki), implicit=True) as server:
                text = _end(w, server, *w.to(port=server.port), number=number)
                assert text.startswith(f"{phase}: "), text
        with Silent() as server:
            assert _end(w, server, *w.to(port=server.port), number=number).startswith("tls: ")
