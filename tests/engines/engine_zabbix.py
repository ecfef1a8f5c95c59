# SPDX-License-Identifier: GPL-3.0-or-later
"""Zabbix 6.0 with PostgreSQL, and the template of contrib/zabbix: what is imported, measured, alerted, and
where the password is not."""

import json
import os
import re
import shutil
import time

from dovecot import Dovecot
from engine import CONTRIB, ProcessList, files_with, finish, give_to, until
from systemd_box import SystemdBox
from zabbix import NEEDS  # noqa: F401  (for run)
from zabbix_stage import PASSWORD, TEMPLATE, Stage, StandIn

NETWORK = ("connect", "tls", "greeting")
WITH_LOGIN = (*NETWORK, "auth", "quota", "select", "search", "fetch", "logout")
def _stage(w):
    if "zabbix" not in w.guests:
        w.guests["zabbix"] = Stage(w)
        w.guests["zabbix"].start()
    return w.guests["zabbix"]


def _host(w):
    """The host whose mail server is well, as all tests leave it."""
    stage = _stage(w)
    if "zabbix host" not in w.guests:
        w.guests["zabbix host"] = stage.add_host("mail.example.org")
        until("a good session", lambda: stage.value(w.guests["zabbix host"], "imap.session.state") == "0")
    return w.guests["zabbix host"]


def _only_problem(stage, host, name, seconds=30):
    """Waits for a problem of that name; there must be no other, then or a little later."""
    until(f"the problem {name!r}", lambda: stage.problems(host), seconds)
    time.sleep(3)
    found = stage.problems(host)
    assert len(found) == 1, f"one fault, these problems: {[p['name'] for p in found]}"
    assert re.match(name, found[0]["name"]), f"the problem is {found[0]['name']!r}, expected {name!r}"
    return found[0]


# --- import and values -----------------------------------------------------------------------------

def the_template_is_imported_as_it_is_shipped(w):
    stage = _stage(w)
    found = stage.zabbix.api("template.get", {
        "templateids": stage.template, "selectItems": "count", "selectTriggers": "count", "selectDashboards": "count",
        "selectGraphs": "count"})[0]
    assert int(found["dashboards"]) == 1 and int(found["items"]) > 40 and int(found["triggers"]) > 50, found
    # A later version tells it in words of its own.
    if stage.zabbix.version == (6, 0):
        same = stage.zabbix.differences(TEMPLATE)
        assert same == [], f"what Zabbix made of the file differs from it: {json.dumps(same)[:2000]}"


def a_good_session_reaches_the_items(w):
    stage, host = _stage(w), _host(w)
    expected = {f"imap.phase.duration[{phase}]" for phase in WITH_LOGIN} | {
        "imap.session.state", "imap.session.summary", "imap.session.problem.class", "imap.session.problem.phase",
        "imap.session.duration", "imap.phase.failed.duration", "imap.certificate.days", "imap.certificate.expires",
        "imap.certificate.lifetime", "imap.certificate.fingerprint", "imap.tls.version", "imap.messages",
        "imap.unseen", "imap.newest.age", "imap.fetched", "imap.quota.used", "imap.quota.used.bytes",
        "imap.quota.messages.used", "imap.uidvalidity"}

    def with_values():
        return {key for key, item in stage.items(host).items() if int(item["lastclock"])}

    until("a session", lambda: "imap.uidvalidity" in with_values())
    time.sleep(3)
    assert with_values() == expected, f"too much or too little: {with_values() ^ expected}"
    items = stage.items(host)
    ill = {key: item["error"] for key, item in items.items() if item["state"] != "0" or item["error"]}
    assert not ill, f"not supported: {ill}"
    values = {key: items[key]["lastvalue"] for key in expected}
    assert values["imap.session.state"] == "0" and values["imap.session.problem.class"] == "none"
    assert re.match(r"127\.0\.0\.1 INBOX: \d+ messages, ", values["imap.session.summary"]), values
    assert values["imap.tls.version"] == "TLS1.3" and len(values["imap.certificate.fingerprint"]) == 64
    assert 80 < float(values["imap.certificate.days"]) < 91 == round(float(values["imap.certificate.lifetime"]))
    in_days = (int(values["imap.certificate.expires"]) - time.time()) / 86400
    assert abs(in_days - float(values["imap.certificate.days"])) < 0.2, values
    assert int(values["imap.messages"]) > 0 and float(values["imap.quota.used"]) > 0
    parts = sum(float(values[f"imap.phase.duration[{phase}]"]) for phase in WITH_LOGIN)
    assert 0 < parts < 2 and float(values["imap.session.duration"]) > 0


