# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad behaviours, each of which may take over when a Postbox is about to speak. Knows no point of any
journey and no test."""

import re
import socket
import struct
import time

from postbox import DELETED, MARK, Over

BEHAVIOURS = []

# What the run must come to, where what was taken over still matters.
FAILS, HOLDS, EITHER = "CRITICAL", "OK", None


class Behaviour:
    """`speak(session, name, said)` stands for the session's saying `said`. `outcome` is above; `is_slow`: the run
    takes until it gives up; `breaks` says that the session is of no use afterwards; `at` names what is said
    where it makes a difference, if not everywhere."""

    def __init__(self, speak, outcome, is_slow=False, breaks=True, at=None):
        self.name = speak.__name__.replace("_", " ")
        self.speak, self.outcome, self.is_slow, self.breaks = speak, outcome, is_slow, breaks
        self.at = at and at.split()

    def fits(self, point):
        return self.at is None or point.split()[1] in self.at


def _behaviour(outcome, **more):
    def note(speak):
        BEHAVIOURS.append(Behaviour(speak, outcome, **more))
        return speak
    return note


class Takeover:
    """One behaviour at one point, and at no other. `more` are further ones {point: behaviour}."""

    def __init__(self, point, behaviour, more=()):
        self.at = {**dict(more), point: behaviour}
        self.struck = set()

    def is_due(self, point):
        return point in self.at

    def speak(self, session, name, said, point):
        self.struck.add(point)
        self.at[point].speak(session, name, said)


def _wait_for_the_end(session, seconds=8):
    session.box.drain(session.connection, seconds)
    raise Over


def _untagged(session, text, said):
    session.connection.sendall(text + said)


# --- the connection ----------------------------------------------------------------------------------


@_behaviour(FAILS)
def it_closes(session, name, said):
    raise Over


@_behaviour(FAILS)
def it_closes_in_the_midst_of_a_line(session, name, said):
    session.connection.sendall(said[: len(said) // 2])
    raise Over


@_behaviour(FAILS)
def it_is_cut_off_without_a_close_notify(session, name, said):
    socket.socket.shutdown(session.connection, socket.SHUT_RDWR)
    raise Over


@_behaviour(FAILS)
def it_resets(session, name, said):
    session.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for held in session.held:
        held.close()
    raise Over


@_behaviour(FAILS, is_slow=True)
def it_stalls(session, name, said):
    _wait_for_the_end(session)


@_behaviour(FAILS, is_slow=True)
def it_drips(session, name, said):
    for octet in said:
        session.connection.sendall(bytes([octet]))
        if session.box.closing.wait(1.0):
            break
    raise Over


# --- what IMAP has for it ----------------------------------------------------------------------------


@_behaviour(FAILS)
def it_says_bye_and_closes(session, name, said):
    session.connection.sendall(b"* BYE [UNAVAILABLE] going down\r\n")
    raise Over


@_behaviour(FAILS, is_slow=True)
def it_says_bye_and_stays(session, name, said):
    session.connection.sendall(b"* BYE going down\r\n")
    _wait_for_the_end(session)


@_behaviour(FAILS, breaks=False)
def it_says_no(session, name, said):
    session.connection.sendall(f"{session.tag} NO [SERVERBUG] no\r\n".encode())


@_behaviour(FAILS, breaks=False)
def it_says_bad(session, name, said):
    session.connection.sendall(f"{session.tag} BAD what\r\n".encode())


@_behaviour(FAILS)
def it_answers_another_tag(session, name, said):
    session.connection.sendall(re.sub(rb"^(A\d+|\+|\*) .*$", b"A999 OK done\r", said, count=1, flags=re.M))
    _wait_for_the_end(session)


@_behaviour(EITHER)
def it_answers_twice(session, name, said):
    session.connection.sendall(said + f"{session.tag} OK again\r\n".encode())


@_behaviour(EITHER)
def it_asks_for_more_unasked(session, name, said):
    session.connection.sendall(b"+ go on\r\n" + said)


# --- what is not IMAP --------------------------------------------------------------------------------


@_behaviour(FAILS)
def it_speaks_http(session, name, said):
    session.connection.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n")
    raise Over


@_behaviour(FAILS)
def it_says_rubbish(session, name, said):
    session.connection.sendall(bytes(range(128, 256)) + b"\r\n" + said)


@_behaviour(FAILS)
def it_says_nul(session, name, said):
    session.connection.sendall(b"* OK a\0b\r\n" + said)


@_behaviour(FAILS)
def a_number_has_thirty_digits(session, name, said):
    session.connection.sendall(b"* " + b"9" * 30 + b" EXISTS\r\n" + said)


# --- too much ----------------------------------------------------------------------------------------


@_behaviour(FAILS)
def a_line_has_no_end(session, name, said):
    session.connection.sendall(b"* OK " + b"x" * 200_000)
    _wait_for_the_end(session)


@_behaviour(FAILS, is_slow=True)
def a_literal_has_four_gigabytes(session, name, said):
    session.connection.sendall(b"* 1 FETCH (UID 1 BODY[] {4294967295}\r\n" + b"z" * 500_000)
    _wait_for_the_end(session)


@_behaviour(HOLDS, breaks=False)
def untagged_lines_flood_it(session, name, said):
    prefix = b"" if name == "greeting" else b'* LIST () "/" x\r\n* OK still here\r\n* SEARCHES 1\r\n' * 4000
    session.connection.sendall(prefix + said)


@_behaviour(HOLDS, breaks=False)
def a_response_is_nearly_too_large(session, name, said):
    prefix = b"" if name == "greeting" else b"* VENDOR (" + (b"{60000}\r\n" + b"v" * 60_000 + b" ") * 16 + b"NIL)\r\n"
    session.connection.sendall(prefix + said)


@_behaviour(FAILS, is_slow=True)
def untagged_lines_never_end(session, name, said):
    """As much as takes the run's time: more only takes the machine's."""
    end = time.monotonic() + 6
    while time.monotonic() < end:
        session.connection.sendall(b"* OK still here\r\n" * 60)
        time.sleep(0.02)
    raise Over


def _as_fast_as_it_is_read(session, name, said):
    while not session.box.closing.is_set():
        session.connection.sendall(b"* OK still here\r\n" * 4000)


FLOOD = Behaviour(_as_fast_as_it_is_read, FAILS)  # not at every point: it takes the machine's time


# --- lies about the mailbox --------------------------------------------------------------------------


@_behaviour(EITHER, breaks=False)
def everything_is_expunged(session, name, said):
    _untagged(session, b"* 1 EXPUNGE\r\n" * len(session.seen), said)


@_behaviour(EITHER, breaks=False)
def nothing_exists_any_more(session, name, said):
    _untagged(session, b"* 0 EXISTS\r\n", said)


@_behaviour(EITHER, breaks=False)
def four_billion_messages_exist(session, name, said):
    _untagged(session, b"* 4294967295 EXISTS\r\n", said)


@_behaviour(EITHER, breaks=False)
def other_messages_are_fetched(session, name, said):
    """All of them, whatever was asked for, each told to be flagged and new."""
    told = b""
    for n, (uid, letter) in enumerate(sorted(session.box.letters.items()), 1):
        if uid not in session.box.own:
            told += b"* %d FETCH (UID %d FLAGS (\\Flagged) BODY[] {%d}\r\n%s" % (n, uid, len(letter.text), letter.text)
            told += b" BODY[HEADER.FIELDS (%s)] {%d}\r\n%s)\r\n" % (MARK, len(letter.field()), letter.field())
    _untagged(session, told, said)


def _tell_uid(session, said, uid):
    session.connection.sendall(re.sub(rb"(UID |SEARCH |APPENDUID 7 )\d+", rb"\g<1>%d" % uid, said))


@_behaviour(EITHER, breaks=False, at="SEARCH FETCH STORE APPEND")
def the_uid_is_of_somebody_else(session, name, said):
    _tell_uid(session, said, 1)


@_behaviour(EITHER, breaks=False, at="SEARCH FETCH STORE APPEND")
def the_uid_is_of_one_that_is_deleted(session, name, said):
    _tell_uid(session, said, DELETED)


@_behaviour(EITHER, breaks=False, at="SEARCH FETCH STORE APPEND")
def the_uid_is_of_a_young_one(session, name, said):
    """Of this check, but another run may be at work with it."""
    session.connection.sendall(re.sub(rb"(UID |APPENDUID 7 )\d+", rb"\g<1>5", said))


@_behaviour(EITHER, breaks=False, at="SEARCH FETCH STORE APPEND")
def the_uid_is_the_last_one(session, name, said):
    _tell_uid(session, said, 2**32 - 1)


@_behaviour(EITHER, breaks=False, at="SEARCH FETCH STORE APPEND")
def the_uid_is_zero(session, name, said):
    _tell_uid(session, said, 0)


@_behaviour(EITHER, breaks=False, at="FETCH STORE APPEND")
def the_uid_is_told_to_be_missing(session, name, said):
    session.connection.sendall(re.sub(rb"(UID \d+|\[APPENDUID 7 \d+\]) ", b"", said))


@_behaviour(EITHER, breaks=False, at="SEARCH")
def every_message_is_found(session, name, said):
    """More than one round looks at, and those that are there among them."""
    found = b" ".join(b"%d" % n for n in range(1, 300))
    session.connection.sendall(re.sub(rb"\* SEARCH[^\r]*", b"* SEARCH " + found, said))


@_behaviour(EITHER, breaks=False, at="SELECT EXAMINE APPEND")
def the_mailbox_is_another_one(session, name, said):
    session.connection.sendall(re.sub(rb"(UIDVALIDITY |APPENDUID )\d+", rb"\g<1>8", said))


@_behaviour(EITHER, breaks=False, at="FETCH")
def the_message_comes_back_changed(session, name, said):
    session.connection.sendall(re.sub(rb"(?i)(id=|run=)[0-9a-f]{2}", rb"\1zz", said))


@_behaviour(EITHER, breaks=False, at="FETCH")
def nothing_comes_back(session, name, said):
    literal = rb"(BODY\[[^]]*\]) \{\d+\}\r\n.*?\)\r\n(?=\*|A)"
    session.connection.sendall(re.sub(literal, rb"\1 NIL)\r\n", said, flags=re.S))


@_behaviour(EITHER, breaks=False, at="SEARCH FETCH STORE")
def the_message_is_there_no_more(session, name, said):
    """Not for this answer, which is given for an empty mailbox."""
    session.connection.sendall(re.sub(rb"\* (\d+ FETCH \(.*\)|SEARCH[^\r]*)\r\n(?=A)", b"", said, flags=re.S))
