# SPDX-License-Identifier: GPL-3.0-or-later
"""What every output must look like, whatever the test was about: the guidelines' grammar of the first
line and of the perfdata, and the promises on length, characters and numbers. Knows no test."""

import re

import perfdata

STATES = ("OK", "WARNING", "CRITICAL", "UNKNOWN")

PHASES = ("password dns connect tls greeting auth list quota select search fetch append sync "
          "logout").split()

UNITS = {**{name: "s" for name in PHASES + ["total", "idle", "flags", "newest_age", "oldest_age"]},
         "size": "B", "quota_storage": "%", "quota_messages": "%", "quota_storage_used": "B"}

METRICS = set(UNITS) | {"cert_days", "messages", "unseen", "matched", "mailboxes", "capture",
                        "uidvalidity"}

NUMBER = r"-?\d+(?:\.\d+)?"
RANGE = rf"@?(?:(?:{NUMBER}|~)?:)?(?:{NUMBER})?"
ITEM = re.compile(rf"(?P<label>[a-z_]+)=(?P<value>{NUMBER})(?P<unit>s|B|%|)"
                  rf"(?:;(?P<warn>{RANGE})(?:;(?P<crit>{RANGE})"
                  rf"(?:;(?P<min>(?:{NUMBER})?)(?:;(?P<max>(?:{NUMBER})?))?)?)?)?$")


class Metric:
    def __init__(self, match):
        self.label = match["label"]
        self.value = float(match["value"])
        self.unit = match["unit"]
        self.warning = match["warn"] or ""
        self.critical = match["crit"] or ""
        self.minimum = match["min"] or ""
        self.maximum = match["max"] or ""


def parse_perfdata(text):
    """The metrics by label. Raises AssertionError where the grammar or a promise is broken."""
    perfdata.check(text)
    metrics = {}
    for item in text.split(" ") if text else []:
        match = ITEM.match(item)
        assert match, f"perfdata item is not by the grammar: {item!r}"
        metric = Metric(match)
        assert metric.label in METRICS, f"unknown perfdata label {metric.label!r}"
        assert metric.label not in metrics, f"perfdata label {metric.label!r} twice"
        wanted = UNITS.get(metric.label, "")
        assert metric.unit == wanted, f"unit of {metric.label} is {metric.unit!r}, not {wanted!r}"
        for limit in (metric.warning, metric.critical):
            assert not re.match(r"0?:\d", limit), f"threshold {limit!r} should be printed as its end"
        metrics[metric.label] = metric
    return metrics


def check_sums(metrics):
    """Phases are contiguous, and the password is not part of the total."""
    if "total" not in metrics:
        return
    parts = [metrics[name].value for name in PHASES if name in metrics and name != "password"]
    total = metrics["total"].value
    assert sum(parts) <= total + 0.002, f"phases sum up to {sum(parts)}, total is {total}"
    if "logout" in metrics:
        assert sum(parts) >= total - 0.02, f"phases sum up to {sum(parts)}, total is {total}"


class Output:
    """The nagios output, taken apart: state, text, metrics, lines (the ones after the first)."""

    def __init__(self, raw, code):
        assert raw.isascii(), f"not ASCII: {raw!r}"
        text = raw.decode()
        assert text.endswith("\n"), f"the last line has no end: {text!r}"
        assert not re.search(r"[^\x20-\x7e\n]", text), f"control characters: {text!r}"
        assert not re.search(r"[`$<>]", text), f"one of ` $ < >: {text!r}"
        self.first, *self.lines = text[:-1].split("\n")
        assert len(self.first) < 1000, f"the first line has {len(self.first)} octets"
        match = re.match(r"IMAP (\w+) - ([^|]*[^| ])(?: ?\|([^|]*))?$", self.first)
        assert match, f"the first line is not by the grammar: {self.first!r}"
        self.state, self.text, measured = match.groups()
        assert self.state in STATES, f"no such state: {self.state}"
        assert STATES.index(self.state) == code, f"{self.state}, but exit status {code}"
        self.metrics = parse_perfdata((measured or "").strip())
        check_sums(self.metrics)
        for line in self.lines:
            assert "|" not in line, f"a bar in a later line: {line!r}"