def a_session_with_sync_reaches_its_items(w):
    stage = _stage(w)
    ini = stage.etc / "sync.ini"
    ini.write_text(f"[x]\nappend=Sent\nsync=Empty\nca-file={stage.etc / 'ca.pem'}\n")
    host = stage.add_host("sync", OPTION=f"--extra-opts=x@{ini}")
    try:
        until("a session", lambda: stage.value(host, "imap.session.state") == "0")
        for key in ("phase.duration[append]", "phase.duration[sync]", "sync.duration[idle]", "sync.duration[flags]"):
            assert 0 < float(until(key, lambda k=key: stage.value(host, f"imap.{k}"), 10)) < 2.5, key
    finally:
        stage.remove(host)


# --- one fault, one alert --------------------------------------------------------------------------

def a_stopped_server_makes_one_problem_that_names_the_cause_and_recovers(w):
    stage, host = _stage(w), _host(w)
    stage.mail.stop()
    try:
        problem = _only_problem(stage, host, "IMAP: Server cannot be reached: connect: .*Connection refused")
        assert stage.value(host, "imap.session.problem.phase") == "connect"
        menu = stage.zabbix.menu_of(problem).replace("\\/", "/")
    finally:
        Dovecot.start(stage.mail)
    assert problem["severity"] == "4", problem
    assert "https://www.example.org/check_imap_full/RUNBOOK.md#connect" in menu, menu
    until("its end", lambda: not stage.problems(host))
    assert stage.value(host, "imap.session.state") == "0"


def real_faults_make_one_problem_each(w):
    stage = _stage(w)
    ini = stage.etc / "missing.ini"
    ini.write_text(f"[x]\ncapability=XNOTHERE\nca-file={stage.etc / 'ca.pem'}\n")
    wanted = [
        ("usage", "IMAP: Check is misconfigured: --sni needs a value", {"NAME": ""}),
        ("certificate", "IMAP: Certificate does not verify: tls: ", {"NAME": "other.example.org"}),
        ("auth", "IMAP: Login was refused: auth: server refused alice", {"PASSWORD_FILE": str(stage.etc / "wrong")}),
        ("refused", "IMAP: Command was refused: select: ", {"MAILBOX": "nosuchbox"}),
        ("timeout", "IMAP: Session did not end in time: greeting: ", {"PORT": str(stage.zabbix.web), "TLS": "starttls"}),
        ("protocol", "IMAP: Server does not speak proper IMAP: ", {"PORT": str(stage.mail.port)}),
        ("missing", "IMAP: Server does not offer what is needed: ", {"OPTION": f"--extra-opts=x@{ini}"}),
    ]
    hosts = {stage.add_host(f"fault-{name}", **macros): (name, alert) for name, alert, macros in wanted}
    try:
        for host, (name, alert) in hosts.items():
            problem = _only_problem(stage, host, alert)
            assert stage.trigger(problem)["url"].endswith(f"#{name}"), name
            assert stage.value(host, "imap.session.problem.class") == name
    finally:
        stage.remove(*hosts)


# --- what only time would bring, from a stand-in ---------------------------------------------------

def _session(w, stage):
    """What the plugin says of a good session."""
    words = [*w.to(port=stage.mail.tls_port, user=None), "-u", "alice", f"--password-file={stage.etc / 'right'}",
             "--measure=newest_age,unseen,quota_storage,uidvalidity", "--output=json", "--certificate=none"]
    session = json.loads(w.run(*words, is_judged=False).raw)
    assert session["state"] == "OK", session["summary"]
    return session


def _failed(session, name, state):
    states = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
    problem = {"class": name, "phase": "auth", "text": f"an example of {name}", "code": None, "state": state}
    return {**session, "state": state, "exit_code": states.index(state), "problems": [problem],
            "summary": f"auth: an example of {name} (imap.example.org:993, 0.100 s)"}


