# SPDX-License-Identifier: GPL-3.0-or-later
"""Icinga 2: the files of contrib/icinga2 on a node of its own, and on a master with a satellite."""

import json
import re
import shutil
import subprocess
import urllib.request

import grammar
from engine import (CONTRIB, WRONG, Covers, Hook, Process, ProcessList, files_with, finish, free_port, give_to, program,
                    until)
from icinga2 import USER, Icinga
from readme import SERVER, follow
from world import USERS, Skip

NEEDS = {"icinga2-bin": "icinga2", "icinga2-common": "/usr/share/icinga2/include/itl"}

SHIPPED = CONTRIB / "icinga2"
AWKWARD = "say \"it\" 'so' $HOME$ \\n `all`; & | {5}"
RUNBOOK = "https://wiki.example.org/imap/RUNBOOK.md"

# The plugin with a witness before it: what came in, what went out.
RECORDER = """#!/bin/sh
printf '%s\\0' "$@" >{dir}/arguments
printf %s "$IMAP_FULL_PASSWORD" >{dir}/password
{dir}/check_imap_full "$@" >{dir}/output
status=$?
cat {dir}/output
exit $status
"""

SENDMAIL = """#!/bin/sh
echo "$@" >{dir}/mail.arguments
cat >{dir}/mail.new
mv {dir}/mail.new {dir}/mail
"""

COMMON = """
template Host "imap" {{
	check_command = "dummy"
	address = "127.0.0.1"
	vars.imap_full_sni = "imap.example.org"
	vars.imap_full_port = {port}
	vars.imap_full_ca_file = "{dir}/ca.pem"
}}
"""

HOSTS = COMMON + """
object Host "well" {{
	import "imap"
	vars.imap_checks["imap"] = {{
		imap_full_username = "alice"
		imap_full_password_file = "{dir}/alice.password"
	}}
	vars.imap_checks["imap certificate"] = {{ }}
}}
object Host "wrong password" {{
	import "imap"
	vars.imap_full_sendmail = "{dir}/sendmail"
	vars.imap_full_webhook = "{webhook}"
	vars.imap_checks["imap"] = {{
		imap_full_username = "alice"
		imap_full_password_file = "{dir}/wrong.password"
	}}
	vars.imap_checks["imap, told by mail"] = {{
		imap_full_username = "alice"
		imap_full_password_file = "{dir}/changing.password"
		imap_full_notify = "mail"
	}}
	vars.imap_checks["imap, told to a webhook"] = {{
		imap_full_username = "alice"
		imap_full_password_file = "{dir}/changing.password"
		imap_full_notify = "webhook"
	}}
	vars.imap_checks["imap, told to Alertmanager"] = {{
		imap_full_username = "alice"
		imap_full_password_file = "{dir}/changing.password"
		imap_full_notify = "webhook"
		imap_full_webhook = "http://127.0.0.1:{alertmanager}"
		imap_full_webhook_form = "alertmanager"
	}}
}}
object Host "by environment" {{
	import "imap"
	vars.imap_checks["imap"] = {{
		imap_full_username = "bob"
		imap_full_password = "{bob}"
	}}
}}
object Host "expired" {{
	import "imap"
	address = "127.0.0.3"
	vars.imap_checks["imap certificate"] = {{ }}
}}
object UserGroup "icingaadmins" {{ }}
object User "oncall" {{ groups = [ "icingaadmins" ], email = "oncall@example.org" }}
object CheckCommand "imap_full_recorded" {{
	import "imap_full"
	command = [ "{dir}/recorder" ]
}}
template Service "recorded" {{
	host_name = "recorded"
	check_command = "imap_full_recorded"
}}
object Host "recorded" {{ import "imap" }}
object Service "values" {{
	import "recorded"
	import "perfdatagraphs_imap_full"
	vars.imap_full_username = "alice"
	vars.imap_full_password_file = "{dir}/alice.password"
	vars.imap_full_warning = [ "total=8,auth=0.0001:7", "cert_days=20:" ]
	vars.imap_full_critical = "total=9,messages=2:,size=@5000:6000"
	vars.imap_full_measure = [ "uidvalidity", "newest_age,oldest_age,unseen", "mailboxes" ]
}}
object Service "writing" {{
	import "recorded"
	vars.imap_full_username = "bob"
	vars.imap_full_password_file = "{dir}/bob.password"
	vars.imap_full_append = "INBOX"
	vars.imap_full_append_keep = 2
	vars.imap_full_subject = "written by \\"Icinga\\""
	vars.imap_full_to = [ "one@example.org", "two@example.org" ]
	vars.imap_full_sync = "INBOX"
	vars.imap_full_warning = "idle=8,flags=8"
}}
object Service "options" {{
	import "recorded"
	{options}
}}
object Service "options without arguments" {{
	import "recorded"
	{bare_options}
}}
object Service "awkward password" {{
	import "recorded"
	vars.imap_full_username = "alice"
	vars.imap_full_password = "{awkward}"
}}
"""

