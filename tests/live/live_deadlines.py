# SPDX-License-Identifier: GPL-3.0-or-later
"""`-t 3` holds whatever hangs, and the status line names the phase that hung. (That no run outlives its
deadline by more than 0.2 s is checked after every run, see world.judge.)"""

import fcntl
import os
import subprocess
import time

from dovecot import free_port
from servers import Closer, CostlyScram, Dns, Dripper, FakeImap, Flood, Proxy, Silent, Unreachable, tls_context
from world import told


def _times_out(w, phase, *arguments, at_least=2.9, **more):
    run = w.run(*arguments, "-t", "3", state="CRITICAL", text=rf"^{phase}: .*(3 s|timed? ?out|deadline|no answer)",
                **more)
    with told(run):
        assert run.elapsed >= at_least, "it gave up early"
    return run


def a_silent_port_is_named_by_its_phase(w):
    with Silent() as server:
        _times_out(w, "tls", *w.to(port=server.port))


def a_silent_port_is_named_greeting_where_no_tls_comes_first(w):
    with Silent() as server:
        _times_out(w, "greeting", *w.to(port=server.port, tls="starttls"))


def a_port_that_drips_a_byte_a_second_is_cut_off(w):
    with Dripper() as server:
        _times_out(w, "greeting", *w.to(port=server.port, tls="starttls"))


