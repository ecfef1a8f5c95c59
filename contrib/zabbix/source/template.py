# SPDX-License-Identifier: GPL-3.0-or-later
"""The template as a whole, as nested dicts and lists."""

from dashboard import dashboard, graphs
from facts import ABOUT, MACROS, NAME
from form import uuid
from items import items
from triggers import triggers

APPLICATIONS = "a571c0d144b14fd4a87a9d9b2aa9fcd6"  # Zabbix's own group Templates/Applications
STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]


def place_triggers(the_items):
    """Triggers on one item stand with it; returns the others."""
    loose = []
    for trigger in triggers():
        homes = [i for i in the_items if f"/{NAME}/{i['key']}," in trigger.expression
                 or f"/{NAME}/{i['key']})" in trigger.expression]
        target = homes[0].setdefault("triggers", []) if len(homes) == 1 else loose
        target.append(trigger.node())
    return loose


def macro(name, value, description):
    made = {"macro": name, "value": value, "description": description}
    return {k: v for k, v in made.items() if v}


def valuemap(name, words):
    """The words for 0, 1, ..."""
    return {"uuid": uuid(f"valuemap {name}"), "name": name, "mappings": [
        {"value": str(n), "newvalue": word} for n, word in enumerate(words)]}


def template(the_items):
    return {
        "uuid": uuid("template"), "template": NAME, "name": NAME, "description": ABOUT,
        "groups": [{"name": "Templates/Applications"}],
        "items": the_items,
        "tags": [{"tag": "class", "value": "application"}, {"tag": "target", "value": "imap"}],
        "macros": sorted((macro(*m) for m in MACROS), key=lambda m: m["macro"]),
        "dashboards": [dashboard()],
        "valuemaps": [valuemap("Phase duration", ["not completed"]), valuemap("Plugin state", STATES)],
    }


def export():
    the_items = items()
    loose = place_triggers(the_items)
    return {"zabbix_export": {
        "version": "6.0",
        "groups": [{"uuid": APPLICATIONS, "name": "Templates/Applications"}],
        "templates": [template(the_items)],
        "triggers": loose,
        "graphs": graphs(),
    }}
