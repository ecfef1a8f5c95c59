# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls of the system that fail: each one that a run makes, in turn, and all of a kind (tests/faulty, the
plugin with its calls wrapped). And engines that close what the plugin writes to, or end it."""

import concurrent.futures
import errno
import itertools
import os
import signal
import time
from pathlib import Path

import grammar
from dovecot import Missing
from postbox import LEFT, MAILBOX, Postbox, all_was_done, nothing_else_is_removed
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


NUMBERS = itertools.count()


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


def _run(w, options, port, fault=None):
    port_at = options.index("-p") + 1
    arguments = [*options[:port_at], str(port), *options[port_at + 1 :], "-t", "3"]
    path = w.dir / f"counts-{next(NUMBERS)}"
    env = {"FAULT_COUNTS": str(path), **({"FAULT": fault} if fault else {})}
    run = w.run(*arguments, plugin=_faulty(), env=env, is_judged=False)
    with told(run):
        assert path.exists(), "it came to no orderly end"
    lines = [line.split() for line in path.read_text().splitlines()]
    run.counts = {name: int(number) for name, number in lines}
    run.descriptors = run.counts.pop("descriptors")
    return run


def _sound(w, options, port):
    """A run without faults: what it counts is what can fail."""
    run = _run(w, options, port)
    with told(run):
        assert run.code == 0, "a run without faults"
    return run


def _faults(counts):
    """[(call, as FAULT wants it)]"""
    return [(call, f"{call}:{n}:{getattr(errno, error)}") for call, number in counts.items()
            for n in range(1, number + 1) for error in ERRORS.get(call, ["EIO"])]


def _judge_fault(run, sound, is_json, call, slack):
    """Ended by itself, silent on stderr, in time, with no more descriptors open than a sound run; one line that
    says the state, or, where there was no way to write it, UNKNOWN. OK is only what did the whole journey."""
    phase = next((name for name in ("sync", "append") if f"--{name}={MAILBOX}" in run.command), "fetch")
    spare = 1 if call == "fcntl" else 0  # what it takes to be closed, of the first three, is opened
    with told(run):
        assert run.descriptors <= sound.descriptors + spare, f"{run.descriptors} descriptors are open"
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
        assert output.state != "OK" or phase in output.metrics, "OK without a message"


def each_call_that_fails_is_told(w):
    tried, failed = 0, []
    for name, (options, is_starttls) in _journeys(w).items():
        with _server(w, is_starttls) as server, concurrent.futures.ThreadPoolExecutor(3) as pool:
            sound = _sound(w, options, server.port)
            runs = pool.map(lambda f, o=options, p=server.port: (*f, _run(w, o, p, f[1])), _faults(sound.counts))
            for call, fault, run in runs:
                tried += 1
                try:
                    _judge_fault(run, sound, "json" in options, call, 2.0 if w.is_instrumented else 0.0)
                except AssertionError as error:
                    failed.append(f"{name}, FAULT={fault}: {error}")
    assert tried > 300, f"only {tried} faults were tried"
    assert not failed, "\n".join([f"{len(failed)} of {tried}", *failed[:12]])


# --- while it writes ---------------------------------------------------------------------------------


def _writing(w):
    """{what is done: (options, how)}"""
    return {
        "sync": ([*w.to(), "--fetch=none", f"--sync={MAILBOX}"], "implicit"),
        "append": ([*w.to(tls="starttls"), "--fetch=none", f"--append={MAILBOX}", "--append-keep=2"], "starttls"),
    }


def _judge_writing(kind, run, box, fault):
    """Nobody else's message is touched, OK is only what did all, and what stays is told. The second session
    is not needed to remove it; and some faults are none."""
    with told(run):
        nothing_else_is_removed(box)
        if fault and fault.endswith((f":{errno.EINTR}", f":{errno.EAGAIN}")) and fault[:3] in ("rec", "sen", "wri"):
            assert run.code == 0, "it does not try again"
        if run.code == 0:
            all_was_done(box)
        elif kind == "sync" and box.is_left():
            assert b"second session" not in run.raw, "the message is left behind"
            assert LEFT in run.raw or not run.raw, "the message is left behind, and that is not told"


def _write(w, kind, fault=None):
    options, mode = _writing(w)[kind]
    with Postbox(kind, tls_context(w.pki), mode) as box:
        run = _run(w, options, box.port, fault)
    _judge_writing(kind, run, box, fault)
    return run


def each_call_that_fails_while_it_writes_is_told(w):
    tried, failed = 0, []
    for kind in _writing(w):
        sound = _write(w, kind)

        def one(fault, kind=kind, sound=sound):
            try:
                run = _write(w, kind, fault[1])
                _judge_fault(run, sound, False, fault[0], 2.0 if w.is_instrumented else 0.0)
            except AssertionError as error:
                return f"{kind}, FAULT={fault[1]}: {error}"
            return None

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            outcomes = list(pool.map(one, _faults(sound.counts)))
        tried += len(outcomes)
        failed += [why for why in outcomes if why]
    assert tried > 300, f"only {tried} faults were tried"
    assert not failed, "\n".join([f"{len(failed)} of {tried}", *failed[:12]])


# --- all of a kind -----------------------------------------------------------------------------------


def _all_of_a_kind(w, what, calls):
    for name, (options, is_starttls) in _journeys(w).items():
        for call in calls:
            with _server(w, is_starttls) as server:
                run = _run(w, options, server.port, f"{call}:*:{what}")
                with told(run):
                    assert run.code == 0, f"{name}, {call}: {what} changed the outcome"
    for kind in _writing(w):
        for call in calls:
            assert _write(w, kind, f"{call}:*:{what}").code == 0, f"{kind}, {call}: {what} changed the outcome"


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


def _wait_for(server, command):
    """Until it was given; a server that hears no commands is given a moment."""
    assert server.arrived.wait(4)
    if command is None:
        time.sleep(0.2)
    for _ in range(200):
        if command is None or command in server.commands():
            return
        time.sleep(0.02)
    raise AssertionError(f"no {command} was given")


def _end(w, server, *arguments, number=signal.SIGTERM, command=None):
    process = w.start_run(*map(str, arguments), "-t", "9")
    _wait_for(server, command)
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
                text = _end(w, server, *w.to(port=server.port), number=number, command=command)
                assert text.startswith(f"{phase}: "), text
        with Silent() as server:
            assert _end(w, server, *w.to(port=server.port), number=number).startswith("tls: ")
