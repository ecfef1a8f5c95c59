# SPDX-License-Identifier: GPL-3.0-or-later
"""The default journey against a real Dovecot: every phase, the numbers, and nothing changed behind it."""

import os
import re
import subprocess

from dovecot import has_ipv6
from servers import Dns, FakeImap, Gate, Proxy, command_name, shows, tls_context
from world import USERS, Skip, alone, told

PHASES = ["dns", "connect", "tls", "greeting", "auth", "select", "fetch", "logout"]


def _went_all_the_way(run, phases=PHASES):
    with told(run):
        timed = [name for name in run.metrics if run.metrics[name].unit == "s" and name != "total"]
        assert sorted(timed) == sorted(phases), f"phases in the perfdata: {timed}"
        assert "total" in run.metrics
        assert run.metrics["messages"].value == 3
        assert 89 < run.metrics["cert_days"].value <= 90


def implicit_tls_goes_the_whole_way(w):
    run = w.run(*w.by_name(), state="OK",
                text=r"^imap\.example\.org INBOX: 3 messages, \d+\.\d{3} s .*certificate expires in (89|90) days$")
    _went_all_the_way(run)


def starttls_goes_the_whole_way(w):
    run = w.run(*w.by_name(tls="starttls"), state="OK", text=r"^imap\.example\.org INBOX: 3 messages, ")
    _went_all_the_way(run)


def an_address_has_no_dns_phase(w):
    run = w.run(*w.to(), state="OK", text=r"^127\.0\.0\.1 INBOX: 3 messages, ")
    _went_all_the_way(run, PHASES[1:])


def an_address_in_the_certificate_is_verified_as_such(w):
    w.run(*w.to(name=None), state="OK")


def perfdata_has_the_same_order_always(w):
    full = list(w.run(*w.by_name(), state="OK").metrics)
    short = list(w.run(*w.to(tls="starttls"), state="OK").metrics)
    assert short == [name for name in full if name != "dns"], (full, short)
    failed = list(w.run(*w.to(user="alice"), "-m", "absent", state="CRITICAL").metrics)
    assert failed == [name for name in full if name in failed], (full, failed)


def a_capability_already_told_is_not_asked_again(w):
    before = w.dovecot.log()
    run = w.run(*w.to(), "-vvv", state="OK")
    with told(run):
        assert len(re.findall(r"CAPABILITY\s*$", "\n".join(run.lines), re.M)) == 0
    assert w.dovecot.log() != before


def a_proxy_header_comes_before_all_else(w):
    for tls, port in (("implicit", w.dovecot.tls_port), ("starttls", w.dovecot.port)):
        with Gate(port) as gate:
            w.run(*w.to(port=gate.port, tls=tls), "--haproxy-protocol", state="OK")
            w.run(*w.to(port=gate.port, tls=tls), "-t", "2", state="CRITICAL")


def localhost_needs_no_name_server(w):
    w.run(*w.to(address="localhost", name=None), state="OK", text=r"^localhost INBOX: 3 messages")


def an_ipv6_literal_works_with_and_without_brackets(w):
    if not has_ipv6():
        raise Skip("no ::1 here")
    w.run(*w.to(address="::1", name=None), state="OK")
    w.run(*w.to(address="[::1]", name=None), state="OK")
    w.run(*w.to(address="::1", name=None), "-6", state="OK")


def a_url_says_host_port_user_and_mailbox(w):
    rest = [f"--ca-file={w.ca}", w.password_file()]
    w.run("-H", f"imaps://alice@localhost:{w.dovecot.tls_port}/INBOX", *rest, state="OK")
    w.run("-H", f"imap://alice@localhost:{w.dovecot.port}", *rest, state="OK")


def without_credentials_it_ends_after_the_greeting(w):
    run = w.run(*w.by_name(user=None), state="OK")
    with told(run):
        assert {"dns", "connect", "tls", "greeting", "logout", "total"} <= set(run.metrics)
        assert not {"auth", "select", "fetch"} & set(run.metrics)


