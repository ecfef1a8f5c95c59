# SPDX-License-Identifier: GPL-3.0-or-later
"""The triggers: one fault, one alert."""

from facts import CLASSES, NAME, PHASES, WAYS
from form import tags, uuid


def history(key, rest=""):
    return f"/{NAME}/{key}" + (f",{rest}" if rest else "")


SUMMARY = "{?last(//imap.session.summary)}"


class Trigger:
    """One trigger; `after` are those that hide it while they are problems."""

    def __init__(self, name, expression, severity, scope, description, runbook, **more):
        self.name, self.expression = f"IMAP: {name}", expression
        self.severity, self.scope, self.description, self.runbook = severity, scope, description, runbook
        self.event_name, self.opdata = more.get("event_name", ""), more.get("opdata", "{ITEM.LASTVALUE1}")
        self.after, self.is_closable = more.get("after", []), more.get("is_closable", False)

    def node(self):
        made = {"uuid": uuid(f"trigger {self.name}"), "expression": self.expression, "name": self.name}
        if self.event_name:
            made["event_name"] = f"IMAP: {self.event_name}"
        if self.opdata:
            made["opdata"] = self.opdata
        made |= {"url": "{$IMAP.RUNBOOK.URL}#" + self.runbook, "priority": self.severity,
                 "description": self.description}
        if self.is_closable:
            made["manual_close"] = "YES"
        if self.after:
            made["dependencies"] = [{"name": other.name, "expression": other.expression}
                                    for other in sorted(self.after, key=lambda other: other.name)]
        made["tags"] = tags(scope=self.scope)
        return made


def class_triggers():
    """Twice the same class; one at a time, as an answer has one worst problem."""
    key = history("imap.session.problem.class", '#2,"eq","%s"')
    return {name: Trigger(title, f"count({key % name})=2", severity, scope, meaning, name,
                          event_name=f"{title}: {SUMMARY}")
            for name, (severity, scope, title, meaning) in CLASSES.items()}


def other_failures():
    # No dependency here: what depends on a problem cannot end while that lasts.
    fails = f"""count({history('imap.session.state', '#3,"ge","2"')})=3"""
    differs = f"change({history('imap.session.problem.class')})<>0"
    yield Trigger("Session fails, each time otherwise", f"{fails} and {differs}", "HIGH", "availability",
                  "Three sessions in a row failed, the last two for different reasons.", "unavailable",
                  event_name=f"Session fails, each time otherwise: {SUMMARY}")
    yield Trigger("No data from the check", f"nodata({history('imap.session.state', '{$IMAP.NODATA}')})=1", "AVERAGE",
                  "availability", "The external check gives no answer: see the error of the item IMAP: Get session. "
                  "Mostly it is not in ExternalScripts, or {$IMAP.TIMEOUT} is not below the server's Timeout.", "internal",
                  event_name="No data from the check for {$IMAP.NODATA}", opdata="")


def slow_trigger(key, phase, after):
    limit = '{$IMAP.PHASE.MAX.WARN:"%s"}' % phase
    return Trigger(f"Phase {phase} is slow", f"min({history(key, '5m')})>{limit}", "WARNING", "performance",
                   f"For five minutes {phase} never took less than {limit} s.", "thresholds",
                   event_name=f"Phase {phase} is slow (over {limit} s for 5 minutes)", after=after)


def unusual_trigger(key, phase, after):
    usual = f"baselinewma({history(key)},1h:now/h,\"d\",7)"
    lately = f"min({history(key, '15m')})"
    factor = '{$IMAP.PHASE.BASELINE.FACTOR:"%s"}' % phase
    floor = '{$IMAP.PHASE.BASELINE.MIN:"%s"}' % phase
    return Trigger(f"Phase {phase} takes longer than usual",
                   f"{lately}>{factor}*{usual} and {lately}-{usual}>{floor}", "WARNING", "performance",
                   f"For 15 minutes {phase} never took less than {factor} times what it took at this hour in the last "
                   "seven days. It is unknown until there are trends of a day.", "thresholds",
                   event_name=f"Phase {phase} takes longer than usual (over {factor} times)", after=after)