OPTION_OF = {"imap_full_address": "hostname", "imap_full_ipv4": "use-ipv4", "imap_full_ipv6": "use-ipv6"}


def _variables():
    """[(variable, option, what it takes)] by the table that is shipped."""
    rows = re.findall(r"^\| (imap_full_\w+) \| \*\*Optional\.\*\* (.*) \|$",
                      (SHIPPED / "VARIABLES.md").read_text(), re.MULTILINE)
    return [(name, OPTION_OF.get(name, name[len("imap_full_"):].replace("_", "-")), what) for name, what in rows
            if name != "imap_full_password"]


def _all_options():
    """The configuration that sets every variable, the one that sets those that may be bare, and the
    arguments that each must become."""
    lines, bare, expected, expected_bare = [], [], [], []
    for variable, option, what in _variables():
        if what.startswith("A number."):
            lines.append(f"vars.{variable} = 3")
            expected += [f"--{option}"] * 3
        elif what.startswith("`true`"):
            lines.append(f"vars.{variable} = true")
            bare.append(f"vars.{variable} = false")
            expected.append(f"--{option}")
        elif what.startswith("A string, or `true`"):
            lines.append(f'vars.{variable} = "x {option}"')
            bare.append(f"vars.{variable} = true")
            expected.append(f"--{option}=x {option}")
            expected_bare.append(f"--{option}")
        elif what.startswith("A string or an array."):
            lines.append(f'vars.{variable} = [ "x", "y {option}" ]')
            expected.append((f"--{option}", "x", f"y {option}"))
        else:
            lines.append(f'vars.{variable} = "x {option}"')
            expected += [f"--{option}", f"x {option}"]
    return "\n\t".join(lines), "\n\t".join(bare), expected, expected_bare


def _folder(w):
    """What the engine's user needs of the test's world, where that user can read it."""
    home = w.dir / "icinga"
    if not home.exists():
        home.mkdir()
        shutil.copy(w.plugin, home / "check_imap_full")
        shutil.copy(w.ca, home / "ca.pem")
        (home / "recorder").write_text(RECORDER.format(dir=home))
        (home / "sendmail").write_text(SENDMAIL.format(dir=home))
        for name, text in (("alice", USERS["alice"]), ("bob", USERS["bob"]), ("wrong", WRONG), ("changing", WRONG)):
            (home / f"{name}.password").write_text(text + "\n")
        for path in home.iterdir():
            path.chmod(0o600 if path.suffix == ".password" else 0o755)
        give_to(USER, home)
    return home


def _in_icinga(text):
    """As it has to be written in a string of Icinga's that is looked through for macros."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")


def _one_zone(name):
    return f'object Endpoint "{name}" {{ }}\nobject Zone "{name}" {{ endpoints = [ "{name}" ] }}\n'


def _node(w):
    """The node that most tests share."""
    if "icinga" not in w.guests:
        home, hook = _folder(w), Hook()
        w.guests["alertmanager port"] = free_port()
        w.at_end.append(hook.stop)
        options, bare_options, *_ = _all_options()
        hosts = HOSTS.format(dir=home, port=w.dovecot.tls_port, webhook=hook.url,
                             alertmanager=w.guests["alertmanager port"], bob=_in_icinga(USERS["bob"]),
                             options=options, bare_options=bare_options, awkward=_in_icinga(AWKWARD))
        node = Icinga(home / "node", "node", home, {
            "conf.d/imap_full.conf": SHIPPED / "imap_full.conf",
            "conf.d/imap_full_services.conf": SHIPPED / "imap_full_services.conf",
            "conf.d/imap_full_notifications.conf": SHIPPED / "imap_full_notifications.conf",
            "conf.d/perfdatagraphs.conf": SHIPPED / "graphs/perfdatagraphs.conf",
            "scripts/imap-full-notify": CONTRIB / "notify/imap-full-notify",
            "zones.conf": _one_zone("node"), "conf.d/hosts.conf": hosts}, port=free_port())
        w.at_end.append(node.stop)
        node.make_ca()
        node.certify(node)
        node.start()
        w.guests["icinga"], w.guests["icinga hook"] = node, hook
    return w.guests["icinga"]


def _told(service):
    """What Icinga shows of a check: the plugin's output, without perfdata."""
    return service["last_check_result"]["output"]