def without_credentials_starttls_is_checked_as_well(w):
    run = w.run(*w.by_name(user=None, tls="starttls"), state="OK")
    with told(run):
        assert {"tls", "cert_days"} <= set(run.metrics) and "auth" not in run.metrics


def an_empty_mailbox_is_fine(w):
    run = w.run(*w.to(user="carol"), state="OK", text=r" INBOX: (0|no) messages, ")
    assert run.metrics["messages"].value == 0


def a_mailbox_name_may_have_any_letters(w):
    names = ["Entwürfe", "日本語", "a&b", 'quo"te', "back\\slash", "two words", "50%"]
    for name in names:
        w.dovecot.doveadm("mailbox", "create", "-u", "dora", name)
    for name in names:
        run = w.run(*w.to(user="dora"), "-m", name, state="OK")
        assert run.metrics["messages"].value == 0


def fetch_message_takes_more_than_fetch_header(w):
    header = w.run(*w.to(), "--fetch=header", state="OK").metrics["size"].value
    message = w.run(*w.to(), "--fetch=message", state="OK").metrics["size"].value
    assert 0 < header < message, (header, message)


def fetch_none_skips_the_phase(w):
    run = w.run(*w.to(), "--fetch=none", state="OK")
    assert "fetch" not in run.metrics and "size" not in run.metrics


def fetch_takes_the_newest_message(w):
    run = w.run(*w.to(), "-vvv", state="OK")
    with told(run):
        assert re.search(r"S: \* 3 FETCH \(.*\bUID 3\b", "\n".join(run.lines))


def each_level_of_verbosity_adds(w):
    lines = [w.run(*w.by_name(), *flags, state="OK").lines for flags in ([], ["-v"], ["-vv"], ["-vvv"])]
    counts = [len(block) for block in lines]
    assert counts == sorted(set(counts)), f"lines after the first: {counts}"
    waterfall = "\n".join(lines[1])
    for phase in PHASES:
        assert re.search(rf"\b{phase}\b", waterfall), f"-v does not show {phase}: {waterfall}"
    assert "127.0.0.1" in "\n".join(lines[2]), "-vv shows the addresses tried"
    assert "Test CA" in "\n".join(lines[2]), "-vv shows the certificates"
    assert "EXAMINE" in "\n".join(lines[3]), "-vvv shows the wire"


def the_wire_transcript_masks_the_secret(w):
    for auth in ("login", "plain", "auto"):
        for user in ("alice", "carol"):
            run = w.run(*w.to(user=user), "-vvv", f"--auth={auth}", state="OK")
            with told(run):
                assert not shows(USERS[user], run.raw)


def both_logins_work_with_awkward_passwords(w):
    for auth in ("login", "plain", "LOGIN", "Plain"):
        w.run(*w.to(user="carol"), f"--auth={auth}", state="OK")


def _seen_from_outside(w, user):
    files = {}
    for top, _, names in os.walk(w.dovecot.maildir(user)):
        for name in names:
            path = os.path.join(top, name)
            files[path] = open(path, "rb").read() if os.path.basename(top) in ("cur", "new", "tmp") else None
    uids = re.findall(rb"^(\d+) .*:(\S+)$", open(w.dovecot.maildir(user) / "dovecot-uidlist", "rb").read(), re.M)
    status = w.dovecot.doveadm("mailbox", "status", "-u", user,
                               "messages recent uidnext uidvalidity unseen highestmodseq", "*")
    flags = w.dovecot.doveadm("fetch", "-u", user, "uid flags modseq date.saved", "mailbox", "*")
    return files, uids, status, flags


