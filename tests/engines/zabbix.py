# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Zabbix: PostgreSQL, the server and the web front end of the distribution, on loopback and in a
folder of its own; and its API. Knows nothing of the plugin."""

import gzip
import json
import os
import pwd
import random
import re
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from engine import PATH, Process, finish, give_to, until
from dovecot import free_port

# Debian's package: a program or file of it.
NEEDS = {"zabbix-server-pgsql": "zabbix_server", "zabbix-frontend-php": "/usr/share/zabbix/zabbix.php",
         "postgresql": "/usr/lib/postgresql", "php-cli": "php", "php-pgsql": "/etc/php"}

SCHEMA = Path("/usr/share/zabbix-server-pgsql")
FRONTEND = Path("/usr/share/zabbix")

SERVER = """
DBHost=127.0.0.1
DBPort={database}
DBName=zabbix
DBUser=zabbix
ListenIP=127.0.0.1
ListenPort={port}
SocketDir={dir}/server
PidFile={dir}/server/server.pid
LogType=console
Timeout={timeout}
ExternalScripts={scripts}
CacheUpdateFrequency=1
StartPollers=3
StartPollersUnreachable=1
StartTrappers=1
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartDBSyncers=1
StartPreprocessors=1
StartTimers=1
StartLLDProcessors=1
StartAlerters=1
"""

SITE = """<?php
$DB['TYPE'] = 'POSTGRESQL';
$DB['SERVER'] = '127.0.0.1';
$DB['PORT'] = '{database}';
$DB['DATABASE'] = 'zabbix';
$DB['USER'] = 'zabbix';
$DB['PASSWORD'] = '';
$DB['SCHEMA'] = '';
$DB['ENCRYPTION'] = false;
$DB['DOUBLE_IEEE754'] = true;
$ZBX_SERVER = '127.0.0.1';
$ZBX_SERVER_PORT = '{port}';
$ZBX_SERVER_NAME = 'test';
$IMAGE_FORMAT_DEFAULT = IMAGE_FORMAT_PNG;
"""


def server_port():
    """Zabbix takes none of the ports that the system hands out."""
    for port in random.sample(range(20000, 32000), 100):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass
    raise RuntimeError("no port is free")


class ApiError(Exception):
    """What the API refused, in its own words."""


def identity(user):
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Postgres:
    """A cluster of its own that asks nobody for a password and is in no hurry to be safe."""

    def __init__(self, folder):
        self.dir = Path(folder)
        self.port = free_port()
        self.bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.process = None

    def start(self):
        self.dir.mkdir()
        give_to("postgres", self.dir)
        finish([self.bin / "initdb", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D", self.dir / "data"],
               cwd=self.dir, **identity("postgres"))
        self.process = Process(
            [self.bin / "postgres", "-D", self.dir / "data", "-p", self.port, "-h", "127.0.0.1",
             "-k", self.dir, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"],
            self.dir / "log", cwd=self.dir, **identity("postgres"))
        until("PostgreSQL", lambda: subprocess.run(
            [self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False).returncode == 0)

    def ask(self, sql, database="zabbix", user="zabbix"):
        """What psql says to some SQL, which may be long."""
        done = subprocess.run(
            [self.bin / "psql", "-qtA", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", user,
             database], input=sql, capture_output=True, text=True, timeout=300, check=False, cwd=self.dir)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.strip()

    def stop(self):
        if self.process:
            self.process.stop()


class Zabbix:
    """started with start(), ended with stop(); `url` is the front end's, api() asks it."""

    def __init__(self, folder, timeout=3):
        self.dir = Path(folder)
        self.scripts = self.dir / "externalscripts"
        self.timeout = timeout
        self.port, self.web = server_port(), free_port()
        self.url = f"http://127.0.0.1:{self.web}"
        self.database = Postgres(self.dir / "postgres")
        self.web_environment = {"PATH": PATH, "PHP_CLI_SERVER_WORKERS": "4"}
        self.server = self.frontend = self.token = self.browser = self.version = None

    def facts(self):
        return {"dir": self.dir, "scripts": self.scripts, "port": self.port, "timeout": self.timeout,
                "database": self.database.port}

    def start(self):
        self.dir.mkdir()
        self.dir.chmod(0o755)
        self.scripts.mkdir()
        self.database.start()
        self.load_schema()
        self.start_server()
        self.start_frontend()
        self.token = until("the API", self.log_in)
        version = self.api("apiinfo.version", {}, auth=None)
        self.version = tuple(int(part) for part in version.split(".")[:2])
        self.quieten()

    def load_schema(self):
        """As the package's README says, but with constraints unchecked and in one transaction."""
        self.database.ask("CREATE USER zabbix SUPERUSER;", "postgres", "postgres")
        self.database.ask("CREATE DATABASE zabbix OWNER zabbix;", "postgres", "postgres")
        parts = [gzip.decompress((SCHEMA / f"{name}.sql.gz").read_bytes()).decode()
                 for name in ("schema", "images", "data")]
        self.database.ask("SET session_replication_role = replica;\nBEGIN;\n" +
                          "\n".join(part.replace("BEGIN;", "").replace("COMMIT;", "") for part in parts) +
                          "\nCOMMIT;\nANALYZE;\n")

    def start_server(self):
        config, home = self.dir / "server.conf", self.dir / "server"
        config.write_text(SERVER.format(**self.facts()))
        home.mkdir()
        give_to("zabbix", home)
        self.server = Process(["zabbix_server", "-f", "-c", config], self.dir / "server.log",
                              cwd=home, env={"PATH": PATH}, **identity("zabbix"))

    def start_frontend(self):
        """A copy, for the place of its configuration is written into it."""
        site = self.dir / "site"
        shutil.copytree(FRONTEND, site)
        config = self.dir / "zabbix.conf.php"
        config.write_text(SITE.format(**self.facts()))
        where = site / "include/classes/core/CConfigFile.php"
        text = where.read_text()
        assert "'/etc/zabbix/zabbix.conf.php'" in text, "the front end has another place for its configuration"
        where.write_text(text.replace("/etc/zabbix/zabbix.conf.php", str(config)))
        give_to("nobody", site)
        settings = {"post_max_size": "16M", "max_execution_time": "300", "max_input_time": "300",
                    "date.timezone": "UTC", "memory_limit": "256M", "session.save_path": str(self.dir / "sessions")}
        (self.dir / "sessions").mkdir()
        give_to("nobody", self.dir / "sessions")
        words = [word for name, value in settings.items() for word in ("-d", f"{name}={value}")]
        self.frontend = Process(["php", *words, "-S", f"127.0.0.1:{self.web}", "-t", site], self.dir / "frontend.log",
                                cwd=site, env=self.web_environment, **identity("nobody"))

    def log_in(self):
        try:
            return self.api("user.login", {"username": "Admin", "password": "zabbix"}, auth=None)
        except (OSError, ApiError):
            return None

    def quieten(self):
        """The host that comes with the schema has no agent here."""
        for host in self.api("host.get", {"output": ["hostid"]}):
            self.api("host.update", {"hostid": host["hostid"], "status": 1})

    def api(self, method, params, auth="token"):
        body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1,
                "auth": self.token if auth == "token" else None}
        request = urllib.request.Request(f"{self.url}/api_jsonrpc.php", json.dumps(body).encode(),
                                         {"Content-Type": "application/json-rpc"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            said = json.load(answer)
        if "error" in said:
            raise ApiError(f"{method}: {said['error']['message']} {said['error']['data']}")
        return said["result"]

    def page(self, action, **parameters):
        """A page of the front end, as its user Admin sees it."""
        if not self.browser:
            self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            form = {"name": "Admin", "password": "zabbix", "enter": "Sign in"}
            self.browser.open(f"{self.url}/index.php", urllib.parse.urlencode(form).encode(), timeout=60)
        where = f"{self.url}/zabbix.php?" + urllib.parse.urlencode({"action": action, **parameters})
        with self.browser.open(where, timeout=60) as answer:
            return answer.read().decode()

    def menu_of(self, problem):
        """What opens when one clicks on a problem: its menu, in JSON."""
        token = re.search(r'name="csrf-token" content="(\w+)"', self.page("problem.view"))
        return self.page("menu.popup", type="trigger", **({"sid": token[1]} if token else {}), **{
            "data[triggerid]": problem["objectid"], "data[eventid]": problem["eventid"],
            "data[backurl]": "zabbix.php?action=problem.view"})

    def import_rules(self, **how):
        """For all that a template can hold; `how` is what to do with what is missing there."""
        change = {"createMissing": True, "updateExisting": True}
        groups = ["groups"] if self.version < (6, 2) else ["host_groups", "template_groups"]
        rules = {name: {**change, **how} for name in ("items", "triggers", "graphs", "valueMaps", "templateDashboards",
                                                      "discoveryRules", "httptests")}
        return {**rules, **{name: change for name in (*groups, "hosts", "templates")},
                "templateLinkage": {"createMissing": True, **how}}

    def import_template(self, path):
        return self.api("configuration.import",
                        {"format": "yaml", "source": Path(path).read_text(), "rules": self.import_rules()})

    def differences(self, path):
        """What a second import would change."""
        return self.api("configuration.importcompare", {
            "format": "yaml", "source": Path(path).read_text(), "rules": self.import_rules(deleteMissing=True)})

    def link_plugin(self, plugin):
        link = self.scripts / "check_imap_full"
        if not link.exists():
            os.symlink(plugin, link)

    def tree(self):
        """Folders that hold what the engine keeps and says."""
        return [self.dir / "postgres", self.dir / "server", self.dir / "sessions"]

    def stop(self):
        for process in (self.frontend, self.server):
            if process:
                process.stop()
        self.database.stop()
