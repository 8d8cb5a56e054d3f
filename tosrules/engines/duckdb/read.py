"""Reading traces into the table of a session: at speed where the format allows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from tosrules.engines.duckdb.columns import ColumnTrace
from tosrules.engines.duckdb.memory import load_events
from tosrules.engines.duckdb.session import Session
from tosrules.plan.scan import Scan
from tosrules.trace.read import MAX_RECORD, read_traces
from tosrules.vocabulary import Vocabulary


def read_columns(
    session: Session,
    inputs: Sequence[str],
    vocabulary: Vocabulary,
    scan: Scan,
    *,
    zone: str | None = None,
    observed: tuple[int, int] | None = None,
    skip_invalid: bool = False,
    max_record: int = MAX_RECORD,
    stdin: BinaryIO | None = None,
    format: str | None = None,
) -> ColumnTrace:
    """All events of `inputs` as `ColumnTrace` describes; the parameters are those of
    `read_traces`, and so is everything that is said of the trace.

    Raises TraceError with the problems that `read_traces` would raise.
    """
    trace = read_traces(
        inputs,
        vocabulary,
        zone=zone,
        observed=observed,
        skip_invalid=skip_invalid,
        max_record=max_record,
        stdin=stdin,
        format=format,
    )
    return load_events(session, trace, scan, vocabulary)