def duration_triggers(classes):
    slow = {}
    for phase in PHASES:
        slow[phase] = slow_trigger(f"imap.phase.duration[{phase}]", phase, [classes["timeout"]])
        yield slow[phase]
        yield unusual_trigger(f"imap.phase.duration[{phase}]", phase, [slow[phase]])
    for way in WAYS:
        yield slow_trigger(f"imap.sync.duration[{way}]", way, [slow["sync"]])
    limit = "{$IMAP.SESSION.MAX.WARN}"
    yield Trigger("Session is slow", f"min({history('imap.session.duration', '6m')})>{limit}", "WARNING", "performance",
                  f"For six minutes the session never took less than {limit} s, and no single phase is to blame.",
                  "thresholds", event_name=f"Session is slow (over {limit} s for 6 minutes)", after=list(slow.values()))


def certificate_triggers(classes):
    def ends(level):
        days, life = history("imap.certificate.days", "#2"), history("imap.certificate.lifetime")
        return (f"max({days})<{{$IMAP.CERT.EXPIRY.{level}}} and "
                f"max({days})<last({life})*{{$IMAP.CERT.LIFETIME.{level}}}/100")

    left = "{ITEM.LASTVALUE1} days left"
    renew = "Renew it: when it ends, mail clients refuse to connect."
    end = Trigger("Certificate ends very soon", ends("CRIT"), "AVERAGE", "security", renew, "certificate",
                  event_name=f"Certificate ends very soon ({left})", opdata=left, after=[classes["certificate"]])
    yield end
    yield Trigger("Certificate ends soon", ends("WARN"), "WARNING", "security", renew, "certificate",
                  event_name=f"Certificate ends soon ({left})", opdata=left, after=[end])
    key = "imap.certificate.fingerprint"
    yield Trigger("Certificate has changed", f"last({history(key, '#1')})<>last({history(key, '#2')})", "INFO", "notice",
                  "The server shows another certificate than before. Close this if somebody renewed it.", "certificate",
                  opdata="", is_closable=True)


def mailbox_triggers():
    age, limit = history("imap.newest.age", "#2"), "{$IMAP.NEWEST.AGE.MAX.WARN}"
    yield Trigger("No new message has come", f"min({age})>{limit} and {limit}>0", "WARNING", "notice",
                  "Mail to this mailbox has stopped: look at what delivers it.", "thresholds",
                  event_name="No new message has come for {ITEM.LASTVALUE1}")
    key = history("imap.quota.used", "#2")
    full = Trigger("Mailbox is nearly full", f"min({key})>{{$IMAP.QUOTA.MAX.CRIT}}", "AVERAGE", "capacity",
                   "When its quota is used up, mail is refused.", "thresholds",
                   event_name="Mailbox is nearly full ({ITEM.LASTVALUE1} of its quota)")
    yield full
    yield Trigger("Mailbox is filling", f"min({key})>{{$IMAP.QUOTA.MAX.WARN}}", "WARNING", "capacity",
                  "When its quota is used up, mail is refused.", "thresholds",
                  event_name="Mailbox is filling ({ITEM.LASTVALUE1} of its quota)", after=[full])
    key = "imap.uidvalidity"
    yield Trigger("UIDVALIDITY has changed", f"last({history(key, '#1')})<>last({history(key, '#2')})", "WARNING", "notice",
                  "Mail clients download the mailbox anew: it was recreated, restored or moved.", "thresholds",
                  opdata="", is_closable=True)


def triggers():
    classes = class_triggers()
    return [*classes.values(), *other_failures(), *duration_triggers(classes), *certificate_triggers(classes),
            *mailbox_triggers()]
