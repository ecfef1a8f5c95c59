# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Prometheus with the node exporter's textfile collector and Alertmanager, on loopback and in a folder
of its own, and what Alertmanager tells a web hook. Knows nothing of the plugin."""

import json
import urllib.parse
import urllib.request
from pathlib import Path

from dovecot import free_port
from engine import Hook, Process, finish, give_to, until

# Debian's package: a program or file of it.
NEEDS = {"prometheus": "prometheus", "prometheus-node-exporter": "prometheus-node-exporter",
         "prometheus-alertmanager": "prometheus-alertmanager", "systemd": "/lib/systemd/systemd"}

PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: {rules}
scrape_configs:
  - job_name: node
    static_configs: [{{targets: ['127.0.0.1:{node}']}}]
alerting:
  alertmanagers:
    - static_configs: [{{targets: ['127.0.0.1:{manager}']}}]
"""

MANAGER = """
route: {{receiver: hook, group_by: ['...'], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: hook
    webhook_configs: [{{url: '{hook}', send_resolved: true}}]
"""


class Prometheus:
    """started with start(), ended with stop(); `metrics` is the textfile collector's folder."""

    def __init__(self, folder, rules):
        self.dir = Path(folder)
        self.rules = [str(rule) for rule in rules]
        self.metrics = self.dir / "metrics"
        self.web, self.node, self.manager = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.web}"
        self.hook = self.processes = None
        self._told = []

    def start(self):
        self.dir.mkdir()
        self.metrics.mkdir()
        self.hook = Hook()
        facts = {"rules": json.dumps(self.rules), "node": self.node, "manager": self.manager,
                 "hook": self.hook.url}
        (self.dir / "prometheus.yml").write_text(PROMETHEUS.format(**facts))
        (self.dir / "alertmanager.yml").write_text(MANAGER.format(**facts))
        finish(["promtool", "check", "config", self.dir / "prometheus.yml"])
        give_to("prometheus", self.dir)
        self.processes = [
            self._run("prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
                      f"--collector.textfile.directory={self.metrics}", f"--web.listen-address=127.0.0.1:{self.node}"),
            self._run("prometheus-alertmanager", f"--config.file={self.dir / 'alertmanager.yml'}",
                      f"--storage.path={self.dir / 'alerts'}", f"--web.listen-address=127.0.0.1:{self.manager}",
                      "--cluster.listen-address="),
            self._run("prometheus", f"--config.file={self.dir / 'prometheus.yml'}",
                      f"--storage.tsdb.path={self.dir / 'data'}", f"--web.listen-address=127.0.0.1:{self.web}"),
        ]
        until("Prometheus", lambda: self.query("up{job='node'} == 1"))

    def _run(self, name, *options):
        return Process([name, *options], self.dir / f"{name}.log", cwd=self.dir, user="prometheus",
                       group="prometheus", extra_groups=[])

    def get(self, path, **parameters):
        with urllib.request.urlopen(f"{self.url}{path}?{urllib.parse.urlencode(parameters)}", timeout=20) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """The samples, as [(labels, value)]."""
        return [(s["metric"], float(s["value"][1])) for s in self.get("/api/v1/query", query=expression)["result"]]

    def alerts(self):
        """What is firing or pending, by name."""
        return {a["labels"]["alertname"]: a for a in self.get("/api/v1/alerts")["alerts"]}

    def told(self):
        """All alerts that Alertmanager has posted so far."""
        while post := self.hook.take():
            self._told.extend(json.loads(post.body)["alerts"])
        return self._told

    def said(self):
        return "".join(process.said() for process in self.processes)

    def stop(self):
        for process in self.processes or ():
            process.stop()
        if self.hook:
            self.hook.stop()
