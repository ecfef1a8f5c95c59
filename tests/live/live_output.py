# SPDX-License-Identifier: GPL-3.0-or-later
"""-o json and -o prometheus: the same run told in other forms, whatever came of it, and valid whatever
bytes come in. And the perfdata, as those who read it take it."""

import copy
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import outputs
import perfdata
from dovecot import ADDRESS_OF, free_port, has_ipv6
from player import Conversation, Player
from servers import NXDOMAIN, Closer, Dns, FakeImap, Silent, Talker, tls_context
from world import SECRETS, SLACK, Skip, deadline_of, told

FOLDER = Path(__file__).resolve().parent.parent / "conversations"
FORMS = {"json": outputs.Json, "prometheus": outputs.Prometheus}


def _run(w, form, *arguments, state=None, **how):
    run = w.run(*arguments, "-o", form, is_judged=False, **how)
    with told(run):
        assert run.stderr == b"", "something on stderr"
        for secret in SECRETS:
            assert secret.encode() not in run.raw, f"the secret {secret!r} is in the output"
        limit = deadline_of([str(word) for word in arguments]) + (1.0 if w.is_instrumented else SLACK)
        assert run.elapsed <= limit, f"took {run.elapsed:.3f} s"
        run.told = FORMS[form](run.raw, run.code)
        if state is not None:
            assert run.code == outputs.STATES.index(state), f"exit {run.code}, not {state}"
    return run


def _json(w, *arguments, **how):
    return _run(w, "json", *arguments, **how).told


def _prometheus(w, *arguments, **how):
    return _run(w, "prometheus", *arguments, **how).told


def _promtool(text):
    tool = shutil.which("promtool")
    if not tool:
        raise Skip("promtool is not installed (Debian: prometheus)")
    done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, check=False)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == 0 and not said, f"promtool: {said}\n{text.decode(errors='replace')}"


def _needs_jsonschema():
    if not outputs.jsonschema:
        raise Skip("the Python module jsonschema is not installed (Debian: python3-jsonschema)")


# --- a healthy run ---------------------------------------------------------------------------------


def json_tells_a_healthy_run_by_the_schema(w):
    _needs_jsonschema()
    before = int(time.time())
    run = _json(w, *w.by_name(), state="OK")
    assert (run["host"], run["user"], run["mailbox"]) == ("imap.example.org", "alice", "INBOX")
    assert run["port"] == w.dovecot.tls_port and run["address"] == "127.0.0.1"
    assert [phase["name"] for phase in run["phases"]] == [
        "dns", "connect", "tls", "greeting", "auth", "select", "fetch", "logout"]
    assert all(phase["ok"] for phase in run["phases"]) and run["problems"] == []
    assert run["phases"][0]["start"] == 0
    for one, next_one in zip(run["phases"], run["phases"][1:]):
        assert abs(one["start"] + one["seconds"] - next_one["start"]) < 3e-6, "phases are contiguous"
    assert run["metrics"][-1] and run.metrics()["messages"]["value"] == 3
    assert re.match(r"TLS1\.[23]$", run["tls"]["version"]) and run["tls"]["verified"] is True
    leaf = run["tls"]["certificates"][0]
    assert "imap.example.org" in leaf["names"] and 89 < leaf["days"] <= 90
    assert "IMAP4rev1" in run["capabilities"]
    assert [one["error"] for one in run["addresses_tried"]] == [None]
    stamp = time.strptime(run["time"], "%Y-%m-%dT%H:%M:%SZ")
    assert before <= time.mktime((*stamp[:8], 0)) - time.timezone <= time.time()


def json_has_the_members_of_a_run_without_login_or_tls(w):
    run = _json(w, *w.to(user=None, tls="none"), state="OK")
    assert run["user"] is None and run["mailbox"] is None and run["tls"] is None
    assert "messages" not in run.metrics()


def json_tells_an_address_without_brackets(w):
    if not has_ipv6():
        raise Skip("no ::1 here")
    run = _json(w, *w.to(address="[::1]", name=None), state="OK")
    assert run["host"] == run["address"] == "::1"


def json_and_perfdata_tell_the_same_metrics(w):
    options = [*w.by_name(), "-w", "total=0:9.5,messages=2:", "-c", "messages=@9:99", "-D", "20,7",
               "--measure=uidvalidity"]
    plain = w.run(*options, state="OK").metrics
    found = _json(w, *options, state="OK").metrics()
    assert list(found) == list(plain)
    for name, metric in plain.items():
        same = found[name]
        assert same["unit"] == metric.unit, name
        assert (same["warning"] or "", same["critical"] or "") == (metric.warning, metric.critical), name
        if metric.unit != "s":
            assert abs(same["value"] - metric.value) < (0.11 if name == "cert_days" else 1e-9), name


