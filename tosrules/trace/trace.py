"""What reading gives: the events of all inputs in one order, and what there is to say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tosrules.trace.event import Event
from tosrules.trace.problems import TraceProblem


@dataclass(frozen=True, slots=True)
class TraceFile:
    """One input as it was found."""

    name: str
    """As in `Origin.file`."""
    sha256: str
    """Hexadecimal, of the untouched bytes (a gzip file's as it lies there)."""
    bytes: int
    """Number of the untouched bytes."""
    format: str
    """`json`, `jsonl`, `har` or `access-log`."""
    events: int
    """Records that could be read, before identical ones are counted once."""
    skipped: int = 0
    """Records passed over as unreadable."""
    title: str = ""
    """What a native trace calls itself."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something the reader of a result should know about the trace."""

    code: str
    """Stable, `note-…`."""
    text: str
    """One sentence, safe to print."""


@dataclass(frozen=True, slots=True)
class Trace:
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
    unknown_types: Mapping[str, tuple[int, str | None]] = field(default_factory=dict)
    """Type that the vocabulary does not declare → (events, nearest declared type)."""
    missing_required: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(type, required attribute) → events that lack it."""


SKIPPED_SHOWN = 1000
"""Skipped records that a trace lists."""
