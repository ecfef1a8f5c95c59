# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in with Kerberos tickets, from a KDC on loopback, at Dovecot and at Cyrus."""

from guests import guest
from sentences import PORTS, to, without_tls_1_3
from world import told


def _ticket(w, **how):
    """The environment of somebody who is logged in. The Kerberos library leaks a little at its end."""
    if w.is_instrumented:
        how["ASAN_OPTIONS"] = "detect_leaks=0"
    return {**guest(w, "KDC").login("alice"), **how}


def _log_in(w, server):
    for tls in PORTS:
        for version in ({}, without_tls_1_3(w)):
            run = w.run(*to(w, server, tls, user=None), "--auth=gssapi", "-vv", env=_ticket(w, **version), state="OK")
            with told(run):
                assert "login by GSSAPI" in run.lines


def a_ticket_logs_in_at_dovecot(w):
    dovecot = guest(w, "Dovecot with Kerberos")
    _log_in(w, dovecot)
    assert "user=<alice>, method=GSSAPI" in dovecot.log()


def a_ticket_logs_in_at_cyrus(w):
    guest(w, "KDC")
    cyrus = guest(w, "Cyrus")
    _log_in(w, cyrus)
    assert "alice GSSAPI+TLS User logged in" in cyrus.log()


def without_a_ticket_it_says_so_and_sends_nothing(w):
    environment = {**_ticket(w), "KRB5CCNAME": f"FILE:{w.dir}/no-tickets"}
    w.run(*to(w, guest(w, "Dovecot with Kerberos"), user=None), "--auth=gssapi", env=environment,
          text=r"^auth: .*(GSSAPI|Kerberos|ticket)")


def a_name_that_the_kdc_does_not_know_is_told(w):
    """The service is looked up by the name that the certificate is checked for."""
    dovecot = guest(w, "Dovecot with Kerberos")
    run = w.run(*w.to(port=dovecot.tls_port, name="localhost", user=None), "--auth=gssapi", env=_ticket(w),
                text=r"^auth: ")
    assert run.state in ("CRITICAL", "UNKNOWN"), run
