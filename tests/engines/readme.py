# SPDX-License-Identifier: GPL-3.0-or-later
"""Does what a README of contrib/ says, word for word but for the address of the server, where the folders of the
engine, of the plugins and the trusted certificates are copies. Knows no single engine."""

import os
import re
import shutil
import subprocess
import time

from engine import CONTRIB, Covers
from servers import Proxy

SERVER = "127.0.113.10"  # in place of 192.0.2.10
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def _server(w):
    """An address at which the test Dovecot answers on port 993, with a message that has just arrived."""
    if "readme server" not in w.guests:
        proxy = Proxy(w.dovecot.tls_port, address=SERVER, port=993).__enter__()
        w.at_end.append(lambda: proxy.__exit__(None, None, None))
        w.dovecot.deliver("probe", int(time.time()) - 1700000000)
        w.guests["readme server"] = proxy


def shell_blocks(path):
    return re.findall(r"^```sh\n(.*?)^```", path.read_text(), re.MULTILINE | re.DOTALL)


def follow(w, engine, covers, before=""):
    """Runs the blocks of contrib/ENGINE/README.md, and the command `before` before them; returns what they print.
    `covers`: the folders of the system that the engine uses."""
    _server(w)
    folder = w.dir / f"readme-{engine}"
    tree = folder / "tree"
    tree.mkdir(parents=True)
    shutil.copy(w.plugin, tree / "check_imap_full")
    (tree / "contrib").symlink_to(CONTRIB)
    with open(folder / "bundle", "wb") as bundle:
        for path in (BUNDLE, w.ca):
            with open(path, "rb") as part:
                bundle.write(part.read())
    parts = {}
    for over in filter(os.path.exists, ["/usr/lib/nagios/plugins", *covers]):
        part = over.strip("/").replace("/", "-")
        subprocess.run(["cp", "-a", over, folder / part], check=False)
        parts[part] = over
    script = f"set -eux\n{before}\n" + "".join(shell_blocks(CONTRIB / engine / "README.md")).replace("192.0.2.10", SERVER)
    done = subprocess.run(Covers(folder, {**parts, "bundle": BUNDLE}).inside("/bin/sh", "-c", script), cwd=tree,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
