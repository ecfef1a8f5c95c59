# SPDX-License-Identifier: GPL-3.0-or-later
"""--append and --sync at a server that is right up to a point: at each at which it speaks, in each of the two
sessions, each bad behaviour takes over (takeovers.py). Whatever comes of it: one valid line, the state, the
deadline, the memory; nothing is removed that is not the check's; and what it stored does not stay where it
could have been removed."""

import concurrent.futures
import re

from postbox import LEFT, MAILBOX, Postbox, all_was_done, nothing_else_is_removed
from scales import weigh
from servers import tls_context
from takeovers import BEHAVIOURS, FAILS, FLOOD, HOLDS, Takeover
from world import told

MODES = ("none", "starttls", "implicit")
MOST = 10  # as many may fail while the machine is busy


def _points(session, text):
    return [f"{session} {point.strip()}" for point in text.split(",")]


# Where a session speaks; what comes before it writes, live_attacks knows. "#2" is the second time.
APPEND = _points(1, "SELECT, SEARCH, FETCH, STORE, EXPUNGE, APPEND +, APPEND, LOGOUT")
SYNC_FIRST = _points(1, "SELECT, SEARCH, FETCH, STORE, EXPUNGE, APPEND +, APPEND, STORE #2, FETCH #2, STORE #3, "
                        "EXPUNGE #2, LOGOUT")
SYNC_SECOND = _points(2, "greeting, STARTTLS, CAPABILITY, AUTHENTICATE, EXAMINE, IDLE, push EXISTS, DONE, FETCH, "
                         "IDLE #2, push FETCH, push FETCH #2, push EXPUNGE, DONE #2, LOGOUT")
REMOVAL = _points(1, "FETCH #2, STORE #2, EXPUNGE #2")  # there is no second STORE for a flag

# All is measured then, and the message is gone.
LEAVING = {*_points(2, "push FETCH #2, push EXPUNGE, DONE #2, LOGOUT"), "1 LOGOUT"}
# These are said to the first session once it is needed to remove what it stored.
NEEDED = {*SYNC_FIRST[SYNC_FIRST.index("1 APPEND +"):], "1 SEARCH #2"}


def _is_left_with_reason(box, takeover):
    """The session by which it is removed was of no use, would not remove it, or said that there is nothing."""
    last = next(point for point in reversed(box.points) if point.startswith("1"))
    names = {takeover.at[point].name for point in takeover.struck}
    return "the mailbox is another one" in names or any(
        point in NEEDED and (takeover.at[point].breaks or point == last) for point in takeover.struck)


def _is_denied(takeover):
    """The server stored the message and said that it did not."""
    return any(point == "1 APPEND" and not takeover.at[point].breaks for point in takeover.struck)


def _judge(kind, run, box, takeover):
    nothing_else_is_removed(box)
    assert not box.complaint, box.complaint
    assert run.state in ("OK", "CRITICAL"), f"state is {run.state}"
    assert b"did not return" not in run.raw, "the watchdog had to end it"
    outcomes = {takeover.at[point].outcome for point in takeover.struck - LEAVING}
    if FAILS in outcomes:
        assert run.state == "CRITICAL", f"state is {run.state}, not CRITICAL"
    elif "1 LOGOUT" in takeover.struck and takeover.at["1 LOGOUT"].is_slow:
        assert run.state == "CRITICAL", f"state is {run.state}, not CRITICAL: nobody said goodbye in time"
    elif outcomes <= {HOLDS}:
        assert run.state == "OK", f"state is {run.state}, not OK"
    if run.state == "OK":
        all_was_done(box)
        assert LEFT not in run.raw, "nothing is left behind"
    elif kind == "sync" and box.is_left():
        assert _is_left_with_reason(box, takeover), "the message is left behind"
        assert LEFT in run.raw or _is_denied(takeover), "the message is left behind, and that is not told"


