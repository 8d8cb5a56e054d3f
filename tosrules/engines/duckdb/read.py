"""Reading traces into the table of a session: at speed where the format allows it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import BinaryIO

from tosrules.engines.columns import ColumnTrace
from tosrules.engines.duckdb import csv_file, jsonl, parquet
from tosrules.engines.duckdb.combine import Combined, reading_for, said
from tosrules.engines.duckdb.memory import load_events
from tosrules.engines.duckdb.session import Session
from tosrules.engines.duckdb.staged import Staged, Unfit
from tosrules.plan.scan import Scan
from tosrules.trace.detect import detect
from tosrules.trace.inputs import STDIN, InputFile, Inputs, resolve
from tosrules.trace.instants import load_zone
from tosrules.trace.problems import Refused, TraceProblem
from tosrules.trace.read import MAX_RECORD, read_traces
from tosrules.trace.reading import Reading
from tosrules.trace.source import HEAD, Source
from tosrules.trace.values import Typing
from tosrules.vocabulary import Vocabulary

SMALL = 256 * 1024
"""Bytes up to which the strict readers are as quick."""
Stage = Callable[[Session, InputFile, Reading, str, Scan, Vocabulary], Staged]
_STAGES: dict[str, Stage] = {
    "csv": csv_file.stage,
    "jsonl": jsonl.stage,
    "parquet": parquet.stage,
}
_OWN = ("ev", "whole_trace", "patch", "settled")
"""Tables and views of a trace, beside `stage_…`."""


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
    import duckdb

    if observed is None or observed[0] <= observed[1]:
        try:
            typing = Typing(vocabulary, None if zone is None else load_zone(zone))
            found = resolve(inputs)
            stages = _stages(found, format)
            session.seal(file.path for file, _ in stages)
            options = (zone or "", observed, skip_invalid, max_record)
            return _fast(session, found, stages, scan, typing, vocabulary, *options)
        except (Unfit, Refused, OSError, ValueError):
            pass  # the strict readers say what is wrong, or can read it after all
        except duckdb.Error as error:
            final = (duckdb.OutOfMemoryException, duckdb.InterruptException)
            if isinstance(error, final) or "No space left" in str(error):
                raise
    _forget(session)
    session.seal()
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


def _stages(found: Inputs, format: str | None) -> list[tuple[InputFile, Stage]]:
    """How to read each file at speed. Raises Unfit if one cannot be, or if it would not pay."""
    if found.problems or any(file.path == STDIN for file in found.files):
        raise Unfit
    if sum(os.path.getsize(file.path) for file in found.files) < SMALL:
        raise Unfit
    staged = []
    for file in found.files:
        form = format or _format(file)
        if form not in _STAGES:
            raise Unfit
        staged.append((file, _STAGES[form]))
    return staged


def _format(file: InputFile) -> str:
    with open(file.path, "rb") as raw:
        head = Source(raw, file.name).head
    return detect(head, len(head) < HEAD, file.name)


def _fast(
    session: Session,
    found: Inputs,
    stages: Sequence[tuple[InputFile, Stage]],
    scan: Scan,
    typing: Typing,
    vocabulary: Vocabulary,
    zone: str,
    observed: tuple[int, int] | None,
    skip_invalid: bool,
    max_record: int,
) -> ColumnTrace:
    """Raises Unfit, Refused, OSError, duckdb.Error where the strict readers must decide."""
    _forget(session)
    problems: list[TraceProblem] = []
    skipped: list[TraceProblem] = []
    lost: dict[str, list[TraceProblem]] = {}
    files: list[Staged] = []
    for number, (file, stage) in enumerate(stages):
        reading = reading_for(file.name, typing, max_record)
        files.append(stage(session, file, reading, f"stage_{number}", scan, vocabulary))
    combined = Combined(session, files, scan, vocabulary, typing)
    put_in = [staged.settle(scan, vocabulary) for staged in files]
    for staged in files:
        gone = [p for p in staged.reading.problems if p.scope != "file"]
        lost[staged.name] = gone
        whole = not skip_invalid or len(gone) < len(staged.reading.problems)
        (problems if whole else skipped).extend(staged.reading.problems)
    combined.measure()
    for number, records in enumerate(put_in):
        combined.add(records, number)
    return said(combined, observed, zone, found.notes, lost, problems, skipped)


def _forget(session: Session) -> None:
    """Drops the tables of an earlier trace."""
    connection = session.connection
    found = connection.execute(
        "SELECT table_type, table_name FROM information_schema.tables ORDER BY table_type DESC"
    )
    for kind, name in found.fetchall():
        if name in _OWN or name.startswith("stage_"):
            connection.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {name}")
