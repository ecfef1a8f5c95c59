# SPDX-License-Identifier: GPL-3.0-or-later
"""The other forms of a run: JSON, judged by the project's schema, and the text format of Prometheus,
judged by its grammar. Knows no test."""

import json
import re
from pathlib import Path

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = Path(__file__).resolve().parents[2] / "contrib" / "schema" / "check_imap_full-1.schema.json"
MEMBERS = ["schema", "version", "time", "state", "exit_code", "summary", "host", "port", "user", "mailbox",
           "address", "problems", "phases", "metrics", "tls", "capabilities", "addresses_tried"]
STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")

LABEL = r'[a-z]+="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"(imap_check_[a-z_]+)(?:\{{({LABEL}(?:,{LABEL})*)\}})? (-?\d+(?:\.\d+)?)")


def schema():
    return json.loads(SCHEMA.read_text())


def check_schema(thing):
    """The first fault as an AssertionError."""
    faults = jsonschema.Draft202012Validator(schema()).iter_errors(thing)
    fault = next(faults, None)
    assert fault is None, f"against the schema: {fault.json_path}: {fault.message[:300]}"


def _no_such_number(word):
    raise AssertionError(f"{word} is no JSON")


def _once(pairs):
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), f"a member twice: {names}"
    return dict(pairs)


class Json:
    """The object of a run; `raw` is all it printed."""

    def __init__(self, raw, code):
        text = raw.decode()
        assert text.endswith("}\n") and text.count("\n") == 1, f"not one line: {text!r}"
        self.object = json.loads(text, object_pairs_hook=_once, parse_constant=_no_such_number)
        assert list(self.object)[: len(MEMBERS)] == MEMBERS, list(self.object)
        assert STATES.index(self.object["state"]) == self.object["exit_code"] == code, (self.object, code)
        if jsonschema:
            check_schema(self.object)

    def __getitem__(self, name):
        return self.object[name]

    def metrics(self):
        return {metric["name"]: metric for metric in self.object["metrics"]}

    def first(self):
        return self.object["problems"][0]


class Prometheus:
    """The samples of a run: samples[name] is a list of (labels, value)."""

    def __init__(self, raw, code):
        text = raw.decode()
        assert text.endswith("\n"), text
        self.samples, self.comments = {}, []
        heads, seen = {}, set()
        for line in text.splitlines():
            head = re.fullmatch(r"# (HELP|TYPE) (\S+) (.+)", line)
            if head:
                assert head[2] not in self.samples, f"a head behind its samples: {line}"
                heads.setdefault(head[2], {})[head[1]] = head[3]
            elif line.startswith("#"):
                self.comments.append(line)
            else:
                self.add(line, heads, seen)
        assert self.value("state") == code, (text, code)

    def add(self, line, heads, seen):
        match = SAMPLE.fullmatch(line)
        assert match, f"not a sample: {line!r}"
        name, labels, value = match.groups()
        assert heads.get(name, {}).get("TYPE") == "gauge" and "HELP" in heads[name], f"no head for {line!r}"
        assert (name, labels) not in seen, f"twice: {line}"
        seen.add((name, labels))
        labels = dict(re.findall(r'([a-z]+)="((?:[^"\\]|\\.)*)"', labels or ""))
        self.samples.setdefault(name, []).append((labels, float(value)))

    def all(self, name):
        return self.samples.get(f"imap_check_{name}", [])

    def value(self, name):
        (_, value), = self.all(name)
        return value
