# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad usage, help and version, thresholds and mapped states."""

import os
import re
import signal
import time

from servers import Silent
from world import Skip, told

BAD = [
    ([], "-H"),
    (["-H", "localhost", "--no-such-option"], "no-such-option"),
    (["-H", "localhost", "-Z"], "Z"),
    (["-H"], "-H|--hostname"),
    (["-H", "localhost", "stray"], "stray"),
    (["-H", "localhost", "-p", "0"], "-p|--port"),
    (["-H", "localhost", "-p", "65536"], "-p|--port"),
    (["-H", "localhost", "-p", "99x"], "-p|--port"),
    (["-H", "localhost", "-t", "0"], "-t|--timeout"),
    (["-H", "localhost", "-t", "-1"], "-t|--timeout"),
    (["-H", "localhost", "-t", "10:perhaps"], "-t|--timeout"),
    (["-H", "localhost", "--tls=maybe"], "--tls"),
    (["-H", "localhost", "--fetch=all"], "--fetch"),
    (["-H", "localhost", "--auth=rot13"], "--auth"),
    (["-H", "localhost", "-D", "soon"], "-D|--certificate"),
    (["-H", "localhost", "-w", "nonsense=1"], "nonsense"),
    (["-H", "localhost", "-w", "1:x"], "-w|--warning"),
    (["-H", "localhost", "-w", "9:3"], "-w|--warning"),
    (["-H", "localhost", "--measure=nonsense"], "nonsense"),
    (["-H", "localhost", "-4", "-6"], "-4|-6|--use-ipv"),
    (["-H", "localhost", "-u", "alice"], "password"),
    (["-H", "localhost", "--ca-file=/nonexistent/ca.pem"], "/nonexistent/ca.pem"),
    (["-H", "localhost", "--ca-dir=/nonexistent/folder"], "/nonexistent/folder"),
    (["-H", "localhost", "-c", "cert_days=3:", "-D", "20,3"], "-D|--certificate"),
    (["-H", "imap://alice:secretpw@localhost"], "password"),
    (["-H", "imaps://localhost/INBOX;UID=7"], "UID"),
    (["-H", "http://localhost/"], "http|-H|--hostname"),
    (["-H", "localhost", "--pin=sha256//AAAA"], "--pin"),
    (["-H", "localhost", "--sync=INBOX"], "--sync"),
    (["-H", "localhost", "--output=xml"], "--output"),
    (["-H", "bad host"], "host"),
]


def bad_usage_is_one_line_that_names_the_option(w):
    for arguments, named in BAD:
        run = w.run(*arguments, state="UNKNOWN", text=named)
        with told(run):
            assert run.lines == [], "one line only"
            assert run.metrics == {}, "no perfdata"
            assert run.elapsed < 1


def a_missing_ca_file_is_unknown_and_nothing_is_sent(w):
    with Silent() as server:
        w.run("-H", "127.0.0.1", "-p", server.port, "--ca-file=/nonexistent/ca.pem", state="UNKNOWN",
              text="/nonexistent/ca.pem")
        assert not server.arrived.is_set()


def a_ca_file_without_a_certificate_is_unknown(w):
    path = w.write("empty.pem", "no certificate here\n")
    arguments = [a for a in w.to() if not a.startswith("--ca-file")]
    w.run(*arguments, f"--ca-file={path}", state="UNKNOWN", text="empty.pem")


def a_password_that_is_not_there_is_unknown_and_the_source_named(w):
    w.run("-H", "localhost", "-u", "alice", "--password-file=/nonexistent/file", state="UNKNOWN",
          text="/nonexistent/file.*No such file")
    w.run("-H", "localhost", "-u", "alice", "--password-env=NOT_SET_ANYWHERE", state="UNKNOWN",
          text="NOT_SET_ANYWHERE")
    w.run(*w.to(user=None), "-u", "alice", f"--password-file={w.dir}", state="UNKNOWN")
    for text in ("", "\n"):
        path = w.write("empty.password", text)
        w.run(*w.to(user=None), "-u", "alice", f"--password-file={path}", state="UNKNOWN", text="empty")


def options_of_later_versions_are_unknown_not_ignored(w):
    for option in ("--targets=x", "--every-address", "--dane", "--deliver"):
        w.run("-H", "localhost", option, state="UNKNOWN", text=option.split("=", maxsplit=1)[0])


