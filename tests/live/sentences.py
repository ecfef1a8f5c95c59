# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of the plugin against every real server, whoever wrote it: each function here is one
sentence about the plugin and a server. about() makes tests of them. The numbers that the plugin tells
are compared with those that a raw session is told by the same server."""

import re
import threading
import time

import stock
from guests import ACCOUNTS, guest
from servers import shows
from world import USERS, WRONG, alone, told

ALL = ("messages,unseen,uidvalidity,mailboxes,newest_age,oldest_age,quota_storage,quota_messages,"
       "quota_storage_used")
PORTS = ("implicit", "starttls")

_WRITING = threading.Lock()


def about(name, module, sentences):
    """Tests for the module that calls, about the server of that name: {sentence: test}."""
    def bind(sentence):
        def test(w):
            sentence(w, guest(w, name))
        test.__module__, test.__name__ = module, sentence.__name__
        test.is_alone = getattr(sentence, "is_alone", False)
        return test
    return {sentence.__name__: bind(sentence) for sentence in sentences}


def to(w, server, tls="implicit", user="alice"):
    """Options for a run against the server."""
    port = server.tls_port if tls == "implicit" else server.port
    return w.to(port=port, tls=tls, user=user)


def without_tls_1_3(w):
    """An environment in which the plugin's GnuTLS knows nothing newer than TLS 1.2."""
    path = w.dir / "no-tls-1.3"
    with _WRITING:  # others may be reading it
        if not path.exists():
            w.write(path.name, "[overrides]\ndisabled-version = tls1.3\n")
    return {"GNUTLS_SYSTEM_PRIORITY_FILE": str(path)}


def raw(server, user="alice"):
    return stock.Raw(server, user, USERS[user])


def logged(server, mark):
    """Who has tried to log in since the log had that length; the log may lag behind a little."""
    deadline = time.monotonic() + 5
    while not server.attempts(server.log()[mark:]) and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    return server.attempts(server.log()[mark:])


def the_whole_way_works_over_both_kinds_of_tls(w, server):
    for tls in PORTS:
        for version, env in (("1.3", {}), ("1.2", without_tls_1_3(w))):
            run = w.run(*to(w, server, tls), "-vv", env=env, state="OK",
                        text=r"^127\.0\.0\.1 INBOX: 6 messages, \d+\.\d{3} s .*certificate expires in (89|90) days$")
            with told(run):
                assert f"tls TLS{version} " in "\n".join(run.lines)
                assert {"connect", "tls", "greeting", "auth", "select", "fetch", "logout"} <= set(run.metrics)


@alone
def auto_logs_in_with_one_attempt(w, server):
    for tls in PORTS:
        for env in ({}, without_tls_1_3(w)):
            mark = len(server.log())
            w.run(*to(w, server, tls), env=env, state="OK")
            found = logged(server, mark)
            assert len(found) == 1, found


@alone
def a_wrong_password_is_tried_once(w, server):
    mark = len(server.log())
    run = w.run(*to(w, server, user=None), "-u", "alice", f"--password-file={w.dir}/wrong.password",
                state="CRITICAL", text=r"^auth: server refused alice \([A-Z0-9-]+, chosen by auto\): ")
    with told(run):
        assert "select" not in run.metrics and "auth" in run.metrics
    found = logged(server, mark)
    assert len(found) == 1, found


def no_such_mailbox_is_critical_in_select(w, server):
    w.run(*to(w, server), "-m", server.prefix + "Absent", state="CRITICAL", text=r"^select: .*Absent")


def a_long_and_awkward_password_logs_in_by_each_mechanism(w, server):
    assert len(ACCOUNTS["erik"]) >= 200
    for user in ("carol", "erik"):
        w.write(f"{user}.password", ACCOUNTS[user] + "\n")
        for auth in server.mechanisms:
            run = w.run(*to(w, server, user=user), f"--auth={auth}", "-vvv", state="OK", text="0 messages")
            with told(run):
                assert not shows(ACCOUNTS[user], run.raw)


def the_mailboxes_are_afterwards_as_they_were_before(w, server):
    with raw(server) as session:
        before = session.everything()
    for more in ([], ["--fetch=message"], ["--search=ALL", f"--measure={ALL}"], ["--special-use=Inbox"]):
        for tls in PORTS:
            w.run(*to(w, server, tls), *more)
    with raw(server) as session:
        after = session.everything()
    assert before == after, f"{before}\n{after}"


