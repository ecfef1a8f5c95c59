# SPDX-License-Identifier: GPL-3.0-or-later
"""What the papers say is true: every command line in them is run, every output they show is what comes out,
every sentence of the runbook is one that the program says."""

import re

import examples
from faults import FAULTS
from grammar import STATES
from outputs import Json, Prometheus
from papers_world import PAPERS, paper_world
from world import Skip, told


def _check_shown(example, run):
    lines = [run.first, *run.lines]
    assert len(lines) >= len(example.lines), f"{example.where}: fewer lines than shown"
    for shown, line in zip(example.lines, lines):
        assert examples.is_like(shown, line), f"{example.where} shows\n{shown}\nbut it is\n{line}"


def _check_form(example, run):
    assert run.code == STATES.index(example.state), f"{example.where}: exit status {run.code}"
    {"json": Json, "prometheus": Prometheus}[example.form](run.raw, run.code)


def _check_foreign(example, run):
    """The command line is understood: the run gets as far as the name server, or the Kerberos ticket."""
    assert run.state == "CRITICAL" and run.text.startswith("dns: "), f"{example.where}: not understood"


def _holds(w, example):
    run = paper_world(w).run(example)
    with told(run):
        if example.is_foreign:
            _check_foreign(example, run)
            return
        if example.form:
            _check_form(example, run)
            return
        assert run.state == example.state, f"{example.where}: {run.state}, not {example.state}"
        _check_shown(example, run)


def _hold(w, found, at_least):
    assert len(found) >= at_least, f"only {len(found)} examples were found"
    for example in found:
        try:
            _holds(w, example)
        except Skip as reason:
            print(f"     {example.where} is not tried: {reason}")


def _paper(w, name, at_least):
    _hold(w, examples.of_markdown(name)[0], at_least)


def every_command_line_and_output_of_the_readme_holds(w):
    _paper(w, "README.md", 9)


def every_command_line_of_the_cookbook_holds(w):
    _paper(w, "doc/COOKBOOK.md", 30)


def every_command_line_of_the_paper_on_secrets_holds(w):
    _paper(w, "doc/SECRETS.md", 9)


def every_command_line_of_the_paper_on_migrating_holds(w):
    """Side by side with those of other checks: see live_migrating.py"""
    _paper(w, "doc/MIGRATING.md", 8)


def every_command_line_of_the_manual_holds(w):
    _hold(w, examples.of_manual(), 6)


def a_misspelt_option_in_a_paper_is_noticed(w):
    """The test above can fail: by a wrong option, a wrong value, another output, also of a foreign server's."""
    good = "    check_imap_full -H imap.example.org -D 30,14\n    IMAP OK - imap.example.org: answers, ...\n"
    foreign = "<!-- run: foreign -->\n\n    check_imap_full -H imap.gmail.com --auth=xoauth2 -u a --password-file=/etc/x\n"
    _hold(w, examples.of_markdown("good", good)[0], 1)
    _hold(w, examples.of_markdown("foreign", foreign)[0], 1)
    for wrong in (good.replace("-D", "-Z"), good.replace("30,14", "soon"), good.replace("answers", "lies"),
                  foreign.replace("--auth", "--aut"), foreign.replace("xoauth2", "xoauth3")):
        found = examples.of_markdown("wrong", wrong)[0]
        assert len(found) == 1, wrong
        try:
            _holds(w, found[0])
        except AssertionError:
            continue
        raise AssertionError(f"not noticed: {wrong}")


def every_option_that_a_paper_names_is_there(w):
    """In the running text, too. In MIGRATING those in backticks are ours."""
    known = set(re.findall(r"--[a-z][\w-]*", w.run("--help", is_judged=False).raw.decode()))
    assert len(known) > 40
    for paper in (*PAPERS, "doc/RUNBOOK.md"):
        text = (examples.TOP / paper).read_text()
        for span in re.findall(r"`(--(?!no-such-option)[^`]+)`", text):
            name = re.match(r"--[a-z][\w-]*", span)[0]
            assert name in known, f"{paper}: {name} is not an option"


# --- the runbook -----------------------------------------------------------------------------------------


def _sentences():
    """What stands in backticks in the first column of the tables."""
    for line in (examples.TOP / "doc/RUNBOOK.md").read_text().split("\n"):
        match = re.match(r"\| `([^`]+)` \|", line)
        if match:
            yield match[1]


def _loosely(text):
    """Numbers, addresses and paths are this machine's; the code is Dovecot's since 2.4."""
    text = text.replace("[NONEXISTENT] ", "")
    text = re.sub(r"\d+\.\d+\.\d+\.\d+", "ADDRESS", text)
    text = re.sub(r"\d+(\.\d+)?", "N", text)
    return re.sub(r"N days?", "N days", text)


def every_sentence_of_the_runbook_is_one_that_the_program_says(w):
    said = []
    for fault in FAULTS:
        try:
            with fault.make(w) as arguments:
                said.append(_loosely(w.run(*arguments).text))
        except Skip:
            pass
    sentences = list(_sentences())
    assert len(sentences) >= 45, len(sentences)
    for sentence in sentences:
        parts = [re.escape(_loosely(part)) for part in sentence.split("...")]
        pattern = r"(?:\w+: )?" + ".*?".join(parts) + r"( \(|$)"
        assert any(re.match(pattern, line) for line in said), f"no fault says: {sentence}"
