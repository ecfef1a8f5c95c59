# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real servers have in their mailboxes, put there by a raw IMAP session (Python's imaplib), and
what such a session tells about them: the truth that the plugin's numbers are compared with. Knows
nothing of the plugin."""

import calendar
import imaplib
import re
import ssl
import time

# Flags, date of arrival, subject and text: the order of arrival is not that of the UIDs, the dates are
# on both sides of the ends of daylight saving time, and the newest message is not the last one.
MESSAGES = [
    (r"(\Seen)", "20-Oct-2025 10:00:00 +0200", "message 1", "The first one."),
    (r"()", "01-Nov-2025 12:00:00 +0000", "backup done", "It took 1234 s for 56 files."),
    (r"(\Flagged)", "05-Jan-2024 08:30:00 -0500", "=?UTF-8?Q?B=C3=BCcher?=", "Umlauts above."),
    (r"(\Seen \Answered)", "26-Oct-2025 02:30:00 +0200", "message 4", "In the hour that comes twice."),
    (r"(\Seen)", "26-Oct-2025 02:30:00 +0100", "message 5", "In the same hour, an hour later."),
    (r"()", "29-Mar-2025 23:59:59 -0800", "backup failed", "It took 77 s."),
]
NEWEST, OLDEST = 2, 3
FOLDERS = ["Sent", "Trash", "Empty", "Entw&APw-rfe", "two words"]
QUOTA_STORAGE, QUOTA_MESSAGES = 10000, 4000  # KiB, count


def _text(n, subject, body):
    return (f"From: Alice Example <alice@example.org>\r\nTo: bob@example.org\r\nSubject: {subject}\r\n"
            f"Date: Sat, 1 Nov 2025 12:00:{n:02d} +0000\r\nMessage-ID: <{n}@example.org>\r\n"
            f"X-Number: {n}\r\n\r\n{body}\r\nThis is message {n}.\r\n").encode()


def seconds_of(internal_date):
    """Seconds since 1970 of an IMAP date-time, whose day may have a blank before it."""
    match = re.search(r"([ \d]\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)", internal_date)
    day, month, year, hour, minute, second, sign, zone_h, zone_m = match.groups()
    month = time.strptime(month, "%b").tm_mon
    away = (int(zone_h) * 60 + int(zone_m)) * 60 * (1 if sign == "+" else -1)
    return calendar.timegm((int(year), month, int(day), int(hour), int(minute), int(second))) - away


def no_verification():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Raw:
    """One logged-in session over TLS; every answer must be OK."""

    def __init__(self, server, user, password):
        self.imap = imaplib.IMAP4_SSL("127.0.0.1", server.tls_port, ssl_context=no_verification(), timeout=60)
        self.imap.is_readonly = True  # else it takes EXAMINE's [READ-ONLY] for a fault
        self.imap.login(user, password)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.imap.logout()

    def do(self, name, *arguments):
        """Any command: the untagged answers of that name, as text."""
        imaplib.Commands[name] = ("NONAUTH", "AUTH", "SELECTED")
        self.imap.untagged_responses.clear()
        status, said = self.imap._simple_command(name, *arguments)  # pylint: disable=protected-access
        assert status == "OK", f"{name} {arguments}: {status} {said}"
        return {key: [part if isinstance(part, bytes) else part[0] + b" " + part[1] for part in parts]
                for key, parts in self.imap.untagged_responses.items()}

    def capabilities(self):
        return set(self.do("CAPABILITY")["CAPABILITY"][0].decode().upper().split())

    def examine(self, mailbox="INBOX"):
        said = self.do("EXAMINE", f'"{mailbox}"')
        return {"messages": int(said["EXISTS"][0]), "uidvalidity": int(said["UIDVALIDITY"][0])}

    def search(self, *keys):
        said = self.do("UID", "SEARCH", *keys).get("SEARCH", [b""])
        return [int(uid) for uid in b" ".join(part or b"" for part in said).split()]

    def dates(self):
        """Arrival, in seconds since 1970, of every message by UID."""
        found = {}
        for line in self.do("UID", "FETCH", "1:*", "(UID INTERNALDATE)").get("FETCH", []):
            text = line.decode()
            found[int(re.search(r"UID (\d+)", text)[1])] = seconds_of(re.search(r'INTERNALDATE "([^"]+)"', text)[1])
        return found

    def message(self, uid, part="BODY.PEEK[]"):
        """The octets of a message, or of a part of it, which come as a literal."""
        self.do("UID", "FETCH", str(uid), f"({part})")
        return next(said[1] for said in self.imap.untagged_responses["FETCH"] if isinstance(said, tuple))

    def quota(self):
        """{resource: (used, limit)} of INBOX's only root."""
        said = b" ".join(self.do("GETQUOTAROOT", "INBOX").get("QUOTA", [])).decode()
        return {name: (int(used), int(limit)) for name, used, limit
                in re.findall(r"([A-Z][A-Z-]+) (\d+) (\d+)", said[said.rfind("("):])}

    def mailboxes(self):
        """{name: attributes} of all there are."""
        found = {}
        for line in self.do("LIST", '""', '"*"').get("LIST", []):
            flags, name = re.match(r'\((.*?)\) (?:"."|NIL) (.+)', line.decode()).groups()
            found[name.strip('"')] = flags.split()
        return found

    def everything(self):
        """All that a session can see of the mailboxes without changing it."""
        seen = {}
        for name in self.mailboxes():
            items = "(MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"
            seen[name] = self.do("STATUS", f'"{name}"', items)["STATUS"]
            self.do("EXAMINE", f'"{name}"')
            seen[name] += self.do("UID", "FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE)").get("FETCH", [])
        return seen

    def append_many(self, dates, mailbox="INBOX"):
        """One message for each date of arrival, in seconds since 1970; wants MULTIAPPEND and LITERAL+."""
        parts = []
        for date in dates:
            when = time.strftime("%d-%b-%Y %H:%M:%S +0000", time.gmtime(date)).encode()
            parts.append(b' "%s" {14+}\r\nSubject: x\r\n\r\n' % when)
        tag = self.imap._new_tag()  # pylint: disable=protected-access
        self.imap.tagged_commands[tag] = None
        self.imap.send(tag + b" APPEND " + mailbox.encode() + b"".join(parts) + b"\r\n")
        status, said = self.imap._get_tagged_response(tag)  # pylint: disable=protected-access
        assert status == "OK", said

    def fill(self, prefix=""):
        for n, (flags, date, subject, body) in enumerate(MESSAGES, 1):
            status, said = self.imap.append("INBOX", flags, f'"{date}"', _text(n, subject, body))
            assert status == "OK", said
        have = self.mailboxes()
        for name in FOLDERS:
            if prefix + name not in have:
                self.do("CREATE", f'"{prefix}{name}"')
        self.everything()  # what a server notes down about a mailbox at its first opening is noted down
