# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file of tests/conversations that holds the program's options, played over TLS on loopback."""

from pathlib import Path

from player import Conversation, Player
from servers import tls_context
from world import told

FOLDER = Path(__file__).resolve().parent.parent / "conversations"


def _test_of(path):
    def test(w):
        conversation = Conversation(path)
        trust = [] if conversation.tls() == "none" else [f"--ca-file={w.ca}"]
        with Player(conversation, tls_context(w.pki)) as player:
            run = w.run("-H", "127.0.0.1", "-p", player.port, *trust, *conversation.options,
                        env={"IMAP_PASSWORD": "secret"}, state=conversation.state)
            with told(run):
                for text in conversation.texts:
                    assert text in run.first, f"the first line does not hold {text!r}"
                assert not player.complaint, player.complaint

    return test


for _path in sorted(FOLDER.glob("*/*.txt")):
    if Conversation(_path).options is not None:
        globals()[f"play {_path.parent.name} {_path.stem}"] = _test_of(_path)
