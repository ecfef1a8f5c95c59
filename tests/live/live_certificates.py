# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: what is fine, what is near its end, what is refused, and that no secret reaches a
server whose certificate did not verify."""

import base64
import hashlib
import os
import re
import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path

from dovecot import ADDRESS_OF
from outputs import Json
from scales import weigh
from servers import FakeImap, Stapler, shows, tls_context
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


def what_has_no_end_in_a_folder_of_authorities_is_passed_by(w):
    folder = w.dir / "endless-authorities"
    folder.mkdir()
    with open(folder / "huge.pem", "wb") as file:
        file.truncate(1 << 30)
    os.mkfifo(w.dir / "authority.fifo")
    for name, target in (("pipe.pem", "../authority.fifo"), ("zero.pem", "/dev/zero")):
        os.symlink(target, folder / name)
    rest = [word for word in w.to(address=ADDRESS_OF["selfsigned"]) if not word.startswith("--ca-file")]
    weigh(w, *rest, f"--ca-dir={folder}", "-t", "2", state="UNKNOWN")
    shutil.copy(w.ca, folder)
    run = weigh(w, *rest, f"--ca-dir={folder}", "-t", "2", state="CRITICAL")
    with told(run):
        assert "class: certificate" in run.lines


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


BOTH = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


# --- days and shares --------------------------------------------------------------------------------


def limits_are_days_or_shares_of_the_lifetime(w):
    """The certificate lives 85 days, of which 5 are left: 5.9 %."""
    for limits, state in (("10%", "WARNING"), ("20,7", "CRITICAL"), ("25%,10%", "CRITICAL"), ("20", "CRITICAL"),
                          ("4", "OK"), ("6,4", "WARNING"), ("5%", "OK"), ("25%,5%", "WARNING"), ("20,5%", "WARNING"),
                          ("none", "OK")):
        w.run(*_at(w, "soon"), "-D", limits, state=state)


def a_short_lived_certificate_is_judged_by_its_share_unless_days_are_asked_for(w):
    """It lives 6 days, of which 5 are left."""
    run = w.run(*_at(w, "short"), state="OK")
    with told(run):
        assert 4 < run.metrics["cert_days"].value <= 5
    for limits, state in (("25%,10%", "OK"), ("90%,10%", "WARNING"), ("20,7", "CRITICAL"), ("none", "OK")):
        w.run(*_at(w, "short"), "-D", limits, state=state)


# --- names ------------------------------------------------------------------------------------------


def an_idn_is_looked_for_by_its_a_label(w):
    for name in ("bücher.example.org", "BÜCHER.example.org", "xn--bcher-kva.example.org", "bücher.example.org."):
        w.run(*_at(w, "idn", name=name), state="OK")
    w.run(*_at(w, "idn", name="bucher.example.org"), state="CRITICAL",
          text=r"^tls: .*does not cover bucher\.example\.org, it covers xn--bcher-kva\.example\.org")


def an_idn_may_be_the_host(w):
    with FakeImap(tls=tls_context(w.pki, "idn"), implicit=True) as server:
        run = w.run(*w.to(address="bücher.example.org", port=server.port, name=None),
                    f"--nameserver={w.dns.where}", state="OK")
        with told(run):
            assert b"\x15" not in run.raw and run.raw.isascii()


def an_address_has_to_be_covered_as_an_address(w):
    w.run(*w.to(name=None), state="OK")
    w.run(*_at(w, "addressonly", name="127.0.0.1"), state="OK")
    w.run(*_at(w, "addressonly", name=None), state="CRITICAL", text=r"does not cover the address 127\.0\.0\.19: ")
    w.run(*_at(w, "addressonly"), state="CRITICAL", text=r"does not cover imap\.example\.org, it covers 127\.0\.0\.1")


def a_wildcard_covers_one_label(w):
    for name, state in (("imap.example.org", "OK"), ("Mail.Example.ORG", "OK"), ("a.b.example.org", "CRITICAL"),
                        ("example.org", "CRITICAL"), ("imap.example.com", "CRITICAL")):
        w.run(*_at(w, "wildcard", name=name), state=state)


# --- client certificates ----------------------------------------------------------------------------


def _client(w, certificate, key=None):
    return [f"--client-cert={w.pki}/{certificate}.pem"] + ([f"--client-key={w.pki}/{key}.key"] if key else [])


def a_server_that_wants_a_client_certificate_is_told_so(w):
    for newest in BOTH:
        for implicit in (True, False):
            context = tls_context(w.pki, newest=newest, client_ca=w.ca)
            with FakeImap(tls=context, implicit=implicit) as server:
                w.run(*w.to(port=server.port, tls="implicit" if implicit else "starttls"), state="CRITICAL",
                      text=r"^(tls|greeting|auth): the server wants a client certificate.*--client-cert")


def a_client_certificate_is_shown(w):
    for newest in BOTH:
        for ours in (_client(w, "client", "client"), _client(w, "client-both")):
            context = tls_context(w.pki, newest=newest, client_ca=w.ca)
            with FakeImap(tls=context, implicit=True) as server:
                w.run(*w.to(port=server.port), *ours, state="OK")


def a_client_certificate_that_is_refused_is_told_with_what_it_is(w):
    for newest in BOTH:
        for name, why, issuer in (("client-other", "does not trust|refuses", "Other"), ("client-old", "expired", "Test"),
                                  ("good", "refuses|kind", "Test")):
            context = tls_context(w.pki, newest=newest, client_ca=w.ca)
            with FakeImap(tls=context, implicit=True) as server:
                run = w.run(*w.to(port=server.port), *_client(w, name, name), state="CRITICAL",
                            text=rf"^(tls|greeting): (?=.*client certificate)(?=.*({why})).*alert.*issued by CN={issuer} CA")
                with told(run):
                    assert server.heard == []


def a_client_certificate_that_nobody_asked_for_is_noted(w):
    run = w.run(*w.to(), *_client(w, "client-both"), state="OK")
    with told(run):
        assert "note: the server did not ask for the client certificate" in run.lines


def a_client_certificate_that_cannot_be_used_is_bad_usage_before_any_connection(w):
    with FakeImap(tls=tls_context(w.pki), implicit=True) as server:
        for ours, why in ((_client(w, "nothing"), "--client-cert .*No such file"), (_client(w, "client"), "--client-key"),
                          (_client(w, "client", "good"), "does not belong"),
                          (_client(w, "client", "client-locked"), "the key is encrypted"),
                          (["--client-key=x"], "--client-cert")):
            w.run(*w.to(port=server.port), *ours, state="UNKNOWN", text=why)
        assert not server.arrived.is_set()


# --- pins -------------------------------------------------------------------------------------------


def _without_ca(arguments):
    return [a for a in arguments if not a.startswith("--ca-file")]


def _pin(w, name):
    """As a user would find it: from the sentence about a wrong one."""
    nobody = "--pin=sha256//" + 43 * "A" + "="
    run = w.run(*_without_ca(_at(w, name)), nobody, state="CRITICAL",
                text=r"^tls: the server's key is not the pinned one: it has sha256//")
    return "--pin=" + re.search(r"it has (sha256//\S+)", run.text)[1]


def a_pinned_key_is_checked_without_an_authority(w):
    for name in ("selfsigned", "unknown", "wrongname", "missing", "good"):
        pin = _pin(w, name)
        for tls in ("implicit", "starttls"):
            w.run(*_without_ca(_at(w, name, tls=tls)), pin, state="OK")
        w.run(*_without_ca(_at(w, "soon")), pin, state="CRITICAL", text="not the pinned one")


def the_pin_is_what_openssl_and_curl_call_it(w):
    openssl = shutil.which("openssl")
    if not openssl:
        raise Skip("there is no openssl")
    key = subprocess.run([openssl, "x509", "-in", f"{w.pki}/good.pem", "-noout", "-pubkey"], capture_output=True, check=True)
    der = subprocess.run([openssl, "pkey", "-pubin", "-outform", "der"], input=key.stdout, capture_output=True, check=True)
    digest = base64.b64encode(hashlib.sha256(der.stdout).digest()).decode()
    assert _pin(w, "good") == f"--pin=sha256//{digest}"
    run = w.run(*w.to(), "-vv", state="OK")
    assert f"  pin     sha256//{digest}" in run.lines, run


def one_of_several_pins_is_enough(w):
    pins = [_pin(w, name) for name in ("good", "soon", "selfsigned")]
    w.run(*_without_ca(_at(w, "selfsigned")), *pins, state="OK")
    w.run(*_without_ca(_at(w, "unknown")), *pins, state="CRITICAL", text="not one of those pinned")


def the_end_of_a_pinned_certificate_is_judged_by_its_days(w):
    w.run(*_without_ca(_at(w, "soon")), _pin(w, "soon"), "-D", "20,3", state="WARNING", text="expires in")
    w.run(*_without_ca(_at(w, "expired")), _pin(w, "expired"), state="CRITICAL", text="^cert_days: ")
    w.run(*_without_ca(_at(w, "expired")), _pin(w, "expired"), "-D", "none", state="OK")


def a_wrong_pin_is_reported_by_insecure(w):
    w.run(*_without_ca(_at(w, "good")), _pin(w, "soon"), "-k", state="WARNING", text=r"--insecure: the server's key is not")
    w.run(*_without_ca(_at(w, "good")), _pin(w, "good"), "-k", state="OK")


def a_wrong_pin_keeps_the_secret_at_home(w):
    pin = _pin(w, "soon")
    with FakeImap(tls=tls_context(w.pki), implicit=True) as server:
        w.run(*_without_ca(w.to(port=server.port)), pin, state="CRITICAL", text="^tls: ")
        assert server.heard == []


def json_says_how_the_certificate_was_accepted(w):
    pin = _pin(w, "selfsigned")
    for arguments, verified, by in ((w.to(), True, "chain"), ([*_without_ca(_at(w, "selfsigned")), pin], True, "pin"),
                                    ([*_at(w, "selfsigned"), "-k", "-D", "none"], False, None)):
        run = w.run(*arguments, "-o", "json", is_judged=False)
        with told(run):
            tls = Json(run.raw, run.code)["tls"]
            assert (tls["verified"], tls["verified_by"]) == (verified, by), tls
            assert tls["pin"].startswith("sha256//") and tls["ocsp"] is None


# --- priority strings -------------------------------------------------------------------------------


def a_priority_string_decides_what_is_negotiated(w):
    for version in ("1.2", "1.3"):
        run = w.run(*w.to(), f"--tls-priority=NORMAL:-VERS-ALL:+VERS-TLS{version}", "-vv", state="OK")
        with told(run):
            assert any(line.startswith(f"tls TLS{version} ") for line in run.lines)
    w.run(*w.to(), "--tls-priority=NORMAL:%PROFILE_ULTRA", state="CRITICAL", text="^tls: .*weak")
    w.run(*_at(w, "selfsigned"), "--tls-priority=NORMAL", state="CRITICAL", text="^tls: .*self-signed")
    w.run(*w.to(), "--tls-priority=NORMAL:+NOISE", state="UNKNOWN", text=r'character 8 on: "\+NOISE"')


# --- stapled OCSP responses -------------------------------------------------------------------------


def _staple(w, name, revoked=None):
    """The authority's word on the certificate, as a file."""
    openssl = shutil.which("openssl")
    if not openssl:
        raise Skip("there is no openssl to make and to staple an OCSP response")
    folder = Path(tempfile.mkdtemp(dir=w.dir))
    said = subprocess.run([openssl, "x509", "-in", f"{w.pki}/{name}.pem", "-noout", "-serial"], capture_output=True, text=True,
                          check=True)
    serial = said.stdout.strip().split("=")[1]
    state = f"R\t301231235959Z\t{revoked},keyCompromise" if revoked else "V\t301231235959Z\t"
    (folder / "index").write_text(f"{state}\t{serial}\tunknown\t/CN=imap.example.org\n")
    subprocess.run([openssl, "ocsp", "-index", folder / "index", "-CA", w.ca, "-issuer", w.ca, "-cert", f"{w.pki}/{name}.pem",
                    "-rsigner", w.ca, "-rkey", f"{w.pki}/ca.key", "-ndays", "3", "-respout", folder / "response"],
                   capture_output=True, check=True)
    return folder / "response"