def json_times_phases_before_the_first_network_phase_with_negative_starts(w):
    run = _json(w, *w.to(user=None), "-u", "alice", f"--password-command=cat {w.dir}/alice.password", state="OK")
    assert run["phases"][0]["name"] == "password" and run["phases"][0]["start"] < 0
    assert run["phases"][1]["start"] == 0


def each_v_adds_members(w):
    more = [set(_json(w, *w.to(), *flag, state="OK").object) for flag in ([], ["-v"], ["-vv"], ["-vvv"])]
    assert more[0] == set(outputs.MEMBERS)
    assert more[1] - more[0] == {"notes"} and more[2] - more[1] == {"mechanism"}
    assert more[3] - more[2] == {"transcript"}
    transcript = _json(w, *w.to(), "-vvv", state="OK")["transcript"]
    assert any("EXAMINE" in line for line in transcript)


def prometheus_tells_a_healthy_run(w):
    now = time.time()
    run = _prometheus(w, *w.by_name(), state="OK")
    place = {"target": f"imap.example.org:{w.dovecot.tls_port}", "mailbox": "INBOX"}
    assert run.value("success") == 1 and run.value("messages") == 3
    assert all(place.items() <= labels.items() for some in run.samples.values() for labels, _ in some)
    assert [labels["phase"] for labels, _ in run.all("phase_duration_seconds")] == [
        "dns", "connect", "tls", "greeting", "auth", "select", "fetch", "logout"]
    assert abs(sum(v for _, v in run.all("phase_duration_seconds")) - run.value("duration_seconds")) < 1e-5
    assert 89 < (run.value("certificate_not_after_timestamp_seconds") - now) / 86400 <= 90
    assert abs(run.value("run_timestamp_seconds") - now) < 5
    assert run.all("problem_info") == [] and run.all("tls_info")[0][0]["version"].startswith("TLS1.")


def prometheus_never_tells_the_user(w):
    for more in ([], ["-m", "Absent"]):
        run = _run(w, "prometheus", *w.to(), *more)
        with told(run):
            assert b"alice" not in run.raw


def prometheus_has_no_mailbox_label_without_a_login(w):
    run = _prometheus(w, *w.to(user=None), state="OK")
    assert all(set(labels) & {"mailbox"} == set() for some in run.samples.values() for labels, _ in some)


def prometheus_verbosity_is_comments(w):
    quiet = _prometheus(w, *w.to(), state="OK")
    assert quiet.comments == []
    run = _prometheus(w, *w.to(), "-vvv", state="OK")
    assert run.comments[0].startswith("# IMAP OK - ") and any("EXAMINE" in line for line in run.comments)
    assert set(run.samples) == set(quiet.samples)


def promtool_takes_the_samples_of_every_kind_of_run(w):
    for arguments in (w.by_name(), w.to(user=None, tls="none"), [*w.to(), "-vvv"], [*w.to(), "-m", "Absent"],
                      [*w.to(), "-w", "total=0:0.000001,messages=9:"], ["-Z"], ["-H", "localhost", "-p", "0"],
                      [*w.to(), "--measure=uidvalidity"]):
        _promtool(_run(w, "prometheus", *arguments).raw)


# --- failures --------------------------------------------------------------------------------------