def the_mailbox_is_afterwards_as_it_was_before(w):
    for n, flags in ((1, "S"), (2, ""), (3, "FRS"), (4, "T")):
        w.dovecot.deliver("bob", n, flags)
    w.dovecot.deliver("bob", 5)
    w.dovecot.deliver("bob", 6)
    # Dovecot's own bookkeeping (sizes, caches) is settled by another client first.
    w.dovecot.talk(b'a LOGIN bob "correcthorse-0815"\r\nb EXAMINE INBOX\r\n'
                   b"c FETCH 1:* (UID RFC822.SIZE INTERNALDATE BODY.PEEK[] BODY.PEEK[HEADER])\r\nd LOGOUT\r\n")
    w.dovecot.doveadm("mailbox", "status", "-u", "bob", "all", "INBOX")
    before = _seen_from_outside(w, "bob")
    assert "\\Recent" in before[3] and "\\Flagged" in before[3], before[3]
    for more in ([], ["--fetch=message"], ["--measure=uidvalidity"], ["--auth=login"]):
        w.run(*w.to(user="bob"), *more, state="OK")
        w.run(*w.to(user="bob", tls="starttls"), *more, state="OK")
    after = _seen_from_outside(w, "bob")
    for what, (a, b) in zip(("files", "uids", "status", "flags"), zip(before, after)):
        assert a == b, f"{what} differ:\n{a}\n{b}"
    said = w.dovecot.talk(b'a LOGIN bob "correcthorse-0815"\r\nb SELECT INBOX\r\nc LOGOUT\r\n')
    assert re.search(rb"\* [1-6] RECENT", said) and b"* 0 RECENT" not in said, said


def nothing_that_writes_is_ever_asked_for(w):
    reading = {"CAPABILITY", "STARTTLS", "AUTHENTICATE", "EXAMINE", "FETCH", "NOOP", "LOGOUT"}
    for more in ([], ["--fetch=message"], ["--measure=uidvalidity"]):
        with FakeImap(tls=tls_context(w.pki)) as server:
            w.run(*w.to(port=server.port, tls="starttls"), *more)
            heard = [line for _, line in server.heard]
            named = {command_name(line) for line in heard if len(line.split()) > 1}
            assert {"EXAMINE", "FETCH"} <= named <= reading, named
            assert not any(b"BODY[" in line.upper() or b"RFC822" in line.upper() for line in heard), heard


def _measured(w, options, hold):
    """A run through a proxy that holds the `hold`-th reply back, and whether there was such a reply."""
    upstream = w.dovecot.port if "--tls=starttls" in options else w.dovecot.tls_port
    with Proxy(upstream, hold=hold, delay=0.3, settle=0.004) as proxy:
        port = options.index("-p") + 1
        run = w.run(*options[:port], proxy.port, *options[port + 1 :], state="OK")
        return run, proxy.replies >= hold


def _turns(w, options, upstream):
    """How often the server spoke after the client had spoken: the round trips but for TCP's own."""
    with Proxy(upstream, settle=0.004) as proxy:
        port = options.index("-p") + 1
        w.run(*options[:port], proxy.port, *options[port + 1 :], state="OK")
        return proxy.replies


@alone
def no_round_trip_is_superfluous(w):
    """TLS, greeting, login, EXAMINE, FETCH, LOGOUT; CAPABILITY only where it was not told."""
    _calmly(lambda: _check_turns(w))


def _check_turns(w):
    assert _turns(w, w.to(), w.dovecot.tls_port) == 6
    assert _turns(w, w.to(tls="starttls"), w.dovecot.port) <= 8
    silent = {"AUTHENTICATE": "{t} OK welcome\r\n"}
    for caps in ("IMAP4rev1 AUTH=PLAIN SASL-IR", "IMAP4rev1 AUTH=PLAIN"):
        for greeting, more in (("* OK [CAPABILITY {caps}] ready\r\n", []), ("* OK ready\r\n", ["CAPABILITY"])):
            with FakeImap(silent, greeting, tls=tls_context(w.pki), implicit=True, caps=caps) as server:
                turns = _turns(w, w.to(), server.port)
                named = [name for name in server.commands() if name]
                assert named == more + ["AUTHENTICATE", "EXAMINE", "FETCH", "LOGOUT"], named
                assert turns == 2 + len(server.commands()), turns


