"""Events as a table: what is in it, and all else that there is to say of the trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Protocol

from tosrules.plan.scan import Scan, ScanColumn
from tosrules.trace.event import Event
from tosrules.trace.problems import TraceProblem
from tosrules.trace.trace import Note, Stretch, TraceFile
from tosrules.vocabulary import Type

TABLE = "ev"

_SQL = {
    "text": "VARCHAR",
    "reference": "VARCHAR",
    "address": "VARCHAR",
    "date": "VARCHAR",
    "number": "DECIMAL(24,6)",
    "boolean": "BOOLEAN",
    "time": "BIGINT",
    "duration": "BIGINT",
}


@dataclass(frozen=True, slots=True)
class ColumnTrace:
    """A trace whose events lie in the table `ev` of a session, in their order:

    `pos` BIGINT, the 0-based place among all events (rows of types that nobody reads are left
    out); `t` BIGINT, microseconds since 1970 UTC; `type` VARCHAR; then the columns of the scan
    under their names. Text, references, addresses (in their one spelling) are VARCHAR, numbers
    DECIMAL(24,6), times and durations BIGINT microseconds, lists lists of these; secrets are
    hashes (`Session.hashed`), VARCHAR whatever their type. NULL where the value is missing, or
    where the event's type does not declare the attribute with that type.

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


def sql_type(of: Type) -> str:
    """DuckDB's type of the values of a type of the vocabulary."""
    return f"{sql_type(of.of)}[]" if of.of is not None else _SQL[of.name]


def column_type(column: ScanColumn) -> str:
    if not column.secret:
        return sql_type(column.type)
    return "VARCHAR[]" if column.type.name == "list" else "VARCHAR"


def identifier(name: str) -> str:
    """A name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


def table_definition(scan: Scan, table: str = TABLE) -> str:
    """The statement that makes the empty table."""
    own = "".join(f", {identifier(c.name)} {column_type(c)}" for c in scan.columns)
    return f"CREATE OR REPLACE TABLE {table} (pos BIGINT, t BIGINT, type VARCHAR{own})"
