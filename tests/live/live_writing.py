# SPDX-License-Identifier: GPL-3.0-or-later
"""--append and --sync where a run is killed, many run at once, or something is in the way; against a real
Dovecot. SYNC_KILLS=N says how many runs of --sync are killed (40, if nothing is said)."""

import os
import random
import shutil
import signal
import time

import sentences
import writing
from guests import guest
from live_conversations import FOLDER
from player import Conversation, Player
from servers import tls_context
from world import Skip, alone, told
from writing import raw, to


def _crowded(session, mailbox, count):
    """A mailbox with so many messages of others, and what a raw session sees of them."""
    session.do("CREATE", mailbox)
    now = int(time.time())
    session.append_many([now - n for n in range(count)], mailbox)
    session.do("SELECT", mailbox)
    session.do("STORE", "1:50", r"+FLAGS (\Seen)")
    session.do("STORE", "20:30", r"+FLAGS (\Deleted)")
    return _seen(session, mailbox)


def _seen(session, mailbox):
    """All but those of the check, octet for octet and flag for flag, without fetching one by one."""
    session.do("EXAMINE", mailbox)
    ours = session.search("HEADER", writing.MARK, '""')
    said = session.do("UID", "FETCH", "1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])").get("FETCH", [])
    lines = [line.replace(rb" \Recent", b"").replace(rb"\Recent", b"").split(b" ", 1)[-1] for line in said]
    return [line for line in lines if line != b")" and writing.MARK.encode() not in line], ours


def _start_two_and_kill_one(w, options, running):
    while len(running) < 2:
        running.append(w.start_run(*options))
    time.sleep(random.uniform(0, 1.3) / 2)
    victim = running.pop(0)
    victim.send_signal(signal.SIGKILL)
    victim.communicate()


def killed_runs_lose_nothing_and_leave_nothing(w):
    if w.is_instrumented:
        raise Skip("the sanitizers and faketime both want to be loaded first")
    if not shutil.which("faketime"):
        raise Skip("no faketime here, which moves the clock")
    dovecot = guest(w, "Dovecot")
    mailbox, running = "Crowd", []
    options = [*to(w, dovecot), "--fetch=none", f"--sync={mailbox}"]
    with raw(dovecot) as session:
        before, _ = _crowded(session, mailbox, 1000)
        for _ in range(int(os.environ.get("SYNC_KILLS", "40"))):
            _start_two_and_kill_one(w, options, running)
        for process in running:
            process.communicate()
        after, left = _seen(session, mailbox)
        assert after == before, "a killed run changed somebody else's message"
        assert left, "no run was killed in the middle: this proves nothing"
        w.run(*options, state="OK")
        assert _seen(session, mailbox)[1] == left, "a run removed what may be of a check still at work"
        w.run(*options, env={"FAKETIME_DONT_FAKE_MONOTONIC": "1"}, prefix=["faketime", "-f", "+3700s"], state="OK")
        assert _seen(session, mailbox) == (before, []), "an hour later something is left, or more is gone"


def two_runs_at_once_do_not_touch_each_other(w):
    dovecot = guest(w, "Dovecot")
    options = [*to(w, dovecot), "--sync=Both"]
    with raw(dovecot) as session:
        before = writing.crowd(session, "Both")
        processes = [w.start_run(*options) for _ in range(4)]
        for process in processes:
            out, err = process.communicate()
            assert process.returncode == 0 and not err, out
        assert writing.messages(session, "Both") == before


def a_hundred_runs_of_append_leave_ten_messages(w):
    dovecot = guest(w, "Dovecot")
    with raw(dovecot) as session:
        before = writing.crowd(session, "Hundred")
        for _ in range(100):
            w.run(*to(w, dovecot), "--fetch=none", "--append=Hundred", state="OK")
        assert len(writing.own(session, "Hundred")) == 10
        assert writing.others(session, "Hundred") == before


def rights_to_read_alone_are_told_as_such(w):
    dovecot = guest(w, "Dovecot")
    with raw(dovecot) as session:
        if "Guarded" not in session.mailboxes():
            writing.crowd(session, "Guarded")
            session.do("SETACL", "Guarded", "owner", "lr")
        for option in ("--sync", "--append"):
            w.run(*to(w, dovecot), f"{option}=Guarded", state="CRITICAL",
                  text=r": frank cannot write into the mailbox Guarded: it is read-only: ")


def a_full_mailbox_is_told_as_such(w):
    dovecot = guest(w, "Dovecot")
    with sentences.raw(dovecot, "carol") as session:
        session.do("CREATE", "Full")
        room = 4000 - session.quota()["MESSAGE"][0]
        session.append_many([int(time.time())] * room, "Full")
    for option in ("--sync", "--append"):
        w.run(*sentences.to(w, dovecot, user="carol"), "--fetch=none", f"{option}=Full", state="CRITICAL",
              text=r"server refused to append a message to Full: \[OVERQUOTA\] .*; the account is over its quota")


@alone
def a_second_late_is_measured_as_a_second(w):
    conversation = Conversation(FOLDER / "sync" / "exists-late.txt")
    for attempt in range(3):
        with Player(conversation, tls_context(w.pki)) as player:
            run = w.run("-H", "127.0.0.1", "-p", player.port, f"--ca-file={w.ca}", *conversation.options,
                        env={"IMAP_PASSWORD": "secret"}, state="OK")
        late = [run.seconds(name) for name in ("idle", "flags")]
        if all(0.95 <= seconds <= 1.05 for seconds in late):
            return
    with told(run):
        raise AssertionError(f"idle and flags are {late} instead of a second, three times")
