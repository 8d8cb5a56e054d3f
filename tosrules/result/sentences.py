"""The `because` of a finding: what was done, with the values that decided, in plain English."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence

from tosrules.engines.outcome import Evidence, Finding, Match, kinds, worst
from tosrules.engines.seen import NAMES, Seen, of_events, seen
from tosrules.policy.expressions import AttributeOf, GroupOf
from tosrules.policy.model import (
    EventRule,
    ObligationRule,
    Policy,
    QuotaRule,
    RateRule,
    SequenceRule,
    SequenceStep,
    Status,
)
from tosrules.result.kinds import counted, times, title_of
from tosrules.result.reading import parts, reads
from tosrules.result.secrets import Secrets
from tosrules.result.values import (
    about,
    count,
    cut,
    day,
    listed,
    moment_of,
    plain,
    plural,
    typed_words,
    value_words,
)
from tosrules.result.wording import (
    allowance,
    attribute_value,
    bare,
    deadline_words,
    period_text,
    zone_of,
)
from tosrules.trace.event import Event, Value
from tosrules.trace.instants import format_instant
from tosrules.vocabulary import Vocabulary

NEARBY = 1000
"""Events that are looked through for the step of one match."""


class Teller:
    """Tells why each finding of one policy is one."""

    def __init__(
        self, policy: Policy, secrets: Secrets, observed: tuple[int, int] | None = None
    ) -> None:
        """`observed`: the period in which absence is proven, for how long a duty is overdue."""
        self.policy = policy
        self.secrets = secrets
        self.observed = observed

    def because(self, finding: Finding) -> str:
        """One or two sentences, first what decided."""
        rule = finding.rule.rule
        if isinstance(rule, ObligationRule):
            said = self._obligation(finding, rule)
        elif isinstance(rule, SequenceRule):
            said = self._sequence(finding, rule)
        elif isinstance(rule, RateRule | QuotaRule):
            said = self._window(finding, rule)
        else:
            said = self._events(finding, rule)
        states = self._states(finding)
        text = f"{said}. {' '.join(states)}" if states else f"{said}."
        return (
            text[0].upper() + text[1:]
            if text[0].isalpha() and text[0].islower() and (text.split(" ", 1)[0].isalpha())
            else text
        )

    @property
    def _types(self) -> Vocabulary:
        return self.policy.vocabulary

    # ---- event rules -----------------------------------------------------------------------

    def _events(self, finding: Finding, rule: EventRule) -> str:
        names = [n for n in reads(rule).get(rule.step.role, ()) if n != "actor"]
        events = seen(finding, names)
        told = f"{counted(events.types, self._types)}{self._by(events, finding)}, {_when(events)}"
        values = self._values(events)
        return f"{told}: {values}" if values else told

    def _of_one(self, event: Event, names: Iterable[str]) -> str:
        """What the attributes that a rule looked at were of one event."""
        return self._values(of_events([event], [name for name in names if name != "actor"]))

    def _values(self, events: Seen) -> str:
        """What the attributes that the rule looked at were, where few values tell it all."""
        said = []
        for name, counts in events.values.items():
            found: Counter[str] = Counter()
            for (type, value), number in ({} if counts is None else counts).items():
                found[self._shown(type, name, value)] += number
            if not found or len(found) > NAMES:
                continue
            values = listed(sorted(found, key=lambda v: (-found[v], v)), "or")
            everywhere = sum(found.values()) == events.number
            where = "" if everywhere else f" on {sum(found.values()):,} of them"
            said.append(f"{name} is {values}{where}")
        return listed(said[:4])

    def _shown(self, type: str, name: str, value: Value) -> str:
        if name in self.secrets.of(type):
            return "secret"
        attribute = self.policy.vocabulary.attributes_of(type).get(name)
        of = None if attribute is None else attribute.type
        return cut(typed_words(plain(value, of), of.name if of is not None else ""))

    # ---- rates and quotas ------------------------------------------------------------------

    def _window(self, finding: Finding, rule: RateRule | QuotaRule) -> str:
        match = worst(finding.matches)
        span = self._span(finding, rule)
        key = self._key(finding)
        events = seen(finding)
        quantity = rule.quantity
        if quantity is not None and match.computed:
            measured = match.computed[0]
            number = value_words(plain(measured.value or 0, "number"))
            most = "as many as " if len(finding.matches) > 1 else ""
            # A signal stands for several events, of which none says how often it was given.
            kind = "" if rule.step.signals else _one_type(events)
            if quantity.distinct is not None:
                title = title_of(kind, self._types)
                different = f"{most}{number} different {self._distinct(rule)}"
                what = f"{title}, with {different}" if title else f"{different} in {rule.step.text}"
            elif isinstance(measured.value, int):
                what = most
                what += times(number, kind, self._types) if kind else self._mixed(number, rule)
            else:
                what = f"{most}{number} for {rule.step.text}"
            allowed = allowance(quantity, self.policy, finding.clause)
            told = f"{what}{key}{span}"
            told += f"; {allowed}" if allowed else f"; the rule says: {rule.text}"
        else:
            values = listed([f"{c.text} = {self._value(c.value, c.type)}" for c in match.computed])
            told = f"{counted(events.types, self._types)}{key}{span}"
            told += f", with {values}" if values else ""
        who = self._who_acted(events, finding)
        more = f"{events.number:,} events in all, " if len(finding.matches) > 1 else ""
        return f"{told}. {_capital(f'{more}{_when(events)}{who}')}"

    def _mixed(self, number: str, rule: RateRule | QuotaRule) -> str:
        what = "events of" if rule.step.types else "times the signal"
        return f"{number} {what} {rule.step.text}"

    def _span(self, finding: Finding, rule: RateRule | QuotaRule) -> str:
        if isinstance(rule, RateRule):
            return f", within {period_text(rule.within, self.policy, finding.clause)}"
        if rule.window is None:
            return ", in the whole trace"
        window = rule.window
        length = count(window.amount, window.unit) if window.amount != 1 else f"one {window.unit}"
        return f", in {length} by the clock of {window.zone}"

    def _distinct(self, rule: RateRule | QuotaRule) -> str:
        distinct = rule.quantity.distinct if rule.quantity is not None else None
        return plural(str(getattr(distinct, "name", "value")))

    def _key(self, finding: Finding) -> str:
        said = []
        rule = finding.rule.rule
        groups = {
            k.name: bare(k.value.link)
            for k in (rule.keys if isinstance(rule, RateRule | QuotaRule) else ())
            if isinstance(k.value, GroupOf)
        }
        for name, value in finding.matches[0].key.items():
            shown = cut(str(plain(self.secrets.hide(value), None)))
            if name in groups:
                # A member of a group is written `account:spring-01`.
                said.append(f"for the `{groups[name]}` group of {shown.replace(':', ' ', 1)}")
            elif name == "actor":
                subject = finding.subject
                itself = subject is not None and subject.id == str(value)
                said.append(f"by {shown}{_acting(finding, 1, itself)}")
            else:
                said.append(f"{'by' if name == 'account' else 'for'} {name} {shown}")
        return f", {', '.join(said)}" if said else ""

    def _value(self, value: Value | None, type_name: str) -> str:
        shown = None if value is None else plain(self.secrets.hide(value), type_name)
        return cut(typed_words(shown, type_name))

    # ---- sequences -------------------------------------------------------------------------

    def _sequence(self, finding: Finding, rule: SequenceRule) -> str:
        match = finding.matches[0]
        chain = Chains(finding.evidence, rule.steps).of(match)
        told = ""
        before: Event | None = None
        for step, event in chain:
            who = event.attributes.get("actor")
            by = f" by {cut(str(who))}" if who is not None else ""
            what = (title_of(event.type, self._types) or cut(event.type)) + by
            place = f"at {moment_of(event.time)} ({event.origin})"
            if before is None:
                told = f"{what} {place}{self._local(step, event)}"
            else:
                shared = self._shared(step, event)
                gap = about(event.time - before.time)
                after = "at the same instant" if event.time == before.time else f"{gap} later"
                told += f"; then, {after}, {what} {place}{shared}{self._local(step, event)}"
            before = event
        if len(finding.matches) > 1:
            told = f"this happened {len(finding.matches):,} times. The first time: {told}"
        return told

    def _local(self, step: SequenceStep, event: Event) -> str:
        """What the condition of the step itself looked at."""
        names = dict.fromkeys(
            a.name for a in parts(step.step.where, AttributeOf) if a.role == step.step.role
        )
        values = self._of_one(event, names)
        return f", where {values}" if values else ""

    def _shared(self, step: SequenceStep, event: Event) -> str:
        said = []
        for tie in step.ties:
            value = attribute_value(tie.later, event)
            if value is not None and not tie.link:
                name = getattr(tie.later, "name", "")
                if name and name not in self.secrets.of(event.type):
                    said.append(f"{name} {cut(str(plain(self.secrets.hide(value), None)))}")
        return f", with the same {listed(said)}" if said else ""

    # ---- obligations -----------------------------------------------------------------------

    def _obligation(self, finding: Finding, rule: ObligationRule) -> str:
        match = finding.matches[0]
        trigger = match.completing
        due = match.due if match.due is not None else trigger.time
        values = self._of_one(trigger, reads(rule).get(rule.trigger.role, ()))
        told = title_of(trigger.type, self._types) or cut(trigger.type)
        told += f" at {moment_of(trigger.time)} ({trigger.origin})"
        told += f", where {values}" if values else ""
        limit = period_text(rule.within, self.policy, finding.clause)
        zone = zone_of(rule.within, self.policy, finding.clause)
        whom = f" on {cut(finding.subject.id)}" if finding.subject is not None else ""
        by = deadline_words(due, zone) + (f", within {limit}" if limit else "")
        told += f". This called{whom} for one thing {by}: {self._wanted(finding, rule)}. "
        late = [e.event for e in finding.evidence if e.role == "late"]
        if late:
            came = late[0]
            late_by = about(came.time - due)
            return f"{told}It came at {moment_of(came.time)} ({came.origin}), {late_by} late"
        told += "None followed in time, and the record shows none later"
        if self.observed is None or self.observed[1] <= due:
            return told
        overdue = about(self.observed[1] - due)
        return f"{told}: it was {overdue} overdue when the observation ended"

    def _wanted(self, finding: Finding, rule: ObligationRule) -> str:
        """`an answer is given (response.send), where kind is "audit_access"`."""
        step = rule.fulfilment
        title = title_of(step.text, self._types)
        what = f"{title} ({step.text})" if title else step.text
        if step.where is None:
            return what
        from tosrules.result.words import Words

        words = Words(self.policy, finding.clause, own=step.role)
        return f"{what}, where {words.condition(step.where)}"

    # ---- who, and what they were ------------------------------------------------------------

    def _by(self, events: Seen, finding: Finding) -> str:
        return f", by {_who(events, finding)}" if events.acting else ""

    def _who_acted(self, events: Seen, finding: Finding) -> str:
        key = finding.matches[0].key.get("actor")
        if not events.acting or (events.acting == 1 and events.actors[0] == key):
            return ""
        return f", done by {_who(events, finding)}"

    def _states(self, finding: Finding) -> list[str]:
        """What the statuses were that the finding rests on, and since when. Links are left out:
        the parties through whom the subject acted tell of them."""
        singly: dict[str, dict[str, str]] = {}
        jointly: dict[str, dict[str, str]] = {}
        for began in finding.context:
            status = self._status(began.note)
            if status is None:
                continue
            who = self._holders(status, began.event)
            since = f"from {moment_of(began.event.time)} on ({began.event.origin})"
            if len(status.key_types) == 1:
                singly.setdefault(who, {}).setdefault(_state(status), since)
            else:
                jointly.setdefault(bare(status.name), {}).setdefault(who, since)
        told = [
            f"{who} {listed([f'{state} {since}' for state, since in states.items()])}."
            for who, states in list(singly.items())[:NAMES]
        ]
        if len(singly) > NAMES:
            told.append(f"So it was with {count(len(singly) - NAMES, 'other')}.")
        for name, holders in jointly.items():
            (who, since), *others = holders.items()
            more = f", and for {count(len(others), 'other')}" if others else ""
            told.append(f"`{name}` held for {who} {since}{more}.")
        return told

    def _status(self, name: str) -> Status | None:
        found = self.policy.statuses.get(name)
        if found is not None:
            return found
        return next((s for n, s in self.policy.statuses.items() if bare(n) == bare(name)), None)

    def _holders(self, status: Status, event: Event) -> str:
        """Whom or what the status was begun for by that event."""
        keys = next((c.keys for c in status.changes if c.begins and event.type in c.step.types), ())
        values = [attribute_value(key, event) for key in keys]
        return _named([str(v) for v in values if v is not None]) or "the party"


def _state(status: Status) -> str:
    """`was barred`, `may collect`."""
    name = bare(status.name)
    words = name.replace("_", " ")
    return words if name.startswith("may_") else f"was {words}"


def _named(names: Sequence[str]) -> str:
    return listed([cut(name) for name in names], limit=NAMES)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _who(events: Seen, finding: Finding) -> str:
    """`bot-1, bot-2, bot-3 and 4 others, who act for massroot8`."""
    names = [cut(name) for name in events.actors[:NAMES]]
    if events.acting > len(names):
        names.append(count(events.acting - len(names), "other"))
    return listed(names) + _acting(finding, events.acting, events.subject_acted)


def _acting(finding: Finding, number: int, subject_acted: bool) -> str:
    """`, who act for massroot8`, where the subject is not who did it."""
    subject = finding.subject
    if subject is None or subject.kind not in ("party", "text") or subject_acted:
        return ""
    if subject.kind == "text" or not any(m.through for m, _ in kinds(finding.matches)):
        return ""
    return f", who {'act' if number > 1 else 'acts'} for {cut(subject.id)}"


def _one_type(events: Seen) -> str:
    """The one type that all events have, or ""."""
    return next(iter(events.types)) if len(events.types) == 1 else ""


def _when(events: Seen) -> str:
    """`at …`, `on 2020-04-03, between … and …`, `between 2020-04-03 and 2020-06-01`."""
    first, last = events.first, events.last
    if first == last:
        return f"at {moment_of(first)}"
    start, end = format_instant(first), format_instant(last)
    if day(start) == day(end):
        return f"on {day(start)} between {start[11:-1]} and {end[11:]}"
    return f"between {day(start)} and {day(end)}"


class Chains:
    """Finds the events of each match of a sequence among the evidence of its finding."""

    def __init__(self, evidence: Sequence[Evidence], steps: Sequence[SequenceStep]) -> None:
        self._steps = steps
        self._by_role: dict[str, list[Event]] = {}
        if len(steps) > 2:  # the first and the last of a chain are the match's own
            for each in evidence:
                self._by_role.setdefault(each.role, []).append(each.event)

    def of(self, match: Match) -> list[tuple[SequenceStep, Event]]:
        """By step, backwards from the completing event, each the latest that fits before
        the one after it (semantics S2)."""
        later = match.completing
        chain = [(self._steps[-1], later)]
        for place in range(len(self._steps) - 2, -1, -1):
            step = self._steps[place]
            earlier = match.first
            if place:
                events = self._by_role.get(step.step.role, [])
                found = self._before(events, later, self._steps[place + 1], match.first)
                if found is None:
                    continue
                earlier = found
            chain.append((step, earlier))
            later = earlier
        return chain[::-1]

    def _before(
        self, events: list[Event], later: Event, following: SequenceStep, first: Event
    ) -> Event | None:
        end = bisect_left(events, later.position, key=lambda e: e.position)
        for event in reversed(events[max(0, end - NEARBY) : end]):
            if event.position < first.position:
                break
            if _tied(following, later, event):
                return event
        return None


def _tied(step: SequenceStep, later: Event, earlier: Event) -> bool:
    """False if a plain equality between the two says that they are of different chains."""
    for tie in step.ties:
        one, other = attribute_value(tie.later, later), attribute_value(tie.earlier, earlier)
        if not tie.link and one is not None and other is not None and one != other:
            return False
    return True
