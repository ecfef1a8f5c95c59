# SPDX-License-Identifier: GPL-3.0-or-later
"""letter.py WRITER - reads what WRITER prints (write_letter.c) with Python's email package. TAP."""

import email
import email.header
import email.policy
import email.utils
import random
import re
import subprocess
import sys
import time

ALICE = ("imap.example.org", "alice", "Sent")


def write(*arguments):
    done = subprocess.run([sys.argv[1], *arguments], stdout=subprocess.PIPE, check=True)
    return done.stdout


def read(*arguments):
    return look_at(write(*arguments))


def look_at(octets):
    """The message, once its form was looked at."""
    assert octets.isascii()
    assert b"\n" not in octets.replace(b"\r\n", b"") and b"\r" not in octets.replace(b"\r\n", b"")
    lines = octets.decode("ascii").split("\r\n")
    assert max(map(len, lines)) <= 998
    for line in lines[:lines.index("")]:
        assert "=?" not in line or len(line) <= 76, line
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert not message.defects, message.defects
    for name, value in message.items():
        assert not value.defects, (name, value.defects)
    return message


def decode(text):
    return str(email.header.make_header(email.header.decode_header(text)))


def addresses(octets, name):
    """By the older half of the package: the newer one puts a blank between two encoded words."""
    raw = email.message_from_bytes(octets, policy=email.policy.compat32)[name]
    return [(decode(person), spec) for person, spec in email.utils.getaddresses([raw])]


def what_is_there_by_default():
    message = read(*ALICE)
    assert message["From"] == message["To"] == "alice@imap.example.org"
    assert sorted(message.keys()) == sorted([
        "Date", "From", "To", "Subject", "Message-ID", "X-Check-Imap-Full",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding"])
    assert re.fullmatch(r"<[0-9a-f]{16}\.check-imap-full@imap\.example\.org>", message["Message-ID"])
    assert message.get_content_type() == "text/plain"
    assert message["X-Check-Imap-Full"].startswith("id=")


def the_date_is_now():
    seconds = email.utils.parsedate_to_datetime(read(*ALICE)["Date"]).timestamp()
    assert abs(time.time() - seconds) < 3600


def people_are_read_back():
    people = [("", "bob@example.org"), ("Carol", "carol@example.org"),
              ("Zoë Æ", "zoe@example.org"), ("Doe, J. \"JD\" \\", "jd@example.org"),
              ("日本語" * 20, "long@example.org"), ("x" * 200, "x" * 64 + "@example.org"),
              ("a b " * 30 + "c", "abc@example.org")]
    given = ["%s <%s>" % one if one[0] else one[1] for one in people]
    octets = write(*ALICE, "--from=Ops, Night <ops@example.org>", *["--to=" + one for one in given],
                   *["--cc=" + one for one in given], "--bcc=" + given[2])
    look_at(octets)
    assert addresses(octets, "From") == [("Ops, Night", "ops@example.org")]
    assert addresses(octets, "To") == addresses(octets, "Cc") == people
    assert addresses(octets, "Bcc") == [people[2]]


def an_internationalized_domain_is_in_a_labels():
    octets = write(*ALICE, "--from=Bü <a@bücher.example>")
    look_at(octets)
    assert addresses(octets, "From") == [("Bü", "a@xn--bcher-kva.example")]


def subjects_are_read_back():
    words = ["backup", "done", "é", "日本語", "=?UTF-8?Q?x?=", "📧", "a" * 70, "\"q\"", "(c)", "x" * 300]
    for seed in range(150):
        chance = random.Random(seed)
        text = " ".join(chance.choice(words) for _ in range(chance.randint(1, 40)))
        assert read(*ALICE, "--subject=" + text)["Subject"] == text, text


def bodies_are_read_back():
    words = ["line", "é", "📧", ".", "From me", "=3D", "\t", "x" * 400, "--", ""]
    for seed in range(150):
        chance = random.Random(seed)
        lines = [" ".join(chance.choice(words) for _ in range(chance.randint(0, 8)))
                 for _ in range(chance.randint(1, 30))]
        text = chance.choice(["\n", "\r\n", "\r"]).join(lines)
        got = read(*ALICE, "--body=" + text).get_payload(decode=True).decode("utf-8")
        wanted = "".join(line + "\r\n" for line in lines)
        assert got in (wanted, wanted[:-2]), (text, got)


def names_of_people_and_mailboxes_do_not_break_the_mark():
    for name in ("a\r\nBcc: eve@example.org\r\n\r\nx", "日本語" * 100, "a;b=\"c\"(", "id=0;time=1"):
        message = read("imap.example.org", name, name)
        assert message["Bcc"] is None
        assert re.match(r"id=[0-9a-f]{32}; time=\d+; run=[0-9a-f]{16}; check=append; host=imap",
                        message["X-Check-Imap-Full"])


TESTS = [what_is_there_by_default, the_date_is_now, people_are_read_back,
         an_internationalized_domain_is_in_a_labels, subjects_are_read_back, bodies_are_read_back,
         names_of_people_and_mailboxes_do_not_break_the_mark]


def main():
    print("1..%d" % len(TESTS))
    for number, test in enumerate(TESTS, 1):
        try:
            test()
            print("ok %d - %s" % (number, test.__name__))
        except Exception as why:  # whatever it is, it is this test's
            print("# %r" % why)
            print("not ok %d - %s" % (number, test.__name__))


main()
