# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of Zabbix's own exports: uuids, and YAML of nested dicts and lists of texts."""

import hashlib


def uuid(what):
    """A version 4 uuid for ever."""
    digits = list(hashlib.sha256(f"check_imap_full: {what}".encode()).hexdigest()[:32])
    digits[12] = "4"
    digits[16] = "89ab"[int(digits[16], 16) % 4]
    return "".join(digits)


def is_plain(text):
    """Whether a text can do without quotes: words that YAML takes for nothing else."""
    return (text.replace(" ", "").replace("_", "").replace(".", "").replace("/", "").isalnum()
            and text[0].isalpha() and text == text.strip() and text not in ("YES", "NO"))


def scalar(text):
    return text if text and is_plain(text) else "'" + text.replace("'", "''") + "'"


def text_lines(before, text, pad):
    """A text behind `before`; one of several lines becomes a block."""
    if "\n" not in text:
        yield f"{before} {scalar(text)}"
        return
    yield f"{before} |-"
    yield from ((pad + "  " + line).rstrip() for line in text.strip("\n").split("\n"))


def lines(node, indent):
    """YAML of nested dicts and lists of texts."""
    pad = "  " * indent
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        before = pad + (f"{key}:" if isinstance(node, dict) else "-")
        if isinstance(value, str):
            yield from text_lines(before, value, pad)
        else:
            yield before
            yield from lines(value, indent + 1)


def tags(**pairs):
    return [{"tag": tag, "value": value} for tag, value in pairs.items()]
