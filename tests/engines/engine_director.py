# SPDX-License-Identifier: GPL-3.0-or-later
"""Icinga Director restores the basket of contrib/icinga2/director, and Icinga 2 takes what it renders."""

import json

from director import Director
from engine import CONTRIB, free_port
from icinga2 import Icinga

NEEDS = {"icinga2-bin": "icinga2", "icingacli": "icingacli", "postgresql": "/usr/lib/postgresql",
         "php-pgsql": "/etc/php", "icingaweb2-module-director": "/usr/share/icingaweb2/modules/director"}

BASKET = CONTRIB / "icinga2/director/imap_full.json"

SERVICE = {"object_type": "object", "host": "mail", "imports": ["imap_full"], "vars": {
    "imap_full_username": "alice", "imap_full_password_file": "/etc/icinga2/imap/alice.password",
    "imap_full_port": 9993, "imap_full_tls": "implicit", "imap_full_insecure": False, "imap_full_verbose": 1,
    "imap_full_warning": ["total=2", "auth=1"]}}


def _director(w):
    if "director" not in w.guests:
        director = Director(w.dir / "director")
        w.at_end.append(director.stop)
        director.start()
        director.cli("basket", "restore", given=BASKET.read_text())
        w.guests["director"] = director
    return w.guests["director"]


def the_basket_is_restored_with_a_field_for_each_option(w):
    director = _director(w)
    fields = {line.split("|")[0]: line.split("|")[1].rsplit("\\")[-1] for line in
              director.sql("SELECT varname, datatype FROM director_datafield").splitlines()}
    wanted = {field["varname"] for field in json.loads(BASKET.read_text())["Datafield"].values()}
    assert set(fields) == wanted and len(wanted) > 30, set(fields) ^ wanted
    assert fields["imap_full_insecure"] == "DataTypeBoolean" and fields["imap_full_port"] == "DataTypeNumber", fields
    assert fields["imap_full_warning"] == "DataTypeArray" and fields["imap_full_tls"] == "DataTypeDatalist", fields
    used = director.sql("SELECT count(*) FROM icinga_service_field f JOIN icinga_service s ON s.id = f.service_id "
                        "WHERE s.object_name = 'imap_full'")
    assert int(used) == len(wanted), used


def a_password_is_a_hidden_field(w):
    hidden = _director(w).sql("SELECT varname FROM director_datafield f JOIN director_datafield_setting s "
                              "ON s.datafield_id = f.id WHERE setting_name = 'visibility' AND setting_value = 'hidden'")
    assert hidden.split() == ["imap_full_password"], hidden


def restoring_it_again_changes_nothing(w):
    director = _director(w)
    count = "SELECT (SELECT count(*) FROM director_datafield), (SELECT count(*) FROM icinga_service_field), " \
            "(SELECT count(*) FROM director_datalist_entry), (SELECT count(*) FROM icinga_command)"
    before = director.sql(count)
    director.cli("basket", "restore", given=BASKET.read_text())
    assert director.sql(count) == before


def icinga_takes_what_director_renders(w):
    director = _director(w)
    # Director's kickstart would bring the commands of the ITL.
    director.cli("command", "create", "dummy", "--json", json.dumps({"object_type": "external_object"}))
    director.cli("host", "create", "mail", "--json", json.dumps(
        {"object_type": "object", "address": "192.0.2.10", "check_command": "dummy",
         "vars": {"imap_full_sni": "imap.example.org"}}))
    director.cli("service", "create", "imap", "--json", json.dumps(SERVICE))
    files = director.rendered()
    text = "\n".join(files.values())
    assert 'object CheckCommand "imap_full"' not in text, "the command is to stay external"
    for line in ('import "imap_full"', 'vars.imap_full_insecure = false', "vars.imap_full_port = 9993",
                 'vars.imap_full_warning = [ "total=2", "auth=1" ]', 'check_command = "imap_full"'):
        assert line in text, text
    node = Icinga(w.dir / "director/node", "master", "/usr/lib/nagios/plugins", {
        "zones.conf": 'object Endpoint "master" { }\nobject Zone "master" { endpoints = [ "master" ] }\n'
                      'object Zone "director-global" { global = true }\n',
        "conf.d/imap_full.conf": CONTRIB / "icinga2/imap_full.conf",
        **files}, port=free_port())
    node.make_ca()
    node.certify(node)
    said = node.validate()
    assert "Instantiated 1 Service." in said, said
