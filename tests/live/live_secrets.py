# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the password comes from, and all the places where it must never be seen."""

import base64
import os
import pwd
import re
import shutil
import time

from servers import FakeImap, Silent, tls_context
from world import USERS, Skip, told

SECRET = USERS["alice"]


def _with(w, *source, **how):
    return w.run(*w.to(user=None), "-u", "alice", *source, state="OK", **how)


def a_password_comes_from_a_file(w):
    run = _with(w, w.password_file())
    assert "password" not in run.metrics, "the phase is there only when a command is run"


def one_line_end_is_stripped_and_only_the_first_line_counts(w):
    for text in (SECRET, SECRET + "\n", SECRET + "\r\n", SECRET + "\nsecond line\n"):
        _with(w, f"--password-file={w.write('variant.password', text)}")


def a_password_comes_from_a_variable(w):
    _with(w, "--password-env=IMAP_PASSWORD", env={"IMAP_PASSWORD": SECRET})


def a_password_comes_from_standard_input(w):
    _with(w, "--password-file=-", stdin=SECRET.encode() + b"\n")


def a_password_comes_from_a_command(w):
    run = _with(w, f"--password-command=cat {w.dir}/alice.password")
    assert "password" in run.metrics


def a_password_comes_from_the_command_line(w):
    _with(w, "-P", SECRET)
    _with(w, f"--password={SECRET}")
    _with(w, "-a", SECRET)


def the_last_source_given_wins(w):
    _with(w, f"--password-file={w.dir}/wrong.password", "-P", SECRET)
    _with(w, "-P", "wrong", w.password_file())


def the_first_line_of_a_command_counts_and_its_stderr_stays_inside(w):
    _with(w, f"--password-command=echo noise >&2; cat {w.dir}/alice.password; echo more")


def a_command_that_fails_is_unknown_and_its_last_word_is_told(w):
    command = "--password-command=echo first >&2; echo 'vault | `is` sealed' >&2; exit 3"
    run = w.run(*w.to(user=None), "-u", "alice", command, state="UNKNOWN", text=r"password.*sealed")
    with told(run):
        assert "first" not in run.text
    w.run(*w.to(user=None), "-u", "alice", "--password-command=true", state="UNKNOWN")
    w.run(*w.to(user=None), "-u", "alice", "--password-command=/nonexistent/command", state="UNKNOWN")


def nul_and_more_than_64_kib_are_refused(w):
    for name, text in (("nul", "a\0b\n"), ("big", "x" * 70000 + "\n")):
        path = w.write(f"{name}.password", text)
        w.run(*w.to(user=None), "-u", "alice", f"--password-file={path}", state="UNKNOWN")


def _stuck(w, server, *arguments, **how):
    """A run that hangs on a silent server, with its process to look at."""
    process = w.start_run(*map(str, w.to(port=server.port, user=None)), "-t", "4", "-u", "alice", *arguments, **how)
    assert server.arrived.wait(4), process.communicate()
    time.sleep(0.05)
    return process


def _ended(process):
    process.kill()
    process.communicate()


def the_password_is_not_in_the_process_list(w):
    for form in (["-P", SECRET], [f"--password={SECRET}"], ["-a", SECRET], [f"-P{SECRET}"], ["--password", SECRET]):
        with Silent() as server:
            process = _stuck(w, server, *form)
            try:
                with open(f"/proc/{process.pid}/cmdline", "rb") as f:
                    shown = f.read()
                assert b"alice" in shown, shown
                assert SECRET.encode() not in shown, shown
                assert SECRET[4:].encode() not in shown, shown
            finally:
                _ended(process)


def the_process_cannot_dump_core_or_be_read_by_its_user(w):
    """A process that may not dump core has its /proc entries owned by root."""
    plugin, identity = w.plugin, {}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        plugin = str(w.dir / "check_imap_full")
        shutil.copy(w.plugin, plugin)
        os.chmod(plugin, 0o755)
        identity = dict(user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[])
    path = w.write("readable.password", SECRET)
    os.chmod(path, 0o644)
    os.chmod(w.ca, 0o644)
    with Silent() as server:
        process = _stuck(w, server, "-P", SECRET, plugin=plugin, **identity)
        try:
            owner = os.stat(f"/proc/{process.pid}/environ").st_uid
            control = os.stat(f"/proc/{os.getpid()}/environ").st_uid
            if control != os.getuid():
                raise Skip("the test itself is not dumpable here")
            assert owner == 0, f"/proc/PID/environ belongs to {owner}: it can be read and dumped"
        finally:
            _ended(process)


def _memory_of(pid):
    """All that the process could write: heap, stacks, data."""
    with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if match:
                begin, end = int(match[1], 16), int(match[2], 16)
                memory.seek(begin)
                try:
                    yield line.split()[-1], memory.read(end - begin)
                except OSError:
                    pass