def every_number_is_what_the_server_itself_says(w, server):
    with raw(server) as session:
        listed, quota, opened = session.mailboxes(), session.quota(), session.examine()
        unseen, dates = session.search("UNSEEN"), session.dates()
        header = session.message(6, "BODY.PEEK[HEADER]")
    usable = [name for name, flags in listed.items() if not {"\\Noselect", "\\NonExistent"} & set(flags)]
    began = int(time.time())
    run = w.run(*to(w, server), f"--measure={ALL}", state="OK")
    ended = int(time.time()) + 1
    got = {name: metric.value for name, metric in run.metrics.items()}
    with told(run):
        assert (got["messages"], got["uidvalidity"]) == (opened["messages"], opened["uidvalidity"])
        assert (got["unseen"], got["mailboxes"]) == (len(unseen), len(usable)) == (3, 6)
        assert began <= got["newest_age"] + max(dates.values()) <= ended
        assert began <= got["oldest_age"] + min(dates.values()) <= ended
        assert max(dates, key=dates.get) == stock.NEWEST and min(dates, key=dates.get) == stock.OLDEST
        assert got["size"] == len(header)
        (storage, storage_limit), (count, count_limit) = quota["STORAGE"], quota["MESSAGE"]
        assert got["quota_storage_used"] == storage * 1024
        assert float(run.metrics["quota_storage_used"].maximum) == storage_limit * 1024
        assert abs(got["quota_storage"] - 100 * storage / storage_limit) < 0.01
        assert abs(got["quota_messages"] - 100 * count / count_limit) < 0.01


def ages_in_a_large_mailbox_are_right(w, server):
    """Where a message need not be appended by a command of its own. The newest and the oldest message are in the middle."""
    dates = [1600000000 + 60 * ((n * 1009) % 3001) for n in range(2500)]
    with raw(server, "bob") as session:
        session.append_many(dates)
        session.examine()
        truth = session.dates()
    assert list(truth.values()) == dates and max(truth, key=truth.get) not in (1, len(dates))
    for keys, chosen in (([], truth), (["--search=UID 500:2499"], {n: truth[n] for n in range(500, 2500)})):
        began = int(time.time())
        run = w.run(*to(w, server, user="bob"), *keys, "--measure=newest_age,oldest_age", state="OK",
                    text=" 2500 messages")
        with told(run):
            for name, date in (("newest_age", max(chosen.values())), ("oldest_age", min(chosen.values()))):
                assert began <= run.metrics[name].value + date <= int(time.time()) + 1, name


def ages_are_the_same_in_every_time_zone(w, server):
    with raw(server) as session:
        session.examine()
        dates = session.dates()
    for zone in ("America/St_Johns", "Europe/Berlin", "Australia/Lord_Howe"):
        began = int(time.time())
        run = w.run(*to(w, server), "--measure=newest_age,oldest_age", env={"TZ": zone}, state="OK")
        with told(run):
            for name, date in (("newest_age", max(dates.values())), ("oldest_age", min(dates.values()))):
                assert began <= run.metrics[name].value + date <= int(time.time()) + 1, zone


def each_threshold_gives_each_state(w, server):
    with raw(server) as session:
        dates = (session.examine(), session.dates())[1]
    now = time.time()
    truth = {"messages": 6, "unseen": 3, "mailboxes": 6, "newest_age": now - max(dates.values()),
             "oldest_age": now - min(dates.values()), "quota_messages": 0.15, "quota_storage": 0.01, "size": 100}
    for name, value in truth.items():
        low, high = value / 2, value * 20 + 1000
        w.run(*to(w, server), "-w", f"{name}={high:.3f}", "-c", f"{name}={2 * high:.3f}", state="OK")
        w.run(*to(w, server), "-w", f"{name}={low:.3f}", "-c", f"{name}={high:.3f}", state="WARNING")
        w.run(*to(w, server), "-w", f"{name}={high:.3f}", "-c", f"{name}={low:.3f}", state="CRITICAL")


def a_search_finds_what_a_raw_search_finds(w, server):
    for keys in ("ALL", 'SUBJECT "backup"', "UNSEEN SINCE 1-Nov-2025", "SEEN NOT ANSWERED", 'BODY "message 4"',
                 'OR FLAGGED SUBJECT "backup done"', 'SUBJECT "no such thing"', "UID 2:4", "BEFORE 1-Jan-2025"):
        with raw(server) as session:
            session.examine()
            hits, dates = session.search(keys), session.dates()
        run = w.run(*to(w, server), f"--search={keys}", "--measure=newest_age,oldest_age", "-vvv",
                    state="OK")
        with told(run):
            assert run.metrics["matched"].value == len(hits)
            assert ("newest_age" in run.metrics) == bool(hits)
            for name, choose in (("newest_age", max), ("oldest_age", min)) if hits else ():
                date = choose(dates[uid] for uid in hits)
                assert -1 <= run.metrics[name].value + date - time.time() + run.elapsed + 1 <= 4 + run.elapsed
            if hits:
                assert re.search(rf"\* \d+ FETCH \(.*\bUID {max(hits)}\b", "\n".join(run.lines))


