# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of tests/conversations that holds the program's options, played over TLS on loopback; and
what the servers of bad behaviour say in any of them, thrown at the program over TCP, STARTTLS and TLS."""

from pathlib import Path

from player import Attacker, Conversation, Player
from scales import weigh
from servers import tls_context
from world import Skip, has_deadline, told

FOLDER = Path(__file__).resolve().parent.parent / "conversations"


def _test_of(path):
    def test(w):
        conversation = Conversation(path)
        if w.is_under_valgrind and has_deadline(conversation.options):
            raise Skip("its deadline may be too short for valgrind")
        trust = [] if conversation.tls() == "none" else [f"--ca-file={w.ca}"]
        with Player(conversation, tls_context(w.pki)) as player:
            run = w.run("-H", "127.0.0.1", "-p", player.port, *trust, *conversation.options,
                        env={"IMAP_PASSWORD": "secret"}, state=conversation.state)
            player.settle()
            with told(run):
                for text in conversation.texts:
                    assert text in run.first, f"the first line does not hold {text!r}"
                for text in conversation.taboos:
                    assert text not in run.raw.decode(), f"the output holds {text!r}"
                assert not player.complaint, player.complaint

    return test


for _path in sorted(FOLDER.glob("*/*.txt")):
    if Conversation(_path).options is not None:
        globals()[f"play {_path.parent.name} {_path.stem}"] = _test_of(_path)


def _attack_of(folder, tls):
    """However bad: one valid first line, the state, the deadline, the memory (see weigh)."""
    options = ["-u", "alice", "--password-env=IMAP_PASSWORD", f"--tls={tls}", "-t", "3"]

    def test(w):
        trust = ["--allow-cleartext"] if tls == "none" else [f"--ca-file={w.ca}"]
        failed = []
        for path in sorted((FOLDER / folder).glob("*.txt")):
            conversation = Conversation(path)
            with Attacker(conversation, tls_context(w.pki), tls) as attacker:
                try:
                    weigh(w, "-H", "127.0.0.1", "-p", attacker.port, *trust, *options,
                          env={"IMAP_PASSWORD": "secret"}, state="CRITICAL" if conversation.fails else None)
                except AssertionError as error:
                    failed.append(f"{conversation.name}: {error}")
        assert not failed, "\n".join(failed)

    return test


for _folder in ("closing", "foreign", "lies", "limits", "rules"):
    for _tls in ("none", "starttls", "implicit"):
        globals()[f"attack {_folder} {_tls}"] = _attack_of(_folder, _tls)