# --- a node of its own -----------------------------------------------------------------------------

def the_shipped_files_are_valid_and_raise_no_warning(w):
    said = _node(w).validate()
    assert "warning/" not in said and "critical/" not in said, said


def a_server_that_is_well_is_ok(w):
    found = _node(w).check("well", "imap")
    assert found["state"] == 0, _told(found)
    assert re.match(r"IMAP OK - 127\.0\.0\.1 INBOX: 3 messages, \d", _told(found)), _told(found)
    assert found["notes_url"] == RUNBOOK
    found = _node(w).check("well", "imap certificate")
    assert found["state"] == 0 and "no login asked for" in _told(found), _told(found)


def every_value_of_the_perfdata_arrives_as_it_was_printed(w):
    found = _node(w).check("recorded", "values")
    printed = (w.dir / "icinga/output").read_bytes()
    output = grammar.Output(printed, found["state"])
    items = output.first.partition("|")[2].split(" ")
    assert {"total", "auth", "cert_days", "messages", "size", "uidvalidity", "oldest_age", "mailboxes"} \
        <= set(output.metrics), items

    def numbers(item):
        """Icinga rounds, and leaves out empty fields at the end."""
        label, _, fields = item.partition("=")
        value, *limits = fields.split(";")
        match = re.fullmatch(r"(-?[\d.]+)(\D*)", value)
        return (label, f"{float(match[1]):.6g}", match[2], [limit for limit in limits if limit])

    arrived = found["last_check_result"]["performance_data"]
    assert [numbers(item) for item in arrived] == [numbers(item) for item in items], f"{arrived}\n{items}"
    assert output.metrics["messages"].critical == "2:" and output.metrics["size"].critical == "@5000:6000"


def what_writes_runs_as_well(w):
    """A mail with the subject and the recipients that were set, and two sessions that hear of each other."""
    for _ in range(3):
        found = _node(w).check("recorded", "writing")
        assert found["state"] == 0, _told(found)
    labels = {item.partition("=")[0] for item in found["last_check_result"]["performance_data"]}
    assert {"append", "sync", "idle", "flags"} <= labels, labels
    kept = [path.read_text() for path in w.dovecot.maildir("bob").glob("*/*") if path.parent.name in ("cur", "new")]
    assert len(kept) == 2, kept
    assert all('\nSubject: written by "Icinga"\n' in mail.replace("\r", "") for mail in kept), kept
    assert all("one@example.org" in mail and "two@example.org" in mail for mail in kept), kept


def a_wrong_password_is_critical_and_the_cause_is_visible(w):
    found = _node(w).check("wrong password", "imap")
    assert found["state"] == 2
    assert re.match(r"IMAP CRITICAL - auth: server refused alice \(PLAIN, .*\[AUTHENTICATIONFAILED\]", _told(found))
    assert "\nclass: auth" in _told(found), _told(found)


def an_expired_certificate_is_critical_and_the_cause_is_visible(w):
    found = _node(w).check("expired", "imap certificate")
    assert found["state"] == 2
    assert re.match(r"IMAP CRITICAL - tls: the certificate expired \d+ days ago", _told(found)), _told(found)
    assert "\nclass: certificate" in _told(found), _told(found)


def every_option_arrives_as_it_was_set(w):
    _, _, expected, _ = _all_options()
    _node(w).check("recorded", "options")
    got = (w.dir / "icinga/arguments").read_bytes().decode().split("\0")[:-1]
    for item in expected:
        if isinstance(item, tuple):  # an array is a list in one value, or the option again and again
            option, first, second = item
            many = [option, first, option, second]
            one = [option, f"{first},{second}"]
            assert any(got[i:i + 4] == many or got[i:i + 2] == one for i in range(len(got))), f"{item} in {got}"
        else:
            assert item in got, f"{item} in {got}"
    assert got.count("--verbose") == 3, got
    assert [word for word in got if not word.startswith("-")].count("x mailbox") == 1, got
    options = set(re.findall(r"^ +(?:-\w, )*--([a-z0-9-]+)", finish([w.plugin, "--help"], expect=3), re.MULTILINE))
    given = {word[2:].partition("=")[0] for word in got if word.startswith("--")}
    assert options - given == {"help", "version", "output", "password", "password-env"}, options ^ given