def a_search_may_be_for_any_letters(w, server):
    for keys in ('SUBJECT "Bücher"', 'OR SUBJECT "Bücher" SUBJECT "日本"'):
        run = w.run(*to(w, server), f"--search={keys}", state="OK")
        assert run.metrics["matched"].value == 1, run


def a_search_that_is_none_is_refused_with_the_servers_words(w, server):
    w.run(*to(w, server), "--search=BOGUS", state="CRITICAL", text=r"^search: .*\S")


def nothing_found_violates_newest_age_and_satisfies_oldest_age(w, server):
    empty = ["-m", server.prefix + "Empty"]
    for where in (empty, ['--search=SUBJECT "no such thing"']):
        w.run(*to(w, server), *where, "-c", "newest_age=999999999", state="CRITICAL", text="newest")
        w.run(*to(w, server), *where, "-c", "oldest_age=1", state="OK")


def a_whole_message_has_its_size(w, server):
    with raw(server) as session:
        session.examine()
        message = session.message(6)
    run = w.run(*to(w, server), "--fetch=message", state="OK")
    assert run.metrics["size"].value == len(message), run


def a_mailbox_may_have_any_name(w, server):
    for name in ("Entwürfe", "two words"):
        w.run(*to(w, server), "-m", server.prefix + name, state="OK", text="0 messages")


def demanded_capabilities_are_looked_for_after_login(w, server):
    with raw(server) as session:
        offered = session.capabilities()
    there = [name for name in ("IDLE", "UIDPLUS", "NAMESPACE", "QUOTA") if name in offered]
    assert len(there) == 4, offered
    w.run(*to(w, server), f"--capability={','.join(there)},-X-NOTHING", state="OK")
    w.run(*to(w, server), "--capability=X-NOTHING", state="CRITICAL", text="X-NOTHING")
    w.run(*to(w, server), "--capability=-IDLE", state="WARNING", text="IDLE")


def capture_finds_a_number_in_the_newest_message(w, server):
    run = w.run(*to(w, server), "--capture=It took ([0-9]+) s", state="OK")
    assert run.metrics["capture"].value == 77, run
    run = w.run(*to(w, server), "--search=SUBJECT done", "--capture=for ([0-9]+) files", "-w", "capture=50",
                state="WARNING")
    assert run.metrics["capture"].value == 56, run
    run = w.run(*to(w, server), "--capture=no such ([0-9]+)", state="OK")
    assert "capture" not in run.metrics, run
    w.run(*to(w, server), "--capture=no such ([0-9]+)", "-w", "capture=50", state="CRITICAL")


def nothing_of_the_secret_is_in_the_transcript(w, server):
    for auth in server.mechanisms:
        run = w.run(*to(w, server), f"--auth={auth}", "-vvv", state="OK")
        with told(run):
            assert not shows(USERS["alice"], run.raw)


def each_mechanism_that_it_offers_logs_in(w, server):
    """Those with a password; over both kinds of TLS, in both versions."""
    for auth in server.mechanisms:
        for tls in PORTS:
            for env in ({}, without_tls_1_3(w)):
                run = w.run(*to(w, server, tls), f"--auth={auth}", "-vv", env=env, state="OK")
                with told(run):
                    assert any(line.startswith("login by ") for line in run.lines)


def each_mechanism_that_it_offers_tells_a_wrong_password(w, server):
    for auth in server.mechanisms:
        run = w.run(*to(w, server, user=None), "-u", "alice", f"--password-file={w.dir}/wrong.password",
                    f"--auth={auth}", "-t", "20", state="CRITICAL", text=r"^auth: server refused alice \([A-Z0-9 -]+\): ")
        with told(run):
            assert "auto" not in run.text and not shows(WRONG, run.raw)


def a_client_certificate_logs_in(w, server):
    certificate = [f"--client-cert={w.pki}/client.pem", f"--client-key={w.pki}/client.key"]
    for tls in PORTS:
        for env in ({}, without_tls_1_3(w)):
            w.run(*to(w, server, tls, user=None), "--auth=external", *certificate, env=env, state="OK",
                  text="6 messages")
    w.run(*to(w, server, user=None), "--auth=external", state="CRITICAL", text="^auth: ")


def a_mechanism_that_it_does_not_offer_is_missing(w, server):
    for auth in server.not_offered:
        options = to(w, server, user=None if auth == "gssapi" else "alice")
        w.run(*options, f"--auth={auth}", state="CRITICAL", text=r"^auth: server does not offer ")


EVERYWHERE = [sentence for name, sentence in list(globals().items())
              if callable(sentence) and getattr(sentence, "__module__", "") == __name__
              and name not in ("ages_in_a_large_mailbox_are_right", "about", "to", "without_tls_1_3", "raw", "logged")]
