# SPDX-License-Identifier: GPL-3.0-or-later
"""The graphs and the dashboard."""

from facts import FAILED, NAME, PHASES
from form import uuid


def graph(name, parts, kind="NORMAL", drawtype=None):
    made = {"uuid": uuid(f"graph {name}"), "name": f"IMAP: {name}", "show_work_period": "NO", "show_triggers": "NO",
            "type": kind}
    if kind == "NORMAL":
        del made["type"]
    made["ymin_type_1"] = "FIXED"
    made["graph_items"] = []
    for order, (key, colour) in enumerate(parts):
        part = {"sortorder": str(order) if order else "", "drawtype": drawtype, "color": colour,
                "item": {"host": NAME, "key": key}}
        made["graph_items"].append({k: v for k, v in part.items() if v})
    return made


def graphs():
    phases = [(f"imap.phase.duration[{phase}]", colour) for phase, colour in PHASES.items()]
    return [
        graph("Phases", phases + [("imap.phase.failed.duration", FAILED)], "STACKED"),
        graph("Certificate days left", [("imap.certificate.days", "00897B")], drawtype="FILLED_REGION"),
        graph("Messages", [("imap.messages", "1E88E5"), ("imap.unseen", "FB8C00")]),
        graph("Quota used", [("imap.quota.used", "8E24AA")], drawtype="FILLED_REGION"),
        graph("Age of the newest message", [("imap.newest.age", "6D4C41")], drawtype="FILLED_REGION"),
    ]


def widget(kind, name, place, *fields):
    """What is as by default is left out."""
    made = dict(zip(["type", "name", "x", "y", "width", "height"], [kind, name, *map(str, place)]))
    by_default = {"name": "", "x": "0", "y": "0", "width": "1", "height": "2"}
    return {k: v for k, v in made.items() if v != by_default.get(k)} | {
        "fields": sorted(fields, key=lambda f: (f["type"], f["name"]))}


def page(name, *widgets):
    """The export sorts like this."""
    return {"name": name, "widgets": sorted(widgets, key=lambda w: (
        w["type"], w.get("name", ""), int(w.get("y", 0)), int(w.get("x", 0))))}


def field(kind, name, value):
    return {"type": kind, "name": name, "value": value}


def value_widget(key, name, place):
    """The value alone, small enough for one line."""
    sizes = [field("INTEGER", f"{part}_size", "35") for part in ("value", "decimal", "units")]
    return widget("ITEM", name, place, field("ITEM", "itemid", {"host": NAME, "key": key}),
                  field("INTEGER", "show", "2"), field("INTEGER", "adv_conf", "1"),
                  field("INTEGER", "decimal_places", "1"), *sizes)


def text_widget(key, name, place):
    return widget("PLAIN_TEXT", name, place, field("ITEM", "itemids", {"host": NAME, "key": key}),
                  field("INTEGER", "show_lines", "10"))


def graph_widget(name, place):
    return widget("GRAPH_CLASSIC", "", place, field("GRAPH", "graphid", {"host": NAME, "name": f"IMAP: {name}"}))


def dashboard():
    session = page(
        "Session",
        value_widget("imap.session.state", "State", (0, 0, 6, 2)),
        value_widget("imap.session.problem.phase", "Phase of the problem", (6, 0, 6, 2)),
        value_widget("imap.session.duration", "Last whole session", (12, 0, 6, 2)),
        value_widget("imap.certificate.days", "Certificate: days left", (18, 0, 6, 2)),
        text_widget("imap.session.summary", "What the check said", (0, 2, 24, 4)),
        graph_widget("Phases", (0, 6, 24, 9)),
    )
    mailbox = page(
        "Mailbox",
        graph_widget("Messages", (0, 0, 12, 6)),
        graph_widget("Age of the newest message", (12, 0, 12, 6)),
        graph_widget("Quota used", (0, 6, 12, 6)),
        graph_widget("Certificate days left", (12, 6, 12, 6)),
    )
    return {"uuid": uuid("dashboard"), "name": "IMAP session", "auto_start": "NO", "pages": [session, mailbox]}
