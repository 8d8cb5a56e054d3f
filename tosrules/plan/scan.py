"""What the rules of a run read of the events: the one table that all clauses share."""

from __future__ import annotations

from tosrules.record import Record
from tosrules.vocabulary import Type


class ScanColumn(Record):
    """One attribute that the rules read, as a column of the table of events."""

    name: str
    """Of the column, as the plan writes it."""
    attribute: str
    """Dotted name of the attribute in the vocabulary; `id` (of type text) is the event's own."""
    type: Type
    """As the vocabulary declares it. Only events whose type declares the attribute with exactly
    this type fill the column."""
    secret: bool = False
    """The column holds a keyed hash in place of the value."""


class Scan(Record):
    """The columns that the rules read, and of which events."""

    columns: tuple[ScanColumn, ...] = ()
    types: frozenset[str] = frozenset()
    """Names of the event types whose events are kept."""
