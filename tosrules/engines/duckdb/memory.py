"""Events that are in memory already, as the table of a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tosrules.engines.columns import TABLE, ColumnTrace, in_memory
from tosrules.engines.duckdb.columns import narrow_types, table_definition
from tosrules.engines.duckdb.emit import column_type
from tosrules.engines.duckdb.session import Session
from tosrules.engines.taking import taking
from tosrules.plan.scan import Scan
from tosrules.trace.event import Event
from tosrules.trace.trace import Trace
from tosrules.vocabulary import Vocabulary

_AT_ONCE = 20_000
"""Rows handed over in one statement."""


def load_events(session: Session, trace: Trace, scan: Scan, vocabulary: Vocabulary) -> ColumnTrace:
    """Makes the table of `ColumnTrace` from events that any reader gave. The table replaces one
    that the session has already."""
    kept = [event for event in trace.events if event.type in scan.types]
    fill(session, kept, scan, vocabulary)
    narrow_types(session.connection, TABLE, {event.type for event in kept})
    return in_memory(trace)


def fill(
    session: Session,
    events: Sequence[Event],
    scan: Scan,
    vocabulary: Vocabulary,
    table: str = TABLE,
) -> None:
    """Makes the table with a row for each of `events`, in that order."""
    connection = session.connection
    connection.execute(table_definition(scan, table))
    types = ["BIGINT", "BIGINT", "VARCHAR", *map(column_type, scan.columns)]
    # Numbers come as text.
    sent = [of.replace("DECIMAL(24,6)", "VARCHAR") for of in types]
    parts = [f"unnest(${n}::{of}[])" for n, of in enumerate(sent, 1)]
    names = [f"c{n}" for n in range(len(types))]
    casts = ", ".join(f"{name}::{of}" for name, of in zip(names, types, strict=True))
    statement = (
        f"INSERT INTO {table} SELECT {casts} FROM (SELECT {', '.join(parts)}) "
        f"AS given({', '.join(names)})"
    )
    takes = [taking(column, session.hashed, vocabulary) for column in scan.columns]
    for start in range(0, len(events), _AT_ONCE):
        part = events[start : start + _AT_ONCE]
        values: list[list[Any]] = [
            [event.position for event in part],
            [event.time for event in part],
            [event.type for event in part],
            *([take(event) for event in part] for take in takes),
        ]
        connection.execute(statement, values)
