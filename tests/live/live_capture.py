# SPDX-License-Identifier: GPL-3.0-or-later
"""--capture against a real Dovecot: a number out of the newest message, wherever and however it is
written there, and what is said where there is none."""

import base64
import random
import re

from dovecot import give_away
from servers import FakeImap, tls_context
from world import USERS, Skip, told

HEADER = "From: backup@example.org\nSubject: {subject}\nX-Size: 12.5 MB\n"


def _message(subject="backup done", text="Written: 7 GB\n", more=""):
    return HEADER.format(subject=subject) + more + "\n" + text


def _mailbox(w, name, *messages):
    """A mailbox of dora's with these messages; the options to open it."""
    folder = w.dovecot.maildir("dora", name)
    for sub in ("cur", "new", "tmp"):
        (folder / sub).mkdir(parents=True)
    for n, message in enumerate(messages, 1):
        path = folder / "cur" / f"{1700000000 + n}.M{n}P1.localhost:2,S"
        path.write_bytes(message if isinstance(message, bytes) else message.encode())
    give_away(folder)
    return [*w.to(user="dora"), "-m", name]


def _finds(w, options, pattern, number, *more):
    run = w.run(*options, f"--capture={pattern}", *more, state="OK")
    with told(run):
        assert run.metrics["capture"].value == number
    return run


def _finds_none(w, options, pattern, why, *more):
    """Without a threshold it is said and fine, with one it is missing."""
    fine = w.run(*options, f"--capture={pattern}", *more, state="OK")
    with told(fine):
        assert "capture" not in fine.metrics
        assert re.search(rf"^note: capture: .*{why}", "\n".join(fine.lines), re.M)
    w.run(*options, f"--capture={pattern}", "-c", "capture=5:", *more, state="CRITICAL",
          text=rf"^capture: .*{why}")


def a_number_in_the_text_is_captured(w):
    options = _mailbox(w, "cap-text", _message(text="Written: 3 GB\n"), _message())
    _finds(w, options, "^Written: ([0-9]+) GB$", 7)
    _finds(w, options, "Written: ([0-9]+)", 7, "--fetch=message")


def a_number_in_the_header_is_captured(w):
    options = _mailbox(w, "cap-header", _message(subject="=?ISO-8859-1?Q?Gr=F6=DFe:?=\n =?UTF-8?B?IC01?="))
    _finds(w, options, r"^X-Size: ([0-9.]+) MB$", 12.5)
    _finds(w, options, "^Subject: Größe: (-?[0-9]+)$", -5)


def a_number_behind_encodings_is_captured(w):
    text = base64.encodebytes("<p>Größe: 1234</p>".encode("utf-16")).decode()
    inner = (f"--in\nContent-Type: text/html; charset=utf-16\nContent-Transfer-Encoding: base64\n\n{text}"
             "--in--\n")
    parts = ("--out\nContent-Type: image/png\n\nnone\n"
             "--out\nContent-Type: multipart/related; boundary=in\n\n" + inner + "--out--\n")
    options = _mailbox(w, "cap-encoded",
                       _message(text=parts, more='Content-Type: multipart/mixed; boundary="out"\n'))
    _finds(w, options, "Größe: ([0-9]+)<", 1234)


def a_threshold_judges_it(w):
    options = [*_mailbox(w, "cap-judged", _message()), "--capture=Written: ([0-9]+)"]
    w.run(*options, "-w", "capture=5:", "-c", "capture=1:", state="OK")
    w.run(*options, "-w", "capture=10:", "-c", "capture=5:", state="WARNING", text="^capture: 7 is outside 10:")
    w.run(*options, "-c", "capture=10:", state="CRITICAL", text="^capture: 7 is outside 10:")


def the_newest_of_the_matches_is_looked_at(w):
    options = _mailbox(w, "cap-search", _message(text="Written: 3 GB\n"), _message(),
                       _message(subject="spam", text="Written: 999 GB\n"))
    _finds(w, options, "Written: ([0-9]+)", 7, '--search=SUBJECT "backup done"')
    _finds_none(w, options, "Written: ([0-9]+)", "no message matches --search", "--search=SUBJECT absent")


def no_number_is_missing_where_it_is_judged(w):
    options = _mailbox(w, "cap-none", _message(text="Written: lots GB\n"))
    _finds_none(w, options, "Lost: ([0-9]+)", "no line of the message matches")
    _finds_none(w, options, "Written: ([a-z]+)", 'is no number: "lots"')
    _finds_none(w, _mailbox(w, "cap-empty"), "(.*)", "the mailbox is empty")


