"""Rows in doubt: what SQL cannot vouch for, read strictly on the driver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tosrules.engines.spark.emit import column_type
from tosrules.engines.spark.memory import exact
from tosrules.engines.spark.rows import frame_of
from tosrules.engines.spark.sources import PLACE
from tosrules.engines.spark.whole import Place
from tosrules.engines.taking import taking
from tosrules.plan.scan import Scan
from tosrules.trace.event import Event, Origin
from tosrules.trace.problems import TraceProblem
from tosrules.trace.reading import Reading, Record
from tosrules.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from tosrules.engines.spark.session import Session

DOUBTFUL = 50_000
"""Rows that the driver reads one by one at most: those in doubt, or with an id that is there
already."""


def too_many(problems: int, name: str) -> TraceProblem:
    """That more rows are in doubt than the driver reads; `problems` were found so far."""
    return TraceProblem(
        "trace-ill-typed" if problems else "trace-unknown-format",
        f"more than {DOUBTFUL:,} rows hold values that have to be looked at one by one"
        + (", and these are the first that are wrong" if problems else ""),
        "give the columns the types of the attributes: times as TIMESTAMP, numbers as "
        "DECIMAL with at most 6 places",
        name,
    )


def take_headers(places: list[Place], readings: Sequence[Reading]) -> None:
    """Takes the header of each file of lines out of the rows in doubt, into its reading."""
    from tosrules.trace.native import decode_line, is_header, take_line
    from tosrules.trace.strict import Fault

    blank: Counter[int] = Counter()
    headers = []
    for place in places:
        if place.row != blank[place.file] or place.raw is None:
            continue
        if not place.raw.strip():
            blank[place.file] += 1
            continue
        try:
            header = is_header(decode_line(place.raw.decode().rstrip("\r\n")))
        except (Fault, UnicodeDecodeError):
            header = False
        if header:
            take_line(place.raw, place.row + 1, True, True, readings[place.file])
            headers.append(place)
    places[:] = [place for place in places if place not in headers]


def frame_of_records(
    session: Session,
    scan: Scan,
    vocabulary: Vocabulary,
    present: Sequence[str],
    found: Sequence[tuple[Place, Record]],
    own: str | None,
) -> DataFrame:
    """Rows of records that were read strictly, with the columns of a stage; `own`: that of their
    ids, if it is wanted."""
    takes = [taking(c, session.hashed, vocabulary) for c in scan.columns]
    numbers = ["DECIMAL" in column_type(c) for c in scan.columns]
    rows: list[tuple[Any, ...]] = []
    for place, record in found:
        event = event_of(record, 0)
        values = (take(event) for take in takes)
        typed = (exact(v) if n else v for v, n in zip(values, numbers, strict=True))
        there = tuple(name in record.attributes for name in present)
        rows.append(
            (place.file, place.row, True, record.time, record.id, record.type, *typed, *there)
        )
    types = [f"n{n} {column_type(c)}" for n, c in enumerate(scan.columns)]
    types += [f"p{n} BOOLEAN" for n, _ in enumerate(present)]
    schema = f"{PLACE[0]} INT, {PLACE[1]} BIGINT, sure BOOLEAN, t BIGINT, own STRING"
    schema += "".join(f", {part}" for part in ["type STRING", *types])
    made = frame_of(session.spark, rows, schema)
    others = [n for n in made.columns if n != "own"]
    return made.selectExpr(*others, "xxhash64(own) AS h", *([own] if own else []))


def event_of(record: Record, position: int) -> Event:
    return Event(
        record.id,
        record.time,
        record.type,
        record.attributes,
        Origin(record.file, record.line, record.entry),
        record.time_text,
        position,
    )
