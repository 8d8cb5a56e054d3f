"""Matches: who answers for one, how severe it is, and what shows it (semantics V3, V5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tosrules.engines.outcome import Computed, Evidence, Match, Subject
from tosrules.engines.reference.counting import Exceptions
from tosrules.engines.reference.expressions import View, evaluate, truth
from tosrules.engines.reference.grounds import grounds, tied
from tosrules.engines.reference.occurrence import Occurrence, Stretch
from tosrules.policy import expressions as p
from tosrules.policy.aggregates import aggregate_text
from tosrules.policy.model import (
    SEVERITIES,
    BoundRule,
    GradedSeverity,
    KeyPart,
    QuotaRule,
    RateRule,
)
from tosrules.policy.walk import walk
from tosrules.record import Record
from tosrules.trace.event import Event, Value

Piece = tuple[Stretch | Sequence[Event], str]
"""Some evidence and its role."""


class Draft(Record):
    """A match with the evidence that only its finding writes out."""

    match: Match
    pieces: tuple[Piece, ...]
    context: tuple[Evidence, ...]
    tied: bool
    window: object = None
    """For rates and quotas: what matches of one finding share."""

    @property
    def first(self) -> int:
        """Instant of the first evidence."""
        return min(_ends(evidence)[0].time for evidence, _ in self.pieces)

    @property
    def last(self) -> int:
        return max(_ends(evidence)[1].time for evidence, _ in self.pieces)


def _ends(evidence: Stretch | Sequence[Event]) -> tuple[Event, Event]:
    if not isinstance(evidence, Stretch):
        return evidence[0], evidence[-1]
    return evidence.first, evidence.among[evidence.stop - 1].event


def drafts(
    rule: BoundRule,
    view: View,
    exceptions: Exceptions,
    pieces: Iterable[Piece],
    *,
    conditions: Sequence[tuple[p.Expression | None, View]],
    key: tuple[Value, ...] = (),
    keys: Sequence[KeyPart] = (),
    computed: tuple[Computed, ...] = (),
    window: object = None,
    in_order: bool = False,
    due: int | None = None,
) -> list[Draft]:
    """One draft for each subject that answers for the match that `view` is about.

    `conditions` are what was asked of which event, for context and ties; `in_order` says
    that the order of records, not only their times, decided the match."""
    kept = tuple(pieces)
    completing = view.asking
    severity = _severity(rule.severities, view)
    laws = tuple(g for g in rule.laws if truth(g.when, view) is True)
    asked = [*conditions, (rule.applies, view), (severity.when, view)]
    asked += [(law.when, view) for law in laws]
    context: dict[tuple[int, str], Evidence] = {}
    shared = in_order
    for condition, seen_by in asked:
        if condition is None:
            continue
        for event, note in grounds(condition, seen_by):
            context.setdefault((event.position, note), Evidence(event, "begins", note))
        shared = shared or tied(condition, seen_by)
    others = [e.condition for e in (*exceptions.unknown, *exceptions.false)]
    if rule.binds is not None:
        others.append(rule.binds.who)
    shared = shared or any(tied(other, view) for other in others)
    first = min((_ends(evidence)[0] for evidence, _ in kept), key=lambda e: e.position)
    made = []
    for subject, through in subjects(rule, view, key, keys):
        match = Match(
            subject,
            completing.event,
            first,
            {k.name: v for k, v in zip(keys, key, strict=True)},
            severity,
            laws,
            exceptions.unknown,
            exceptions.false,
            computed,
            through,
            due,
        )
        begun = tuple(context[place] for place in sorted(context))
        made.append(Draft(match, kept, begun, shared, window))
    return made


def _severity(severities: tuple[GradedSeverity, ...], view: View) -> GradedSeverity:
    """The highest that is true; unknown is not true (semantics V3)."""
    true = [g for g in severities if truth(g.when, view) is True]
    return max(true, key=lambda g: SEVERITIES.index(g.level))


def subjects(
    rule: BoundRule, view: View, key: tuple[Value, ...], keys: Sequence[KeyPart]
) -> list[tuple[Subject | None, tuple[str, ...]]]:
    """Who answers for the match, and through whom (semantics V5)."""
    if rule.binds is not None:
        who = rule.binds.who
        if rule.binds.each:
            assert isinstance(who, p.LinkMembers)
            return _each(who, view)
        found = evaluate(who, view)
        if found is None:
            return [(None, ())]
        kind = who.type.kind if who.type.name == "reference" else "text"
        return [(Subject(kind, str(found)), ())]
    for part, value in zip(keys, key, strict=True):
        if part.type.name == "reference" and part.type.kind in ("party", "account"):
            return [(Subject(part.type.kind, str(value)), ())]
    actor = view.asking.get("actor") or view.asking.event.attributes.get("actor")
    return [(Subject("party", str(actor)) if actor is not None else None, ())]


def _each(who: p.LinkMembers, view: View) -> list[tuple[Subject | None, tuple[str, ...]]]:
    start = evaluate(who.start, view)
    if start is None:
        return [(None, ())]
    link = view.world.links[who.link]
    sure, _ = link.reached(start, view.asking)
    found: list[tuple[Subject | None, tuple[str, ...]]] = []
    for member in sorted(sure, key=str):
        way = link.way(start, member, view.asking)
        subject = Subject(who.type.kind, str(member))
        found.append((subject, tuple(str(x) for x in way[:-1])))
    return found


def computed_of(
    rule: RateRule | QuotaRule, values: Mapping[p.Aggregate, Any], view: View
) -> tuple[Computed, ...]:
    """The aggregates and parameters that decided, in the order in which the rule reads them."""
    from tosrules.engines.reference.expressions import Spread

    found: dict[str, Computed] = {}
    for part in reversed(list(walk(rule.having))):
        if isinstance(part, p.Aggregate):
            value = values.get(part)
            if isinstance(value, Spread):
                value = _root(value.variance)
            text = aggregate_text(part)
            found.setdefault(text, Computed(text, _whole(value), part.type.name))
        elif isinstance(part, p.ParamValue):
            own = part.name.rpartition("/")[2]
            found.setdefault(own, Computed(own, evaluate(part, view), part.type.name))
    return tuple(found.values())


def _root(variance: Any) -> Any:
    """The standard deviation to six places, for show only: comparisons use the square."""
    from fractions import Fraction
    from math import isqrt

    scaled = Fraction(variance) * 10**12
    return Fraction(isqrt(scaled.numerator // scaled.denominator), 10**6)


def _whole(value: Any) -> Any:
    """A whole number as one, whatever it was summed up from."""
    from fractions import Fraction

    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def recorded(occurrence: Occurrence) -> list[Event]:
    """The recorded events an occurrence stands for, in total order, each once."""
    events = {e.position: e for e in occurrence.recorded()}
    return [events[place] for place in sorted(events)]