def _failures(w, tell):
    """Provokes one failure of each kind: tell(class, state, phase, arguments)."""
    secure = {"tls": tls_context(w.pki), "implicit": True}
    tell("connect", "CRITICAL", "connect", w.to(port=free_port()))
    tell("certificate", "CRITICAL", "tls", w.to(address=ADDRESS_OF["expired"]))
    tell("refused", "CRITICAL", "select", [*w.to(), "-m", "Absent"])
    tell("auth", "CRITICAL", "auth", [*w.to(user=None), "-u", "alice", f"--password-file={w.dir}/wrong.password"])
    tell("usage", "UNKNOWN", None, [*w.to(user=None), "-u", "alice", "--password-file=/nonexistent/file"])
    tell("usage", "UNKNOWN", None, [*w.to(), "--no-such-option"])
    tell("thresholds", "WARNING", "messages", [*w.to(), "-w", "messages=9:"])
    tell("policy", "WARNING", "tls", [*w.to(address=ADDRESS_OF["wrongname"]), "--insecure"])
    with Dns(rcode=NXDOMAIN) as dns:
        tell("resolve", "CRITICAL", "dns", [*w.to(address="imap.example.org", name=None),
                                            f"--nameserver={dns.where}"])
    with Silent() as server:
        tell("timeout", "CRITICAL", "tls", [*w.to(port=server.port), "-t", "0.5"])
        tell("timeout", "OK", "tls", [*w.to(port=server.port), "-t", "0.5:ok"])
    with Closer() as server:
        tell("tls", "CRITICAL", "tls", w.to(port=server.port))
    with Talker(b"SSH-2.0-OpenSSH_9.2\r\n") as server:
        tell("protocol", "CRITICAL", "greeting", w.to(port=server.port, tls="none", user=None))
    with FakeImap(caps="IMAP4rev1") as server:
        tell("missing", "CRITICAL", "tls", w.to(port=server.port, tls="starttls"))
    with FakeImap({"LOGIN": "{t} NO [UNAVAILABLE] later\r\n", "AUTHENTICATE": "{t} NO [UNAVAILABLE] later\r\n"},
                  **secure) as server:
        tell("unavailable", "CRITICAL", "auth", w.to(port=server.port))


def every_kind_of_failure_is_told_in_json(w):
    def tell(name, state, phase, arguments):
        plain = w.run(*arguments, state=state)
        run = _run(w, "json", *arguments, state=state)
        with told(run):
            assert run.told.first()["class"] == name, f"class {run.told.first()['class']}, not {name}"
            assert phase in (None, run.told.first()["phase"]), f"not in {phase}"
            assert run.told.first()["state"] == state
            told_plainly, told_here = (re.sub(r"\d+(\.\d+)?", "N", text) for text in (plain.text, run.told["summary"]))
            if name != "tls":  # how a close looks depends on who was faster
                assert told_plainly == told_here, f"{told_plainly!r} is not {told_here!r}"
            broken = [one["name"] for one in run.told["phases"] if not one["ok"]]
            assert broken in ([], [phase], ["password"]), broken
    _failures(w, tell)


def every_kind_of_failure_is_told_to_prometheus(w):
    def tell(name, state, phase, arguments):
        run = _run(w, "prometheus", *arguments, state=state)
        with told(run):
            labels, value = run.told.all("problem_info")[0]
            assert (labels["class"], value) == (name, 1) and phase in (None, labels["phase"]), labels
            assert run.told.value("success") == (state in ("OK", "WARNING")), "success"
    _failures(w, tell)


def a_refusal_tells_its_code(w):
    run = _json(w, *w.to(user=None), "-u", "alice", f"--password-file={w.dir}/wrong.password", state="CRITICAL")
    assert run.first()["code"] == "AUTHENTICATIONFAILED"


def several_problems_are_told_worst_first(w):
    run = _json(w, *w.to(), "-w", "messages=9:,total=0:0.000001", "-c", "select=0:0.000001", state="CRITICAL")
    assert [(p["phase"], p["state"]) for p in run["problems"]] == [
        ("select", "CRITICAL"), ("total", "WARNING"), ("messages", "WARNING")]
    assert {m["name"]: m["state"] for m in run["metrics"] if m["state"] != "OK"} == {
        "select": "CRITICAL", "total": "WARNING", "messages": "WARNING"}


def bad_usage_is_told_in_the_form_wherever_that_is_asked_for(w):
    for form in FORMS:
        for arguments in (["-Z"], ["-p", "0"], ["stray"], ["-H"], ["-w", "x=1"], ["-H", "a b"], []):
            run = w.run("-o", form, *arguments, is_judged=False)
            with told(run):
                FORMS[form](run.raw, 3)
        for arguments in (["-Z", "-o", form], ["stray", f"--output={form}", "-4"], ["-p", "x", "-vo", form]):
            run = w.run(*arguments, is_judged=False)
            with told(run):
                FORMS[form](run.raw, 3)


def a_form_that_is_not_known_is_told_plainly(w):
    w.run("-H", "localhost", "-o", "xml", state="UNKNOWN", text="-o: .*nagios,json,prometheus")
    w.run("-H", "localhost", "-o", "json", "-o", "nagios", "-Z", state="UNKNOWN", text="^-Z ")


