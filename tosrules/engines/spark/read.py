"""Reading traces on Spark, into the view of a session."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from tosrules.engines.columns import ColumnTrace
from tosrules.engines.duckdb.combine import said
from tosrules.engines.duckdb.provenance import Lines
from tosrules.engines.spark import jsonl, sources
from tosrules.engines.spark.exhaustion import exhaustion, text_of
from tosrules.engines.spark.fitness import fit
from tosrules.engines.spark.leaves import Unreadable
from tosrules.engines.spark.memory import load_events
from tosrules.engines.spark.ordered import Input, Ordered, Spanned
from tosrules.engines.spark.sources import TABLE, File, Source
from tosrules.engines.spark.staging import stage
from tosrules.engines.spark.whole import Changed, Damaged, Whole, local_file
from tosrules.plan.scan import Scan
from tosrules.quoting import quoted
from tosrules.trace.detect import detect
from tosrules.trace.inputs import STDIN
from tosrules.trace.instants import load_zone
from tosrules.trace.problems import Refused, TraceError, TraceProblem
from tosrules.trace.read import MAX_RECORD, read_traces
from tosrules.trace.source import HEAD
from tosrules.trace.source import Source as Bytes
from tosrules.trace.trace import Note
from tosrules.trace.values import Typing
from tosrules.vocabulary import Vocabulary

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from tosrules.engines.spark.session import Session

SMALL = 256 * 1024
"""Bytes up to which the strict readers are quicker than any cluster."""
_HELD = 256 * 2**20
"""Bytes of files that the strict readers read where Spark cannot."""
_FORMS = ("parquet", "jsonl")


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
    columns: Mapping[str, str] | None = None,
    small: int = SMALL,
) -> ColumnTrace:
    """All events of `inputs` as `ColumnTrace` describes, in the view `ev`: local files of every
    format, Parquet and JSON Lines wherever Spark's file systems reach, or `table:NAME`, whose
    columns `columns` names (see `sources.framed`). The other parameters are those of
    `read_traces`.

    Raises TraceError with the problems found.
    """
    named = [name for name in inputs if name.startswith(TABLE)]
    if named:
        if len(inputs) > 1:
            raise TraceError(
                [
                    TraceProblem(
                        "trace-unknown-format",
                        "a table cannot be read together with other inputs",
                        "make one table or view of them first",
                        named[0],
                    )
                ]
            )
        found = sources.table(session, named[0].removeprefix(TABLE))
        return read_frame(
            session, found, vocabulary, scan, columns=columns, name=named[0], zone=zone,
            observed=observed, skip_invalid=skip_invalid, max_record=max_record,
        )  # fmt: skip
    given = (zone, observed, skip_invalid, max_record)
    files, notes = ([], []) if STDIN in inputs else sources.located(session, inputs)
    forms = {_form(file, format) for file in files}
    here = all(file.local is not None for file in files)
    size = sum(os.path.getsize(str(file.local)) for file in files) if here else 0
    native = len(forms) == 1 and forms <= set(_FORMS) and not (here and size < small)
    form = min(forms, default="")
    naive = fit(files, form) if native and here else frozenset()
    if native and naive is not None:
        try:
            source = _opened(session, form, files, naive)
            source.notes += notes
            return _natively(session, inputs, source, vocabulary, scan, *given)
        except _failures() as error:
            if exhaustion(error, session.spark) is not None:
                raise
            if not here:
                raise TraceError([_unreadable(error, files[0])]) from None
    if native:
        _said_by_columns(inputs, vocabulary, scan, format, size, *given)
    if not here:
        raise TraceError([_unfit(file) for file in files if file.local is None][:1])
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


def read_frame(
    session: Session,
    frame: DataFrame,
    vocabulary: Vocabulary,
    scan: Scan,
    *,
    columns: Mapping[str, str] | None = None,
    name: str = "frame",
    zone: str | None = None,
    observed: tuple[int, int] | None = None,
    skip_invalid: bool = False,
    max_record: int = MAX_RECORD,
) -> ColumnTrace:
    """The rows of a table or frame of this session as `read_columns` has them.

    Raises TraceError with the problems found."""
    source = sources.framed(frame, name, columns or {})
    source.notes.append(
        Note(
            "note-table",
            "the events come from a table: the result holds no hash of it and no places in it, "
            "only the ids of events",
        )
    )
    given = (zone, observed, skip_invalid, max_record)
    try:
        return _judged_rows(session, source, vocabulary, scan, *given)
    except _failures() as error:
        if exhaustion(error, session.spark) is not None:
            raise
        raise TraceError([_unread_column(error, name)]) from None


def _natively(
    session: Session,
    inputs: Sequence[str],
    source: Source,
    vocabulary: Vocabulary,
    scan: Scan,
    *given: Any,
) -> ColumnTrace:
    """Files of one format, by Spark's own readers."""
    files = source.files
    if source.form == "jsonl" or all(file.local is not None for file in files):
        source.notes += _told(files)
    made = _judged_rows(session, source, vocabulary, scan, *given)

    def unchanged() -> None:
        if (other := sources.changed(session, inputs, files)) is not None:
            raise Changed(other.name)

    return replace(made, unchanged=unchanged)


