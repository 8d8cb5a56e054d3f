"""Events as a table: what is in it, and all else that there is to say of the trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from tosrules.trace.event import Event
from tosrules.trace.numbers import decimal_text
from tosrules.trace.problems import TraceProblem
from tosrules.trace.trace import Note, Stretch, Trace, TraceFile

TABLE = "ev"


@dataclass(frozen=True, slots=True)
class ColumnTrace:
    """A trace whose events lie in the table `ev` of a session, in their order:

    `pos` BIGINT, the 0-based place among all events (rows of types that nobody reads may be
    left out); `t` BIGINT, microseconds since 1970 UTC; `type` VARCHAR or an ENUM; then the
    columns of the scan under their names. Text, references, addresses (in their one spelling)
    are VARCHAR, numbers DECIMAL(24,6), times and durations BIGINT microseconds, lists lists of
    these; secrets are hashes (`Session.hashed`), VARCHAR whatever their type. NULL where the
    value is missing, or where the event's type does not declare the attribute with that type.

    All other fields are those of `tosrules.trace.trace.Trace`.
    """

    count: int
    """All events, also those that have no row."""
    types: frozenset[str]
    """Every type that was recorded."""
    fetch: Callable[[Iterable[int]], dict[int, Event]]
    """Positions → the whole events, read again where they stand."""
    stretches: Mapping[str, Stretch]
    """File → from when to when its own events are, and whether they stood in order."""
    observed: tuple[int, int] | None = None
    observed_stated: bool = False
    title: str = ""
    files: tuple[TraceFile, ...] = ()
    notes: tuple[Note, ...] = ()
    skipped: tuple[TraceProblem, ...] = ()
    moved: int = 0
    duplicates: int = 0
    outside: int = 0
    unknown_types: Mapping[str, tuple[int, str | None]] = field(default_factory=dict)
    missing_required: Mapping[tuple[str, str], int] = field(default_factory=dict)
    places: Places | None = None
    """Where its events lie, for the questions below."""
    at_hand: bool = False
    """Its events are in memory: to read one whole costs nothing."""
    of_type: Mapping[str, int] = field(default_factory=dict)
    """Type → number of its events, where that is known."""
    unchanged: Callable[[], None] = lambda: None
    """Raises EvaluationError where what the table is read from is not what it was: a table may
    be read again for each statement."""

    def how_many(self, types: Set[str], start: int | None, until: int | None) -> int:
        """Events of `types` at or after `start` and before `until`; None is without end."""
        return 0 if self.places is None else self.places.how_many(types, start, until)

    def events_of(self, types: Set[str]) -> Iterable[Event]:
        """The events of `types`, in order."""
        return () if self.places is None else self.places.events_of(types)


class Places(Protocol):
    """What knows where the events of a trace lie."""

    def how_many(self, types: Set[str], start: int | None, until: int | None) -> int: ...
    def events_of(self, types: Set[str]) -> Iterable[Event]: ...


def in_memory(trace: Trace) -> ColumnTrace:
    """What there is to say of events that any reader gave, and that stay in memory."""
    events = trace.events

    def fetch(positions: Iterable[int]) -> dict[int, Event]:
        return {position: events[position] for position in positions}

    return ColumnTrace(
        count=len(events),
        types=frozenset(event.type for event in events),
        fetch=fetch,
        stretches=trace.stretches,
        observed=trace.observed,
        observed_stated=trace.observed_stated,
        title=trace.title,
        files=trace.files,
        notes=trace.notes,
        skipped=trace.skipped,
        moved=trace.moved,
        duplicates=trace.duplicates,
        outside=trace.outside,
        unknown_types=trace.unknown_types,
        missing_required=trace.missing_required,
        places=trace,
        of_type=Counter(event.type for event in events),
        at_hand=True,
    )


def spelled(value: str | int | bool | Fraction) -> str:
    """The one spelling of a value, of which the hash of a secret is taken."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return decimal_text(value)
