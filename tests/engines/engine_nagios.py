# SPDX-License-Identifier: GPL-3.0-or-later
"""Nagios 4: the files of contrib/nagios beside the distribution's own, read back from status.dat; NRPE; the graph
for PNP4Nagios."""

import json
import re
import shlex
import shutil
from pathlib import Path

import grammar
from engine import CONTRIB, WRONG, Hook, ProcessList, files_with, finish, program, until
from nagios import Nagios, Nrpe
from readme import SERVER, follow
from servers import FakeImap
from world import USERS, Skip

NEEDS = {"nagios4-core": "nagios4", "nagios4-common": "/etc/nagios4/objects/templates.cfg"}

SHIPPED = CONTRIB / "nagios"
CHECK_NRPE = "/usr/lib/nagios/plugins/check_nrpe"
RUNBOOK = "https://wiki.example.org/imap/RUNBOOK.md"

# The plugin with a witness before it, of what went out.
RECORDER = """#!/bin/sh
said=$({dir}/plugins/check_imap_full.real "$@"; echo "exit $?")
status=${{said##*exit }}
said=${{said%exit *}}
printf %s "$said" >>{dir}/var/printed
printf %s "$said"
exit "$status"
"""

SENDMAIL = """#!/bin/sh
cat >{dir}/var/mail.$$.new
mv {dir}/var/mail.$$.new {dir}/var/mail.$$
"""

INI = """
[common]
port={port}
ca-file={dir}/ca.pem
[probe]
port={port}
ca-file={dir}/ca.pem
username=alice
password-file={dir}/alice.password
[wrong]
port={port}
ca-file={dir}/ca.pem
username=alice
password-file={dir}/wrong.password
[hostile]
port={hostile}
tls=starttls
"""

HOSTS = """
define contactgroup {{
    contactgroup_name  admins
    members            oncall, hook
}}
define contact {{
    use                            generic-contact
    contact_name                   oncall
    email                          oncall@example.org
    host_notifications_enabled     0
    service_notification_commands  notify-imap-full-by-mail
    _IMAP_SENDMAIL                 {dir}/sendmail
}}
define contact {{
    use                            generic-contact
    contact_name                   hook
    host_notifications_enabled     0
    service_notification_commands  notify-imap-full-by-webhook
    _IMAP_WEBHOOK                  {hook}
    _IMAP_WEBHOOK_FORM             webhook
}}
define host {{
    use         linux-server
    host_name   well
    address     127.0.0.1
    hostgroups  imap-servers
    _IMAP_NAME  imap.example.org
}}
define host {{
    use         linux-server
    host_name   troubled
    address     127.0.0.1
    _IMAP_NAME  imap.example.org
}}
define host {{
    use         linux-server
    host_name   probe
    address     127.0.113.3
    hostgroups  imap-probes
}}
define host {{
    use         linux-server
    host_name   expired
    address     127.0.0.3
    _IMAP_NAME  imap.example.org
}}
define service {{
    use                  imap-full
    host_name            troubled
    service_description  IMAP
    check_command        check_imap_full!wrong@/etc/nagios4/imap.ini!-w total=9,auth=8 -c total=9.5
}}
define service {{
    use                  imap-full
    host_name            expired
    service_description  IMAP certificate
    check_command        check_imap_full_cert!--extra-opts=common@/etc/nagios4/imap.ini
}}
define service {{
    use                  imap-full
    host_name            troubled
    service_description  Hostile
    check_command        check_imap_full_cert!--extra-opts=hostile@/etc/nagios4/imap.ini
}}
"""

NRPE = """
server_address=127.0.113.3
nrpe_user=nagios
nrpe_group=nagios
allowed_hosts=127.0.0.1,127.0.113.3
dont_blame_nrpe=0
pid_file={dir}/var/nrpe.pid
include_dir=/etc/nagios/nrpe.d
"""

# What a server might say to those who put it into a command line.
ATTACK = ("* BYE '; touch {file}; ' \"; touch {file}; \" $(touch {file}) `touch {file}` | touch {file} & "
          "\\nclass: usage\r\n")


def _files(w, home, facts):
    """{path below the folder: what is there}"""
    whole = "[probe]\nhostname = 127.0.0.1\nsni = imap.example.org\n"
    files = {f"etc/nagios4/conf.d/{name}": SHIPPED / name for name in
             ("imap_full.cfg", "imap_full_services.cfg", "imap_full_notifications.cfg", "imap_full_nrpe.cfg")}
    files |= {
        "etc/nagios4/conf.d/hosts.cfg": HOSTS.format(**facts), "etc/nagios4/imap.ini": INI.format(**facts),
        "local/nagios/imap-full-notify": CONTRIB / "notify/imap-full-notify",
        "plugins/check_imap_full": RECORDER.format(**facts), "plugins/check_imap_full.real": Path(w.plugin),
        "sendmail": SENDMAIL.format(**facts), "ca.pem": Path(w.ca),
        "alice.password": USERS["alice"] + "\n", "wrong.password": WRONG + "\n"}
    if program(CHECK_NRPE):
        files |= {
            "etc/nagios/nrpe.cfg": NRPE.format(dir=home), "plugins/check_nrpe": Path(CHECK_NRPE),
            "etc/nagios/nrpe.d/imap_full.cfg": SHIPPED / "nrpe_imap_full.cfg",
            "etc/nagios/imap.ini": INI.replace("[probe]\n", whole).format(**facts)}
    return files