def once_it_is_used_the_password_is_in_one_place_only(w):
    """The run hangs in FETCH, long after its login: what was freed on the way must have been wiped. The one
    place is where it is kept, locked, until the run ends."""
    if w.is_instrumented:
        raise Skip("a sanitizer keeps what was freed, and has terabytes of its own")
    for source, tls in ((["-P", SECRET], True), ([w.password_file()], True),
                        ([f"--password-command=cat {w.dir}/alice.password"], True), ([w.password_file()], False)):
        for auth in ("plain", "login"):
            context = tls_context(w.pki)
            with FakeImap({"FETCH": None}, tls=context, implicit=tls) as server:
                options = w.to(port=server.port, user=None, tls=None if tls else "starttls")
                process = w.start_run(*options, "-u", "alice", f"--auth={auth}", *source, "-t", "9")
                try:
                    for _ in range(200):
                        if "FETCH" in server.commands():
                            break
                        time.sleep(0.02)
                    assert "FETCH" in server.commands(), "the run did not get there"
                    memory = list(_memory_of(process.pid))
                except PermissionError:
                    raise Skip("its memory cannot be read") from None
                finally:
                    _ended(process)
            coded = base64.b64encode(b"\0alice\0" + SECRET.encode())
            assert any(b"imap.example.org" in part for _, part in memory), "nothing was read"
            places = [where for where, part in memory for _ in range(part.count(SECRET.encode()))]
            assert len(places) <= 1, f"{auth}, {source[0][:12]}: it is in {places}"
            assert not any(coded[:24] in part for _, part in memory), f"{auth}: in base64"


def the_password_is_not_handed_to_the_command(w):
    """A password command sees neither the options nor a variable with another password."""
    seen = w.dir / "seen-by-command"
    command = f"--password-command=(cat /proc/$PPID/cmdline /proc/$$/cmdline; env) > {seen} 2>&1; echo x"
    w.run(*w.to(user=None), "-u", "alice", "-P", SECRET, command, state="CRITICAL", text="^auth: ")
    assert SECRET.encode() not in seen.read_bytes()


def no_failure_text_shows_the_secret(w):
    """A server that echoes what it was sent."""
    coded = base64.b64encode(b"\0alice\0" + SECRET.encode()).decode()
    for echo in (SECRET, coded):
        replies = {name: "{t} NO you said %s\r\n" % echo for name in ("AUTHENTICATE", "LOGIN")}
        with FakeImap(replies, tls=tls_context(w.pki), implicit=True) as server:
            for level in ([], ["-v"], ["-vvv"]):
                run = w.run(*w.to(port=server.port), *level, state="CRITICAL", text="^auth: ")
                with told(run):
                    assert coded not in run.raw.decode(), "the secret in base64"


def _shown(w, server, *options, password=None):
    """What each of the outputs shows."""
    source = ("-P", password) if password else (w.password_file(),)
    for form in ([], ["-vvv"], ["-o", "json", "-vvv"], ["-o", "prometheus"]):
        run = w.run(*w.to(port=server.port, user=None), "-u", "alice", *source, *options, *form,
                    is_judged="-o" not in form)
        with told(run):
            assert run.code == 2
        yield run


def _not_shown(run, *words):
    with told(run):
        for word in words:
            assert word not in run.raw.decode(), f"{word} is in the output"


def a_response_code_shows_no_secret(w):
    """Codes are read in upper case: the mask would not know the secret there."""
    coded = base64.b64encode(b"\0alice\0" + SECRET.encode()).decode()
    for code in (SECRET, coded, "X" * 35 + SECRET, f"ALERT {SECRET}"):
        for template in ("{t} NO [%s] bad\r\n", "* BYE [%s] bad\r\n"):
            replies = {name: template % code for name in ("AUTHENTICATE", "LOGIN")}
            with FakeImap(replies, tls=tls_context(w.pki), implicit=True) as server:
                for run in _shown(w, server):
                    _not_shown(run, SECRET, SECRET.upper(), coded, coded.upper(), SECRET[:8], SECRET[:8].upper())


def a_mailboxs_use_shows_no_secret(w):
    replies = {"LIST": f"* LIST (\\{SECRET}) \"/\" x\r\n{{t}} OK done\r\n"}
    caps = "IMAP4rev1 AUTH=PLAIN SPECIAL-USE"
    with FakeImap(replies, tls=tls_context(w.pki), implicit=True, caps=caps) as server:
        for run in _shown(w, server, "--special-use=Archive"):
            _not_shown(run, SECRET)


def white_space_does_not_hide_a_secret_from_the_mask(w):
    replies = {"AUTHENTICATE": "{t} NO you said two\t words\r\n"}
    with FakeImap(replies, tls=tls_context(w.pki), implicit=True) as server:
        for run in _shown(w, server, password="two words"):
            _not_shown(run, "two words", "two\t words")


