# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of --append and --sync at every real server: each function is one sentence about the
plugin and a server, as in sentences.py. A raw session tells what became of the mailboxes."""

import email
import email.policy
import re

import sentences
from world import told

MARK = "X-Check-Imap-Full"
USER = "frank"  # whose mailboxes no other test looks at


def raw(server):
    return sentences.raw(server, USER)


def to(w, server, tls="implicit"):
    return sentences.to(w, server, tls, USER)


def crowd(session, mailbox):
    """Makes the mailbox if need be, with three messages of somebody else's, and tells what is in it."""
    if mailbox not in session.mailboxes():
        session.do("CREATE", mailbox)
        for n, flags in enumerate((r"(\Seen)", r"(\Deleted)", r"(\Flagged)")):
            body = f"From: a@example.org\r\nSubject: other {n}\r\n\r\nNot of the check.\r\n"
            status, said = session.imap.append(mailbox, flags, None, body.encode())
            assert status == "OK", said
    return others(session, mailbox)


def messages(session, mailbox):
    """{UID: (flags, message)} of all there are."""
    session.do("EXAMINE", mailbox)
    found = {}
    for uid in session.search("ALL"):
        said = session.do("UID", "FETCH", str(uid), "(FLAGS INTERNALDATE)")["FETCH"][0].decode()
        flags = set(re.search(r"FLAGS \((.*?)\)", said)[1].split()) - {r"\Recent"}
        date = re.search(r'INTERNALDATE "(.*?)"', said)[1]
        found[uid] = (flags, date, session.message(uid))
    return found


def own(session, mailbox):
    return {uid: email.message_from_bytes(message[2], policy=email.policy.default)
            for uid, message in messages(session, mailbox).items() if MARK.encode() in message[2]}


def others(session, mailbox):
    return {uid: message for uid, message in messages(session, mailbox).items() if MARK.encode() not in message[2]}


def two_sessions_see_a_message_and_a_flag(w, server):
    mailbox = server.prefix + "Sync"
    with raw(server) as session:
        before = crowd(session, mailbox)
        for tls in ("implicit", "starttls"):
            run = w.run(*to(w, server, tls), f"--sync={mailbox}", state="OK", text=r"new mail told after \d+\.\d{3} s")
            with told(run):
                assert 0 < run.seconds("idle") < run.seconds("sync")
                assert 0 < run.seconds("flags") < run.seconds("sync")
        assert messages(session, mailbox) == before, "the mailbox is not as it was"


def appending_keeps_the_newest_and_touches_nothing_else(w, server):
    mailbox = server.prefix + "Append"
    with raw(server) as session:
        before = crowd(session, mailbox)
        for n in range(5):
            run = w.run(*to(w, server), f"--append={mailbox}", "--append-keep=3", f"--subject=number {n}", "-v", state="OK")
            with told(run):
                assert run.seconds("append") > 0
                assert re.search(rf"^note: appended to {mailbox} as UID \d+ ", "\n".join(run.lines), re.M)
        assert [message["Subject"] for message in own(session, mailbox).values()] == ["number 2", "number 3", "number 4"]
        assert others(session, mailbox) == before, "the mailbox is not as it was"


def what_is_appended_says_what_was_asked_for(w, server):
    mailbox = server.prefix + "Letters"
    body = "Grüße,\nsecond line\n" + "x" * 1200
    with raw(server) as session:
        crowd(session, mailbox)
        w.run(*to(w, server), f"--append={mailbox}", "--from=Jürgen \"J\" Müller <j@example.org>", "--to=a@example.org",
              "--to=Doe, John <b@exämple.org>", "--cc=c@example.org", "--bcc=d@example.org",
              "--subject=Prüfung " + "sehr " * 30, f"--body={body}", state="OK")
        letter, = own(session, mailbox).values()
    assert letter["From"].addresses[0].display_name == 'Jürgen "J" Müller'
    assert [a.addr_spec for a in letter["To"].addresses] == ["a@example.org", "b@xn--exmple-cua.org"]
    assert letter["To"].addresses[1].display_name == "Doe, John"
    assert letter["Cc"] == "c@example.org" and letter["Bcc"] == "d@example.org"
    assert letter["Subject"] == ("Prüfung " + "sehr " * 30).rstrip() or letter["Subject"] == "Prüfung " + "sehr " * 30
    assert letter.get_content().replace("\r\n", "\n") == body + "\n"
    assert letter["Date"].datetime and letter["Message-ID"] and not letter.defects


def without_a_sent_mailbox_one_has_to_be_named(w, server):
    is_marked = any(r"\Sent" in flags for flags in _mailboxes(server).values())
    if is_marked:
        w.run(*to(w, server), "--append", "-v", state="OK")
    else:
        w.run(*to(w, server), "--append", state="UNKNOWN", text=r"^--append: no mailbox is marked \\Sent here; name one")


def _mailboxes(server):
    with raw(server) as session:
        return session.mailboxes()


def a_mailbox_that_is_not_there_is_not_made(w, server):
    for option in ("--sync", "--append"):
        w.run(*to(w, server), f"{option}={server.prefix}Absent", state="CRITICAL",
              text=r"^(sync|append): server refused to open the mailbox \S*Absent: ")
    assert not any("Absent" in name for name in _mailboxes(server))


EVERYWHERE = [two_sessions_see_a_message_and_a_flag, appending_keeps_the_newest_and_touches_nothing_else,
              what_is_appended_says_what_was_asked_for, without_a_sent_mailbox_one_has_to_be_named,
              a_mailbox_that_is_not_there_is_not_made]