def a_run_that_is_stopped_from_outside_is_told_in_the_form(w):
    for form, reader in FORMS.items():
        for number, code, name in ((signal.SIGTERM, 3, "internal"), (signal.SIGALRM, 2, "timeout")):
            with Silent() as server:
                process = w.start_run(*w.to(port=server.port), "-o", form)
                assert server.arrived.wait(5)
                time.sleep(0.05)
                os.kill(process.pid, number)
                out, err = process.communicate(timeout=5)
            assert err == b"" and process.returncode == code, (out, err, process.returncode)
            run = reader(out, code)
            problem = run.first() if form == "json" else run.all("problem_info")[0][0]
            assert (problem["class"], problem["phase"]) == (name, "tls"), problem


# --- whatever bytes come ---------------------------------------------------------------------------


def nothing_that_a_server_says_breaks_a_form(w):
    evil = '"}],\\u0000 \\" {x} | `id` $(id) <b> \x1b[2J \x7f é 日本 \n# HELP x\nimap_check_state 0'
    for evil_reply in (evil.replace("{x}", ""), "\\", '"', "a" * 3000):
        line = re.sub(r"[\r\n]", " ", evil_reply)
        replies = {"EXAMINE": f"{{t}} NO [X {line[:20]}] {line}\r\n".replace("{}", "")}
        for form in FORMS:
            with FakeImap(replies, greeting=f"* OK {line}\r\n".replace("{t}", ""), tls=tls_context(w.pki),
                          implicit=True) as server:
                run = _run(w, form, *w.to(port=server.port), "-vvv", "-t", "3")
                with told(run):
                    assert run.code == 2
                    assert b"\x1b" not in run.raw and b"\x7f" not in run.raw


def names_of_the_user_are_valid_in_each_form_whatever_their_bytes(w):
    users = ["jürgen@例え.jp", 'a"b\\c', "new\nline", "tab\tbell\x07", b"latin\xe9", b"\xff\xfe", b"cut\xe6\x97"]
    with FakeImap(tls=tls_context(w.pki), implicit=True) as server:
        for user in users:
            run = w.run(*w.to(port=server.port, user=None), f"--password-file={w.dir}/alice.password", "-o", "json",
                        is_judged=False, prefix=_prefix(w, user))
            with told(run):
                found = outputs.Json(run.raw, run.code)["user"]
                wanted = user if isinstance(user, str) else user.decode("utf-8", "replace")
                assert found.replace("�", "") == wanted.replace("�", ""), (found, wanted)
        for mailbox in ("Entwürfe", 'quo"te', "back\\slash", "日本語", "a,b={c}"):
            assert _json(w, *w.to(port=server.port), "-m", mailbox)["mailbox"] == mailbox
            run = _run(w, "prometheus", *w.to(port=server.port), "-m", mailbox)
            shown = mailbox.replace("\\", "\\\\").replace('"', '\\"')
            assert f'mailbox="{shown}"'.encode() in run.raw
            if shutil.which("promtool"):
                _promtool(run.raw)


def _prefix(w, user):
    """Python hands bytes to a program as they are, but not through this harness: a shell adds the name."""
    path = w.dir / f"user-{abs(hash(user))}"
    path.write_bytes(user if isinstance(user, bytes) else user.encode())
    return ["sh", "-c", 'exec "$@" -u "$(cat "$0")"', str(path)]


def a_long_transcript_is_one_object(w):
    noise = "".join(f"* {n} EXISTS\r\n" for n in range(3000))
    replies = {"EXAMINE": "* FLAGS (\\Seen)\r\n" + noise + "* OK [UIDVALIDITY 7] ok\r\n{t} OK done\r\n"}
    with FakeImap(replies, tls=tls_context(w.pki), implicit=True) as server:
        run = _json(w, *w.to(port=server.port), "-vvv")
        assert len(run["transcript"]) > 3000


def every_conversation_is_told_in_each_form(w):
    _needs_jsonschema()
    for path in sorted(FOLDER.glob("*/*.txt")):
        conversation = Conversation(path)
        if conversation.options is None or conversation.takes_time():
            continue
        trust = [] if conversation.tls() == "none" else [f"--ca-file={w.ca}"]
        for form, more in (("json", ["-vvv"]), ("prometheus", [])):
            with Player(conversation, tls_context(w.pki)) as player:
                run = _run(w, form, "-H", "127.0.0.1", "-p", player.port, *trust, *conversation.options, *more,
                           env={"IMAP_PASSWORD": "secret"}, state=conversation.state)
        with told(run):
            for text in conversation.texts:
                assert form != "json" or text in run.told["summary"], path