def a_line_that_is_cut_shows_no_part_of_a_secret(w):
    """Of the transcript, and of a sentence; blanks before it make it look short, once they are cleaned away."""
    for blank in " ", "x":
        for start, end in ("A1 NO ", 400), ("* BYE ", 400), ("* BYE ", 348), ("* BYE ", 600 - 54):
            for room in 5, 9:
                filling = blank * (end - len(start) - room - 1) + " "
                replies = {"AUTHENTICATE": f"{start}{filling}{SECRET} it was\r\n"}
                with FakeImap(replies, tls=tls_context(w.pki), implicit=True) as server:
                    for run in _shown(w, server):
                        _not_shown(run, SECRET[:4])


def a_certificate_that_names_the_secret_shows_it_in_no_problem(w):
    """Taken as it is by --insecure; what it says of itself goes into a sentence."""
    with FakeImap(tls=tls_context(w.pki, "wrongname"), implicit=True) as server:
        arguments = w.to(port=server.port, user=None)
        run = w.run(*arguments, "-u", "alice", "-P", "other.example.org", "--insecure", state="WARNING")
        with told(run):
            assert "other.example.org" not in run.text and "***" in run.text


def nothing_is_left_running(w):
    w.run(*w.to(user=None), "-u", "alice", f"--password-command=cat {w.dir}/alice.password", state="OK")
    children = [p for p in os.listdir("/proc") if p.isdigit() and _is_orphan_of(w, p)]
    assert not children, children


def _is_orphan_of(w, pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            words = f.read().split(b"\0")
        with open(f"/proc/{pid}/stat", "rb") as f:
            parent = int(f.read().rsplit(b")", 1)[1].split()[1])
    except OSError:
        return False
    return words[0] == w.plugin.encode() and parent == 1


def a_password_file_that_others_can_read_is_used(w):
    path = w.write("open.password", SECRET)
    os.chmod(path, 0o644)
    _with(w, f"--password-file={path}")


def a_password_file_that_others_can_read_is_told_once(w):
    path = w.write("exposed.password", SECRET)
    for mode, times in ((0o644, 1), (0o640, 0), (0o600, 0)):
        os.chmod(path, mode)
        run = _with(w, f"--password-file={path}", "-v")
        with told(run):
            assert run.raw.decode().count("other users can read the password file") == times
            assert "other users" not in run.first


def closed_descriptors_do_not_mix_up_the_output_and_the_connection(w):
    """Some engines start their plugins without a standard input or error."""
    for closed in ("0<&-", "2>&-", "0<&- 2>&-"):
        prefix = ["sh", "-c", f'exec "$@" {closed}', "sh"]
        with FakeImap(tls=tls_context(w.pki), implicit=True) as server:
            w.run(*w.to(port=server.port), prefix=prefix, state="OK")
        w.run(*w.to(user=None), "-u", "alice", f"--password-command=cat {w.dir}/alice.password", prefix=prefix,
              state="OK")


def an_environment_that_asks_for_the_keys_of_the_connection_gets_none(w):
    """With them, whoever recorded the packets reads the password."""
    path = w.dir / "session.keys"
    w.run(*w.to(), env={"SSLKEYLOGFILE": str(path)}, state="OK")
    assert not path.exists(), path.read_text()
    run = w.run(*w.to(), env={"GNUTLS_DEBUG_LEVEL": "9"}, is_judged=False)
    with told(run):
        assert run.code == 0 and b" KEY" not in run.stderr


def a_secret_in_the_wrong_place_is_not_repeated(w):
    """What people mistype: one word instead of two, no '=', a dash of a word processor's, a value for a name."""
    login = ["-H", "127.0.0.1", "-u", "alice"]
    for words in ([f"--password {SECRET}"], [f"--password:{SECRET}"], [f"--password: {SECRET}=="], [f"--password{SECRET}"],
                  [f"\u2014password={SECRET}"], [f"\u2013\u2013password={SECRET}"], [f"--password-env={SECRET}"],
                  [f"--password-env=${SECRET}"], ["-H", f"alice:{SECRET}@127.0.0.1"], ["-H", f"//a b:{SECRET}@127.0.0.1"],
                  ["--sni", f"alice:{SECRET}@127.0.0.1"]):
        run = w.run(*login, *words, state="UNKNOWN", text="password|-H|--sni|-u")
        with told(run):
            assert run.lines == [] and SECRET[:8] not in run.first
    path = w.write("mistyped.ini", f"[mail]\nhostname=127.0.0.1\npassword: {SECRET}==\n")
    w.run(f"--extra-opts=mail@{path}", state="UNKNOWN", text="--password")
