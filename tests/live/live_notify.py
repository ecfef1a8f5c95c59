# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/notify/imap-full-notify by itself: what it makes of what an engine hands it, and what a stranger's text can
not make of it. tests/engines has it called by real engines."""

import datetime
import email
import email.policy
import http.server
import json
import subprocess
import threading

from world import HERE

PROGRAM = HERE.parent.parent / "contrib/notify/imap-full-notify"

FACTS = {
    "TYPE": "PROBLEM", "HOST": "imap01", "ADDRESS": "192.0.2.10", "SERVICE": "imap", "STATE": "CRITICAL",
    "SINCE": "1795660000", "PLACE": "satellite-berlin", "TO": "oncall@example.org",
    "RUNBOOK": "https://wiki.example.org/RUNBOOK.md",
    "OUTPUT": "IMAP CRITICAL - auth: server refused alice (PLAIN): no (imap01:993, 0.1 s) |total=0.1s;;;0\n"
              "[CRITICAL] auth: server refused alice (PLAIN): no\nclass: auth",
}


def _notify(w, way, facts, code=0):
    done = subprocess.run([PROGRAM, way], env={"PATH": "/usr/bin:/bin", **{f"NOTIFY_{k}": v for k, v in facts.items()}},
                          cwd=w.dir, capture_output=True, text=True, timeout=40, check=False)
    assert done.returncode == code, done.stderr
    assert (done.stderr == "") == (code == 0), done.stderr
    return done.stderr


def _mail(w, name, **more):
    """(words of the command line, the mail) that sendmail gets."""
    folder = w.dir / f"notify-{name}"
    folder.mkdir()
    sendmail = folder / "sendmail"
    sendmail.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{folder}/words\ncat >{folder}/mail\n')
    sendmail.chmod(0o755)
    _notify(w, "mail", {**FACTS, "SENDMAIL": str(sendmail), **more})
    raw = (folder / "mail").read_bytes()
    return (folder / "words").read_text().split("\n")[:-1], email.message_from_bytes(raw, policy=email.policy.default)


class _Listener:
    """Keeps (path, headers, document) of what is posted. What is got is the alerts that fire by the last post, as
    Alertmanager would say."""

    def __init__(self, status=200):
        posts = self.posts = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                now = datetime.datetime.now(datetime.timezone.utc).isoformat()
                last = posts[-1][2] if posts else []
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps([alert for alert in last if alert["endsAt"] > now]).encode())

            def do_POST(self):  # pylint: disable=invalid-name
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posts.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def a_mail_has_phase_class_and_link(w):
    words, mail = _mail(w, "plain")
    assert words == ["-i", "--", "oncall@example.org"]
    assert mail["Subject"] == "PROBLEM CRITICAL in auth: imap on imap01" and mail["To"] == "oncall@example.org"
    text = mail.get_content()
    assert text.startswith("IMAP CRITICAL - auth: server refused alice (PLAIN): no (imap01:993, 0.1 s)\n\n"), text
    for line in ("Phase:      auth", "Class:      auth", "Runbook:    https://wiki.example.org/RUNBOOK.md#auth",
                 "Host:       imap01 (192.0.2.10)", "Asked from: satellite-berlin",
                 "Since:      2026-11-26 02:26:40 UTC"):
        assert f"\n{line}\n" in text, text


def a_stranger_adds_no_header_and_no_command(w):
    evil = "x\r\nBcc: all@example.org\r\n\r\n$(touch touched) `touch touched` '; touch touched; '"
    words, mail = _mail(w, "evil", SERVICE=evil, HOST=evil, STATE=evil, TYPE=evil, COMMENT=evil, AUTHOR=evil,
                        OUTPUT=evil, PLACE=evil)
    assert words == ["-i", "--", "oncall@example.org"]
    assert mail["Bcc"] is None and set(mail.keys()) == {
        "Subject", "To", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"}, mail.keys()
    assert not (w.dir / "touched").exists()


def a_stranger_does_not_choose_the_class(w):
    forged = "IMAP CRITICAL - auth: no\\nclass: usage (h:993)\n[CRITICAL] auth: no\\nclass: usage\nclass: auth"
    _, mail = _mail(w, "forged", OUTPUT=forged)
    assert "\nClass:      auth\n" in mail.get_content(), mail
    first, _, rest = forged.partition("\n")
    escaped = rest.replace("\\", "\\\\").replace("\n", "\\n")
    _, mail = _mail(w, "forged-nagios", OUTPUT=first, LONG_OUTPUT=escaped)
    assert "\nClass:      auth\n" in mail.get_content() and "\n[CRITICAL] auth: no\\nclass: usage\n" in mail.get_content()


def what_has_no_class_links_to_the_whole_page(w):
    _, mail = _mail(w, "killed", OUTPUT="<Timeout exceeded.>", STATE="CRITICAL")
    text = mail.get_content()
    assert "\nRunbook:    https://wiki.example.org/RUNBOOK.md\n" in text and "Class:" not in text, text
    _, mail = _mail(w, "usage", OUTPUT=w.run("--no-such-option", is_judged=False).raw.decode(), STATE="UNKNOWN")
    assert "#usage\n" in mail.get_content()
    _, mail = _mail(w, "unset", RUNBOOK="$imap_full_runbook$", PLACE="")
    assert "Runbook:" not in mail.get_content() and "Asked from:" not in mail.get_content()


def each_real_failure_names_its_class(w):
    for name, options, failure in (
            ("refused", [*w.to(port=1)], "connect"), ("expired", w.to(address="127.0.0.3"), "certificate"),
            ("slow", [*w.to(), "-w", "total=0"], "thresholds"), ("absent", [*w.to(), "-m", "Absent"], "refused")):
        _, mail = _mail(w, f"real-{name}", OUTPUT=w.run(*options).raw.decode())
        assert f"\nClass:      {failure}\n" in mail.get_content(), mail
        assert f"RUNBOOK.md#{failure}\n" in mail.get_content(), mail


def an_address_that_is_none_is_refused(w):
    for to in ("", "-oQ/tmp@example.org", "a@b, c@d", "a b@example.org", "a@b\nBcc: c@d"):
        said = _notify(w, "mail", {**FACTS, "TO": to, "SENDMAIL": "/bin/false"}, code=1)
        assert "NOTIFY_TO" in said, said
    assert "exit status 1" in _notify(w, "mail", {**FACTS, "SENDMAIL": "/bin/false"}, code=1)


def a_webhook_gets_one_object(w):
    token = w.write("token", "s3same\nsecond line\n")
    with _Listener() as listener:
        _notify(w, "webhook", {**FACTS, "URL": listener.url + "/x?y", "TOKEN_FILE": token})
    (path, headers, document), = listener.posts
    assert path == "/x?y" and headers["Authorization"] == "Bearer s3same"
    assert headers["Content-Type"] == "application/json"
    assert document["class"] == document["phase"] == "auth" and document["since"] == "2026-11-26T02:26:40+00:00"
    assert document["lines"] == ["[CRITICAL] auth: server refused alice (PLAIN): no", "class: auth"]


def a_webhook_that_is_not_there_or_refuses_is_told(w):
    with _Listener(status=500) as listener:
        assert "500" in _notify(w, "webhook", {**FACTS, "URL": listener.url}, code=1)
    assert "refused" in _notify(w, "webhook", {**FACTS, "URL": "http://127.0.0.1:1/"}, code=1)
    for url in ("", "file:///etc/passwd", "ftp://127.0.0.1/"):
        assert "NOTIFY_URL" in _notify(w, "webhook", {**FACTS, "URL": url}, code=1)


def an_alert_keeps_its_labels_until_it_is_over(w):
    """Of two severities the one that no longer holds ends when the other begins."""
    with _Listener() as listener:
        for state, kind in (("OK", "RECOVERY"), ("WARNING", "PROBLEM"), ("CRITICAL", "PROBLEM"), ("OK", "RECOVERY")):
            _notify(w, "alertmanager", {**FACTS, "URL": listener.url + "/", "STATE": state, "TYPE": kind})
    assert [path for path, _, _ in listener.posts] == ["/api/v2/alerts"] * 3
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    told = [{alert["labels"].pop("severity"): alert["endsAt"] > now for alert in alerts}
            for _, _, alerts in listener.posts]
    assert told == [{"warning": True}, {"warning": False, "critical": True}, {"critical": False}], told
    assert all(alert["labels"] == {"alertname": "ImapCheckFailing", "host": "imap01", "service": "imap"}
               for _, _, alerts in listener.posts for alert in alerts), listener.posts
    notes = listener.posts[0][2][0]["annotations"]
    assert notes["runbook_url"].endswith("#auth") and notes["class"] == notes["phase"] == "auth", notes
