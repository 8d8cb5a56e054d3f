"""What a clause makes use of, read off the checked policy: each feature by its name.

Counted with the verdicts that came of it, so that nothing is quietly never drawn, and nothing is
drawn in a way that nothing ever comes of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tosrules.engines.outcome import VERDICTS, Outcome
from tosrules.policy import expressions as p
from tosrules.policy import model as m
from tosrules.policy.walk import walk
from tosrules.record import Record

Counts = dict[str, Counter[str]]
"""By feature, how many clauses were judged how."""
FORMS = {
    m.EventRule: "event rule",
    m.RateRule: "rate",
    m.QuotaRule: "quota",
    m.SequenceRule: "sequence",
    m.ObligationRule: "obligation",
}


def count(counts: Counts, policy: m.Policy, outcome: Outcome) -> None:
    for judged in outcome.clauses:
        for feature in of_clause(policy, judged.clause):
            counts.setdefault(feature, Counter())[judged.verdict] += 1


def of_clause(policy: m.Policy, clause: m.Clause) -> set[str]:
    found = set(_clause(clause))
    for record in _everything(policy, clause):
        found |= set(_record(policy, record))
    for bound in clause.rules:
        found |= set(_rule(bound))
    return found


def _everything(policy: m.Policy, clause: m.Clause) -> Iterator[Record]:
    """What the clause is made of, and all that it asks for, each once."""
    waiting: list[Record] = list(clause.rules)
    seen: set[str] = set()
    while waiting:
        for record in walk(waiting.pop()):
            yield record
            for name in _names(record):
                if name not in seen:
                    seen.add(name)
                    tables: tuple[Any, ...] = (policy.statuses, policy.links, policy.signals)
                    waiting.append(next(t[name] for t in tables if name in t))


def _names(record: Record) -> tuple[str, ...]:
    match record:
        case m.Step():
            return record.signals
        case p.Held() | p.Remembered():
            return (record.status,)
        case p.GroupOf() | p.LinkMembers():
            return (record.link,)
        case m.Tie() if record.link:
            return (record.link,)
    return ()


def _clause(clause: m.Clause) -> Iterator[str]:
    if clause.period != m.ALWAYS:
        yield "clause: period"
        for side in (clause.period.start, clause.period.until):
            if side is not None and side % 86_400_000_000:
                yield "clause: period in a zone"
    if clause.together is not None:
        yield "clause: together within"
    if clause.derived_from:
        yield "clause: same rules as another"
    if clause.settings:
        yield "overlay: set"
    if clause.overlays:
        yield "overlay"
    if len(clause.rules) > 1:
        yield "clause: several rules"


def _rule(bound: m.BoundRule) -> Iterator[str]:
    rule = bound.rule
    form = FORMS[type(rule)]
    yield form
    if bound.applies is not None:
        yield f"{form}: applies when"
    for exempt in bound.exceptions:
        yield f"{form}: unless"
        if exempt.overlay:
            yield "overlay: off" if exempt.text == "off" else "overlay: unless"
            if exempt.until is not None:
                yield "overlay: until"
        elif exempt.under is not None:
            yield "unless under"
        if " but not if " in exempt.text:
            yield "unless … but not if"
    if any(g.when is not None for g in bound.severities):
        yield "severity when"
    if any(g.when is not None for g in bound.laws):
        yield "law when"
    if bound.binds is not None:
        who = bound.binds.who
        constant = isinstance(who, p.Constant)
        yield f"{form}: binds" + (
            " each of" if bound.binds.each else " somebody by name" if constant else ""
        )
    for outside in (bound.applies, bound.binds, *bound.severities, *bound.laws, *bound.exceptions):
        if outside is not None and any(
            isinstance(x, p.AttributeOf) and x.role for x in walk(outside)
        ):
            yield f"{form}: conditions by alias"
    if isinstance(rule, m.SequenceRule):
        yield f"sequence: {len(rule.steps)} steps"
        yield from _used(rule.steps[0].step, "a step")
        if len({tuple(t.later.name for t in s.ties) for s in rule.steps[1:]}) > 1:  # type: ignore[attr-defined]
            yield "sequence: changing keys"
    elif isinstance(rule, m.ObligationRule):
        yield from _used(rule.trigger, "a trigger")
        yield from _used(rule.fulfilment, "a fulfilment")
    else:
        yield from _used(rule.step, f"the events of a {form.removesuffix(' rule')}")


def _used(step: m.Step, where: str) -> Iterator[str]:
    if step.signals:
        yield f"signal as {where}"


def _record(policy: m.Policy, record: Record) -> Iterator[str]:
    match record:
        case m.SequenceStep():
            yield from _sequence_step(record)
        case m.RateRule() | m.QuotaRule():
            yield from _window(record)
        case m.ObligationRule():
            yield from _obligation(policy, record)
        case m.Status():
            yield from _status(record)
        case m.Link():
            yield "link: directed" if record.directed else "link: mutual"
            yield from (f"link: {'begins' if c.begins else 'ends'}" for c in record.changes)
            if any(c.step.signals for c in record.changes):
                yield "signal as a change of a link"
        case m.Signal():
            yield "signal: " + FORMS[type(record.rule)]
            keys = 0 if isinstance(record.rule, m.SequenceRule) else len(record.rule.keys)
            if len(record.carried) > keys:
                yield "signal: carrying"
            if any(isinstance(x, m.Step) and x.signals for x in walk(record.rule)):
                yield "signal on a signal"
        case m.Step() if record.signals and record.types:
            yield "signals and types in one set"
        case p.Expression():
            yield from _expression(policy, record)


def _window(rule: m.RateRule | m.QuotaRule) -> Iterator[str]:
    if isinstance(rule, m.QuotaRule):
        yield "quota: in total" if rule.window is None else f"quota: each {rule.window.unit}"
        if rule.window is not None and rule.window.zone != "UTC":
            yield "quota: in a zone"
    if rule.quantity is not None:
        bound = "at least" if rule.quantity.at_least else "more than"
        yield bound + ("" if rule.quantity.distinct is None else " … distinct")
    if len(rule.keys) > 1:
        yield "several keys"
    for key in rule.keys:
        if isinstance(key.value, p.Function):
            yield "computed key"
        elif isinstance(key.value, p.GroupOf):
            yield "key: group of a mutual link"
        else:
            yield f"key: {key.type}"
    if len({x for x in walk(rule.having) if isinstance(x, p.Aggregate)}) > 1:
        yield "several aggregates"


def _sequence_step(step: m.SequenceStep) -> Iterator[str]:
    if step.within is None:
        yield "sequence: later" if step.ties else "sequence: first step"
    if step.difference is not None:
        yield "sequence: != of " + ("tuples" if len(step.difference.later) > 1 else "one value")
    if any(t.link for t in step.ties):
        yield "sequence: tie by a link"
    if len(step.ties) > 1:
        yield "sequence: several ties"
    if step.without:
        yield "without" if len(step.without) == 1 else "several without"
    for without in step.without:
        if without.step.where is not None:
            yield "without … where"
        if without.step.signals:
            yield "signal as an unwanted event"
        if any(t.link for t in without.ties):
            yield "without: tie by a link"


def _obligation(policy: m.Policy, rule: m.ObligationRule) -> Iterator[str]:
    yield "obligation: by" if rule.within is None else "obligation: " + _period(policy, rule.within)
    for record in walk(rule.by) if rule.by is not None else ():
        if isinstance(record, p.Choice):
            yield f"obligation: by {'later' if record.later else 'earlier'} of"
    if not rule.ties:
        yield "obligation: no tie"
    if any(t.link for t in rule.ties):
        yield "obligation: tie by a link"
    if rule.difference is not None:
        yield "obligation: != of " + ("tuples" if len(rule.difference.later) > 1 else "one value")
    if rule.fulfilment.where is not None:
        yield "obligation: fulfilment … where"


def _period(policy: m.Policy, period: p.PeriodValue) -> str:
    value: object = period
    if isinstance(period, p.ParamValue):
        value = policy.params[period.name].value
    match value:
        case p.CalendarPeriod():
            return f"calendar {value.unit}s"
        case p.BusinessPeriod():
            return "business days"
    return "fixed period"


def _status(status: m.Status) -> Iterator[str]:
    yield "status"
    if status.initially_unknown:
        yield "status: initially unknown"
    if status.expires_after is not None:
        yield "status: expires after"
    if status.expires_at is not None:
        yield "status: expires at"
    if sum(c.begins for c in status.changes) > 1:
        yield "status: several causes"
    if sum(not c.begins for c in status.changes) > 1:
        yield "status: several ends"
    if len(status.key_types) > 1:
        yield "status: several keys"
    for change in status.changes:
        if change.step.signals:
            yield "signal as a change of a status"
        if change.step.where is not None:
            asked = [x for x in walk(change.step.where) if isinstance(x, p.Held | p.LinkMembers)]
            if asked:
                yield "status on a status or link"


def _expression(policy: m.Policy, found: p.Expression) -> Iterator[str]:
    match found:
        case p.Aggregate():
            of = " of gaps" if isinstance(found.operand, p.Gap) else ""
            of = of or (" of durations" if found.type.name == "duration" else "")
            yield f"aggregate: {found.function}{of}"
        case p.Arithmetic():
            yield f"arithmetic: {found.operator}"
        case p.Choice():
            yield "later of" if found.later else "earlier of"
        case p.Function():
            yield f"function: {found.name}"
        case p.Matches():
            yield "matches" + (" /i" if found.ignore_case else "")
        case p.TextTest():
            yield found.test
        case p.Missing():
            yield "is present" if found.present else "is missing"
        case p.AnyElement():
            yield "any of a list"
        case p.TupleDiffers():
            yield "!= of tuples in one event"
        case p.Member():
            yield "in networks" if found.networks else f"in a {found.collection.type.name}"
            yield f"in: {type(found.collection).__name__}"
        case p.Remembered():
            yield "status: remembered " + found.type.name
        case p.Held():
            if found.any_of is not None:
                link = isinstance(found.keys[found.any_of], p.LinkMembers)
                yield "status: any of " + ("a link" if link else "a list")
            if found.for_at_least is not None:
                yield "status: held for " + _period(policy, found.for_at_least)
        case p.ParamValue():
            yield "param"
        case p.Not() | p.And() | p.Or():
            yield type(found).__name__.lower()
        case p.Compare():
            kinds = {found.left.type.name, found.right.type.name} - {"list"}
            yield f"compare: {min(kinds)}"


def table(counts: Counts) -> str:
    """A line for each feature: how many clauses were judged how."""
    width = max(map(len, counts), default=0)
    heads = "".join(f"{v:>15}" for v in VERDICTS)
    lines = [f"{'feature':<{width}}{heads}"]
    for feature, by in sorted(counts.items()):
        lines.append(f"{feature:<{width}}" + "".join(f"{by[v]:>15}" for v in VERDICTS))
    return "\n".join(lines)
