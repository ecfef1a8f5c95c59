# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin against a real Cyrus imapd."""

import sentences
import writing
from guests import guest
from sentences import PORTS, to, without_tls_1_3

LARGE = sentences.ages_in_a_large_mailbox_are_right
globals().update(sentences.about("Cyrus", __name__, [*sentences.EVERYWHERE, LARGE, *writing.EVERYWHERE]))


def special_use_mailboxes_are_found(w):
    cyrus = guest(w, "Cyrus")
    w.run(*to(w, cyrus), "--special-use=Sent,Trash", state="OK")
    w.run(*to(w, cyrus), "--special-use=Sent,Junk", state="CRITICAL", text=r"^list: .*\\Junk")


def its_plain_port_takes_no_password_in_clear(w):
    cyrus = guest(w, "Cyrus")
    w.run(*to(w, cyrus), "--cleartext-refused", f"--cleartext-port={cyrus.port}", state="OK")
    w.run(*w.to(port=cyrus.port, tls="none"), "--allow-cleartext", "--auth=login", state="CRITICAL",
          text=r"^auth: .*LOGINDISABLED")


def channel_binding_works_over_tls_1_2(w):
    cyrus = guest(w, "Cyrus")
    for auth in ("scram-sha-1-plus", "scram-sha-256-plus"):
        for tls in PORTS:
            w.run(*to(w, cyrus, tls), f"--auth={auth}", env=without_tls_1_3(w), state="OK")


def an_anonymous_login_is_not_offered(w):
    w.run(*to(w, guest(w, "Cyrus"), user=None), "--auth=anonymous", state="CRITICAL", text="^auth: server does not offer ")