def _grown_phase(run, base):
    """The one phase that took 300 ms more, None if none did."""
    grown = {p: run.seconds(p) - base.seconds(p) for p in base.metrics if base.metrics[p].unit == "s"}
    total = grown.pop("total")
    moved = [p for p in grown if abs(grown[p]) > 0.03]
    if not moved:
        return None
    assert len(moved) == 1 and abs(grown[moved[0]] - 0.3) <= 0.03, f"phases grew by {grown}"
    assert abs(total - 0.3) <= 0.03, f"total grew by {total}"
    assert 0 <= run.elapsed - run.seconds("total") < 0.06, "the wall clock says otherwise"
    return moved[0]


def _calmly(measure):
    """Three tries: a machine that pauses for 30 ms elsewhere says nothing about the program."""
    for _ in range(2):
        try:
            return measure()
        except AssertionError:
            pass
    return measure()


def _check_delays(w, options, expected):
    """Each reply of the server in turn comes 300 ms late: exactly one phase may tell of it."""
    if w.is_instrumented:
        raise Skip("a sanitizer takes time of its own")
    base = min((_measured(w, options, 0)[0] for _ in range(3)), key=lambda run: run.seconds("total"))

    def late_phase(n):
        run, was_held = _measured(w, options, n)
        with told(run):
            return _grown_phase(run, base) if was_held else None

    late = []
    while len(late) < 20:
        phase = _calmly(lambda: late_phase(len(late) + 1))
        if phase is None:  # what comes after the goodbye is not waited for
            break
        late.append(phase)
    assert list(dict.fromkeys(late)) == expected, f"the replies delayed these phases: {late}"


@alone
def a_late_reply_counts_to_its_phase_alone(w):
    _check_delays(w, w.to(), ["tls", "greeting", "auth", "select", "fetch", "logout"])


@alone
def a_late_reply_counts_to_its_phase_alone_with_starttls(w):
    _check_delays(w, w.to(tls="starttls"), ["greeting", "tls", "auth", "select", "fetch", "logout"])


@alone
def a_late_name_server_counts_to_dns_alone(w):
    base = min((w.run(*w.by_name(), state="OK") for _ in range(3)), key=lambda run: run.seconds("total"))

    def late_phase():
        with Dns(delay=0.3) as dns:
            run = w.run(*w.by_name(), f"--nameserver={dns.where}", state="OK")
        with told(run):
            return _grown_phase(run, base)

    assert _calmly(late_phase) == "dns"


@alone
def a_slow_password_command_is_not_part_of_total(w):
    command = f"--password-command=sleep 0.5; cat {w.dir}/alice.password"

    def measure():
        run = w.run(*w.to(user=None), "-u", "alice", command, state="OK")
        with told(run):
            assert 0.5 <= run.seconds("password") < 0.6
            assert run.seconds("total") < 0.3

    _calmly(measure)


def a_german_locale_changes_nothing(w):
    made = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", f"{w.dir}/de_DE.UTF-8"],
                          capture_output=True, text=True, check=False)
    env = {"LOCPATH": str(w.dir), "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de",
           "ASAN_OPTIONS": "detect_leaks=0"}  # glibc itself leaks a few octets of LOCPATH
    control = subprocess.run(["locale", "decimal_point"], env={**os.environ, **env},
                             capture_output=True, text=True, check=False)
    if control.stdout.strip() != ",":
        raise Skip(f"no German locale can be made here: {made.stderr.strip()[-80:]}")
    limits = ["-w", "0.000001", "-c", "total=20.5,auth=0:15.25", "-D", "20.5,7.5"]
    run = w.run(*w.by_name(), *limits, env=env, state="WARNING")
    plain = w.run(*w.by_name(), *limits, state="WARNING")
    assert list(run.metrics) == list(plain.metrics)
    for name, metric in run.metrics.items():
        same = plain.metrics[name]
        assert (metric.warning, metric.critical) == (same.warning, same.critical), name
    assert (run.metrics["total"].warning, run.metrics["total"].critical) == ("0.000001", "20.5")
    assert run.metrics["auth"].critical == "15.25"