def a_list_is_one_value_where_a_second_option_would_replace_the_first(w):
    _node(w).check("recorded", "options")
    got = (w.dir / "icinga/arguments").read_bytes().decode().split("\0")
    assert got[got.index("--capability") + 1] == "x,y capability", got
    assert got[got.index("--warning"):][:4] == ["--warning", "x", "--warning", "y warning"], got


def an_option_whose_argument_may_be_left_out_may_be_bare(w):
    _, _, _, expected = _all_options()
    assert expected
    _node(w).check("recorded", "options without arguments")
    got = (w.dir / "icinga/arguments").read_bytes().decode().split("\0")
    assert [word for word in got if word in expected] == expected, got
    assert "--insecure" not in got and "--ssl" not in got, got


def a_password_of_any_letters_arrives_by_the_environment(w):
    _node(w).check("recorded", "awkward password")
    assert (w.dir / "icinga/password").read_text() == AWKWARD
    got = (w.dir / "icinga/arguments").read_bytes().decode().split("\0")
    assert got[got.index("--password-env") + 1] == "IMAP_FULL_PASSWORD", got
    assert not any(AWKWARD in word for word in got), got


def should_the_itl_have_the_command_this_one_is_skipped(w):
    own = 'object CheckCommand "imap_full" { command = [ "/bin/true" ] }\n'
    node = Icinga(w.dir / "icinga/guarded", "guarded", _folder(w), {
        "conf.d/0.conf": own, "conf.d/imap_full.conf": SHIPPED / "imap_full.conf", "zones.conf": _one_zone("guarded")},
        port=free_port())
    node.make_ca()
    node.certify(node)
    node.validate()
    node.write("conf.d/z.conf", own)  # not guarded, so it must not go unseen
    assert subprocess.run(node.command("daemon", "-C", "-c", node.dir / "etc/icinga2.conf"), capture_output=True,
                          check=False).returncode != 0


def the_readme_leads_to_a_service_and_a_page(w):
    said = follow(w, "icinga2", ["/etc/icinga2", "/var/lib/icinga2", "/var/log/icinga2", "/var/cache/icinga2",
                                 "/run/icinga2", "/var/spool/icinga2"], before="icinga2 daemon -C")
    assert re.search(rf"^IMAP OK - {re.escape(SERVER)} INBOX: 1 message, ", said, re.MULTILINE), said
    # Validated as the distribution has it, with the services, and with the notifications.
    counts = [[int(n) for n in re.findall(rf"Instantiated (\d+) {kind}s?\.", said)]
              for kind in ("Host", "Service", "NotificationCommand", "Notification")]
    assert all(len(found) == 3 for found in counts), said
    added = [(services - plain, pages - services) for plain, services, pages in counts]
    assert added[0] == (1, 0) and added[1][1] == 0 and added[2] == (0, 2) and added[3][1] == 1, f"{added}\n{said}"
    assert added[1][0] == 3, f"{added}\n{said}"  # the distribution pings every host
    assert "warning/" not in said and "critical/" not in said, said


# --- the secret ------------------------------------------------------------------------------------

def _everything(node):
    """All that the API tells of objects and of itself."""
    return b"".join(node.ask(f"/v1/{path}") for path in (
        "objects/services", "objects/hosts", "objects/checkcommands", "objects/notifications",
        "objects/notificationcommands", "status", "variables"))


def a_password_in_a_file_is_seen_nowhere(w):
    """Neither the right one nor the wrong one: the runs with that last half a second."""
    node = _node(w)
    for secret in (USERS["alice"], WRONG):
        with ProcessList(secret) as processes:
            for _ in range(3):
                node.check("well", "imap")
                node.check("wrong password", "imap")
        assert processes.plugins > 0, "no plugin was seen at work"
        assert not processes.sightings, processes.sightings
        assert secret.encode() not in _everything(node)
        assert not files_with(secret, node.dir)


def a_password_by_the_environment_is_in_no_command_line_and_no_log(w):
    node, secret = _node(w), USERS["bob"]
    with ProcessList(secret) as processes:
        for _ in range(10):
            found = node.check("by environment", "imap")
            assert found["state"] == 0, _told(found)
    assert processes.plugins > 0, "no plugin was seen at work"
    assert not processes.sightings, processes.sightings
    assert secret.encode() not in json.dumps(found["last_check_result"]).encode()
    assert not files_with(secret, node.dir / "log", node.dir / "data", node.dir / "run", node.dir / "spool")
    # It is configuration, so who may read that sees it; this is why the file is recommended.
    assert secret.encode() in _everything(node)
    seen = {path.name for path in files_with(secret, node.dir)}
    assert {"hosts.conf"} <= seen <= {"hosts.conf", "icinga2.debug"}, seen