def each_failure_class_has_its_trigger(w):
    stage = _stage(w)
    classes = _classes()
    assert len(classes) >= 15, classes
    unknown, warning = ("usage", "internal"), ("altered", "policy", "thresholds")
    good = _session(w, stage)
    with StandIn(stage) as stand_in:
        hosts = {}
        for name in classes:
            state = "UNKNOWN" if name in unknown else "WARNING" if name in warning else "CRITICAL"
            path = stand_in.answer(name, _failed(good, name, state))
            hosts[stage.add_host(f"class-{name}", OPTION=path)] = (name, state)
        try:
            for host, (name, state) in hosts.items():
                problem = _only_problem(stage, host, f"IMAP: .*: auth: an example of {name} ")
                severity = {"UNKNOWN": "3", "WARNING": "2", "CRITICAL": "4"}[state]
                assert problem["severity"] == severity, f"{name}: severity {problem['severity']}"
                assert stage.trigger(problem)["url"].endswith(f"#{name}"), name
        finally:
            stage.remove(*hosts)


def _classes():
    """As the schema of the JSON has them."""
    schema = json.loads((CONTRIB / "schema" / "check_imap_full-1.schema.json").read_text())
    return schema["properties"]["problems"]["items"]["properties"]["class"]["enum"]


def _with_phase(session, name, seconds):
    phases = [{**p, "seconds": seconds} if p["name"] == name else p for p in session["phases"]]
    return {**session, "phases": phases}


def failures_that_differ_each_time_make_one_problem(w):
    stage = _stage(w)
    good = _session(w, stage)
    classes = ["connect", "timeout", "protocol", "unavailable", "refused"]
    with StandIn(stage) as stand_in:
        where = stage.etc / "changing"
        where.mkdir()
        give_to("zabbix", where)
        for n, name in enumerate(classes):
            stand_in.answer(f"changing/{n}", _failed(good, name, "CRITICAL"))
        host = stage.add_host("changing", OPTION=str(where))
        try:
            # whatever the moment: while the class changes it is this one
            until("the problem", lambda: stage.problems(host))
            for _ in range(5):
                names = [p["name"].partition(": auth")[0] for p in stage.problems(host)]
                assert set(names) <= {"IMAP: Session fails, each time otherwise"}, names
                time.sleep(1)
            for n in range(len(classes)):
                stand_in.answer(f"changing/{n}", _failed(good, "unavailable", "CRITICAL"))
            until("another", lambda: "each time" not in str(stage.problems(host)))
            _only_problem(stage, host, "IMAP: Server says that it is unavailable: ")
        finally:
            stage.remove(host)


def a_slow_phase_and_an_unusual_one_make_one_problem_each(w):
    stage = _stage(w)
    good = _session(w, stage)
    with StandIn(stage) as stand_in:
        slow = stage.add_host("slow", OPTION=stand_in.answer("slow", _with_phase(good, "auth", 1.7)))
        unusual = stage.add_host("unusual", OPTION=stand_in.answer("unusual", _with_phase(good, "auth", 0.4)))
        usual = stage.add_host("usual", OPTION=stand_in.answer("usual", _with_phase(good, "auth", 0.4)))
        for host, value in ((slow, 0.02), (unusual, 0.02), (usual, 0.3)):
            _past(stage, host, "imap.phase.duration[auth]", value)
        try:
            _only_problem(stage, slow, "IMAP: Phase auth is slow")
            _only_problem(stage, unusual, "IMAP: Phase auth takes longer than usual")
            until("a value", lambda: stage.value(usual, "imap.phase.duration[auth]") == "0.4")
            assert not stage.problems(usual), "0.4 s is no more than 3 times 0.3 s"
        finally:
            stage.remove(slow, unusual, usual)


def _past(stage, host, key, value):
    """Hourly trends of eight days."""
    item = stage.items(host)[key]["itemid"]
    hour = int(time.time()) // 3600 * 3600
    rows = ",".join(f"({item},{hour - n * 3600},60,{value},{value},{value})" for n in range(1, 8 * 24))
    stage.zabbix.database.ask(f"INSERT INTO trends (itemid,clock,num,value_min,value_avg,value_max) VALUES {rows};")


