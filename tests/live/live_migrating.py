# SPDX-License-Identifier: GPL-3.0-or-later
"""The command lines that doc/MIGRATING.md puts side by side say the same, in good times and bad, when both are run;
and where it says that they differ they do. The other checks are those of the distribution."""

import re
import shlex
import subprocess

import examples
from dovecot import ADDRESS_OF, free_port
from guests import packages
from outputs import Json
from papers_world import paper_world
from servers import FakeImap, Silent, tls_context
from world import USERS, WRONG, Skip

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")


def _other(w, name):
    """The program and the environment it needs."""
    where, reason = packages(w)
    program = where / "plugins/usr/lib/nagios/plugins" / name
    if not program.exists():
        raise Skip(reason or f"there is no {name}")
    home = where / "plugins/usr"
    libraries = [str(path.parent) for path in home.glob("lib/*/lib*.so*")]
    modules = [home / "share/perl5", *home.glob("lib/*/perl5/5.*")]
    return str(program), {"PATH": "/usr/bin:/bin", "PERL5LIB": ":".join(map(str, modules)),
                          "LD_LIBRARY_PATH": ":".join(sorted(set(libraries))), "SSL_CERT_FILE": w.ca}


def _pair(name, number=0):
    """The number-th pair of that other check."""
    found = [pair for pair in examples.pairs_of_migrating() if re.search(rf"/{name}( |$)", pair[0])]
    assert len(found) > number, f"doc/MIGRATING.md has {len(found)} command lines of {name}"
    return [shlex.split(text.replace("\\\n", " "))[1:] for text in found[number]]


def _run_before(w, name, arguments, address, port):
    program, environment = _other(w, name)
    there = [address if word == "imap.example.org" else word for word in arguments]
    done = subprocess.run([program, *there, "-p", str(port)], env=environment, capture_output=True, text=True,
                          timeout=60, check=False)
    if "Missing perl modules" in done.stdout or "Can't locate" in done.stderr:
        raise Skip(f"{name}: {done.stdout}{done.stderr}".strip())
    return STATES[done.returncode], done.stdout + done.stderr


def _run_after(w, arguments, address, port):
    words = [address if word == "imap.example.org" else word for word in arguments]
    words = [w.password_file() if word.startswith("--password-file=") else word for word in words]
    trust = [] if "--tls=none" in words else [f"--ca-file={w.ca}", "--sni=imap.example.org"]
    run = w.run(*words, "-p", port, *trust)
    return run.state, str(run)


def _states(w, name, pair, port, address="127.0.0.1", password=USERS["alice"]):
    """What both say, and their outputs for whoever reads the failure."""
    before, after = pair
    before = [password if word == "SECRET" else word for word in before]
    if password == WRONG:
        after = [*after, f"--password-file={w.dir}/wrong.password"]
        state, said = w.run(*_words(w, after, address, port)).state, ""
    else:
        state, said = _run_after(w, after, address, port)
    old, told = _run_before(w, name, before, address, port)
    return old, state, f"{told}\n{said}"


def _words(w, arguments, address, port):
    """As _run_after(), with another password at the end: the last one counts."""
    words = [address if word == "imap.example.org" else word for word in arguments]
    words = [w.password_file() if word.startswith("--password-file=/etc") else word for word in words]
    return [*words, "-p", port, f"--ca-file={w.ca}", "--sni=imap.example.org"]


def _agree(w, name, pair, wanted, port, **more):
    old, ours, said = _states(w, name, pair, port, **more)
    assert (old, ours) == (wanted, wanted), f"{name}: {old}, ours: {ours}, both should be {wanted}\n{said}"


def _differ(w, name, pair, wanted, port, **more):
    old, ours, said = _states(w, name, pair, port, **more)
    assert (old, ours) == wanted, f"{name}: {old}, ours: {ours}, they should be {wanted}\n{said}"


def _with_limits(pair, warning, critical):
    return [[warning if word == "2" else critical if word == "5" else word for word in words] for words in pair]


# --- check_imap, check_simap -----------------------------------------------------------------------------


def check_imap_and_ours_agree(w):
    pair = _pair("check_imap")
    _agree(w, "check_imap", pair, "OK", w.dovecot.port)
    _agree(w, "check_imap", pair, "CRITICAL", free_port())
    _agree(w, "check_imap", _with_limits(pair, "0.0000001", "5"), "WARNING", w.dovecot.port)
    _agree(w, "check_imap", _with_limits(pair, "0.0000001", "0.0000002"), "CRITICAL", w.dovecot.port)
    with Silent() as server:
        _agree(w, "check_imap", [[*words, "-t", "1"] for words in pair], "CRITICAL", server.port)


def check_imap_takes_bye_for_a_warning_and_we_do_not(w):
    with FakeImap(greeting="* BYE overloaded\r\n") as server:
        _differ(w, "check_imap", _pair("check_imap"), ("WARNING", "CRITICAL"), server.port)