def a_german_locale_changes_no_number(w):
    made = subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8", f"{w.dir}/de_DE.UTF-8"],
                          capture_output=True, text=True, check=False)
    if made.returncode > 1:
        raise Skip("no German locale can be made here")
    env = {"LOCPATH": str(w.dir), "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}
    _json(w, *w.by_name(), env=env, state="OK")
    _prometheus(w, *w.by_name(), env=env, state="OK")


# --- the schema and the perfdata checker are strict ------------------------------------------------


def _paths(thing, path=()):
    """Every member, and the first item of every list, of a JSON object."""
    if isinstance(thing, dict):
        items = list(thing.items())
    else:
        items = [(0, thing[0])] if isinstance(thing, list) and thing else []
    for name, value in items:
        yield (*path, name)
        yield from _paths(value, (*path, name))


def _at(thing, path):
    for name in path:
        thing = thing[name]
    return thing


def the_schema_misses_no_member_and_no_type(w):
    _needs_jsonschema()
    run = _json(w, *w.to(), "-vvv", "-w", "messages=9:", state="WARNING").object
    outputs.check_schema({**run, "later": 1})
    validator = outputs.jsonschema.Draft202012Validator(outputs.schema())
    for path in _paths(run):
        holder, name = path[:-1], path[-1]
        missing, mistyped = copy.deepcopy(run), copy.deepcopy(run)
        if name != 0 and path[0] not in ("notes", "mechanism", "transcript"):
            del _at(missing, holder)[name]
            assert not validator.is_valid(missing), f"{path} may be missing"
        _at(mistyped, holder)[name] = {"no": "such"}
        assert not validator.is_valid(mistyped), f"{path} may be an object of any kind"
        was = _at(run, path)
        _at(mistyped, holder)[name] = str(was) if isinstance(was, (int, float)) else 7
        assert not validator.is_valid(mistyped), f"{path} may be {_at(mistyped, path)!r}"
    for wrong in ({"exit_code": 0}, {"schema": 2}, {"time": "2026-01-01 00:00:00"}, {"state": "ok"}):
        assert not validator.is_valid({**run, **wrong}), wrong


GOOD = ["", "a=1", "a=1s;2;3;0 b=0.5%", "c=-1.5;20:;7:", "d=1B;;;0;99", "e=1;@1:2;~:3;0", "'two words'=1;;;0"]
BAD = ["a", "a=", "a=U", "a=1e3", "a=1,5", "a=1;0:5", "a=1;:5", "a=1;5:3", "a=1;;;2", "a=1;x", "a=1;:", "a=1;1e2",
       "a=1;;;x", "a=1ms2", "a=1parsec", "a=+1", "a=.5", "a=nan", "a=1;2;3;0;9;9", "a=1;U"]


def the_perfdata_checker_tells_good_from_bad(_):
    for text in GOOD:
        perfdata.check(text)
    for text in BAD:
        try:
            perfdata.check(text)
        except AssertionError:
            continue
        raise AssertionError(f"it takes {text!r}")


def icinga_keeps_plain_thresholds_and_drops_ranges(w):
    run = w.run(*w.to(), "-w", "total=0:9,connect=:8,messages=2:,auth=@20:30", "-c", "total=10,messages=~:99", state="OK")
    kept = {item[0]: item[1:] for item in perfdata.by_icinga(run.first.split("|")[1])}
    assert kept["total"][1:] == ("seconds", 9, 10, 0, None)
    assert kept["connect"][1:] == ("seconds", 8, None, 0, None)
    assert kept["messages"] == (3, None, None, None, 0, None)
    assert kept["auth"][2:4] == (None, None)


def every_metric_at_once_fits_into_the_first_line(w):
    names = re.findall(r"^  ([a-z_]+) +(?:s|B|%)? ", w.run("--help", is_judged=False).raw.decode().split("\nMetrics")[1]
                       .split("\n\n")[0], re.M)
    assert {"total", "messages", "uidvalidity"} <= set(names), names
    usable = []
    for name in names:
        if w.run(*w.by_name(), f"--measure={name}", is_judged=False).code == 0:
            usable.append(name)
    run = w.run(*w.by_name(), f"--measure={','.join(usable)}", "-w", "total=123.456", "-c", "total=234.567", state="OK")
    with told(run):
        assert len(run.first) < 1000
        assert json.dumps(list(run.metrics)) and len(run.metrics) >= 11
