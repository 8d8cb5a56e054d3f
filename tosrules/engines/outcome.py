"""What an engine answers: verdicts, matches and findings, before anything is rendered.

Both evaluators fill these; the result room turns them into the published result.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypeVar, overload

from tosrules.policy.model import BoundRule, Clause, Exempt, GradedLaw, GradedSeverity
from tosrules.record import Record, setters
from tosrules.trace.event import Event, Value

T = TypeVar("T")

VERDICTS = ("violated", "undetermined", "pending", "clean", "not exercised")
"""In the order in which they win (semantics V1)."""


class Subject(Record):
    """Who answers for a match."""

    kind: str
    """A reference kind, or `text` where the clause binds somebody by name."""
    id: str


class Evidence(Record):
    event: Event
    role: str
    """`violates` (completes a match), `counts` (in a window), the alias of a step, `trigger`,
    `late`, or for context `begins`."""
    note: str = ""
    """For context: the status or link it began."""

    def __init__(self, event: Event, role: str, note: str = "") -> None:
        _event(self, event)
        _role(self, role)
        _note(self, note)


_event, _role, _note = setters(Evidence)


class Computed(Record):
    """A value that decided: `count` 61, limit `more than burst` = 60."""

    text: str
    value: Value | None
    type: str
    """Name of the value's type, for printing."""


class Match(Record):
    """One time a rule was broken."""

    subject: Subject | None
    completing: Event
    """The event that completes it; an unmet duty: its trigger."""
    first: Event
    """The first event of evidence in the total order."""
    key: Mapping[str, Value]
    """The `per` key, by name."""
    severity: GradedSeverity
    """The highest that is true."""
    laws: tuple[GradedLaw, ...]
    """Those whose condition is true."""
    not_established: tuple[Exempt, ...]
    """Exceptions that came out unknown."""
    not_excused: tuple[Exempt, ...]
    """Exceptions that came out false."""
    computed: tuple[Computed, ...]
    through: tuple[str, ...]
    """Parties on the way from the completing event's actor to the subject."""
    due: int | None = None
    """The deadline of an unmet duty, microseconds."""

    def __init__(
        self,
        subject: Subject | None,
        completing: Event,
        first: Event,
        key: Mapping[str, Value],
        severity: GradedSeverity,
        laws: tuple[GradedLaw, ...],
        not_established: tuple[Exempt, ...],
        not_excused: tuple[Exempt, ...],
        computed: tuple[Computed, ...],
        through: tuple[str, ...],
        due: int | None = None,
    ) -> None:
        values = (
            *(subject, completing, first, key, severity, laws, not_established, not_excused),
            *(computed, through, due),
        )
        for put, value in zip(_OF_MATCH, values, strict=True):
            put(self, value)


_OF_MATCH = setters(Match)


class Finding(Record):
    clause: Clause
    rule: BoundRule
    subject: Subject | None
    matches: Sequence[Match]
    """In total order of their completing events; at least one. Of events that no report shows
    an engine may give outlines: without id and origin, with the attributes that the rule reads."""
    evidence: Sequence[Evidence]
    """Each event once, in total order, context left out."""
    context: tuple[Evidence, ...]
    """What began the statuses and links the match relied on."""
    ties: bool


class Lot(Sequence[Match]):
    """Matches of one finding that an engine makes only where somebody looks at them one by one."""

    def kinds(self) -> Sequence[tuple[Match, int]]:
        """As `kinds`."""
        raise NotImplementedError

    def worst(self) -> Match:
        """As `worst`."""
        raise NotImplementedError

    def excepted(self, which: str) -> Excepted:
        """As `excepted`."""
        return _excepted(self, which)


def kinds(matches: Sequence[Match]) -> Sequence[tuple[Match, int]]:
    """The first match of every kind, with how many there are of it: those of a kind have the
    same severity, laws, exceptions and parties through whom the subject acted."""
    if isinstance(matches, Lot):
        return matches.kinds()
    found: dict[tuple[object, ...], tuple[Match, int]] = {}
    for match in matches:
        # The policy's own objects; comparing whole expressions would take longer than judging.
        graded = (match.laws, match.not_established, match.not_excused)
        kind = (id(match.severity), *(tuple(map(id, some)) for some in graded), match.through)
        first, number = found.get(kind, (match, 0))
        found[kind] = first, number + 1
    return list(found.values())


