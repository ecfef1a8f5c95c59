# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: what is fine, what is near its end, what is refused, and that no secret reaches a
server whose certificate did not verify."""

import ssl

from dovecot import ADDRESS_OF
from servers import FakeImap, shows, tls_context
from world import USERS, Skip, told

ALWAYS = r" \(127\.0\.0\.\d+:\d+, \d+\.\d{3} s\)$"


def _at(w, certificate, **more):
    return w.to(address=ADDRESS_OF[certificate], **more)


def _is_refused(w, certificate, why, *options):
    """CRITICAL in phase tls with the reason, over both kinds of TLS."""
    for tls in ("implicit", "starttls"):
        run = w.run(*_at(w, certificate, tls=tls), *options, state="CRITICAL", text=rf"^tls: .*({why})")
        with told(run):
            assert not {"auth", "select", "fetch"} & set(run.metrics)


def a_certificate_that_expires_in_5_days_warns(w):
    run = w.run(*_at(w, "soon"), "-D", "20,3", state="WARNING", text=r"certificate .*\b[45]\b.* days")
    with told(run):
        assert 4 < run.metrics["cert_days"].value <= 5
        assert run.metrics["cert_days"].warning == "20:"
        assert run.metrics["cert_days"].critical == "3:"


def a_certificate_that_expires_in_5_days_is_critical_at_7(w):
    w.run(*_at(w, "soon"), "-D", "20,7", state="CRITICAL")


def the_default_limits_judge_the_certificate_of_5_days(w):
    w.run(*_at(w, "soon"), state="CRITICAL")


def expiry_is_not_judged_when_told_so(w):
    w.run(*_at(w, "soon"), "-D", "none", state="OK")


def expiry_may_be_given_as_a_share_or_a_threshold(w):
    w.run(*_at(w, "soon"), "-D", "1%,1%", state="OK")
    w.run(*_at(w, "soon"), "-D", "50%,1%", state="WARNING")
    w.run(*_at(w, "soon"), "-w", "cert_days=20:", "-c", "cert_days=3:", state="WARNING")


def an_intermediate_that_ends_first_counts(w):
    run = w.run(*_at(w, "shortsub"), "-D", "20,1", state="WARNING")
    assert 3 < run.metrics["cert_days"].value <= 4


def an_expired_certificate_is_critical(w):
    _is_refused(w, "expired", "expired")


def a_certificate_not_yet_valid_is_critical(w):
    _is_refused(w, "notyet", "not yet|not valid before|begins")


def a_wrong_name_is_critical_and_names_both(w):
    _is_refused(w, "wrongname", "imap.example.org.*other.example.org|other.example.org.*imap.example.org")


def a_self_signed_certificate_is_critical(w):
    _is_refused(w, "selfsigned", "self-signed")


def an_unknown_authority_is_critical_and_named(w):
    _is_refused(w, "unknown", "Other CA")


def a_missing_intermediate_is_critical(w):
    _is_refused(w, "missing", "Test Intermediate CA")


def a_certificate_for_clients_only_is_critical(w):
    _is_refused(w, "clientonly", "server")


def a_name_only_in_the_cn_is_critical(w):
    _is_refused(w, "cnonly", "CN|common name|subject alternative name")


def an_address_that_is_not_covered_says_pass_sni(w):
    w.run(*_at(w, "nameonly", name=None), state="CRITICAL",
          text=r"^tls: .*--sni=.*imap\.example\.org|^tls: .*imap\.example\.org.*--sni=")


def the_failure_line_ends_with_where_and_how_long(w):
    w.run(*_at(w, "expired"), state="CRITICAL", text=ALWAYS)


def an_intermediate_a_wildcard_and_a_name_alone_are_fine(w):
    for name in ("intermediate", "wildcard", "nameonly"):
        w.run(*_at(w, name), state="OK")


def a_cross_signed_chain_is_fine_for_who_trusts_the_new_root(w):
    run = w.run("-H", ADDRESS_OF["crosssigned"], "-p", w.dovecot.tls_port, "--sni=imap.example.org",
                f"--ca-file={w.pki}/new-root.pem", "-u", "alice", w.password_file(), state="OK")
    assert run.metrics["cert_days"].value > 80


def the_system_store_does_not_know_the_test_authority(w):
    arguments = [a for a in w.to() if not a.startswith("--ca-file")]
    w.run(*arguments, state="CRITICAL", text=r"^tls: .*Test CA|^tls: .*(authorit|store|trust)")


def a_folder_of_authorities_is_as_good_as_a_file(w):
    folder = w.dir / "authorities"
    folder.mkdir(exist_ok=True)
    (folder / "ca.pem").write_bytes(open(w.ca, "rb").read())
    arguments = [a for a in w.to() if not a.startswith("--ca-file")]
    w.run(*arguments, f"--ca-dir={folder}", state="OK")


def insecure_goes_on_and_warns(w):
    for name in ("expired", "wrongname", "selfsigned", "unknown"):
        run = w.run(*_at(w, name), "--insecure", "-D", "none", state="WARNING")
        with told(run):
            assert "fetch" in run.metrics


def insecure_over_an_expired_certificate_is_judged_by_its_days(w):
    run = w.run(*_at(w, "expired"), "-k", state="CRITICAL")
    with told(run):
        assert run.metrics["cert_days"].value < 0


def insecure_over_a_sound_certificate_is_ok(w):
    w.run(*w.to(), "--insecure", state="OK")


def dovecot_heard_no_secret_where_the_certificate_did_not_verify(w):
    """Dovecot logs what passwords it is given: a control run shows that it does."""
    secret = "never-to-be-sent-8181"
    path = w.write("never.password", secret)
    options = lambda name, tls: [*_at(w, name, user=None, tls=tls), "-u", "alice", f"--password-file={path}"]
    for name in ("expired", "wrongname", "selfsigned", "unknown", "missing", "clientonly", "cnonly", "notyet"):
        for tls in ("implicit", "starttls"):
            w.run(*options(name, tls), state="CRITICAL", text="^tls: ")
    assert not shows(secret, w.dovecot.log().encode()), "the secret is in the server's log"
    w.run(*options("good", "implicit"), state="CRITICAL", text="^auth: ")
    assert shows(secret, w.dovecot.log().encode()), "the control run left no trace: the test proves nothing"


def no_octet_of_imap_is_sent_where_the_certificate_does_not_verify(w):
    for name in ("expired", "wrongname", "selfsigned", "unknown"):
        for newest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = tls_context(w.pki, name, newest=newest)
            with FakeImap(tls=context, implicit=True) as server:
                w.run(*w.to(port=server.port), state="CRITICAL", text="^tls: ")
                assert server.heard == [], server.heard
            with FakeImap(tls=tls_context(w.pki, name, newest=newest)) as server:
                w.run(*w.to(port=server.port, tls="starttls"), state="CRITICAL", text="^tls: ")
                assert [c for c in server.commands() if c not in ("CAPABILITY", "STARTTLS")] == []
                assert not shows(USERS["alice"], b"".join(line for _, line in server.heard))


def the_recording_server_does_hear_a_secret_over_verified_tls(w):
    with FakeImap(tls=tls_context(w.pki), implicit=True) as server:
        w.run(*w.to(port=server.port), state="OK")
        assert shows(USERS["alice"], *(line for _, line in server.heard))


def old_tls_versions_are_refused(w):
    for version, name in ((ssl.TLSVersion.TLSv1, "1.0"), (ssl.TLSVersion.TLSv1_1, "1.1")):
        context = tls_context(w.pki, newest=version, oldest=version, weak=True)
        with FakeImap(tls=context, implicit=True) as server:
            run = w.run(*w.to(port=server.port), state="CRITICAL", text="^tls: .*version")
            with told(run):
                assert server.heard == []


def tls_1_2_and_1_3_are_both_fine(w):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with FakeImap(tls=tls_context(w.pki, newest=version, oldest=version), implicit=True) as server:
            w.run(*w.to(port=server.port), state="OK", text=r"2 messages")


def weak_keys_and_signatures_are_refused(w):
    for name, why in (("rsa1024", "1024"), ("sha1", "SHA-?1")):
        try:
            context = tls_context(w.pki, name, weak=True)
        except ssl.SSLError as error:
            raise Skip(f"this OpenSSL does not serve {name}: {error}") from None
        with FakeImap(tls=context, implicit=True) as server:
            w.run(*w.to(port=server.port), state="CRITICAL", text=rf"^tls: .*{why}")
            assert server.heard == []
    with FakeImap(tls=tls_context(w.pki, "rsa2048"), implicit=True) as server:
        w.run(*w.to(port=server.port), state="OK")


def a_server_that_wants_a_client_certificate_is_told_so(w):
    for newest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = tls_context(w.pki, newest=newest, client_ca=w.ca)
        with FakeImap(tls=context, implicit=True) as server:
            w.run(*w.to(port=server.port), state="CRITICAL", text=r"^(tls|greeting): .*certificate")
