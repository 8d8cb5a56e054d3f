"""What the events of a finding's evidence have in common, as sentences tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tosrules.engines.outcome import Evidence, Finding, Subject
from tosrules.record import Record
from tosrules.trace.event import Event, Value

NAMES = 3
"""Parties, types or values that a sentence lists; the others it counts."""

Counts = Mapping[tuple[str, Value], int]
"""(type of the event, value) → events."""


class Seen(Record):
    """Of some events, at least one."""

    number: int
    first: int
    """Instants of the first and the last one, microseconds."""
    last: int
    types: Mapping[str, int]
    """Type → events."""
    actors: tuple[str, ...]
    """Those who acted, by their first appearance; NAMES of them at least, if there are so many."""
    acting: int
    """How many acted."""
    subject_acted: bool
    """The subject is one of them."""
    values: Mapping[str, Counts | None]
    """Attribute → what it was; None: more different values than a sentence lists."""


class Bulk(Sequence[Evidence]):
    """Evidence of which an engine holds the first and the last events alone."""

    def seen(self, subject: Subject | None, names: Iterable[str]) -> Seen:
        """Of all of it."""
        raise NotImplementedError


def seen(finding: Finding, names: Iterable[str] = ()) -> Seen:
    """What the events of a finding have in common, with the values of some attributes."""
    evidence = finding.evidence
    if isinstance(evidence, Bulk):
        return evidence.seen(finding.subject, names)
    return of_events([each.event for each in evidence], names, finding.subject)


def of_events(
    events: Sequence[Event], names: Iterable[str] = (), subject: Subject | None = None
) -> Seen:
    actors: dict[str, None] = {}
    types: Counter[str] = Counter()
    values: dict[str, Counter[tuple[str, Value]]] = {name: Counter() for name in names}
    for event in events:
        types[event.type] += 1
        actor = event.attributes.get("actor")
        if isinstance(actor, str):
            actors.setdefault(actor)
        for name, found in values.items():
            value = event.attributes.get(name)
            if value is not None:
                found[event.type, value] += 1
    return Seen(
        len(events),
        events[0].time,
        events[-1].time,
        types,
        tuple(actors),
        len(actors),
        subject is not None and subject.id in actors,
        values,
    )
