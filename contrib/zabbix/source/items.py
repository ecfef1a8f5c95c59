# SPDX-License-Identifier: GPL-3.0-or-later
"""The items: one that makes the session, the others take their values out of its JSON."""

from facts import MASTER, PHASES, WAYS
from form import tags, uuid


def step(kind, *parameters, otherwise="DISCARD_VALUE", instead=None):
    """`otherwise` is what becomes of a value for which it fails; `instead` stands in for it."""
    made = {"type": kind, "parameters": list(parameters)}
    if instead is not None:
        made |= {"error_handler": "CUSTOM_VALUE", "error_handler_params": instead}
    elif otherwise:
        made["error_handler"] = otherwise
    return made


def path(text, instead=None):
    return step("JSONPATH", text, instead=instead)


def metric(name):
    """A metric's value; null, where there is nothing to measure, is none."""
    return [path(f"$.metrics[?(@.name == '{name}')].value.first()"), step("NOT_MATCHES_REGEX", "^null$")]


def script(text):
    """A script cannot discard; what is empty is none."""
    return [step("JAVASCRIPT", text.strip("\n"), otherwise=None), step("NOT_MATCHES_REGEX", "^$")]


ONCE_A_DAY = step("DISCARD_UNCHANGED_HEARTBEAT", "1d", otherwise=None)


def item(key, name, description, steps, component, value_type="FLOAT", units="", **more):
    made = {"uuid": uuid(f"item {key}"), "name": f"IMAP: {name}", "type": "DEPENDENT", "key": key, "delay": "0"}
    if value_type in ("CHAR", "TEXT"):
        made["trends"] = "0"
    if value_type != "UNSIGNED":
        made["value_type"] = value_type
    if units:
        made["units"] = units
    made["description"] = description
    made |= more
    made |= {"preprocessing": steps, "master_item": {"key": MASTER}, "tags": tags(component=component)}
    return made


def master_item():
    return {
        "uuid": uuid("item master"), "name": "IMAP: Get session", "type": "EXTERNAL", "key": MASTER,
        "delay": "{$IMAP.INTERVAL}", "history": "0", "trends": "0", "value_type": "TEXT",
        "description": "Makes the journey of an IMAP user and tells how it went, in JSON.",
        # What is no JSON makes this item unsupported; its error then shows what was printed instead.
        "preprocessing": [step("MATCHES_REGEX", "^[{]", otherwise=None)],
        "tags": tags(component="raw"),
    }


# The certificate of the verified path that ends first, as cert_days has it.
FIRST_TO_END = """
var session = JSON.parse(value), days = null;
session.metrics.forEach(function (metric) {
    if (metric.name === 'cert_days') {
        days = metric.value;
    }
});
var first = ((session.tls || {}).certificates || []).filter(function (certificate) {
    return certificate.days === days;
})[0];
function at(date) {
    return Date.parse(date) / 1000;
}
"""
ENDS = FIRST_TO_END + "return first ? at(first.not_after) : '';"
LIVES = FIRST_TO_END + "return first ? (at(first.not_after) - at(first.not_before)) / 86400 : '';"
WHOLE = """
var session = JSON.parse(value);
var isWhole = session.phases.every(function (phase) {
    return phase.ok;
});
var total = session.metrics.filter(function (metric) {
    return metric.name === 'total';
})[0];
return isWhole && total ? total.value : '';
"""


# A session that broke off has 0 for the phases behind it, so that the red part of the stack stands on what was
# done; a phase that is not part of the journey is none.
PHASE = """
var phases = JSON.parse(value).phases;
var found = phases.filter(function (phase) {
    return phase.name === '%s' && phase.ok;
})[0];
var isWhole = phases.every(function (phase) {
    return phase.ok;
});
return found ? found.seconds : isWhole ? '' : 0;
"""


