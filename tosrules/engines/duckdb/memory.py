"""Events that are in memory already, as the table of a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tosrules.engines.columns import TABLE, ColumnTrace, in_memory, spelled
from tosrules.engines.duckdb.columns import column_type, narrow_types, table_definition
from tosrules.engines.duckdb.session import Session
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.trace.event import Event, Value
from tosrules.trace.numbers import decimal_text
from tosrules.trace.trace import Trace
from tosrules.vocabulary import Type, Vocabulary

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
    # Numbers are handed over as text, which is exact.
    sent = [of.replace("DECIMAL(24,6)", "VARCHAR") for of in types]
    parts = [f"unnest(${n}::{of}[])" for n, of in enumerate(sent, 1)]
    names = [f"c{n}" for n in range(len(types))]
    casts = ", ".join(f"{name}::{of}" for name, of in zip(names, types, strict=True))
    statement = (
        f"INSERT INTO {table} SELECT {casts} FROM (SELECT {', '.join(parts)}) "
        f"AS given({', '.join(names)})"
    )
    takes = [_taking(column, session, vocabulary) for column in scan.columns]
    for start in range(0, len(events), _AT_ONCE):
        part = events[start : start + _AT_ONCE]
        values: list[list[Any]] = [
            [event.position for event in part],
            [event.time for event in part],
            [event.type for event in part],
            *([take(event) for event in part] for take in takes),
        ]
        connection.execute(statement, values)


def _taking(column: ScanColumn, session: Session, vocabulary: Vocabulary) -> Callable[[Event], Any]:
    """How to take the value of a column from an event."""
    if column.attribute == "id":
        return lambda event: event.id
    name, convert = column.attribute, _conversion(column, session)
    filled: dict[str, bool] = {}

    def take(event: Event) -> Any:
        value = event.attributes.get(name)
        if value is None:
            return None
        declared = filled.get(event.type)
        if declared is None:
            declared = filled[event.type] = declares(vocabulary, event.type, column)
        return convert(value) if declared else None

    return take


def declares(vocabulary: Vocabulary, event_type: str, column: ScanColumn) -> bool:
    """Whether events of that type fill the column."""
    attribute = vocabulary.attributes_of(event_type).get(column.attribute)
    return attribute is not None and attribute.type == column.type


def _conversion(column: ScanColumn, session: Session) -> Callable[[Value], Any]:
    """From the readers' value to what is handed over."""
    if column.type.name == "list" and column.type.of is not None:
        part = _part(column.type.of, column.secret, session)
        return lambda value: [part(each) for each in value]  # type: ignore[union-attr]
    return _part(column.type, column.secret, session)


def _part(of: Type, secret: bool, session: Session) -> Callable[[Any], Any]:
    if of.name == "list" and of.of is not None:
        inner = _part(of.of, secret, session)
        return lambda value: [inner(each) for each in value]
    if secret:
        return lambda value: session.hashed(spelled(value))
    if of.name == "number":
        return decimal_text
    return lambda value: value
