"""What reading gives: the events of all inputs in one order, and what there is to say of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple, Protocol

from tosrules.record import Record
from tosrules.trace.event import Event
from tosrules.trace.problems import TraceProblem


class TraceFile(Record):
    """One input as it was found."""

    name: str
    """As in `Origin.file`."""
    sha256: str
    """Hexadecimal, of the untouched bytes (a gzip file's as it lies there)."""
    bytes: int
    """Number of the untouched bytes."""
    format: str
    """`json`, `jsonl`, `csv`, `parquet`, `har` or `access-log`."""
    events: int
    """Records that could be read, before identical ones are counted once."""
    skipped: int = 0
    """Records passed over as unreadable."""
    title: str = ""
    """What a native trace calls itself."""


class Note(Record):
    """Something the reader of a result should know about the trace."""

    code: str
    """Stable, `note-…`."""
    text: str
    """One sentence, safe to print."""


class Stretch(NamedTuple):
    """When the events of one file were."""

    first: int
    """Instant of the earliest, microseconds."""
    last: int
    in_order: bool
    """None stands in the file after one with a later time."""


class Recorded(Protocol):
    """What there is to say of a trace, wherever its events are held: in memory, or in the table
    of an engine. The fields are those of Trace."""

    @property
    def count(self) -> int:
        """Events."""

    @property
    def stretches(self) -> Mapping[str, Stretch]:
        """File → when its events were; only files that have events of their own."""

    @property
    def observed(self) -> tuple[int, int] | None: ...
    @property
    def observed_stated(self) -> bool: ...
    @property
    def title(self) -> str: ...
    @property
    def files(self) -> tuple[TraceFile, ...]: ...
    @property
    def notes(self) -> tuple[Note, ...]: ...
    @property
    def skipped(self) -> tuple[TraceProblem, ...]: ...
    @property
    def moved(self) -> int: ...
    @property
    def duplicates(self) -> int: ...
    @property
    def outside(self) -> int: ...
    @property
    def unknown_types(self) -> Mapping[str, tuple[int, str | None]]: ...
    @property
    def missing_required(self) -> Mapping[tuple[str, str], int]: ...
    def how_many(self, types: Set[str], start: int | None, until: int | None) -> int:
        """Events of `types` at or after `start` and before `until`; None is without end."""

    def events_of(self, types: Set[str]) -> Iterable[Event]:
        """The events of `types`, in order."""


class Trace(Record):
    """Everything that was recorded, in the total order of semantics T1."""

    events: tuple[Event, ...] = ()
    observed: tuple[int, int] | None = None
    """First and last observed instant, microseconds, both inclusive; None only if there are no
    events and no period was stated."""
    observed_stated: bool = False
    """The period was stated by the user or by every file that has one, not taken from events."""
    title: str = ""
    """The titles of the files, joined."""
    files: tuple[TraceFile, ...] = ()
    """By code points of their names."""
    notes: tuple[Note, ...] = ()
    skipped: tuple[TraceProblem, ...] = ()
    """What was passed over: at most SKIPPED_SHOWN in full; `TraceFile.skipped` has the count."""
    moved: int = 0
    """Records that stand in their file after a record with a later time."""
    duplicates: int = 0
    """Records left out because one with the same id and the same content is there already."""
    outside: int = 0
    """Events before or after the observed period."""
    unknown_types: Mapping[str, tuple[int, str | None]] = {}
    """Type that the vocabulary does not declare → (events, nearest declared type)."""
    missing_required: Mapping[tuple[str, str], int] = {}
    """(type, required attribute) → events that lack it."""

    @property
    def count(self) -> int:
        """Events."""
        return len(self.events)

    @property
    def stretches(self) -> Mapping[str, Stretch]:
        """File → when its events were; only files that have events of their own."""
        return _stretches(self.events)

    def how_many(self, types: Set[str], start: int | None, until: int | None) -> int:
        """Events of `types` at or after `start` and before `until`; None is without end."""
        first = 0 if start is None else bisect_left(self.events, start, key=_time)
        last = len(self.events) if until is None else bisect_left(self.events, until, key=_time)
        return sum(self.events[place].type in types for place in range(first, last))

    def events_of(self, types: Set[str]) -> Iterable[Event]:
        """The events of `types`, in order."""
        return (event for event in self.events if event.type in types)


def _time(event: Event) -> int:
    return event.time


def _stretches(events: Sequence[Event]) -> dict[str, Stretch]:
    """Of events in their total order."""
    ends: dict[str, list[int]] = {}
    places: dict[str, int] = {}
    disordered: set[str] = set()
    for event in events:
        file, origin = event.origin.file, event.origin
        ends.setdefault(file, [event.time, event.time])[1] = event.time
        place = origin.index if origin.index is not None else origin.line or 0
        if place < places.get(file, -1):
            disordered.add(file)
        places[file] = place
    return {
        file: Stretch(first, last, file not in disordered) for file, (first, last) in ends.items()
    }


SKIPPED_SHOWN = 1000
"""Skipped records that a trace lists."""