def a_certificate_that_ends_soon_makes_one_problem(w):
    stage = _stage(w)
    good = _session(w, stage)

    def ends_in(days, lifetime):
        def at(moment):
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + moment * 86400))

        first = {**good["tls"]["certificates"][0], "days": days, "not_after": at(days), "not_before": at(days - lifetime)}
        metrics = [{**m, "value": days} if m["name"] == "cert_days" else m for m in good["metrics"]]
        return {**good, "metrics": metrics, "tls": {**good["tls"], "certificates": [first]}}

    wanted = {"soon": (15.0, 90, "IMAP: Certificate ends soon .15"), "verysoon": (3.0, 90, "IMAP: Certificate ends very soon"),
              "short": (4.0, 6, None), "shortsoon": (1.0, 6, "IMAP: Certificate ends soon")}
    with StandIn(stage) as stand_in:
        hosts = {name: stage.add_host(f"cert-{name}", OPTION=stand_in.answer(name, ends_in(days, lifetime)))
                 for name, (days, lifetime, _) in wanted.items()}
        try:
            for name, (_, _, alert) in wanted.items():
                if alert:
                    _only_problem(stage, hosts[name], alert)
            assert not stage.problems(hosts["short"]), "4 days of 6 are more than a quarter"
        finally:
            stage.remove(*hosts.values())


def a_check_that_says_nothing_makes_one_problem(w):
    stage = _stage(w)
    with StandIn(stage):
        host = stage.add_host("silent", OPTION="/nonexistent", NODATA="30s")
        try:
            _only_problem(stage, host, "IMAP: No data from the check for 30s", seconds=120)
            master = stage.items(host)["check_imap_full"]
            assert master["state"] == "1" and "No such file" in master["error"], master
        finally:
            stage.remove(host)


# --- as a new user would ----------------------------------------------------------------------------

def the_commands_of_the_readme_work(w):
    stage = _stage(w)
    root = w.dir / "zabbixroot"
    (root / "usr/lib/nagios/plugins").mkdir(parents=True)
    shutil.copy(w.plugin, root / "usr/lib/nagios/plugins/check_imap_full")
    (root / "etc").mkdir()
    box = SystemdBox(w.dir / "zabbixbox", [], root)
    w.at_end.append(box.stop)
    box.start()
    # Only what is of this machine: where the test server is, and who signed its certificate.
    server = f"-H 127.0.0.1 -p {stage.mail.tls_port} --ca-file={stage.etc / 'ca.pem'}"
    said = box.follow(TEMPLATE.parent / "README.md", {"-H 192.0.2.10": server}, PASSWORD + "\n")
    assert said.startswith("IMAP OK - 127.0.0.1 INBOX: "), said
    shown = box.run("stat", "-c", "%U %a", "/etc/zabbix/imap.password").stdout
    assert shown == "zabbix 600\n", shown
    box.stop()


# --- the secret ------------------------------------------------------------------------------------

def the_password_is_nowhere_in_zabbix(w):
    stage, host = _stage(w), _host(w)
    secret = PASSWORD
    with ProcessList(secret) as processes:
        before = int(stage.items(host)["imap.session.state"]["lastclock"])
        until("ten sessions", lambda: int(stage.items(host)["imap.session.state"]["lastclock"]) > before + 10)
    assert processes.plugins > 0, "no running plugin was ever seen"
    assert not processes.sightings, processes.sightings
    stage.zabbix.database.ask("CHECKPOINT;")
    dump = finish([stage.zabbix.database.bin / "pg_dump", "-h", "127.0.0.1", "-p", stage.zabbix.database.port, "-U",
                   "zabbix", "zabbix"], cwd=stage.zabbix.dir)
    assert "imap.session.summary" in dump and secret not in dump
    assert secret not in _all_of_the_api(stage)
    logs = [stage.zabbix.server.said(), stage.zabbix.frontend.said(), stage.zabbix.database.process.said()]
    assert "server #0 started" in logs[0] and not [log for log in logs if secret in log]
    holders = files_with(secret, stage.zabbix.dir, stage.etc)
    assert holders == [stage.etc / "right"], holders
    assert os.stat(stage.etc / "right").st_mode & 0o077 == 0


def _all_of_the_api(stage):
    """What the API tells of everything that has to do with the host."""
    everything = {"output": "extend"}
    asked = {"host.get": {"selectMacros": "extend", "selectItems": "extend"}, "usermacro.get": {"globalmacro": True},
             "item.get": {}, "event.get": {}, "trigger.get": {"expandExpression": True}, "alert.get": {},
             "auditlog.get": {}}
    parts = [stage.zabbix.api(method, {**everything, **more}) for method, more in asked.items()]
    for kind in (0, 1, 3, 4):
        parts.append(stage.zabbix.api("history.get", {**everything, "history": kind, "limit": 100000}))
    return json.dumps(parts)
