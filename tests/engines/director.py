# SPDX-License-Identifier: GPL-3.0-or-later
"""Icinga Director, by its command line, with a PostgreSQL of its own. Knows no test."""

import os
import pwd
from pathlib import Path

from engine import PATH, Process, finish, free_port, give_to, program, until

MODULES = Path("/usr/share/icingaweb2/modules")

FILES = {
    "web/config.ini": '[global]\nconfig_backend = "ini"\nmodule_path = "{modules}"\n[logging]\nlog = "none"\n',
    "web/resources.ini": '[director_db]\ntype = "db"\ndb = "pgsql"\nhost = "127.0.0.1"\nport = "{port}"\n'
                         'dbname = "director"\nusername = "postgres"\npassword = ""\ncharset = "utf8"\n',
    "web/modules/director/config.ini": '[db]\nresource = "director_db"\n',
}


class Director:
    def __init__(self, folder):
        self.dir, self.port = Path(folder), free_port()
        self.bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.process = None
        for path, text in FILES.items():
            (self.dir / path).parent.mkdir(parents=True, exist_ok=True)
            (self.dir / path).write_text(text.format(modules=MODULES, port=self.port))
        (self.dir / "web/enabledModules").mkdir()
        for module in ("director", "incubator", "reactbundle", "monitoring"):
            (self.dir / "web/enabledModules" / module).symlink_to(MODULES / module)
        (self.dir / "database").mkdir()
        give_to("postgres", self.dir / "database")

    def _as_postgres(self):
        entry = pwd.getpwnam("postgres")
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": self.dir / "database"}

    def start(self):
        data = self.dir / "database/data"
        finish([self.bin / "initdb", "-A", "trust", "-E", "UTF8", "--locale=C", "-D", data], **self._as_postgres())
        self.process = Process(
            [self.bin / "postgres", "-D", data, "-p", self.port, "-h", "127.0.0.1", "-k", self.dir / "database",
             "-c", "fsync=off"], self.dir / "said", **self._as_postgres())
        until("PostgreSQL", lambda: "ready to accept connections" in self.process.said())
        self.sql("CREATE DATABASE director ENCODING 'UTF8'", "postgres")
        self.sql("CREATE EXTENSION pgcrypto")
        self.cli("migration", "run")

    def stop(self):
        if self.process:
            self.process.stop()

    def sql(self, question, database="director"):
        return finish([self.bin / "psql", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", database, "-XqAt",
                       "-c", question])

    def cli(self, *words, given=None):
        """icingacli director WORDS; it may fail with status 0, but then it says so."""
        said = finish([program("icingacli"), "director", *words], input=given, cwd=self.dir,
                      env={**os.environ, "PATH": PATH, "ICINGAWEB_CONFIGDIR": str(self.dir / "web")})
        assert "ERROR:" not in said, said
        return said

    def rendered(self):
        """{path: text} of the configuration that it would deploy."""
        self.cli("config", "render")
        rows = self.sql("SELECT encode(convert_to(c.file_path, 'UTF8'), 'hex') || ' ' || "
                        "encode(convert_to(f.content, 'UTF8'), 'hex') FROM director_generated_config_file c "
                        "JOIN director_generated_file f ON f.checksum = c.file_checksum")
        return {bytes.fromhex(path).decode(): bytes.fromhex(text).decode()
                for path, text in (line.split() for line in rows.splitlines())}