def a_tls_handshake_that_drips_is_cut_off(w):
    with Dripper(text=b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03") as server:
        _times_out(w, "tls", *w.to(port=server.port))


def a_real_handshake_that_drips_is_cut_off(w):
    with Proxy(w.dovecot.tls_port, hold=1, drip=True) as proxy:
        _times_out(w, "tls", *w.to(port=proxy.port))


def a_reply_that_drips_is_cut_off_in_its_phase(w):
    with Proxy(w.dovecot.tls_port, hold=4, drip=True) as proxy:
        _times_out(w, "(auth|select)", *w.to(port=proxy.port))


def a_port_that_answers_no_syn_is_named_connect(w):
    with Unreachable() as server:
        _times_out(w, "connect", *w.to(port=server.port))


def a_name_server_that_never_answers_is_named_dns(w):
    with Dns(drop=("all",)) as dns:
        arguments = w.to(address="imap.example.org", name=None)
        run = w.run(*arguments, f"--nameserver={dns.where}", "-t", "3", state="CRITICAL", text="^dns: ")
        with told(run):
            assert len(dns.asked) >= 2


def a_closed_port_as_name_server_is_named_dns(w):
    w.run(*w.to(address="imap.example.org", name=None), f"--nameserver=127.0.0.1:{free_port()}", "-t", "3",
          state="CRITICAL", text="^dns: ")


def every_command_that_is_never_answered_names_its_phase(w):
    silent = {"AUTHENTICATE": "auth", "EXAMINE": "select", "FETCH": "fetch"}
    for command, phase in silent.items():
        with FakeImap({command: None}, tls=tls_context(w.pki), implicit=True) as server:
            w.run(*w.to(port=server.port), "-t", "1", state="CRITICAL", text=rf"^{phase}: ")


def a_server_that_never_says_goodbye_is_cut_off(w):
    with FakeImap({"LOGOUT": None}, tls=tls_context(w.pki), implicit=True) as server:
        run = w.run(*w.to(port=server.port), "-t", "2")
        with told(run):
            assert run.state in ("OK", "CRITICAL")
            assert "fetch" in run.metrics


def starttls_that_is_never_answered_is_named_tls(w):
    with FakeImap({"STARTTLS": None}, tls=tls_context(w.pki)) as server:
        w.run(*w.to(port=server.port, tls="starttls"), "-t", "1", state="CRITICAL", text="^tls: ")


def lines_without_end_are_cut_off(w):
    for opening, pattern in ((b"* OK ", b"x"), (b"* OK hi\r\n", b"* 1 EXISTS\r\n"), (b"", b"* OK hello\r\n")):
        with Flood(pattern, opening) as server:
            w.run(*w.to(port=server.port, tls="starttls"), "-t", "3", state="CRITICAL")


def a_password_command_that_sleeps_is_named_password_and_killed(w):
    seconds = "31.41592"
    _times_out(w, "password", *w.to(user=None), "-u", "alice", f"--password-command=sleep {seconds}; echo x")
    time.sleep(0.1)
    left = [p for p in os.listdir("/proc") if p.isdigit() and seconds.encode() in _cmdline(p)]
    assert not left, f"the command still runs: {left}"


def _cmdline(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return f.read()
    except OSError:
        return b""


def a_password_command_that_ignores_signals_is_ended_as_well(w):
    _times_out(w, "password", *w.to(user=None), "-u", "alice",
               "--password-command=trap '' TERM HUP INT PIPE; exec sleep 27.18281")
    time.sleep(0.1)
    assert not [p for p in os.listdir("/proc") if p.isdigit() and b"27.18281" in _cmdline(p)]


def a_password_command_that_leaves_a_child_holding_its_output_does_not_hang(w):
    command = f"--password-command=cat {w.dir}/alice.password; sleep 5 &"
    w.run(*w.to(user=None), "-u", "alice", command, "-t", "3", text=".")


def a_password_that_nobody_types_is_waited_for_until_the_deadline(w):
    reader, writer = os.pipe()
    try:
        _times_out(w, "password", *w.to(user=None), "-u", "alice", "--password-file=-", stdin_from=reader)
    finally:
        os.close(reader)
        os.close(writer)


def a_password_file_that_is_a_pipe_without_a_writer_does_not_hang(w):
    path = w.dir / "password.fifo"
    os.mkfifo(path)
    w.run(*w.to(user=None), "-u", "alice", f"--password-file={path}", "-t", "3", text="password")


def files_without_end_do_not_hang(w):
    w.run(*w.to(user=None), "-u", "alice", "--password-file=/dev/zero", "-t", "3", state="UNKNOWN")
    rest = [word for word in w.to() if not word.startswith("--ca-file")]
    w.run(*rest, "--ca-file=/dev/zero", "-t", "3", state="UNKNOWN", text="/dev/zero")


def an_engine_that_does_not_read_does_not_hold_the_run(w):
    """The output is larger than the pipe, and nobody reads. The engine may even have SIGALRM blocked."""
    for prefix in ([], ["env", "--block-signal=ALRM"], ["env", "--ignore-signal=ALRM"]):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        began = time.monotonic()
        process = w.start_run(*w.to(), "-vvv", "-t", "2", prefix=prefix, stdout=writer)
        os.close(writer)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"it hangs in its output ({prefix})") from None
        finally:
            os.close(reader)
            process.stderr.close()
        took = time.monotonic() - began
        assert took <= 2.2, f"took {took:.3f} s ({prefix})"


def a_login_that_costs_the_client_seconds_ends_in_time(w):
    """A million iterations are one call of a library: only the watchdog can end it."""
    with CostlyScram(1_000_000) as server:
        run = w.run(*w.to(port=server.port, tls="none"), "-t", "0.3", state="CRITICAL", text="^auth: ")
        with told(run):
            assert run.elapsed >= 0.29


def iterations_beyond_reason_are_refused_at_once(w):
    for iterations in (1, 4095, 1_000_001, 2_000_000_000):
        with CostlyScram(iterations) as server:
            run = w.run(*w.to(port=server.port, tls="none"), state="CRITICAL", text="^auth: .*iteration")
            with told(run):
                assert run.elapsed < 1 and not any(b"cD0" in line or len(line) > 60 for line in server.proofs)


def a_server_that_closes_at_once_is_not_waited_for(w):
    with Closer() as server:
        run = w.run(*w.to(port=server.port), state="CRITICAL", text=r"^tls: .*(clos|broke)")
        assert run.elapsed < 1
        run = w.run(*w.to(port=server.port, tls="starttls"), state="CRITICAL", text=r"^greeting: .*clos")
        assert run.elapsed < 1
