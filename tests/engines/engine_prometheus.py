# SPDX-License-Identifier: GPL-3.0-or-later
"""Prometheus, with the unit of contrib/prometheus under a real systemd, the node exporter, the rendered rules,
and Alertmanager's web hook: what is written, scraped, alerted, and where the password is not."""

import calendar
import json
import os
import re
import secrets
import shutil
import subprocess
import time

from dovecot import Dovecot
from engine import CONTRIB, ProcessList, files_with, finish, give_to, until
from full_dovecot import FullDovecot
from prometheus import NEEDS, Prometheus  # noqa: F401  (NEEDS is for run)
from systemd_box import SystemdBox
from world import WRONG

PACK = CONTRIB / "prometheus"
RULES = [PACK / "imap_check_alerts.yaml", PACK / "imap_check_rules.yaml"]
UNITS = [PACK / "check-imap-full@.service", PACK / "check-imap-full@.timer"]
# Of this run alone: others may run the same tests at the same time, and /proc shows all.
PASSWORD = f"opensesame-{secrets.token_hex(8)}"

INI = """
[{name}]
hostname=127.0.0.1
port={port}
sni=imap.example.org
ca-file=/etc/check-imap-full/ca.pem
username=alice
measure=newest_age,unseen,quota_storage,uidvalidity
"""

# Each of another mailbox: two checks of one would be one series.
CHECKS = {"alice": (PASSWORD, ""), "wrong": (WRONG, "mailbox=Sent\n"),
          "sync": (PASSWORD, "mailbox=Trash\nappend=Sent\nsync=Empty\n")}


# --- the stage -------------------------------------------------------------------------------------

class Stage:
    """The engine, a mail server of its own, and a system on which the unit is installed as README.md says."""

    def __init__(self, w):
        self.w = w
        self.engine = Prometheus(w.dir / "prometheus", RULES)
        self.mail = FullDovecot(w.dir / "prometheusmail", None, w.pki, {"alice": PASSWORD})
        self.root = w.dir / "prometheusroot"
        self.etc = self.root / "etc" / "check-imap-full"
        self.box = SystemdBox(w.dir / "systemd", UNITS, self.root,
                              [(self.engine.metrics, "/var/lib/prometheus/node-exporter")])

    def start(self):
        self.w.at_end.append(self.stop)
        self.install()
        self.mail.start()
        self.engine.start()
        self.box.start()

    def install(self):
        plugins = self.root / "usr" / "lib" / "nagios" / "plugins"
        plugins.mkdir(parents=True)
        shutil.copy(self.w.plugin, plugins / "check_imap_full")
        self.etc.mkdir(parents=True)
        shutil.copy(self.w.ca, self.etc / "ca.pem")
        (self.etc / "ca.pem").chmod(0o644)
        text = ""
        for name, (password, more) in CHECKS.items():
            text += INI.format(name=name, port=self.mail.tls_port) + more
            (self.etc / f"{name}.password").write_text(password + "\n")
            (self.etc / f"{name}.password").chmod(0o600)
        (self.etc / "imap.ini").write_text(text)

    def check(self, name="alice"):
        """One run of the unit, as the timer would start it."""
        done = self.box.run("systemctl", "start", f"check-imap-full@{name}.service")
        assert done.returncode == 0, f"{done.stderr}{self.box.journal(f'check-imap-full@{name}')}"

    def file(self, name="alice"):
        return self.engine.metrics / f"imap_{name}.prom"

    def stop(self):
        self.box.stop()
        self.engine.stop()
        self.mail.stop()


def _stage(w):
    if "prometheus" not in w.guests:
        w.guests["prometheus"] = Stage(w)
        w.guests["prometheus"].start()
    return w.guests["prometheus"]


# --- the files as they are -------------------------------------------------------------------------

def the_rules_pass_promtool(_):
    said = finish(["promtool", "check", "rules", *RULES])
    assert len(re.findall(r"SUCCESS: \d+ rules found", said)) == 2, said
    said = finish(["promtool", "test", "rules", "imap_check_test.yaml"], seconds=300, cwd=PACK)
    assert "SUCCESS" in said, said


def the_units_are_sound(w):
    for unit in UNITS:
        where = w.dir / unit.name.replace("@", "@x")
        shutil.copy(unit, where)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", where], capture_output=True, text=True,
                              check=False)
        complaints = [line for line in done.stderr.splitlines() if "check-imap-full" in line
                      and "is not executable" not in line]
        assert not complaints, complaints
    exposure = finish(["systemd-analyze", "security", "--offline=true", w.dir / UNITS[0].name.replace("@", "@x")])
    level = float(re.search(r"Overall exposure level.*: ([\d.]+)", exposure)[1])
    assert level < 2, f"exposure level {level}"


# --- one good session ------------------------------------------------------------------------------