def _failures() -> tuple[type[Exception], ...]:
    """What is raised where files are damaged, or are not what Spark takes them for."""
    import duckdb
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return Py4JError, PySparkException, duckdb.Error, Refused, Unreadable, Damaged


def _unreadable(error: Exception, file: File) -> TraceProblem:
    if isinstance(error, Refused):
        return error.problem
    if isinstance(error, Unreadable):
        help = "leave the column out"
        return TraceProblem("trace-unknown-format", str(error), help, file.uri)
    first = next((line for line in text_of(error).splitlines() if line.strip()), "no reason given")
    return TraceProblem(
        "trace-unreadable",
        f"Spark cannot read it: {quoted(first.strip(), 300)}",
        "see that the files are whole, and of one format",
        file.uri,
    )


def _unread_column(error: Exception, name: str) -> TraceProblem:
    """Of a table: Spark's own words may tell values, its name of the error does not."""
    condition = error.getCondition() if hasattr(error, "getCondition") else None
    return TraceProblem(
        "trace-unreadable",
        f"its rows cannot be read: {quoted(condition or type(error).__name__)}",
        "see that the expressions of --column hold for every row; try_cast and try_to_timestamp "
        "give null where there is no value",
        name,
    )


def _said_by_columns(
    inputs: Sequence[str],
    vocabulary: Vocabulary,
    scan: Scan,
    format: str | None,
    size: int,
    zone: str | None,
    observed: tuple[int, int] | None,
    skip_invalid: bool,
    max_record: int,
) -> None:
    """Of local files that Spark cannot read: what is wrong with them, by the engine on columns.
    Raises TraceError; if nothing is wrong, where they are more than the strict readers hold."""
    from tosrules.engines.duckdb.read import read_columns as in_columns
    from tosrules.engines.duckdb.session import Session as Columns

    with Columns() as columns:
        in_columns(
            columns, inputs, vocabulary, scan, zone=zone, observed=observed,
            skip_invalid=skip_invalid, max_record=max_record, format=format,
        )  # fmt: skip
    if size > _HELD:
        raise TraceError(
            [
                TraceProblem(
                    "trace-unreadable",
                    "Spark does not read files of this kind or name as the other engines do",
                    "--engine duckdb reads them; or give them plain names, the endings of what "
                    "they are, and times with an offset (--zone UTC, if they are in UTC)",
                    inputs[0],
                )
            ]
        )


def _utc(zone: str | None) -> bool:
    return zone in ("UTC", "Etc/UTC", "Z")


def _form(file: File, said: str | None) -> str:
    """The format of a file: what was said, else by its name, else by what is in it."""
    form = sources.format_of(file, said)
    if form or file.local is None:
        return form
    try:
        with open(file.local, "rb") as raw:
            head = Bytes(raw, file.name).head
        return detect(head, len(head) < HEAD, file.name)
    except (OSError, Refused):
        return ""  # the strict readers say what is wrong with it


