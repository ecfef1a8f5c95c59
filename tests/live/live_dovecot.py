# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin against a Dovecot with quota, special-use mailboxes and every mechanism it has."""

import full_dovecot
import sentences
import writing
from guests import guest
from sentences import PORTS, to, without_tls_1_3
from servers import shows
from world import told

LARGE = sentences.ages_in_a_large_mailbox_are_right
globals().update(sentences.about("Dovecot", __name__, [*sentences.EVERYWHERE, LARGE, *writing.EVERYWHERE]))


def special_use_mailboxes_are_found(w):
    dovecot = guest(w, "Dovecot")
    w.run(*to(w, dovecot), "--special-use=Sent,Trash", state="OK")
    w.run(*to(w, dovecot), "--special-use=Sent,Junk", state="CRITICAL", text=r"^list: .*\\Junk")


def an_anonymous_login_works(w):
    for tls in PORTS:
        for env in ({}, without_tls_1_3(w)):
            w.run(*to(w, guest(w, "Dovecot"), tls, user=None), "--auth=anonymous", env=env, state="OK",
                  text="0 messages")


def a_token_logs_in_and_a_stale_one_does_not(w):
    dovecot = guest(w, "Dovecot")
    good, stale = full_dovecot.token("bob"), full_dovecot.token("bob", lifetime=-60)
    for auth in ("xoauth2", "oauthbearer"):
        options = [*to(w, dovecot, user=None), "-u", "bob", f"--auth={auth}", "-vvv", "--password-env=TOKEN"]
        for env in ({}, without_tls_1_3(w)):
            run = w.run(*options, env={"TOKEN": good, **env}, state="OK")
            with told(run):
                assert not shows(good, run.raw)
        w.run(*options, env={"TOKEN": stale}, state="CRITICAL", text=rf"^auth: server refused bob \({auth.upper()}\): ")