def _nagios(w):
    if "nagios" not in w.guests:
        home, hook = w.dir / "nagios", Hook()
        hostile = FakeImap(greeting=ATTACK.format(file=home / "var/touched")).__enter__()
        w.at_end += [hook.stop, lambda: hostile.__exit__(None, None, None)]
        facts = {"dir": home, "port": w.dovecot.tls_port, "hook": hook.url, "hostile": hostile.port}
        nagios = Nagios(home, _files(w, home, facts))
        nrpe = Nrpe(nagios)
        w.at_end += [nrpe.stop, nagios.stop]
        if program("nrpe"):
            nrpe.start()
        nagios.start()
        w.guests["nagios"], w.guests["nagios hook"] = nagios, hook
    return w.guests["nagios"]


def _state(values):
    return int(values["current_state"])


def the_shipped_files_are_accepted(w):
    code, said = _nagios(w).verify()
    assert code == 0 and re.search(r"Total Warnings: 0\nTotal Errors: +0", said), said


def the_commands_alone_are_accepted_beside_those_of_the_distribution(w):
    """As a package would put them; where no host has a name for its certificate, and no service uses them."""
    nagios = _nagios(w)
    conf = nagios.dir / "etc/nagios4"
    shutil.copytree("/etc/nagios4", conf / "plain")
    (conf / "plain/conf.d/imap_full.cfg").write_bytes((SHIPPED / "imap_full.cfg").read_bytes())
    main = conf / "plain/nagios.cfg"
    main.write_text(main.read_text().replace("/etc/nagios4/", "/etc/nagios4/plain/"))
    code, said = nagios.verify("/etc/nagios4/plain/nagios.cfg")
    assert code == 0 and re.search(r"Total Errors: +0", said), said


def the_readme_leads_to_a_service_and_a_page(w):
    said = follow(w, "nagios", ["/etc/nagios4", "/usr/local/lib"])
    assert re.search(rf"^IMAP OK - {re.escape(SERVER)} INBOX: 1 message, ", said, re.MULTILINE), said
    assert len(re.findall(r"Total Warnings: 0\nTotal Errors: +0", said)) == 2, said


def a_server_that_is_well_is_ok_and_every_value_arrives(w):
    nagios = _nagios(w)
    values = nagios.checked("well", "IMAP")
    assert _state(values) == 0, values
    assert re.match(r"IMAP OK - 127\.0\.0\.1 INBOX: 3 messages, ", values["plugin_output"]), values
    metrics = grammar.parse_perfdata(values["performance_data"])
    assert {"connect", "tls", "greeting", "auth", "select", "fetch", "logout", "total", "cert_days", "messages",
            "size"} == set(metrics), metrics
    assert (metrics["total"].warning, metrics["total"].critical) == ("2", "5"), values
    assert f"|{values['performance_data']}\n" in (nagios.dir / "var/printed").read_text()


def a_wrong_password_is_critical_and_the_cause_is_visible(w):
    values = _nagios(w).checked("troubled", "IMAP")
    assert _state(values) == 2, values
    assert re.match(r"IMAP CRITICAL - auth: server refused alice \(PLAIN, ", values["plugin_output"]), values
    assert values["long_plugin_output"].endswith("\\nclass: auth"), values["long_plugin_output"]
    metrics = grammar.parse_perfdata(values["performance_data"])
    assert "auth" in metrics and "select" not in metrics
    assert (metrics["auth"].warning, metrics["total"].warning, metrics["total"].critical) == ("8", "9", "9.5"), values


def an_expired_certificate_is_critical_and_the_cause_is_visible(w):
    values = _nagios(w).checked("expired", "IMAP certificate")
    assert _state(values) == 2, values
    assert values["plugin_output"].startswith("IMAP CRITICAL - tls: the certificate expired "), values
    assert "class: certificate" in values["long_plugin_output"], values


def nothing_listening_is_critical_and_the_cause_is_visible(w):
    """The service that is shipped asks port 993."""
    values = _nagios(w).checked("well", "IMAP certificate")
    assert _state(values) == 2 and values["plugin_output"].startswith("IMAP CRITICAL - connect: "), values


def a_password_in_a_file_is_seen_nowhere(w):
    """A minute of Nagios is a second here, so everything is checked again and again."""
    nagios = _nagios(w)
    printed = nagios.dir / "var/printed"
    until("a first check", printed.exists)
    for secret in (USERS["alice"], WRONG):
        with ProcessList(secret) as processes:
            count = printed.read_text().count("IMAP ")
            until("more checks", lambda enough=count + 12: printed.read_text().count("IMAP ") > enough)
        assert processes.plugins > 0, "no plugin was seen at work"
        assert not processes.sightings, processes.sightings
        seen = {path.name for path in files_with(secret, nagios.dir)}
        assert seen == {"alice.password" if secret == USERS["alice"] else "wrong.password"}, seen
    assert (nagios.dir / "var/objects.cache").stat().st_size > 1000