# --- notifications ---------------------------------------------------------------------------------

def _fail_and_recover(w, service, told):
    """Lets the service fail, then be well; what `told()` then says of each."""
    node, password = _node(w), w.dir / "icinga/changing.password"
    node.change("wrong password", service, max_check_attempts=1)
    password.write_text(WRONG + "\n")
    assert node.check("wrong password", service)["state"] == 2
    failed = until("the news of the failure", told)
    password.write_text(USERS["alice"] + "\n")
    assert node.check("wrong password", service)["state"] == 0
    return failed, until("the news of the recovery", told)


def a_mail_names_phase_class_and_the_chapter_of_the_runbook(w):
    home = w.dir / "icinga"

    def told():
        text = (home / "mail").read_text()
        (home / "mail").unlink()
        return text

    failed, recovered = _fail_and_recover(w, "imap, told by mail", told)
    assert (home / "mail.arguments").read_text() == "-i -- oncall@example.org\n"
    for line in ("Subject: PROBLEM CRITICAL in auth: imap, told by mail on wrong password", "Phase:      auth",
                 "Class:      auth", f"Runbook:    {RUNBOOK}#auth", "Asked from: node"):
        assert f"\n{line}\n" in "\n" + failed, f"{line!r} in\n{failed}"
    assert re.search(r"^IMAP CRITICAL - auth: server refused alice", failed, re.MULTILINE), failed
    assert "Subject: RECOVERY OK: imap, told by mail on wrong password\n" in recovered, recovered
    assert "Class:" not in recovered and "IMAP OK - " in recovered, recovered


def a_webhook_gets_phase_class_and_the_chapter_of_the_runbook(w):
    _node(w)
    hook = w.guests["icinga hook"]
    failed, recovered = _fail_and_recover(w, "imap, told to a webhook", hook.take)
    failed, recovered = json.loads(failed.body), json.loads(recovered.body)
    assert {name: failed[name] for name in ("type", "state", "phase", "class", "runbook_url", "host")} == {
        "type": "PROBLEM", "state": "CRITICAL", "phase": "auth", "class": "auth", "runbook_url": f"{RUNBOOK}#auth",
        "host": "wrong password"}, failed
    assert failed["summary"].startswith("IMAP CRITICAL - auth: server refused alice"), failed
    assert (recovered["type"], recovered["state"], recovered["class"]) == ("RECOVERY", "OK", None), recovered


def _alertmanager(w):
    """A real one, on the port that the configuration names; it hands alerts on to a hook of its own."""
    if not program("prometheus-alertmanager"):
        raise Skip("not installed: prometheus-alertmanager")
    _node(w)
    folder, port, hook = w.dir / "alertmanager", w.guests["alertmanager port"], Hook()
    folder.mkdir()
    (folder / "alertmanager.yml").write_text(
        "route: {receiver: hook, group_wait: 1s, group_interval: 1s}\n"
        f"receivers: [{{name: hook, webhook_configs: [{{url: '{hook.url}'}}]}}]\n")
    process = Process([program("prometheus-alertmanager"), f"--config.file={folder}/alertmanager.yml",
                       f"--storage.path={folder}", f"--web.listen-address=127.0.0.1:{port}",
                       "--cluster.listen-address="], folder / "said")
    w.at_end += [hook.stop, process.stop]
    until("Alertmanager", lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=5))
    return hook


def alertmanager_tells_of_a_failure_with_its_class_and_that_it_is_over(w):
    hook = _alertmanager(w)

    def told():
        post = hook.take()
        return json.loads(post.body) if post else None
    failed, recovered = _fail_and_recover(w, "imap, told to Alertmanager", told)
    alert = failed["alerts"][0]
    assert failed["status"] == "firing" and len(failed["alerts"]) == 1, failed
    assert alert["labels"] == {"alertname": "ImapCheckFailing", "host": "wrong password", "severity": "critical",
                               "service": "imap, told to Alertmanager"}, alert
    assert alert["annotations"]["class"] == "auth" and alert["annotations"]["runbook_url"] == f"{RUNBOOK}#auth", alert
    assert recovered["status"] == "resolved", recovered