def _attack(w, kind, mode, takeover, check=None):
    """One run; what is wrong with it, or None."""
    trust = ["--allow-cleartext"] if mode == "none" else [f"--ca-file={w.ca}"]
    options = ["-u", "alice", "--password-env=IMAP_PASSWORD", "--fetch=none", f"--tls={mode}", "-t", "3",
               f"--{kind}={MAILBOX}", *(["--append-keep=2"] if kind == "append" else [])]
    with Postbox(kind, tls_context(w.pki), mode, takeover) as box:
        try:
            run = weigh(w, "-H", "127.0.0.1", "-p", box.port, *trust, *options, env={"IMAP_PASSWORD": "secret"})
            with told(run):
                _judge(kind, run, box, takeover)
                if check:
                    check(run)
        except AssertionError as error:
            return f"{mode}: {error}"
    return None


def _named(name):
    return next(behaviour for behaviour in BEHAVIOURS if behaviour.name == name)


def _attack_all(w, kind, points, more=(), check=None):
    """Over TCP, STARTTLS and TLS in turn; those that take their time first, many at once: they only wait. What
    goes wrong then is done again alone, for it may be the machine that has too much to do."""
    cells = [(behaviour, point) for behaviour in BEHAVIOURS for point in points if behaviour.fits(point)]
    cells = sorted(enumerate(cells), key=lambda cell: not cell[1][0].is_slow)
    struck = set()

    def one(cell):
        number, (behaviour, point) = cell
        mode = "starttls" if point in ("2 STARTTLS", "2 CAPABILITY") else MODES[number % 3]
        takeover = Takeover(point, behaviour, more)
        wrong = _attack(w, kind, mode, takeover, check)
        struck.update(takeover.struck)
        return wrong and f"{point}, {behaviour.name}, {wrong}"

    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        again = [cell for cell, wrong in zip(cells, pool.map(one, cells)) if wrong]
    wrong = [why for why in map(one, again[:MOST]) if why]
    assert len(again) <= MOST and not wrong, "\n".join([f"{len(again)} of {len(cells)}", *wrong])
    assert struck >= set(points), f"the server never came to {sorted(set(points) - struck)}"


def appending_at_a_server_that_turns_bad(w):
    _attack_all(w, "append", APPEND)


def the_first_session_turns_bad(w):
    _attack_all(w, "sync", SYNC_FIRST)


def the_second_session_turns_bad(w):
    _attack_all(w, "sync", SYNC_SECOND)


def _attack_once_more(w, *what):
    """The machine may be busy."""
    return _attack(w, "sync", "implicit", Takeover(*what)) and _attack(w, "sync", "implicit", Takeover(*what))


def both_sessions_are_sent_too_much_at_once(w):
    for behaviour in [*BEHAVIOURS, FLOOD]:
        if behaviour.name.strip().split(" ")[0] in ("a", "as", "untagged"):
            wrong = _attack_once_more(w, "1 APPEND", behaviour, {"2 push EXISTS": behaviour})
            assert not wrong, f"{behaviour.name}, {wrong}"


def a_flood_in_one_session_does_not_keep_the_other_from_its_work(w):
    for point in ("2 AUTHENTICATE", "2 push EXISTS", "2 FETCH", "2 push FETCH", "1 APPEND", "1 FETCH #2"):
        wrong = _attack_once_more(w, point, FLOOD)
        assert not wrong, f"{point}, {wrong}"


def the_first_session_turns_bad_when_its_message_is_looked_for(w):
    """It is not where it was said to be."""
    _attack_all(w, "sync", ["1 SEARCH #2"], {"1 FETCH #2": _named("the message is there no more")})


def the_first_session_turns_bad_when_it_cleans_up(w):
    """Something failed already: that is what the line tells."""

    def check(run):
        assert re.match("sync: second session: .*clos", run.text), "what failed first is not told first"

    _attack_all(w, "sync", REMOVAL, {"2 FETCH": _named("it closes")}, check)