def it_costs_no_round_trip_and_changes_no_other_number(w):
    options = _mailbox(w, "cap-cost", _message(text="x\n" * 40000 + "Written: 7 GB\n"))
    for fetch in ("header", "message"):
        plain = w.run(*options, f"--fetch={fetch}", "-vvv", state="OK")
        run = w.run(*options, f"--fetch={fetch}", "-vvv", "--capture=x-size: (.*)", state="OK")
        with told(run):
            assert run.metrics["size"].value == plain.metrics["size"].value
            sent = [re.findall(r"C: \S+ (.*)", "\n".join(r.lines)) for r in (plain, run)]
            assert len(sent[0]) == len(sent[1])
            assert not any("BODY[" in line for line in sent[1]), "a message would be marked as read"
    flags = w.dovecot.doveadm("fetch", "-u", "dora", "flags", "mailbox", "cap-cost")
    assert "\\Seen" in flags


def the_first_64_kib_are_looked_at(w):
    header = _message(text="").replace("\n", "\r\n")
    line = "x" * 98 + "\r\n"
    lines = (65536 - len(header)) // len(line)
    within = header + line * (lines - 1) + "Written: 7 GB\r\n" + line * 2000
    beyond = header + line * (lines + 1) + "Written: 8 GB\r\n" + line * 2000
    for name, message in (("cap-within", within), ("cap-beyond", beyond)):
        options = _mailbox(w, name, message.encode())
        for fetch in ("header", "message"):
            if name == "cap-within":
                _finds(w, options, "Written: ([0-9]+)", 7, f"--fetch={fetch}")
            else:
                _finds_none(w, options, "Written: ([0-9]+)", "no line", f"--fetch={fetch}")


def a_secret_in_a_mail_is_not_repeated(w):
    options = _mailbox(w, "cap-secret", _message(text=f"Password: {USERS['dora']}\n"))
    _finds_none(w, options, "Password: (.*)", r'is no number: "\*\*\*"')


def _noise():
    """Lines that keep an expression thinking."""
    dice = random.Random(1)
    return "".join(dice.choice("ab") if n % 2048 else "\n" for n in range(65000))


def an_expression_that_takes_too_long_ends_at_the_deadline(w):
    if w.is_instrumented:
        raise Skip("a sanitizer takes the memory that this needs")
    options = _mailbox(w, "cap-slow", _message(text=_noise()))
    run = w.run(*options, "-t", "1", "--capture=(.*a.{15})*([0-9]+)z")
    if run.state == "OK":
        raise Skip("nothing takes this machine a second")
    with told(run):
        assert run.state == "CRITICAL" and re.search("^fetch: no end of matching --capture within 1 s", run.text)


def an_expression_that_takes_too_much_memory_is_given_up(w):
    options = _mailbox(w, "cap-greedy", _message(text=_noise()))
    why = "died" if w.is_instrumented else "needs too much memory"
    _finds_none(w, options, ".*a.{80}([0-9]+)", why)


def _answer(items):
    return "* 2 FETCH (UID 11 " + items + ")\r\n{t} OK done\r\n"


def servers_may_name_the_part_as_they_like(w):
    header, text = "BODY[HEADER] {{5}}\r\nA: 1\n", "A: 1\r\n\r\n7"
    literal = f"{{{{{len(text)}}}}}\r\n{text}"
    named = (f"BODY[]<0> {literal}", f"BODY[] {literal}", f"body[]<0> {literal}", 'BODY[]<0> "7"')
    for answer in [f"{header} {part}" for part in named] + [f"{part} {header}" for part in named]:
        with FakeImap({"FETCH": _answer(answer)}, tls=tls_context(w.pki), implicit=True) as server:
            _finds(w, w.to(port=server.port), "^([0-9])$", 7)


def a_server_that_leaves_the_part_out_is_told(w):
    header = "BODY[HEADER] {{5}}\r\nA: 1\n"
    for answer in (header, f"{header} BODY[]<0> NIL", f'{header} BODY[]<0> ""', f"{header} BODY[]<0> (1)"):
        with FakeImap({"FETCH": _answer(answer)}, tls=tls_context(w.pki), implicit=True) as server:
            _finds_none(w, w.to(port=server.port), "([0-9])", "did not send the newest message")


def what_makes_no_sense_is_bad_usage(w):
    bad = {"([0-9]+": "regular expression", "[0-9]+": "group", r"(a)\1": "back-reference",
           r"(\d+)": r"\[0-9\]", "(a{99}){99}": "too large"}
    for pattern, why in bad.items():
        w.run(*w.to(), f"--capture={pattern}", state="UNKNOWN", text=rf"^--capture: .*{why}")
    w.run(*w.to(), "--capture=(a)", "--fetch=none", state="UNKNOWN", text="--capture and --fetch=none")
    w.run(*w.to(user=None), "--capture=(a)", state="UNKNOWN", text="--capture needs a login")
    w.run(*w.to(), "-w", "capture=1", state="UNKNOWN", text="capture cannot be measured: there is no --capture")