def session_items():
    yield item("imap.session.state", "State", "The verdict of the check: the worst of all that was found.",
               [path("$.exit_code")], "session", "UNSIGNED", valuemap={"name": "Plugin state"})
    yield item("imap.session.summary", "Summary", "The first line of the check: what is wrong, in which phase, and why.",
               [path("$.summary")], "session", "TEXT")
    yield item("imap.session.problem.class", "Problem class",
               "The class of the worst problem: a heading of the runbook. It is none when all is well.",
               [path("$.problems[?(@.state != 'OK')].class.first()", instead="none")], "session", "CHAR")
    yield item("imap.session.problem.phase", "Problem phase",
               "The phase, or the metric, of the worst problem. It is none when all is well.",
               [path("$.problems[?(@.state != 'OK')].phase.first()", instead="none")], "session", "CHAR")
    yield item("imap.session.notes", "Notes", "What is worth saying and no reason for an alert.",
               [path("$.notes[0]"), ONCE_A_DAY], "session", "TEXT")
    yield item("imap.session.duration", "Session duration",
               "From looking up the name to the logout. Sessions that broke off do not count.",
               script(WHOLE), "session", units="s")


def phase_items():
    for phase in PHASES:
        yield item(f"imap.phase.duration[{phase}]", f"Phase {phase}",
                   f"How long the phase {phase} took; 0 where the session broke off in it or before it.",
                   script(PHASE % phase), "phase", units="s", valuemap={"name": "Phase duration"})
    yield item("imap.phase.failed.duration", "Phase that failed",
               "How long the session stayed in the phase in which it broke off; 0 where it did not.",
               [path("$.phases[?(@.ok == 'false')].seconds.first()", instead="0")], "phase", units="s")
    for way, what in WAYS.items():
        yield item(f"imap.sync.duration[{way}]", f"Sync {way}", f"How long it took for {what} (with --sync).",
                   metric(way), "phase", units="s")


def certificate_items():
    yield item("imap.certificate.days", "Certificate days left",
               "Days until the first certificate of the verified path expires.", metric("cert_days"), "certificate",
               units="!d")
    yield item("imap.certificate.expires", "Certificate expires",
               "When the first certificate of the verified path expires.",
               script(ENDS), "certificate", "UNSIGNED", units="unixtime")
    yield item("imap.certificate.lifetime", "Certificate lifetime", "From its first to its last day.",
               [*script(LIVES), ONCE_A_DAY], "certificate", units="!d")
    yield item("imap.certificate.fingerprint", "Certificate fingerprint", "SHA-256 of the server's own certificate.",
               [path("$.tls.certificates[0].sha256"), ONCE_A_DAY], "certificate", "CHAR")
    yield item("imap.tls.version", "TLS version", "Of the connection.",
               [path("$.tls.version"), step("NOT_MATCHES_REGEX", "^null$"), ONCE_A_DAY], "certificate", "CHAR")


# key: (metric, name, description, value type, units)
MAILBOX = {
    "imap.messages": ("messages", "Messages", "In the mailbox.", "UNSIGNED", ""),
    "imap.unseen": ("unseen", "Unseen messages", "Messages that nobody has seen.", "UNSIGNED", ""),
    "imap.matched": ("matched", "Matched messages", "Hits of --search.", "UNSIGNED", ""),
    "imap.mailboxes": ("mailboxes", "Mailboxes", "The user's own that can be opened.", "UNSIGNED", ""),
    "imap.newest.age": ("newest_age", "Age of the newest message", "Since it arrived.", "UNSIGNED", "s"),
    "imap.oldest.age": ("oldest_age", "Age of the oldest message", "Since it arrived.", "UNSIGNED", "s"),
    "imap.fetched": ("size", "Fetched", "Octets of what was fetched.", "UNSIGNED", "B"),
    "imap.quota.used": ("quota_storage", "Quota used", "Storage, of the fullest quota root.", "FLOAT", "%"),
    "imap.quota.messages.used": ("quota_messages", "Quota used, messages",
                                 "Number of messages, of the fullest quota root.", "FLOAT", "%"),
    "imap.quota.used.bytes": ("quota_storage_used", "Quota used, bytes", "Storage, of the fullest quota root.",
                              "UNSIGNED", "B"),
    "imap.capture": ("capture", "Captured number", "What --capture found.", "FLOAT", ""),
}


def mailbox_items():
    for key, (name, title, description, value_type, units) in MAILBOX.items():
        yield item(key, title, description, metric(name), "mailbox", value_type, units)
    yield item("imap.uidvalidity", "UIDVALIDITY", "When it changes, mail clients download the mailbox anew.",
               metric("uidvalidity") + [ONCE_A_DAY], "mailbox", "UNSIGNED")


def items():
    """All of them, the one that makes the session first."""
    return [master_item(), *session_items(), *phase_items(), *certificate_items(), *mailbox_items()]
