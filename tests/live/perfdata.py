# SPDX-License-Identifier: GPL-3.0-or-later
"""Perfdata as its readers take it: once by the Monitoring Plugins guidelines, once as Icinga 2 does, which
keeps only thresholds that are plain numbers. check() wants both to see the same. Knows no metric."""

import math
import re

PLAIN = re.compile(r"-?\d+(\.\d+)?$")  # no exponent, no sign but a minus, a point whatever the locale
UNITS = {"": None, "s": "seconds", "B": "bytes", "%": "percent"}  # ours, and what Icinga 2 makes of them


class Range:
    """[@]start:end of the guidelines; start: is 0 where it is left out, ~ is no lower end."""

    def __init__(self, text):
        self.is_inside = text.startswith("@")
        text = text.removeprefix("@")
        start, colon, end = text.rpartition(":")
        assert not colon or start or end, f"a range without ends: {text!r}"
        self.start = -math.inf if start == "~" else number(start) if start else 0.0
        self.end = number(end) if end else math.inf
        assert self.start <= self.end, f"a range that begins behind its end: {text!r}"

    def has_simple_form(self):
        """0 to N can be said as N."""
        return self.start == 0 and self.end < math.inf and not self.is_inside


class Item:
    def __init__(self, label, value, unit, limits):
        self.label, self.value, self.unit = label, value, unit
        self.warning, self.critical, self.minimum, self.maximum = (limits + [""] * 4)[:4]


def number(text):
    assert PLAIN.match(text), f"not a plain number: {text!r}"
    return float(text)


def by_guidelines(text):
    """'label'=value[UOM];[warn];[crit];[min];[max], blanks between; a quote in a label is doubled."""
    items = []
    rest = text
    while rest:
        match = re.match(r"((?:[^\s'=]+)|'(?:[^'=]|'')+')=([-0-9.]+|U)([a-zA-Z%]*)((?:;[^; ]*){0,4})(?: +|$)", rest)
        assert match, f"not by the guidelines: {rest!r}"
        label, value, unit, limits = match.groups()
        item = Item(label.strip("'").replace("''", "'"), value, unit, limits.split(";")[1:])
        for limit in (item.warning, item.critical):
            if limit:
                Range(limit)
        for end in (item.minimum, item.maximum):
            if end:
                number(end)
        items.append(item)
        rest = rest[match.end():]
    return items


def by_icinga(text):
    """What Icinga 2 keeps: (label, value, unit, warn, crit, min, max); None for what it drops. ValueError
    where it refuses the item."""
    items = []
    for word in re.findall(r"[^=]+=[^ ]*(?: |$)", text):
        label, _, value = word.rstrip(" ").rpartition("=")
        if len(label) > 2 and label[0] == label[-1] == "'":
            label = label[1:-1]
        if "," in value:
            raise ValueError(f"a comma in {value!r}")
        tokens = value.split(";")
        digits = re.match(r"[-+0-9.eE]*", tokens[0])[0]
        unit = tokens[0][len(digits):]
        ends = [_icinga_end(tokens[i]) if i < len(tokens) else None for i in range(1, 5)]
        if unit not in UNITS:
            raise ValueError(f"unit {unit!r}")
        items.append((label, float(digits), UNITS[unit], *ends))
    return items


def _icinga_end(token):
    if token in ("", "U") or not re.fullmatch(r"[-+0-9.eE]+", token):
        return None
    return float(token)


def check(text):
    """AssertionError where a reader would lose what could have been kept."""
    items = by_guidelines(text)
    try:
        kept = by_icinga(text)
    except ValueError as error:
        raise AssertionError(f"Icinga 2 refuses this: {error}: {text!r}") from None
    assert [i.label for i in items] == [k[0] for k in kept], f"the readers see different labels: {text!r}"
    for item, (_, value, unit, *ends) in zip(items, kept):
        assert item.value != "U", f"{item.label} has no value: it should be left out"
        assert number(item.value) == value and UNITS[item.unit] == unit, f"{item.label}: {value} {unit}"
        _check_limits(item, *ends)


def _check_limits(item, warning, critical, minimum, maximum):
    for said, kept in ((item.warning, warning), (item.critical, critical)):
        if said and Range(said).has_simple_form():
            assert PLAIN.match(said), f"threshold {said!r} of {item.label} should be printed as its end"
        if said and PLAIN.match(said):
            assert kept == number(said), f"{item.label}: {kept}"
        assert kept is None or PLAIN.match(said), f"Icinga 2 misreads {said!r} of {item.label}"
    for said, kept in ((item.minimum, minimum), (item.maximum, maximum)):
        assert (kept is None) == (said == ""), f"{item.label}: {said!r} is lost"
    assert minimum is None or minimum <= number(item.value), f"{item.label} is below its minimum"