def _unfit(file: File) -> TraceProblem:
    return TraceProblem(
        "trace-unknown-format",
        "only Parquet and JSON Lines can be read from there, all files of one of the two",
        "name them by their endings, .parquet and .jsonl, or say --trace-format",
        file.uri,
    )


def _opened(session: Session, form: str, files: Sequence[File], naive: Set[str]) -> Source:
    if form == "jsonl":
        return jsonl.lines(session, files)
    return sources.parquet(session, files, naive)


def _told(files: Sequence[File]) -> list[Note]:
    """That files elsewhere have no hash in the result."""
    if all(file.local is not None for file in files):
        return []
    return [
        Note(
            "note-remote",
            "files that lie on other machines are not hashed, so `verify` cannot tell whether "
            "they are the same",
        )
    ]


def _judged_rows(
    session: Session,
    source: Source,
    vocabulary: Vocabulary,
    scan: Scan,
    zone: str | None,
    observed: tuple[int, int] | None,
    skip_invalid: bool,
    max_record: int,
) -> ColumnTrace:
    typing = Typing(vocabulary, None if zone is None else load_zone(zone))
    if observed is not None and observed[0] > observed[1]:
        raise TraceError([TraceProblem("trace-bad-observed", "`observed` ends before it begins")])
    files = [
        Input(file.name, Spanned(file.name, typing, max_record), source.form)
        for file in source.files
    ]
    whole = Whole(session, source)
    failed: list[BaseException] = []

    def digest() -> None:
        try:
            _digest(source, files, whole)
        except (OSError, Refused) as error:
            failed.append(error)

    thread = Thread(target=digest)
    thread.start()  # hashing lets go of the interpreter, and Spark works beside it
    try:
        scratch = Spanned(source.files[0].name, typing, max_record)
        made = stage(session, source, scratch, scan, vocabulary, _utc(zone))
        ordered = Ordered(session, made, whole, files, scan, vocabulary, typing, source.ordered)
    finally:
        thread.join()
    if failed:
        raise TraceError([_unread(failed[0], source.files[0].name)])
    ordered.settle()
    ordered.measure()
    problems: list[TraceProblem] = []
    skipped: list[TraceProblem] = []
    lost: dict[str, list[TraceProblem]] = {}
    for file in files:
        gone = [p for p in file.reading.problems if p.scope != "file"]
        lost[file.name] = gone
        kept = not skip_invalid or len(gone) < len(file.reading.problems)
        (problems if kept else skipped).extend(file.reading.problems)
    if not source.ordered and (shared := ordered.shared_instants()):
        source.notes.append(
            Note(
                "note-no-sequence",
                f"{shared:,} events share their instant with another, and the table has no "
                "column that orders them: they stand by their ids. What happened first among "
                "them is not known, so findings marked `ties` may be others, and so may be "
                "what sequences, obligations, statuses and links make of them",
            )
        )
    trace = said(cast("Any", ordered), observed, zone or "", source.notes, lost, problems, skipped)
    return replace(trace, of_type=dict(ordered.counts))


def _digest(source: Source, files: Sequence[Input], whole: Whole) -> None:
    """Hashes the bytes of local files."""
    for number, (file, told) in enumerate(zip(source.files, files, strict=True)):
        if file.local is None:
            continue
        if source.form == "jsonl":
            lines = Lines(local_file(file))
            lines.run()
            whole.lines[number] = lines
            told.sha256, told.bytes = lines.sha256, lines.bytes
        else:
            with open(file.local, "rb") as raw:
                told.sha256, told.bytes = Bytes(raw, file.name).finish()


def _unread(error: BaseException, name: str) -> TraceProblem:
    if isinstance(error, Refused):
        return error.problem
    return TraceProblem("trace-no-file", "it cannot be read", "", name)
