# SPDX-License-Identifier: GPL-3.0-or-later
"""README.md of the template, in the form of Zabbix's own: README.in with the tables filled in."""

from pathlib import Path

from facts import MACROS
from items import items
from triggers import triggers


def cell(text):
    return text.replace("\n", " ").replace("|", "\\|").strip()


def table(head, rows):
    yield "|" + "|".join(head) + "|"
    yield "|" + "|".join("----" for _ in head) + "|"
    for row in rows:
        yield "|" + "|".join(cell(text) for text in row) + " |"


def code(text):
    return f"`{text}`" if text else ""


def macros():
    return table(["Name", "Description", "Default"], [
        (code(name), description, code(value)) for name, value, description in sorted(MACROS)])


def steps(item):
    return "<p>**Preprocessing**:</p>" + "".join(
        f"<p>- {step['type']}" + ("</p>" if step["type"] == "JAVASCRIPT" else f": {code(step['parameters'][0])}</p>")
        for step in item["preprocessing"])


def item_rows():
    for item in items():
        kind = "EXTERNAL" if item["type"] == "EXTERNAL" else "DEPENDENT"
        yield item["name"], item["description"], kind, code(item["key"]) + steps(item)


def trigger_rows():
    for trigger in triggers():
        notes = "".join(f"<p>- {other.name}</p>" for other in trigger.after)
        more = f"<p>**Depends on**:</p>{notes}" if notes else ""
        more += "<p>Manual close: YES</p>" if trigger.is_closable else ""
        yield trigger.name, trigger.description, code(trigger.expression), trigger.severity, more


def readme():
    text = (Path(__file__).parent / "README.in").read_text()
    tables = {
        "@MACROS@": macros(),
        "@ITEMS@": table(["Name", "Description", "Type", "Key and additional info"], item_rows()),
        "@TRIGGERS@": table(["Name", "Description", "Expression", "Severity", "Dependencies and additional info"],
                            trigger_rows()),
    }
    for mark, rows in tables.items():
        text = text.replace(mark, "\n".join(rows))
    return text.rstrip("\n")