def worst(matches: Sequence[Match]) -> Match:
    """The match whose deciding number is furthest out; the first where there is none."""
    if isinstance(matches, Lot):
        return matches.worst()
    decided = (match.computed[0].value if match.computed else None for match in matches)
    return matches[furthest(decided)]


def furthest(decided: Iterable[Value | None]) -> int:
    """The place of the greatest number of some values; what is no whole number counts as 0."""
    place, most = 0, None
    for n, value in enumerate(decided):
        size = value if isinstance(value, int) and not isinstance(value, bool) else 0
        if most is None or size > most:
            place, most = n, size
    return place


LOOKED_AT = 200
"""Matches that are looked at to tell why an exception did not excuse; the others are counted."""


class Some(Sequence[Match]):
    """The first of some matches, LOOKED_AT of them if there are so many."""

    def __init__(self, first: Sequence[Match], number: int) -> None:
        self.first = first
        self.number = number

    def __len__(self) -> int:
        return self.number

    @overload
    def __getitem__(self, place: int) -> Match: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Match]: ...
    def __getitem__(self, place: int | slice) -> Match | Sequence[Match]:
        return self.first[place]


Excepted: TypeAlias = "list[tuple[Exempt, Sequence[Match]]]"


def excepted(matches: Sequence[Match], which: str) -> Excepted:
    """Each exception that came out so at a match, `not_established` or `not_excused`, in the order
    of their first matches, with all at which it did."""
    return matches.excepted(which) if isinstance(matches, Lot) else _excepted(matches, which)


def _excepted(matches: Iterable[Match], which: str) -> Excepted:
    found: dict[int, tuple[Exempt, list[Match]]] = {}  # by identity: they are the policy's own
    for match in matches:
        for exempt in getattr(match, which):
            found.setdefault(id(exempt), (exempt, []))[1].append(match)
    return list(found.values())


def ends(items: Sequence[T], limit: int | None) -> Sequence[T]:
    """What a report shows of many: all, or the first and the last of them, what opened it and
    that it went on to the end; `limit` in all, None: without limit."""
    if limit is None or len(items) <= limit:
        return items
    head, tail = ends_of(limit)
    return (*items[:head], *items[-tail:])


def ends_of(limit: int) -> tuple[int, int]:
    """How many of the first and of the last those are."""
    tail = max(1, limit // 10)
    return limit - tail, tail


class Pending(Record):
    trigger: Event
    subject: Subject | None
    due: int


def in_order(pending: Iterable[Pending]) -> tuple[Pending, ...]:
    """By their deadlines, then by their triggers, then by who owes them."""
    return tuple(sorted(pending, key=lambda d: (d.due, d.trigger.position, repr(d.subject))))


class Undetermined(Record):
    reason: str
    """`attribute missing`, `before observation`, `deadline unknown`, `status unknown`,
    `fulfilment unknown`."""
    attribute: str
    """The attribute, or the status or link asked."""
    events: tuple[Event, ...]
    """In order; an engine may give the first ones only."""
    count: int
    """Of all events with this reason."""


class ClauseOutcome(Record):
    clause: Clause
    verdict: str
    findings: tuple[Finding, ...]
    matches: int
    relevant: int
    """Events relevant to the clause, each once."""
    waived: int
    """Events that would count but for an overlay."""
    undetermined_events: int
    pending: tuple[Pending, ...]
    undetermined: tuple[Undetermined, ...]
    missing: tuple[str, ...]
    """For `not exercised`: event types the clause asks for and the trace has none of."""
    reported_under: Mapping[str, int] = {}
    """Matches that a clause derived from this one reports instead."""


class Outcome(Record):
    clauses: tuple[ClauseOutcome, ...]
    keyless: Mapping[str, int]
    """Beginnings and ends of statuses and links that named no key, by qualified name."""