# --- master and satellite --------------------------------------------------------------------------

FAR_HOSTS = """
object Host "{name}" {{
	import "imap"
	vars.imap_places = {places}
	vars.imap_checks["imap"] = {{
		imap_full_username = "alice"
		imap_full_password_file = "{dir}/alice.password"
		imap_full_capability = [ "IDLE", "-X-NOTHING" ]
		imap_full_verbose = 1
	}}
}}
object Host "{name} expired" {{
	import "imap"
	address = "127.0.0.3"
	vars.imap_checks["imap"] = {{ }}
}}
"""

MASTER, SATELLITE = "127.0.113.1", "127.0.113.2"


def _own_hosts(home):
    """A prefix for commands that see an /etc/hosts with the names of zones.conf in it."""
    hosts = home / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{MASTER} master.example.org\n{SATELLITE} satellite-berlin.example.org\n")
    hosts.chmod(0o644)
    return Covers(home, {"hosts": "/etc/hosts"}).prefix


def _pair(w):
    """(master, satellite), connected."""
    if "icinga pair" not in w.guests:
        home = _folder(w)
        prefix = _own_hosts(home)
        facts = {"dir": home, "port": w.dovecot.tls_port}
        below = {"zones.conf": SHIPPED / "distributed/zones.conf"}
        master = Icinga(home / "master", "master", home, {
            **below,
            "zones.d/global-templates/imap_full.conf": SHIPPED / "imap_full.conf",
            "zones.d/global-templates/imap_full_services.conf": SHIPPED / "imap_full_services.conf",
            "zones.d/global-templates/imap_full_places.conf": SHIPPED / "distributed/imap_full_places.conf",
            "zones.d/global-templates/hosts.conf": COMMON.format(**facts),
            "zones.d/berlin/hosts.conf": FAR_HOSTS.format(name="mail of berlin", places="[ ]", **facts),
            "zones.d/master/hosts.conf": FAR_HOSTS.format(
                name="mail of all", places='[ "master", "satellite-berlin" ]', **facts),
        }, address=MASTER, prefix=prefix)
        satellite = Icinga(home / "satellite", "satellite-berlin", home, below, zone="berlin", address=SATELLITE,
                           prefix=prefix)
        master.make_ca()
        for node in (master, satellite):
            node.certify(master)
            w.at_end.append(node.stop)
            node.start()
        until("the satellite's connection", lambda: [
            end for end in master.get("/v1/objects/endpoints") if end["attrs"]["connected"]])
        until("the satellite's configuration", lambda: satellite.service("mail of berlin", "imap"))
        w.guests["icinga pair"] = master, satellite
    return w.guests["icinga pair"]


def a_satellite_checks_the_hosts_of_its_zone(w):
    master, satellite = _pair(w)
    found = master.check("mail of berlin", "imap", by=satellite)
    assert found["last_check_result"]["check_source"] == "satellite-berlin", found["last_check_result"]
    assert found["state"] == 0 and "3 messages" in _told(found), _told(found)
    found = master.check("mail of berlin expired", "imap", by=satellite)
    assert found["last_check_result"]["check_source"] == "satellite-berlin", found["last_check_result"]
    assert found["state"] == 2 and "tls: the certificate expired" in _told(found), _told(found)


def one_server_is_asked_from_several_places(w):
    master, _ = _pair(w)
    for place in ("master", "satellite-berlin"):
        found = master.check("mail of all", f"imap from {place}")
        result = found["last_check_result"]
        assert result["check_source"] == place, result
        assert found["state"] == 0 and "3 messages" in _told(found), _told(found)
        labels = {item.partition("=")[0] for item in result["performance_data"]}
        assert {"connect", "tls", "auth", "select", "total", "cert_days"} <= labels, labels
        command = result["command"]
        assert command[command.index("--capability") + 1] == "IDLE,-X-NOTHING", command
        assert command.count("--verbose") == 1, command


def a_password_in_a_file_is_seen_nowhere_on_master_and_satellite(w):
    secret = USERS["alice"]
    nodes = _pair(w)
    with ProcessList(secret) as processes:
        for _ in range(5):
            nodes[0].check("mail of berlin", "imap", by=nodes[1])
            nodes[0].check("mail of all", "imap from satellite-berlin")
    assert processes.plugins > 0, "no plugin was seen at work"
    assert not processes.sightings, processes.sightings
    for node in nodes:
        assert secret.encode() not in _everything(node)
        assert not files_with(secret, node.dir)