def a_stapled_response_is_judged_and_shown(w):
    for version in ("tls1_2", "tls1_3"):
        with Stapler(w.pki, "good", _staple(w, "good"), version) as server:
            run = w.run(*w.to(port=server.port), "-vv", state="OK")
            with told(run):
                assert any(line.startswith("ocsp good: ") for line in run.lines)
        with Stapler(w.pki, "good", _staple(w, "good"), version) as server:
            run = w.run(*w.to(port=server.port), "-o", "json", is_judged=False)
            with told(run):
                ocsp = Json(run.raw, run.code)["tls"]["ocsp"]
                assert ocsp["status"] == "good" and ocsp["next_update"] > ocsp["this_update"], ocsp


def a_revoked_certificate_is_critical(w):
    for version in ("tls1_2", "tls1_3"):
        with Stapler(w.pki, "good", _staple(w, "good", "261101120000Z"), version) as server:
            run = w.run(*w.to(port=server.port), state="CRITICAL",
                        text=r"^tls: the certificate was revoked on 2026-11-01 12:00 UTC: key compromise")
            with told(run):
                assert server.heard == []
        with Stapler(w.pki, "good", _staple(w, "good", "261101120000Z"), version) as server:
            w.run(*w.to(port=server.port), "-k", state="WARNING", text="--insecure: the certificate was revoked")


def a_response_about_another_certificate_is_noted(w):
    with Stapler(w.pki, "good", _staple(w, "soon"), "tls1_3") as server:
        run = w.run(*w.to(port=server.port), state="OK")
        with told(run):
            assert any(line.startswith("note: the stapled OCSP response is of no use") for line in run.lines)


def a_certificate_that_demands_a_staple_gets_one_or_is_refused(w):
    _is_refused(w, "muststaple", "must-staple")
    with Stapler(w.pki, "muststaple", _staple(w, "muststaple"), "tls1_3") as server:
        w.run(*w.to(port=server.port), state="OK")
    w.run(*_at(w, "muststaple"), "-k", state="WARNING", text="--insecure: .*must-staple")