def check_simap_and_ours_agree(w):
    for number in 0, 1:
        pair = _pair("check_simap", number)
        _agree(w, "check_simap", pair, "OK", w.dovecot.tls_port)
        _agree(w, "check_simap", pair, "CRITICAL", free_port())
        _agree(w, "check_simap", pair, "CRITICAL", w.dovecot.port)
    _agree(w, "check_simap", _with_limits(_pair("check_simap"), "0.0000001", "5"), "WARNING", w.dovecot.tls_port)


def a_certificate_at_its_end_is_told_by_both(w):
    pair = _pair("check_simap", 1)
    _agree(w, "check_simap", pair, "CRITICAL", w.dovecot.tls_port, address=ADDRESS_OF["expired"])
    _agree(w, "check_simap", pair, "CRITICAL", w.dovecot.tls_port, address=ADDRESS_OF["soon"])
    later = [[word.replace("20,7", "20,3") for word in words] for words in pair]
    _agree(w, "check_simap", later, "WARNING", w.dovecot.tls_port, address=ADDRESS_OF["soon"])


def a_certificate_that_does_not_verify_is_told_by_ours_only(w):
    for name in ("wrongname", "unknown", "selfsigned"):
        _differ(w, "check_simap", _pair("check_simap"), ("OK", "CRITICAL"), w.dovecot.tls_port,
                address=ADDRESS_OF[name])


# --- check_imap_receive ----------------------------------------------------------------------------------


def _receive(w, pair, wanted, **more):
    _agree(w, "check_imap_receive", pair, wanted, paper_world(w).server.tls_port, **more)


def check_imap_receive_and_ours_agree(w):
    pair = _pair("check_imap_receive")
    _receive(w, pair, "OK")
    absent = [[word.replace("backup done", "never sent") for word in words] for words in pair]
    _receive(w, absent, "CRITICAL")
    _receive(w, pair, "CRITICAL", password=WRONG)
    _agree(w, "check_imap_receive", pair, "CRITICAL", free_port())
    nowhere = [[*words, "-m", "Absent"] for words in pair]
    _receive(w, nowhere, "CRITICAL")


def check_imap_receive_and_ours_agree_on_how_many_there_may_be(w):
    pair = _pair("check_imap_receive", 1)
    _receive(w, pair, "OK")
    few = [[word.replace("100", "20").replace("50", "2") for word in words] for words in pair]
    _receive(w, few, "WARNING")
    fewer = [[word.replace("100", "2").replace("50", "1") for word in words] for words in pair]
    _receive(w, fewer, "CRITICAL")


# --- check_imap_quota ------------------------------------------------------------------------------------


def _quota(w, used):
    replies = {"GETQUOTAROOT": f'* QUOTAROOT INBOX ""\r\n* QUOTA "" (STORAGE {used} 10000)\r\n{{t}} OK done\r\n'}
    return FakeImap(replies, tls=tls_context(w.pki), implicit=True, caps="IMAP4rev1 AUTH=PLAIN QUOTA")


def check_imap_quota_and_ours_agree(w):
    pair = _pair("check_imap_quota")
    for used, wanted in ((5000, "OK"), (7900, "OK"), (8100, "WARNING"), (8900, "WARNING"), (9100, "CRITICAL")):
        with _quota(w, used) as server:
            _agree(w, "check_imap_quota", pair, wanted, server.port)
    with _quota(w, 8000) as server:
        _differ(w, "check_imap_quota", pair, ("WARNING", "OK"), server.port)
    _agree(w, "check_imap_quota", pair, "OK", paper_world(w).server.tls_port)
    _agree(w, "check_imap_quota", pair, "CRITICAL", paper_world(w).server.tls_port, password=WRONG)


def a_server_without_quota_is_missing_here_and_ok_there(w):
    _differ(w, "check_imap_quota", _pair("check_imap_quota"), ("OK", "CRITICAL"), w.dovecot.tls_port)


# --- imap_ssl_cert ---------------------------------------------------------------------------------------


def imap_ssl_cert_shows_the_certificate_that_ours_shows(w):
    program, environment = _other(w, "imap_ssl_cert")
    done = subprocess.run([program, "-H", "127.0.0.1", "-p", str(w.dovecot.tls_port)], env=environment,
                          capture_output=True, text=True, timeout=60, check=False)
    if "Can't locate" in done.stderr:
        raise Skip(done.stderr.strip())
    first = re.search(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", done.stdout, re.S)
    assert first, f"{done.stdout}{done.stderr}"
    shown = subprocess.run(["certtool", "--fingerprint", "--hash=sha256"], input=first[0], capture_output=True,
                           text=True, check=True).stdout
    run = w.run(*w.to(user=None), "-o", "json", is_judged=False)
    ours = Json(run.raw, run.code)["tls"]["certificates"][0]["sha256"]
    assert shown.strip().rpartition("=")[2].replace(":", "").lower() == ours.replace(":", "").lower(), (shown, ours)