def the_unit_writes_metrics(w):
    stage = _stage(w)
    stage.check()
    text = stage.file().read_text()
    said = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert said.returncode == 0 and not said.stdout + said.stderr, said.stdout + said.stderr
    assert 'imap_check_success{target="127.0.0.1:' in text and "\n# IMAP OK - 127.0.0.1 INBOX: " in text, text
    assert os.listdir(stage.engine.metrics) == ["imap_alice.prom"], os.listdir(stage.engine.metrics)
    assert re.search(r"^# IMAP OK - ", stage.box.journal("check-imap-full@alice"), re.M)


def the_timer_runs_it_every_minute(w):
    stage = _stage(w)
    stage.box.run("systemctl", "start", "check-imap-full@alice.timer")
    shown = stage.box.run("systemctl", "show", "-P", "NextElapseUSecRealtime", "check-imap-full@alice.timer").stdout
    stage.box.run("systemctl", "stop", "check-imap-full@alice.timer")
    moment = calendar.timegm(time.strptime(shown.strip(), "%a %Y-%m-%d %H:%M:%S UTC"))
    assert -1 <= moment - time.time() < 120, shown


def a_good_session_reaches_prometheus(w):
    stage = _stage(w)
    stage.check()
    until("the metrics", lambda: stage.engine.query("imap_check_success == 1"))
    (labels, _), = stage.engine.query("imap_check_state")
    assert labels["target"] == f"127.0.0.1:{stage.mail.tls_port}" and labels["mailbox"] == "INBOX", labels
    phases = {labels["phase"] for labels, _ in stage.engine.query("imap_check_phase_duration_seconds")}
    assert {"connect", "tls", "greeting", "auth", "select", "search", "fetch", "logout"} <= phases, phases
    for name in ("messages", "certificate_not_after_timestamp_seconds", "quota_used_ratio{resource='storage'}",
                 "newest_message_timestamp_seconds", "uidvalidity", "run_timestamp_seconds"):
        assert stage.engine.query(f"imap_check_{name} > 0"), f"no imap_check_{name}"
    groups = stage.engine.get("/api/v1/rules")["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == 16 and {rule["health"] for rule in rules} <= {"ok", "unknown"}, rules
    usual, = (rule["query"] for rule in rules if rule["name"].endswith(":median7d"))
    assert {labels["phase"] for labels, _ in stage.engine.query(usual)} == phases, "what is usual"
    # The messages of the test mailbox are old: that is a true alarm, which has to wait for its ten minutes.
    assert set(stage.engine.alerts()) <= {"ImapCheckMailboxStale"}, stage.engine.alerts()


def each_panel_of_the_dashboard_has_an_answer(w):
    stage = _stage(w)
    stage.check()
    dashboard = json.loads((PACK / "imap_check_dashboard.json").read_text())
    empty = set()
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            expression = re.sub(r"\$(instance|target|mailbox)", ".*", target["expr"])
            assert "$" not in expression, expression
            if not stage.engine.query(expression):
                empty.add(f"{panel['title']}: {target['legendFormat']}")
    # These are recorded every five minutes only.
    empty -= {"Phases now, as a multiple of their median of last week: {{target}} {{phase}}",
              "Sessions that went well, of the last day: {{target}} {{mailbox}}"}
    # Nothing is wrong now, and the check makes no --sync.
    assert empty == {"What is wrong now: ", "Phases of a session, stacked: failed in {{phase}}",
                     "Told to the other session: new message", "Told to the other session: new flag"}, empty


def a_session_with_sync_has_its_metrics(w):
    stage = _stage(w)
    stage.check("sync")
    try:
        until("the metrics", lambda: stage.engine.query('imap_check_success{mailbox="Trash"} == 1'))
        phases = {labels["phase"] for labels, _ in stage.engine.query('imap_check_phase_duration_seconds{mailbox="Trash"}')}
        assert {"append", "sync"} <= phases, phases
        for name in ("idle", "flags"):
            (_, value), = stage.engine.query(f"imap_check_{name}_duration_seconds")
            assert 0 < value < 30, value
    finally:
        stage.file("sync").unlink()


# --- faults ----------------------------------------------------------------------------------------

def _alert(stage, status, words, seconds):
    return until(f"{status} in the web hook", lambda: [
        a for a in stage.engine.told() if a["status"] == status and words in a["annotations"]["description"]],
        seconds)[0]


def a_refused_login_is_told_with_its_class_and_its_phase(w):
    stage = _stage(w)
    stage.check("wrong")
    try:
        until("the problem", lambda: stage.engine.query('imap_check_problem_info{mailbox="Sent"}'))
        (labels, _), = stage.engine.query('imap_check_problem_info{mailbox="Sent"}')
        assert (labels["class"], labels["phase"]) == ("auth", "auth"), labels
        assert "auth: server refused alice" in stage.box.journal("check-imap-full@wrong")
        until("an alert that waits", lambda: "ImapCheckFailing" in stage.engine.alerts())
        alert = stage.engine.alerts()["ImapCheckFailing"]
        assert alert["annotations"]["runbook_url"].endswith("/RUNBOOK.md#auth"), alert
        assert alert["labels"]["mailbox"] == "Sent", alert
    finally:
        stage.file("wrong").unlink()
    until("its end", lambda: "ImapCheckFailing" not in stage.engine.alerts())


def a_stopped_server_reaches_the_web_hook_with_its_cause_and_recovers(w):
    stage = _stage(w)
    stage.mail.stop()
    try:
        stage.check()
        alert = _alert(stage, "firing", "fails: connect in phase connect", seconds=200)
    finally:
        Dovecot.start(stage.mail)
    assert alert["labels"]["alertname"] == "ImapCheckFailing" and alert["labels"]["severity"] == "critical", alert
    assert alert["annotations"]["runbook_url"].endswith("/RUNBOOK.md#connect"), alert
    firing = {name for name, a in stage.engine.alerts().items() if a["state"] == "firing"}
    assert firing == {"ImapCheckFailing"}, f"one fault, these alerts: {firing}"
    assert "Connection refused" in stage.box.journal("check-imap-full@alice")
    stage.check()
    _alert(stage, "resolved", "", seconds=30)
    assert stage.engine.query("imap_check_success == 1")


def a_plugin_that_cannot_run_leaves_the_old_metrics(w):
    stage = _stage(w)
    stage.check()
    before = stage.file().read_text()
    plugin = "/usr/lib/nagios/plugins/check_imap_full"
    assert stage.box.run("chmod", "000", plugin).returncode == 0
    try:
        done = stage.box.run("systemctl", "start", "check-imap-full@alice.service")
        assert done.returncode != 0, "the unit succeeded without a plugin"
    finally:
        stage.box.run("chmod", "755", plugin)
    assert stage.file().read_text() == before
    stage.check()
    assert stage.file().read_text() != before


# --- as a new user would ----------------------------------------------------------------------------

def the_commands_of_the_readme_work(w):
    stage = _stage(w)
    root, metrics = w.dir / "readmeroot", w.dir / "readmemetrics"
    (root / "usr/lib/nagios/plugins").mkdir(parents=True)
    shutil.copy(w.plugin, root / "usr/lib/nagios/plugins/check_imap_full")
    (root / "etc").mkdir()
    (root / "etc/hosts").write_text("127.0.0.1 localhost imap.example.org\n")
    shutil.copy(w.ca, root / "etc/ca.pem")
    (root / "etc/ca.pem").chmod(0o644)
    metrics.mkdir()
    give_to("prometheus", metrics)
    box = SystemdBox(w.dir / "readme", [], root, [(metrics, "/var/lib/prometheus/node-exporter")])
    w.at_end.append(box.stop)
    box.start()
    # Only what is of this machine: the port of the test server, and who signed its certificate.
    server = f"hostname=imap.example.org\nport={stage.mail.tls_port}\nca-file=/etc/ca.pem"
    said = box.follow(PACK / "README.md", {"hostname=imap.example.org": server}, PASSWORD + "\n", PACK)
    assert re.search(r"^# IMAP OK - imap\.example\.org INBOX: ", said, re.M), said
    assert 'imap_check_success{target="imap.example.org:' in said, said
    assert box.run("systemctl", "is-enabled", "check-imap-full@alice.timer").stdout == "enabled\n"
    box.stop()


# --- the secret ------------------------------------------------------------------------------------

def the_password_is_nowhere_but_in_its_file(w):
    stage = _stage(w)
    with ProcessList(PASSWORD) as processes:
        for _ in range(10):
            stage.check()
    assert processes.plugins > 0, "no running plugin was ever seen"
    assert not processes.sightings, processes.sightings
    told = [stage.engine.get("/api/v1/series", **{"match[]": '{__name__=~".+"}'})]
    told += [stage.engine.get("/api/v1/labels"), stage.engine.get("/api/v1/rules"), stage.engine.told()]
    assert "imap_check_success" in json.dumps(told) and PASSWORD not in json.dumps(told)
    logs = [stage.engine.said(), stage.box.journal("check-imap-full@alice"), stage.box.process.said()]
    assert "IMAP OK" in logs[1] and not [log for log in logs if PASSWORD in log]
    shown = stage.box.run("systemctl", "show", "check-imap-full@alice.service").stdout
    assert "ExecStart=" in shown and PASSWORD not in shown
    copy = stage.box.dir / "root" / "etc" / "check-imap-full"
    holders = files_with(PASSWORD, stage.engine.dir, stage.box.dir, stage.root)
    assert set(holders) == {place / f"{name}.password" for place in (stage.etc, copy) for name in ("alice", "sync")}, holders
