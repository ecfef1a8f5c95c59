# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests with Zabbix play on: the engine with the template as it is shipped, a mail server of their own,
hosts, what became of them, and a stand-in for the plugin."""

import json
import re
import secrets
import shutil

from engine import CONTRIB, give_to
from full_dovecot import FullDovecot
from world import WRONG
from zabbix import Zabbix

TEMPLATE = CONTRIB / "zabbix" / "6.0" / "template_app_imap_session_external.yaml"
NAME = "IMAP session by external check"
# Of this run alone: others may run the same tests at the same time, and /proc shows all.
PASSWORD = f"opensesame-{secrets.token_hex(8)}"
EVERY = "1s"  # is quicker than the template's interval


class Stage:
    """The engine with the template, a mail server of its own, and what the check has to find on disk."""

    def __init__(self, w):
        self.w = w
        self.zabbix = Zabbix(w.dir / "zabbix")
        self.mail = FullDovecot(w.dir / "zabbixmail", None, w.pki, {"alice": PASSWORD})
        self.etc = w.dir / "zabbixetc"
        self.template = None

    def start(self):
        self.w.at_end.append(self.stop)
        self.mail.start()
        self.etc.mkdir()
        shutil.copy(self.w.ca, self.etc / "ca.pem")
        (self.etc / "right").write_text(PASSWORD + "\n")
        (self.etc / "wrong").write_text(WRONG + "\n")
        give_to("zabbix", self.etc)
        for name in ("right", "wrong"):
            (self.etc / name).chmod(0o400)
        self.zabbix.start()
        self.zabbix.link_plugin(self.w.plugin)
        self.zabbix.import_template(TEMPLATE)
        self.template = self.zabbix.api("template.get", {"filter": {"host": NAME}})[0]["templateid"]

    def stop(self):
        self.zabbix.stop()
        self.mail.stop()

    def macros(self):
        return {"{$IMAP.NAME}": "imap.example.org", "{$IMAP.USER}": "alice",
                "{$IMAP.PASSWORD.FILE}": str(self.etc / "right"), "{$IMAP.PORT}": str(self.mail.tls_port),
                "{$IMAP.OPTION}": f"--ca-file={self.etc / 'ca.pem'}", "{$IMAP.INTERVAL}": EVERY}

    def add_host(self, name, **other):
        """A host with the template; `other` macros by the last part of their names, - for a point."""
        macros = {**self.macros(), **{"{$IMAP.%s}" % k.replace("_", "."): v for k, v in other.items()}}
        group = self.zabbix.api("hostgroup.get", {"filter": {"name": "Linux servers"}})[0]["groupid"]
        return self.zabbix.api("host.create", {
            "host": name, "groups": [{"groupid": group}], "templates": [{"templateid": self.template}],
            "interfaces": [{"type": 1, "main": 1, "useip": 1, "ip": "127.0.0.1", "dns": "", "port": "10050"}],
            "macros": [{"macro": k, "value": v} for k, v in macros.items()]})["hostids"][0]

    def remove(self, *hosts):
        self.zabbix.api("host.delete", list(hosts))

    def items(self, host):
        """{key: item}, the master's key shortened to its name."""
        found = self.zabbix.api("item.get", {"hostids": host, "output": [
            "itemid", "key_", "lastvalue", "lastclock", "error", "state", "value_type"]})
        return {re.sub(r"^check_imap_full\[.*", "check_imap_full", i["key_"]): i for i in found}

    def value(self, host, key):
        item = self.items(host)[key]
        return item["lastvalue"] if int(item["lastclock"]) else None

    def problems(self, *hosts):
        """What the page Problems shows: those that no other hides."""
        return self.zabbix.api("problem.get", {"hostids": hosts, "output": "extend"})

    def trigger(self, problem):
        return self.zabbix.api("trigger.get", {"triggerids": problem["objectid"], "output": "extend",
                                               "expandDescription": True, "selectHosts": ["hostid"]})[0]

    def events(self, host):
        """All that were ever problems of the host."""
        return self.zabbix.api("event.get", {"hostids": host, "value": 1, "output": "extend"})


STAND_IN = """#!/bin/sh
# Answers by a file where one is named, by another each second where it is a folder of five, else is the plugin.
for last; do :; done
[ ! -d "$last" ] || last=$last/$(($(date +%s) % 5)).json
case $last in
    /*) exec cat "$last" ;;
esac
exec {plugin} "$@"
"""


class StandIn:
    """In the plugin's place while the block runs: an {$IMAP.OPTION} that is a path is the answer."""

    def __init__(self, stage):
        self.stage, self.link = stage, stage.zabbix.scripts / "check_imap_full"

    def __enter__(self):
        new = self.link.with_suffix(".new")
        new.write_text(STAND_IN.format(plugin=self.stage.w.plugin))
        new.chmod(0o755)
        new.replace(self.link)
        return self

    def __exit__(self, *_):
        self.link.unlink()
        self.stage.zabbix.link_plugin(self.stage.w.plugin)

    def answer(self, name, session):
        path = self.stage.etc / f"{name}.json"
        new = path.with_suffix(".new")
        new.write_text(json.dumps(session) + "\n")
        give_to("zabbix", new)
        new.replace(path)
        return str(path)