def an_abbreviation_is_not_guessed_into_an_insecure_run(w):
    run = w.run(*w.to(address="127.0.0.3"), "--insec", is_judged=True)
    with told(run):
        assert run.state in ("UNKNOWN", "CRITICAL", "WARNING")


def _paper(w, option):
    run = w.run(option, is_judged=False)
    with told(run):
        assert run.code == 3 and run.stderr == b"" and run.raw.isascii() and run.elapsed < 1
    return run.raw.decode()


def help_names_every_option_of_the_contract(w):
    text = _paper(w, "--help")
    for name in ("hostname port use-ipv4 use-ipv6 nameserver timeout tls ssl ca-file ca-dir sni insecure "
                 "certificate username password-file password-env password-command password auth "
                 "allow-cleartext mailbox fetch warning critical measure verbose version help "
                 "extra-opts").split():
        assert f"--{name}" in text, f"--help does not tell of --{name}"
    assert max(map(len, text.splitlines())) <= 80, "wider than a terminal"
    assert _paper(w, "-h") == text


def version_is_one_line(w):
    text = _paper(w, "-V")
    assert re.match(r"check_imap_full \S*\d+\.\d+", text), text
    assert _paper(w, "--version") == text


def extra_opts_are_read_before_the_command_line(w):
    path = w.write("plugins.ini", f"[mail]\nhostname=127.0.0.1\nport={w.dovecot.tls_port}\nca-file={w.ca}\n"
                   f"username=alice\npassword-file={w.dir}/alice.password\nmailbox=Absent\n")
    run = w.run(f"--extra-opts=mail@{path}", "-m", "INBOX", state="OK")
    assert run.metrics["messages"].value == 3


def options_that_cannot_be_read_in_time_are_told(w):
    """Nobody writes into the pipe; the alarm, which would come after ten seconds, is sent by hand."""
    path = w.dir / "options.fifo"
    os.mkfifo(path)
    process = w.start_run(f"--extra-opts=mail@{path}")
    time.sleep(0.3)
    os.kill(process.pid, signal.SIGALRM)
    out, err = process.communicate(timeout=5)
    assert (err, process.returncode) == (b"", 3)
    assert re.fullmatch(rb"IMAP UNKNOWN - .*--extra-opts.*\n", out), out


def a_threshold_on_total_warns_and_is_printed(w):
    run = w.run(*w.to(), "-w", "0:0.000001", "-c", "0:9", state="WARNING", text="total")
    with told(run):
        assert (run.metrics["total"].warning, run.metrics["total"].critical) == ("0.000001", "9")


def a_threshold_on_a_phase_is_told_in_a_line_of_its_own(w):
    run = w.run(*w.to(), "-c", "auth=0:0.000001", state="CRITICAL")
    with told(run):
        assert any(re.match(r"\[CRITICAL\] auth: .* outside ", line) for line in run.lines)


def several_thresholds_may_share_an_option(w):
    run = w.run(*w.to(), "-w", "messages=5:,select=0:5", "-c", "messages=2:", "-c", "connect=5",
                state="WARNING", text="messages")
    with told(run):
        assert run.metrics["messages"].warning == "5:" and run.metrics["messages"].critical == "2:"
        assert run.metrics["connect"].critical == "5"


def a_range_may_be_inverted(w):
    w.run(*w.to(), "-c", "messages=@3:3", state="CRITICAL")
    w.run(*w.to(), "-c", "messages=@4:9", state="OK")


def the_worst_state_wins(w):
    w.run(*w.to(), "-w", "messages=5:", "-c", "total=0:0.000001", state="CRITICAL")


def measure_reports_and_judges_nothing(w):
    run = w.run(*w.to(), "--measure=uidvalidity", state="OK")
    assert "uidvalidity" in run.metrics
    assert "uidvalidity" not in w.run(*w.to(), state="OK").metrics


def a_timeout_may_have_any_state(w):
    with Silent() as server:
        for state in ("ok", "warning", "critical", "unknown", "0", "1", "2", "3"):
            wanted = {"0": "OK", "1": "WARNING", "2": "CRITICAL", "3": "UNKNOWN"}.get(state, state.upper())
            w.run(*w.to(port=server.port), "-t", f"0.3:{state}", state=wanted, text="^tls: ")


def a_class_may_be_mapped_to_another_state(w):
    if "--state" not in _paper(w, "--help"):
        raise Skip("--state is not built yet")
    w.run(*w.to(), "-m", "Absent", "--state=refused=warning", state="WARNING", text="^select: ")
