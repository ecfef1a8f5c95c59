# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphite draws what the template for Icinga Web's module asks for. The module itself is in no package of Debian 12:
it takes from the template what is taken here."""

import configparser
import json

from engine import CONTRIB, finish
from grammar import PHASES
from world import HERE

NEEDS = {"graphite-web": "/usr/lib/python3/dist-packages/graphite"}

SERVICE = "icinga2.mail.services.imap.imap_full"


def _template():
    """[(name, paths of its curves, functions over them, parameters)]"""
    ini = configparser.ConfigParser(interpolation=None)
    ini.optionxform = str
    ini.read(CONTRIB / "icinga2/graphs/graphite.ini")
    plain = {section: {name: value.strip('"') for name, value in ini[section].items()} for section in ini.sections()}
    names = [section.removesuffix(".graph") for section in plain if section.endswith(".graph")]
    assert all(plain[f"{name}.graph"] == {"check_command": "imap_full"} for name in names)
    return [(name, plain[f"{name}.metrics_filters"], plain[f"{name}.functions"], plain[f"{name}.urlparams"])
            for name in names]


def _drawn(w, values):
    """{name of the graph: [what is drawn]}"""
    folder = w.dir / f"graphite-{len(w.guests)}-{len(values)}"
    folder.mkdir()
    stored = {f"{SERVICE}.perfdata.{name}.{kind}": value for (name, kind), value in values.items()}
    graphs = {}
    for name, paths, functions, parameters in _template():
        assert set(paths) == set(functions)
        there = {curve: path.replace("$service_name_template$", SERVICE) for curve, path in paths.items()}
        targets = [functions[curve].replace("$metric$", path) for curve, path in there.items() if path in stored]
        graphs[name] = {"targets": targets, "parameters": parameters}
    told = finish([HERE.parent / "engines/draw-graphite", folder],
                  input=json.dumps({"values": stored, "graphs": list(graphs.values())}))
    results = dict(zip(graphs, json.loads(told)))
    assert all(kind == "image/png" for kind, _ in results.values()), results
    return {name: drawn for name, (_, drawn) in results.items()}


def the_phases_that_there_are_are_stacked_in_their_order(w):
    run = w.run(*w.to(), "--measure=newest_age,unseen", state="OK")
    drawn = _drawn(w, {(name, "value"): metric.value for name, metric in run.metrics.items()})
    assert drawn["imap_full-phases"] == [name for name in PHASES if name in run.metrics], drawn
    assert drawn["imap_full-total"] == ["total"] and drawn["imap_full-certificate"] == ["days left"], drawn
    assert drawn["imap_full-mailbox"] == ["messages", "unseen"] and drawn["imap_full-age"] == ["newest"], drawn


def limits_are_drawn_where_icinga_sends_them(w):
    drawn = _drawn(w, {("total", "value"): 0.1, ("total", "warn"): 2, ("total", "crit"): 5})
    assert drawn["imap_full-total"] == ["total", "warning", "critical"], drawn