def _mails(nagios):
    return [path.read_text() for path in (nagios.dir / "var").glob("mail.*") if path.suffix != ".new"]


def _mail_about(nagios, subject):
    return until(f"a mail about {subject}", lambda: next(
        (mail for mail in _mails(nagios) if f"Subject: {subject}\n" in mail), None))


def a_mail_names_phase_class_and_the_chapter_of_the_runbook(w):
    mail = _mail_about(_nagios(w), "PROBLEM CRITICAL in auth: IMAP on troubled")
    for line in ("To: oncall@example.org", "Phase:      auth", "Class:      auth", f"Runbook:    {RUNBOOK}#auth",
                 "Host:       troubled (127.0.0.1)"):
        assert f"\n{line}\n" in "\n" + mail, f"{line!r} in\n{mail}"
    assert re.search(r"^IMAP CRITICAL - auth: server refused alice", mail, re.MULTILINE), mail
    assert re.search(r"^\[CRITICAL\] auth: server refused alice.*\nclass: auth$", mail, re.MULTILINE), mail


def a_webhook_gets_phase_class_and_the_chapter_of_the_runbook(w):
    _nagios(w)
    posts = []

    def told():
        post = w.guests["nagios hook"].take()
        if post:
            posts.append(json.loads(post.body))
        return [post for post in posts if post["host"] == "troubled" and post["service"] == "IMAP"]
    post = until("a post about IMAP on troubled", told)[0]
    assert (post["type"], post["state"], post["phase"], post["class"], post["runbook_url"]) == (
        "PROBLEM", "CRITICAL", "auth", "auth", f"{RUNBOOK}#auth"), post


def what_a_hostile_server_says_is_told_and_not_done(w):
    nagios = _nagios(w)
    values = nagios.checked("troubled", "Hostile")
    assert _state(values) == 2 and "touch" in values["plugin_output"], values
    mail = _mail_about(nagios, "PROBLEM CRITICAL in greeting: Hostile on troubled")
    assert "touch" in mail and "\nClass:      unavailable\n" in mail, mail
    assert not (nagios.dir / "var/touched").exists()


def nrpe_asks_from_another_machine(w):
    if not (program("nrpe") and program(CHECK_NRPE)):
        raise Skip("not installed: nagios-nrpe-server nagios-nrpe-plugin")
    values = _nagios(w).checked("probe", "IMAP as seen from here")
    assert _state(values) == 0, values
    assert values["plugin_output"].startswith("IMAP OK - 127.0.0.1 INBOX: 3 messages, "), values
    assert {"auth", "total", "cert_days"} <= set(grammar.parse_perfdata(values["performance_data"])), values


# --- the graph -------------------------------------------------------------------------------------

# What PNP hands to a template, and what it takes from it.
PNP = """<?php
$hostname = "mail"; $servicedesc = "IMAP";
{facts}
require $argv[1];
echo json_encode(array($opt[1], $def[1], $ds_name[1]));
"""


def the_graph_of_pnp4nagios_stacks_the_phases_that_there_are(w):
    if not (program("php") and program("rrdtool")):
        raise Skip("not installed: php-cli rrdtool")
    folder = w.dir / "pnp"
    folder.mkdir()
    run = w.run(*w.to(), state="OK")
    names, values = zip(*((name, metric.value) for name, metric in run.metrics.items()))
    rrd, begin = folder / "all.rrd", 1700000000
    finish(["rrdtool", "create", rrd, "--start", begin, "--step", 60, "RRA:AVERAGE:0.5:1:600",
            *(f"DS:{n + 1}:GAUGE:180:U:U" for n in range(len(names)))])
    for at in range(1, 60):
        unknown = at % 20 == 0  # a run that broke off after tls
        row = ["U" if unknown and name in ("auth", "select", "fetch", "logout") else str(value)
               for name, value in zip(names, values)]
        finish(["rrdtool", "update", rrd, ":".join([str(begin + at * 60), *row])])
    facts = "".join(f'$NAME[{n}] = "{name}"; $DS[{n}] = {n}; $RRDFILE[{n}] = "{rrd}";\n'
                    for n, name in enumerate(names, 1))
    (folder / "pnp.php").write_text(PNP.format(facts=facts))
    options, graph, title = json.loads(finish(
        ["php", "-d", "display_errors=stderr", folder / "pnp.php", SHIPPED / "pnp4nagios/check_imap_full.php"]))
    stacked = re.findall(r"AREA:\w+#[0-9a-f]{6}:\"(\w+) *\":STACK", graph)
    assert stacked == [name for name in grammar.PHASES if name in names and name != "password"], graph
    image = folder / "graph.png"
    finish(["rrdtool", "graph", image, "--start", begin, "--end", begin + 3600, *shlex.split(options),
            *shlex.split(graph)])
    assert image.read_bytes().startswith(b"\x89PNG") and title == "Phases"
