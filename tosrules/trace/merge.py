"""Records of all files into one trace: order, identical records, the observed period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from tosrules.trace.event import Event, Origin
from tosrules.trace.instants import format_instant
from tosrules.trace.problems import TraceProblem, quoted
from tosrules.trace.reading import Reading, Record

_ORDER = itemgetter(0, 1, 2)


class Merged(NamedTuple):
    events: tuple[Event, ...]
    moved: int
    duplicates: int
    conflicts: tuple[TraceProblem, ...]


def merge(readings: Sequence[Reading]) -> Merged:
    """All records in the total order of semantics T1, identical ones once (T3)."""
    moved = sum(_moved(reading.records) for reading in readings)
    records = [record for reading in readings for record in reading.records]
    records.sort(key=_ORDER)
    records = _numbered(records)
    events: list[Event] = []
    first: dict[str, Record] = {}
    conflicts: list[TraceProblem] = []
    duplicates = 0
    for record in records:
        known = first.setdefault(record.id, record)
        if known is not record:
            if same_content(known, record):
                duplicates += 1
            else:
                conflicts.append(conflict(known, record))
            continue
        events.append(
            Event(
                record.id,
                record.time,
                record.type,
                record.attributes,
                Origin(record.file, record.line, record.entry),
                record.time_text,
                len(events),
            )
        )
    return Merged(tuple(events), moved, duplicates, tuple(conflicts))


def _numbered(records: list[Record]) -> list[Record]:
    """Ids for records whose format has none: the hash of what they say without their secrets,
    and a number that tells apart those which only their secrets or their occurrence do."""
    numbers: Counter[str] = Counter()
    known: dict[tuple[str, str], str] = {}
    for place, record in enumerate(records):
        if not record.own:
            continue
        key = record.id, record.own
        name = known.get(key)
        if name is None:
            numbers[record.id] += 1
            name = known[key] = f"{record.id}-{numbers[record.id]}"
        records[place] = record._replace(id=name)
    return records


def same_content(one: Record, other: Record) -> bool:
    """True if two records say the same: instant, type and attributes, with their types."""
    return (
        one.time == other.time
        and one.type == other.type
        and one.attributes == other.attributes
        and all(_alike(value, other.attributes[name]) for name, value in one.attributes.items())
    )


def _alike(one: object, other: object) -> bool:
    """Of two equal values: they are of one type too (Python has `True == 1`)."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(_alike(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other)


def _moved(records: Iterable[Record]) -> int:
    """Records that stand after a record with a later time."""
    moved, latest = 0, None
    for record in records:
        if latest is not None and record.time < latest:
            moved += 1
        else:
            latest = record.time
    return moved


def conflict(known: Record, record: Record) -> TraceProblem:
    """The problem that two records with one id differ."""
    differ = [
        name
        for name, differs in (
            ("time", known.time != record.time),
            ("type", known.type != record.type),
        )
        if differs
    ]
    names = sorted(known.attributes.keys() | record.attributes.keys())
    missing = object()
    for name in names:
        one, other = known.attributes.get(name, missing), record.attributes.get(name, missing)
        if one != other or not _alike(one, other):
            differ.append(name)
    shown = ", ".join(quoted(name) for name in differ[:3])
    more = f" and {len(differ) - 3} more" if len(differ) > 3 else ""
    return TraceProblem(
        "trace-id-conflict",
        f"two different events have the id {quoted(record.id)}; they differ in {shown}{more}",
        "give each event an id of its own",
        record.file,
        record.line,
        None,
        record.entry,
        Origin(known.file, known.line, known.entry),
    )


class Observed(NamedTuple):
    period: tuple[int, int] | None
    stated: bool
    problem: TraceProblem | None = None


def observed_period(readings: Sequence[Reading], given: tuple[int, int] | None) -> Observed:
    """The observed period of all files together (semantics T4).

    What the user gives wins. Otherwise each file has the period it states, else that from its
    first to its last event; a file with neither has none. Together they must leave no gap: each
    begins at the latest one microsecond after the end of what lies before it.
    """
    if given is not None:
        return Observed(given, True)
    periods = []
    stated = True
    for reading in readings:
        if reading.observed is not None:
            periods.append((*reading.observed, reading.name))
        elif reading.span is not None:
            periods.append((*reading.span, reading.name))
            stated = False
    if not periods:
        return Observed(None, False)
    periods.sort()
    start, end, before = periods[0]
    for first, last, name in periods[1:]:
        if first > end + 1:
            return Observed(None, False, _gap(end, before, first, name, periods))
        if last > end:
            end, before = last, name
    return Observed((start, end), stated)


def _gap(
    end: int, before: str, first: int, name: str, periods: Sequence[tuple[int, int, str]]
) -> TraceProblem:
    whole = f"{format_instant(periods[0][0])}/{format_instant(max(p[1] for p in periods))}"
    return TraceProblem(
        "trace-observed-gap",
        f"nothing says what happened between {format_instant(end)}, where {quoted(before, 200)} "
        f"ends, and {format_instant(first)}, where {quoted(name, 200)} begins",
        f"if the whole time was observed, say so with --observed {whole}; otherwise check the "
        "files one by one",
        name,
    )
