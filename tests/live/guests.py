# SPDX-License-Identifier: GPL-3.0-or-later
"""The real servers beside the World's own Dovecot: each is started when the first test asks for it, and a
test is skipped, with the reason, where it cannot be had. Knows no single test."""

import os
import subprocess
import threading
from pathlib import Path

from courier import Courier
from cyrus import Cyrus
from dovecot import Missing
from full_dovecot import FullDovecot
from gss_dovecot import GssDovecot
from kdc import Kdc
from world import HERE, USERS, Skip

# A password that is hard on every kind of quoting and encoding, and long.
ERIK = 'say "ä" \\\\ 100% {5} ü\'s ' + "x" * 180 + " 日本語"

ACCOUNTS = {**USERS, "erik": ERIK}

_LOCK = threading.RLock()


def packages(w):
    """The folder of unpacked packages, and what get-servers said is missing in it."""
    if "packages" not in w.guests:
        done = subprocess.run([HERE / "get-servers"], capture_output=True, text=True, check=False)
        w.guests["packages"] = (Path(done.stdout.strip()), done.stderr.strip().replace("\n", "; "))
    return w.guests["packages"]


def _kdc(w, where):
    return Kdc(w.dir / "kdc", where, w.pki, ACCOUNTS)


def _cyrus(w, where):
    kdc = _started(w, "KDC")
    keytab = {} if isinstance(kdc, Exception) else {"KRB5_KTNAME": str(kdc.keytab), "KRB5_CONFIG": str(kdc.conf)}
    return Cyrus(w.dir / "cyrus", where, w.pki, ACCOUNTS, environment=keytab)


def _courier(w, where):
    return Courier(w.dir / "courier", where, w.pki, ACCOUNTS)


def _full_dovecot(w, where):
    return FullDovecot(w.dir / "fulldovecot", where, w.pki, ACCOUNTS)


def _gss_dovecot(w, where):
    kdc = _started(w, "KDC")
    if isinstance(kdc, Exception):
        raise kdc
    return GssDovecot(w.dir / "gssdovecot", where, w.pki, ACCOUNTS, kdc)


KINDS = {"KDC": ("kerberos", _kdc), "Cyrus": ("cyrus", _cyrus), "Courier": ("courier", _courier),
         "Dovecot": (None, _full_dovecot), "Dovecot with Kerberos": ("kerberos", _gss_dovecot)}


def _start(w, name):
    needs, make = KINDS[name]
    if needs and os.getuid() != 0:
        raise Missing("namespaces need root")
    where, reason = packages(w) if needs else (None, None)
    if needs and not (where / needs).is_dir():
        raise Missing(reason or f"{where / needs} is missing")
    server = make(w, where)
    w.at_end.append(server.stop)
    server.start()
    return server


def _started(w, name):
    """The server, or why there is none; it is tried once."""
    with _LOCK:
        if name not in w.guests:
            try:
                w.guests[name] = _start(w, name)
            except Exception as reason:  # pylint: disable=broad-except
                w.guests[name] = reason
        return w.guests[name]


def guest(w, name):
    """The server of that name, started; Skip with the reason if there is none."""
    found = _started(w, name)
    if isinstance(found, Missing):
        raise Skip(f"no {name}: {found}")
    if isinstance(found, Exception):
        raise AssertionError(f"{name} did not start: {found}")
    return found
