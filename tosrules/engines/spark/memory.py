"""Events that are in memory already, as the view of a session."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tosrules.engines.columns import TABLE, ColumnTrace, in_memory
from tosrules.engines.spark.emit import column_type, quoted
from tosrules.engines.spark.rows import frame_of
from tosrules.engines.spark.tables import local
from tosrules.engines.taking import taking
from tosrules.plan.scan import Scan
from tosrules.trace.trace import Trace
from tosrules.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tosrules.engines.spark.session import Session


def load_events(session: Session, trace: Trace, scan: Scan, vocabulary: Vocabulary) -> ColumnTrace:
    """Makes the view of `ColumnTrace` from events that any reader gave, in place of one that the
    session has already."""
    takes = [taking(column, session.hashed, vocabulary) for column in scan.columns]
    numbers = [column_type(column).count("DECIMAL") > 0 for column in scan.columns]

    def rows() -> Iterator[tuple[Any, ...]]:
        for event in trace.events:
            if event.type in scan.types:
                values = (take(event) for take in takes)
                yield (
                    event.position,
                    event.time,
                    event.type,
                    *(exact(v) if n else v for v, n in zip(values, numbers, strict=True)),
                )

    own = (f", {quoted(c.name)} {column_type(c)}" for c in scan.columns)
    schema = "pos BIGINT, t BIGINT, type STRING" + "".join(own)
    made = frame_of(session.spark, rows(), schema)
    local(session.spark, made).createOrReplaceTempView(TABLE)
    return in_memory(trace)


def exact(value: Any) -> Any:
    """Numbers come as text."""
    if isinstance(value, list):
        return [exact(each) for each in value]
    return None if value is None else Decimal(value)
