"""Reading traces: from what the user names to one ordered, typed trace."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import tzinfo
from importlib import import_module
from typing import BinaryIO

from tosrules.trace import notes as sentences
from tosrules.trace.detect import FORMATS, detect
from tosrules.trace.inputs import STDIN, InputFile, Inputs, resolve
from tosrules.trace.instants import load_zone
from tosrules.trace.merge import Observed, merge, observed_period
from tosrules.trace.problems import Refused, TraceError, TraceProblem, printable, quoted
from tosrules.trace.reading import Reading
from tosrules.trace.source import HEAD, Source
from tosrules.trace.trace import SKIPPED_SHOWN, Trace, TraceFile
from tosrules.trace.values import Typing
from tosrules.vocabulary import Vocabulary

MAX_RECORD = 16 * 2**20
"""Bytes of one record, if nothing else is said."""

_READERS = {
    "json": ("native", "read_json"),
    "jsonl": ("native", "read_jsonl"),
    "har": ("har", "read_har"),
    "access-log": ("access_log", "read_access_log"),
    "csv": ("csv_table", "read_csv"),
}
"""Format → the module and the function that read it, imported when a trace has it."""


def read_traces(
    inputs: Sequence[str],
    vocabulary: Vocabulary,
    *,
    zone: str | None = None,
    observed: tuple[int, int] | None = None,
    skip_invalid: bool = False,
    max_record: int = MAX_RECORD,
    stdin: BinaryIO | None = None,
    format: str | None = None,
    named: Sequence[InputFile] | None = None,
) -> Trace:
    """All events of `inputs`, typed by `vocabulary`, in one total order (semantics T).

    `inputs`: files, folders, globs, `-` for `stdin` (by default the process's own); gzip and
    zstd are unpacked. `zone`: IANA zone of times without an offset. `observed`: first and last
    observed instant in microseconds, both inclusive, in place of what the traces state.
    `skip_invalid`: goes on past unreadable records and lists them in `Trace.skipped`.
    `max_record`: bytes that one record may have.
    `format`: one of FORMATS for all inputs, in place of looking.
    `named`: the very files to read under their names, in place of `inputs`.

    Raises TraceError with every problem found, and nothing else for any input.
    """
    problems: list[TraceProblem] = []
    typing = Typing(vocabulary, _zone(zone, problems))
    if observed is not None and observed[0] > observed[1]:
        problems.append(
            TraceProblem("trace-bad-observed", "the observed period ends before it begins")
        )
    if format is not None and format not in FORMATS:
        listed = ", ".join(f"`{known}`" for known in FORMATS)
        problems.append(
            TraceProblem(
                "trace-unknown-format",
                f"{quoted(format)} is no format of a trace",
                f"one of {listed}",
            )
        )
    found = resolve(inputs) if named is None else Inputs(sorted(named, key=lambda f: f.name))
    problems.extend(found.problems)
    if problems:
        raise TraceError(problems)

    readings: list[Reading] = []
    files: list[TraceFile] = []
    skipped: list[TraceProblem] = []
    for file in found.files:
        reading = Reading(file.name, typing, max_record)
        read = _read(file, reading, format, stdin)
        lost = [problem for problem in reading.problems if problem.scope != "file"]
        if not skip_invalid or len(lost) < len(reading.problems) or read is None:
            problems.extend(reading.problems)
        else:
            skipped.extend(lost)
        if read is not None:
            sha256, size, form = read
            files.append(
                TraceFile(
                    file.name,
                    sha256,
                    size,
                    form,
                    len(reading.records),
                    len(lost),
                    reading.title,
                )
            )
        readings.append(reading)

    merged = merge(readings)
    problems.extend(merged.conflicts)
    period = observed_period(readings, observed) if not problems else Observed(None, False)
    if period.problem is not None:
        problems.append(period.problem)
    if problems:
        raise TraceError(problems)

    outside = 0
    if period.period is not None:
        start, end = period.period
        outside = sum(1 for event in merged.events if not start <= event.time <= end)
    unknown = sentences.unknown_types(Counter(e.type for e in merged.events), vocabulary)
    missing = sentences.missing_required(merged.events, vocabulary)
    said = sentences.notes(
        readings,
        merged.moved,
        merged.duplicates,
        outside,
        len(skipped),
        (typing.naive, zone or ""),
        unknown,
        missing,
    )
    titles = dict.fromkeys(reading.title for reading in readings if reading.title)
    return Trace(
        events=merged.events,
        observed=period.period,
        observed_stated=period.stated,
        title="; ".join(titles),
        files=tuple(files),
        notes=(*found.notes, *said, *sentences.misspelt(merged.events, vocabulary)),
        skipped=tuple(skipped[:SKIPPED_SHOWN]),
        moved=merged.moved,
        duplicates=merged.duplicates,
        outside=outside,
        unknown_types=unknown,
        missing_required=missing,
    )


def _zone(name: str | None, problems: list[TraceProblem]) -> tzinfo | None:
    if name is None:
        return None
    try:
        return load_zone(name)
    except ValueError as error:
        problems.append(TraceProblem("trace-unknown-zone", str(error)))
        return None


def _read(
    file: InputFile, reading: Reading, format: str | None, stdin: BinaryIO | None
) -> tuple[str, int, str] | None:
    """Reads one file into `reading`: (SHA-256, bytes, format), or None if it is unusable."""
    try:
        with _opened(file, stdin) as raw:
            source = Source(raw, file.name)
            form = format or detect(source.head, len(source.head) < HEAD, file.name)
            try:
                if form == "parquet":
                    _read_parquet(file, source, reading)
                else:
                    _reader(form)(source.stream, reading)
            except Refused as refused:
                reading.problems.append(refused.problem)
            sha256, size = source.finish()
            return sha256, size, form
    except Refused as refused:
        reading.problems.append(refused.problem)
    except OSError as error:
        reason = printable((error.strerror or "it gives no data").lower())
        reading.problems.append(
            TraceProblem("trace-unreadable", f"the file cannot be read: {reason}", file=file.name)
        )
    return None


def _read_parquet(file: InputFile, source: Source, reading: Reading) -> None:
    from tosrules.trace.parquet import read_parquet

    if file.path == STDIN or source.packed:
        raise Refused(
            TraceProblem(
                "trace-unknown-format",
                "a Parquet file is read from where it lies, not from a stream",
                "name the file; it is compressed within already",
                file.name,
            )
        )
    read_parquet(file.path, reading)


def _reader(format: str) -> Callable[[BinaryIO, Reading], None]:
    module, name = _READERS[format]
    found: Callable[[BinaryIO, Reading], None] = getattr(
        import_module(f"tosrules.trace.{module}"), name
    )
    return found


def _opened(file: InputFile, stdin: BinaryIO | None) -> AbstractContextManager[BinaryIO]:
    if file.path == STDIN:
        return nullcontext(sys.stdin.buffer if stdin is None else stdin)
    return open(file.path, "rb") if file.opened is None else file.opened()
