# SPDX-License-Identifier: GPL-3.0-or-later
"""Name servers that answer half, late, wrongly or not at all, and addresses that are dead."""

import os
import shutil
import subprocess

from dovecot import has_ipv6
from servers import NXDOMAIN, REFUSED, SERVFAIL, A, AAAA, Dns, Unreachable
from world import Skip, told


def _ask(w, dns, *more, name="imap.example.org", **expected):
    arguments = w.to(address=name, name=None if name == "imap.example.org" else "imap.example.org")
    return w.run(*arguments, f"--nameserver={dns.where}", *more, **expected)


def a_answered_and_aaaa_dropped_succeeds_soon(w):
    with Dns(drop=(AAAA,)) as dns:
        run = _ask(w, dns, "-t", "3", state="OK")
        assert run.elapsed < 1, run


def aaaa_answered_and_a_dropped_succeeds_soon(w):
    if not has_ipv6():
        raise Skip("no ::1 here")
    with Dns(a=[], aaaa=["::1"], drop=(A,)) as dns:
        run = _ask(w, dns, "-t", "3", state="OK")
        assert run.elapsed < 1, run


def no_such_name_is_critical_in_dns(w):
    with Dns(rcode=NXDOMAIN) as dns:
        _ask(w, dns, state="CRITICAL", text=r"^dns: .*imap\.example\.org")


def a_name_without_an_address_is_critical_in_dns(w):
    with Dns(a=[]) as dns:
        _ask(w, dns, state="CRITICAL", text=r"^dns: .*address")


def a_name_server_that_fails_or_refuses_is_critical_in_dns(w):
    for code in (SERVFAIL, REFUSED):
        with Dns(rcode=code) as dns:
            _ask(w, dns, "-t", "3", state="CRITICAL", text="^dns: ")


def an_answer_that_is_truncated_is_fetched_over_tcp(w):
    with Dns(truncated=True) as dns:
        _ask(w, dns, "-t", "3", state="OK")


class SlowOverTcp(Dns):
    """As when the packet that opens the connection gets lost: TCP sends it again after a second."""

    def answer_tcp(self, connection):
        try:
            if not self.closing.wait(1.2):
                super().answer_tcp(connection)
        except OSError:
            pass  # who asked is gone


def an_answer_over_tcp_that_takes_more_than_a_second_is_waited_for(w):
    with SlowOverTcp(truncated=True) as dns:
        run = _ask(w, dns, "-t", "6", state="OK")
        with told(run):
            assert run.elapsed > 1


def an_answer_over_tcp_that_never_comes_is_waited_for_until_the_deadline(w):
    with SlowOverTcp(truncated=True) as dns:
        dns.answer_tcp = lambda connection: dns.closing.wait(9)
        run = _ask(w, dns, "-t", "2", state="CRITICAL", text=r"^dns: no answer yet for imap\.example\.org")
        with told(run):
            assert run.elapsed >= 1.9, "it gave up early"


def an_alias_is_followed_and_the_asked_name_verified(w):
    with Dns(cname="somewhere.else.example.net") as dns:
        _ask(w, dns, state="OK")


def garbage_from_a_name_server_is_critical_in_dns(w):
    for garbage in (b"", b"\x85\x80\x00\x01\x00\x09\x00\x00\x00\x00", b"\x85\x80" + b"\xff" * 400):
        with Dns(garbage=garbage) as dns:
            _ask(w, dns, "-t", "3", state="CRITICAL", text="^dns: ")


def a_trailing_dot_is_neither_sent_nor_verified(w):
    with Dns() as dns:
        w.run(*w.to(address="imap.example.org.", name=None), f"--nameserver={dns.where}", state="OK")


def an_idn_is_asked_for_by_its_a_label(w):
    with Dns() as dns:
        _ask(w, dns, name="bücher.example.org", state="OK")
        assert any(b"xn--bcher-kva" in question for _, question in dns.asked), dns.asked


def one_family_only_asks_for_one_family_only(w):
    with Dns(aaaa=["::1"]) as dns:
        _ask(w, dns, "-4", state="OK")
        assert {kind for kind, _ in dns.asked} == {A}
    if has_ipv6():
        with Dns(aaaa=["::1"]) as dns:
            _ask(w, dns, "-6", state="OK")
            assert {kind for kind, _ in dns.asked} == {AAAA}


def a_dead_address_is_passed_by(w):
    """127.0.0.77 refuses at once; nothing listens there."""
    with Dns(a=["127.0.0.77", "127.0.0.1"]) as dns:
        run = _ask(w, dns, state="OK")
        assert run.elapsed < 1, run


def an_address_that_answers_no_syn_is_passed_by(w):
    dead = Unreachable(address="127.0.0.78", port=w.dovecot.tls_port)
    with dead, Dns(a=["127.0.0.78", "127.0.0.1"]) as dns:
        run = _ask(w, dns, "-t", "3", state="OK")
        with told(run):
            assert run.elapsed < 1.5
        if has_ipv6():
            with Dns(a=["127.0.0.78"], aaaa=["::1"]) as both:
                _ask(w, both, "-t", "3", state="OK")


def all_addresses_that_failed_are_told(w):
    with Dns(a=["127.0.0.77", "127.0.0.79"]) as dns:
        run = _ask(w, dns, "-vv", state="CRITICAL", text=r"^connect: .*refused")
        with told(run):
            assert "127.0.0.77" in run.raw.decode() and "127.0.0.79" in run.raw.decode()


def a_name_server_cannot_write_into_the_output(w):
    with Dns(cname="evil|x=1;`id`$\x1b[2J<b>.example.net", a=[]) as dns:
        _ask(w, dns, "-vvv", "-t", "3", state="CRITICAL", text="^dns: ")


def a_dead_first_name_server_costs_little(w):
    """Needs a resolv.conf of its own, so a mount namespace: c-ares ignores ports in resolv.conf."""
    if os.getuid() != 0 or not shutil.which("unshare"):
        raise Skip("needs root and unshare")
    path = w.write("resolv.conf", "nameserver 127.0.0.98\nnameserver 127.0.0.99\n")
    os.chmod(path, 0o644)
    prefix = ["unshare", "-m", "sh", "-c", f'mount --bind {path} /etc/resolv.conf && exec "$@"', "sh"]
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        raise Skip("no mount namespace here")
    try:
        with Dns(address="127.0.0.98", port=53, drop=("all",)) as dead, Dns(address="127.0.0.99", port=53):
            run = w.run(*w.to(address="imap.example.org", name=None), "-t", "3", prefix=prefix, state="OK")
            assert dead.asked, "the first name server was not asked: the test proves nothing"
            assert 0.5 < run.seconds("dns") < 2.5, run
    except OSError as error:
        raise Skip(f"port 53: {error}") from None


class Forgetful(Dns):
    """Loses the first two questions of each type, as a bad line does."""

    def reply(self, query, is_truncated):
        kind = query[-4:-2]
        self.lost = getattr(self, "lost", {})
        self.lost[kind] = self.lost.get(kind, 0) + 1
        return None if self.lost[kind] <= 2 else super().reply(query, is_truncated)


def questions_that_get_lost_twice_are_asked_again(w):
    with Forgetful(a=["127.0.0.1"]) as dns:
        run = w.run(*w.to(address="imap.example.org", name=None), f"--nameserver={dns.where}", "-t", "10", state="OK")
        with told(run):
            assert max(dns.lost.values()) == 3
