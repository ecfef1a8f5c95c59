# SPDX-License-Identifier: GPL-3.0-or-later
"""Each recipe of doc/SECRETS.md keeps its secret: while the login hangs no command line below this test shows it,
nor does the environment of anything that the plugin has started, and no form of the output tells it."""

import os
import time

import examples
from papers_world import SHELL, paper_world
from servers import FakeImap, shows, tls_context
from world import USERS, alone, told

SECRET = USERS["alice"]
FORMS = ((), ("-vvv",), ("-o", "json", "-vvv"), ("-o", "prometheus", "-vvv"))


def _recipes():
    found = [example for example in examples.of_markdown("doc/SECRETS.md")[0] if "--auth=external" not in example.command]
    assert len(found) >= 8, len(found)
    return found


def _hanging(w, secrets):
    """A server that keeps the login waiting, and then says back what it was told."""
    replies = {"AUTHENTICATE": None, "LOGIN": None}
    if secrets:
        replies = {name: "{t} NO you said %s\r\n" % SECRET for name in replies}
    server = FakeImap(replies, tls=tls_context(w.pki), implicit=True, caps="IMAP4rev1 SASL-IR AUTH=PLAIN")
    server.tls_port = server.port
    return server


def _read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


def _processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _parent(pid):
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return int(fields[1]) if fields else 0


def _descends(pid, ancestor):
    while pid > 1 and pid != ancestor:
        pid = _parent(pid)
    return pid == ancestor


def _program_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return None


def _plugins(w, shell):
    """The processes below the shell that are the program, not the shells and stubs around it."""
    return [pid for pid in _processes() if _descends(pid, shell) and _program_of(pid) == w.plugin]


def _start(w, example, server, more=()):
    arguments, environment = paper_world(w).command(example, server, more)
    process = w.start_run(*arguments, plugin=SHELL, env=environment, stdin=-1)
    try:
        process.stdin.write(SECRET.encode() + b"\n")
        process.stdin.close()
    except BrokenPipeError:
        pass
    process.stdin = None
    return process


def _command_lines_that_show_it(example):
    """The shell of this test has the example itself as an argument; the recipe for Icinga shows it only there, for
    Icinga sets the variable by itself."""
    found = []
    for pid in filter(lambda pid: _descends(pid, os.getpid()), _processes()):
        shown = _read(f"/proc/{pid}/cmdline")
        is_ours = shown.startswith(SHELL.encode()) and "SECRET" in example.command
        if SECRET.encode() in shown and not is_ours:
            found.append(shown)
    return found


def _look(w, example, process):
    """The plugin is stuck in the login: look everywhere."""
    found = _command_lines_that_show_it(example)
    assert not found, f"{example.where}: it is in {found}"
    plugins = _plugins(w, process.pid)
    assert plugins, f"{example.where}: the plugin does not run"
    is_handed_over = "--password-env" in example.command
    for pid in plugins:
        assert is_handed_over or SECRET.encode() not in _read(f"/proc/{pid}/environ"), example.where
        for child in _processes():
            if child != pid and _descends(child, pid):
                assert SECRET.encode() not in _read(f"/proc/{child}/environ"), f"{example.where}: a child has it"


@alone
def no_process_shows_the_secret_while_a_recipe_is_used(w):
    for example in _recipes():
        with _hanging(w, ()) as server:
            process = _start(w, example, server, ("-t", "3"))
            try:
                deadline = time.monotonic() + 3
                while "AUTHENTICATE" not in server.commands() and time.monotonic() < deadline:
                    time.sleep(0.01)
                assert shows(SECRET, *(line for _, line in server.heard)), f"{example.where}: it never got to the login"
                _look(w, example, process)
            finally:
                process.kill()
                process.communicate()


@alone
def the_search_finds_what_there_is_to_find(w):
    """A recipe that hands the secret to a process that stays is noticed."""
    bad = examples.of_markdown("bad", "    :| check_imap_full -H imap.example.org -u alice --password-file=/etc/x "
                               "& sh -c 'sleep 2; :' $(cat /etc/x) ; wait\n")[0][0]
    with _hanging(w, ()) as server:
        process = _start(w, bad, server, ("-t", "2"))
        try:
            time.sleep(0.5)
            found = _command_lines_that_show_it(bad)
            assert len(found) == 1 and found[0].startswith(b"sh\0"), found
        finally:
            process.kill()
            process.communicate()


def no_output_of_a_recipe_tells_the_secret(w):
    """Not even where the server says it back."""
    for example in _recipes():
        for form in FORMS:
            with _hanging(w, (SECRET,)) as server:
                process = _start(w, example, server, form)
                out, err = process.communicate(timeout=20)
            assert process.returncode == 2, f"{example.where}: {out}{err}"
            assert not shows(SECRET, out, err), f"{example.where} {form}: {out}"


def a_password_command_sees_no_secret_of_another_source(w):
    """What it is handed is its own business, what it prints nobody else's."""
    seen = w.dir / "seen-by-store"
    command = f"cat /proc/$PPID/cmdline /proc/$$/cmdline /proc/$$/environ > {seen}; cat {w.dir}/alice.password"
    run = w.run(*w.to(user=None), "-u", "alice", f"--password-command={command}", state="OK")
    with told(run):
        assert seen.stat().st_size > 0 and SECRET.encode() not in seen.read_bytes()
