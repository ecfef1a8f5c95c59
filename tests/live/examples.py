# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the papers: the command lines that they show, with what they show as the output, and the files whose
content they give. Knows nothing of the plugin's world.

In Markdown an example is an indented block; a comment `<!-- run: KEY=VALUE ... -->` above it says what is
special about it, and `<!-- file: PATH -->` that the block is the content of that file. Keys: foreign (a server
that is not ours: the command line has only to be understood), server=NAME (another than the usual), state=WORD (the
outcome, where no output is shown and it is not OK)."""

import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]

PROGRAM = re.compile(r"(?:\$ )?(?:\w+=\S+ |sh -c '|[^#\n]*\| )?(?:/usr/lib/nagios/plugins/)?check_imap_full(?: .*)?$")


class Example:
    def __init__(self, where, command, notes):
        self.where, self.command, self.lines = where, command, []
        self.is_foreign = "foreign" in notes
        self.server = notes.get("server")
        self.wanted = notes.get("state", "OK")

    @property
    def form(self):
        """Another form of output than the usual one."""
        match = re.search(r" (?:-o |--output=)(json|prometheus)", self.command)
        return match[1] if match else None

    def shows(self, word):
        return any(word in line for line in self.lines)

    @property
    def state(self):
        match = re.match(r"IMAP (\w+) - ", self.lines[0]) if self.lines else None
        return match[1] if match else self.wanted


def _notes(text):
    return dict((word.split("=", 1) + [""])[:2] for word in text.split())


def _join(lines):
    """Continued lines are one."""
    joined = []
    for number, line in lines:
        if joined and joined[-1][1].endswith("\\"):
            joined[-1] = (joined[-1][0], joined[-1][1] + "\n" + line)
        else:
            joined.append((number, line))
    return joined


def _examples_of_block(name, block, notes):
    """A command line, then what it prints up to the next command line, comment or empty line."""
    found = []
    for number, line in _join(block):
        match = PROGRAM.match(line.split("\n")[0])
        if match:
            found.append(Example(f"{name}:{number}", re.sub(r"^\$ ", "", line), notes))
            is_output = True
        elif found and is_output and line and not line.startswith(("#", "$ ")):
            found[-1].lines.append(line)
        else:
            is_output = False
    return found


def _blocks(text):
    """(notes, [(line number, line)]) of each indented block."""
    block, notes, blank = [], "", 0
    for number, line in enumerate([*text.split("\n"), "end"], 1):
        comment = re.match(r"<!-- ((?:run|file): .*) -->$", line)
        if line.startswith("    "):
            block += [(number - n, "") for n in range(blank, 0, -1)] if block else []
            block.append((number, line[4:]))
            blank = 0
        elif not line:
            blank += 1
        else:
            if block:
                yield notes, block
                notes = ""
            block, blank = [], 0
            if comment:
                notes = comment[1]
            elif notes and not block:
                raise AssertionError(f"line {number}: a note without a block: {notes}")


def of_markdown(name, text=None):
    """([Example], {path: content})"""
    examples, files = [], {}
    for notes, block in _blocks((TOP / name).read_text() if text is None else text):
        kind, _, rest = notes.partition(": ")
        if kind == "file":
            files[rest] = "\n".join(line for _, line in block) + "\n"
        else:
            examples += _examples_of_block(name, block, _notes(rest))
    return examples, files


def pairs_of_migrating():
    """[(before, after)] command lines of doc/MIGRATING.md, the other check's and ours that takes its place."""
    found = []
    for _, block in _blocks((TOP / "doc/MIGRATING.md").read_text()):
        lines = [line for _, line in _join(block)]
        found += [(lines[i + 1], lines[i + 3]) for i, line in enumerate(lines)
                  if line == "# before" and lines[i + 2] == "# after"]
    return found


ROFF = {r"\-": "-", r"\e": "\\", r"\(aq": "'", r"\(dq": '"', r"\(ti": "~", r"\&": "", r"\fB": "", r"\fR": "", r"\fI": ""}


def _plain(line):
    return re.sub(r"\\(?:\(..|f.|.)", lambda match: ROFF[match[0]], line)


def of_manual(name="doc/check_imap_full.1.in"):
    """The blocks between .nf and .fi in its examples."""
    text = (TOP / name).read_text()
    begin = text.index("\n.SH EXAMPLES\n")
    number = text[:begin + 1].count("\n")
    examples, block = [], None
    for line in text[begin + 1:].split("\n"):
        number += 1
        if line.startswith(".SH ") and line != ".SH EXAMPLES":
            break
        if line == ".nf":
            block = []
        elif line == ".fi":
            examples += _examples_of_block(name, block, {})
            block = None
        elif block is not None:
            block.append((number, _plain(line)))
    return examples


def masked(line):
    """What a line of output looks like, whatever was measured."""
    line = re.sub(r"[#.]+( \(here it ended\))?$", "BAR", line) if re.match(r"\w+ +\d", line) else line
    line = re.sub(r"\d+(?:\.\d+)*", "N", line)
    line = re.sub(r"\((?:dns|connect|tls|greeting|auth|select|search|fetch|logout) N s\)", "(PHASE N s)", line)
    line = re.sub(r"\bdays?\b", "days", line)
    return re.sub(r" +", " ", line).strip()


def is_like(shown, line):
    """A shown line may leave out its end, or something in the middle, by three dots."""
    if re.match(r"\w+ +\d", shown):
        return masked(shown) == masked(line)
    parts = [re.escape(masked(part)) for part in re.split(r"\.\.\.", shown)]
    return re.fullmatch(r"\s*.*?\s*".join(parts), masked(line)) is not None
