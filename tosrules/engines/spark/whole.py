"""Whole events, read again by the strict reader: those that a report shows, and those in doubt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tosrules.engines.duckdb.parquet import records_at
from tosrules.engines.duckdb.provenance import Lines
from tosrules.engines.spark.emit import quoted
from tosrules.engines.spark.leaves import kind_of
from tosrules.engines.spark.rows import frame_of
from tosrules.engines.spark.sources import PLACE, File, Source
from tosrules.errors import EvaluationError
from tosrules.trace import parquet as strict
from tosrules.trace.inputs import InputFile
from tosrules.trace.lines import too_large
from tosrules.trace.native import take_line
from tosrules.trace.numbers import exact
from tosrules.trace.problems import Refused
from tosrules.trace.reading import Reading, Record
from tosrules.trace.values import ValueFault

if TYPE_CHECKING:
    from tosrules.engines.spark.session import Session


class Damaged(EvaluationError):
    """A file that Spark reads cannot be read strictly."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} cannot be read again where an event is cited: it is damaged, or holds text "
            "that is not UTF-8"
        )


Convert = Callable[[Any], object]
_AT_ONCE = 10_000


class Place:
    """Where an event stands, and by what it is known again."""

    __slots__ = ("file", "h", "raw", "row", "t")

    def __init__(self, file: int, row: int, t: int | None, h: int, raw: bytes | None) -> None:
        self.file = file
        self.row = row
        self.t = t
        self.h = h
        self.raw = raw


class Whole:
    """Reads rows of a source strictly."""

    def __init__(self, session: Session, source: Source) -> None:
        self.session = session
        self.source = source
        self.lines: dict[int, Lines] = {}
        """Of local files of lines: by file."""

    @property
    def here(self) -> bool:
        """Whether the rows lie in files of this machine."""
        return all(file.local is not None for file in self.source.files)

    def records(
        self, places: Sequence[Place], into: Callable[[int], Reading], every: bool = False
    ) -> list[Record | None]:
        """The records at some places in their order; what is wrong with one becomes a problem
        of the reading of its file. `every`: lines that are too large do, too."""
        if self.source.form == "jsonl":
            return self._of_lines(places, into, every)
        if self.here:
            return self._of_files(places, into)
        return self._of_frame(places, into)

    # ---- lines -------------------------------------------------------------------------------
    def _of_lines(
        self, places: Sequence[Place], into: Callable[[int], Reading], every: bool
    ) -> list[Record | None]:
        texts: dict[tuple[int, int], tuple[bytes, bool]] = {}
        by_file: dict[int, set[int]] = {}
        for place in places:
            if place.file in self.lines:
                by_file.setdefault(place.file, set()).add(place.row + 1)
        for file, numbers in by_file.items():
            reading = into(file)
            scratch = reading if every else Reading("", reading.typing, reading.max_record)
            for number, data, ended in self.lines[file].take(numbers, scratch, every):
                texts[file, number - 1] = data, ended
        found: list[Record | None] = []
        for place in places:
            data, ended = texts.get((place.file, place.row), (place.raw or b"", True))
            reading = into(place.file)
            if place.file not in self.lines and len(data) > reading.max_record:
                reading.problems.append(too_large(reading, place.row + 1))
                data = b""
            if place.file in self.lines and (place.file, place.row) not in texts:
                data = b""  # too large: told where the lines were gone through
            before = len(reading.records)
            if data and not data.isspace():
                take_line(data, place.row + 1, ended, False, reading)
            found.append(reading.records.pop() if len(reading.records) > before else None)
        return found

    # ---- rows of local Parquet files -------------------------------------------------------
    def _of_files(
        self, places: Sequence[Place], into: Callable[[int], Reading]
    ) -> list[Record | None]:
        import duckdb

        by_file: dict[int, set[int]] = {}
        for place in places:
            by_file.setdefault(place.file, set()).add(place.row)
        found: dict[tuple[int, int], Record] = {}
        with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for file, rows in sorted(by_file.items()):
                path = self.source.files[file].local
                assert path is not None
                try:
                    taken = records_at(connection, path, rows, into(file))
                except (duckdb.Error, Refused):
                    raise Damaged(self.source.files[file].name) from None
                for row, record in taken.items():
                    found[file, row] = record
        return [found.get((place.file, place.row)) for place in places]

    # ---- rows of anything else ---------------------------------------------------------------
    def _of_frame(
        self, places: Sequence[Place], into: Callable[[int], Reading]
    ) -> list[Record | None]:
        """By their ids, which are unique among events; of rows without one by their places."""
        found: dict[tuple[int, int, int], Record | None] = {}
        frame = self.source.frame
        schema = [f for f in frame.schema.fields if f.name not in PLACE]
        readers = [(f.name, *_reading(quoted(f.name), f.dataType)) for f in schema]
        asked = [f"{sql} AS {quoted(name)}" for name, sql, _ in readers]
        hash = "xxhash64(CAST(id AS STRING))"
        wanted = sorted({(p.file, p.row, p.h) for p in places})
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            some = frame_of(self.session.spark, part, "`f!` INT, `row!` BIGINT, `h!` BIGINT")
            seen = frame.selectExpr(*PLACE, f"{hash} AS `hash!`", *asked).alias("s")
            from pyspark.sql.functions import broadcast, expr

            on = expr(f"`hash!` = `h!` AND {PLACE[0]} = `f!` AND {PLACE[1]} = `row!`")
            for row in seen.join(broadcast(some), on).collect():
                values = row.asDict()
                file, number, h = values[PLACE[0]], values[PLACE[1]], values["hash!"]
                decoded = strict.decoded((name, made, values[name]) for name, _, made in readers)
                known = (file, number, h)
                found[known] = _taken(decoded, number, into(file))
        return [found.get((place.file, place.row, place.h)) for place in places]


def _taken(decoded: dict[str, object] | ValueFault, row: int, reading: Reading) -> Record | None:
    before = len(reading.records)
    strict.take(decoded, row, reading)
    return reading.records.pop() if len(reading.records) > before else None


def _reading(sql: str, of: Any) -> tuple[str, Convert]:
    """(what to ask for, what to make of it)"""
    kind = kind_of(of)
    if kind in ("string", "boolean"):
        return sql, lambda value: value
    if kind in ("byte", "short", "integer", "long"):
        return sql, lambda value: value if abs(value) < 10**18 else exact(str(value))
    if kind == "decimal":
        return f"CAST({sql} AS STRING)", exact
    if kind in ("float", "double"):
        return sql, _float
    if kind in ("timestamp", "timestamp_ntz"):
        zoned = kind == "timestamp"
        return (
            f"unix_micros(CAST({sql} AS TIMESTAMP))",
            lambda value: instant_text(value, zoned),
        )
    if kind == "array":
        element, convert = _reading("x", of.elementType)
        return (
            f"transform({sql}, x -> {element})",
            lambda value: [None if part is None else convert(part) for part in value],
        )
    if kind == "struct":
        parts = [(f.name, *_reading(f"{sql}.{quoted(f.name)}", f.dataType)) for f in of.fields]
        packed = ", ".join(f"{asked} AS {quoted(name)}" for name, asked, _ in parts)
        return (
            f"CASE WHEN {sql} IS NOT NULL THEN struct({packed}) END",
            lambda value: {
                name: convert(value[name]) for name, _, convert in parts if value[name] is not None
            },
        )
    return f"CAST({sql} AS STRING)", lambda value: value


def _float(value: float) -> object:
    text = repr(value)
    return exact(text) if text[-1].isdigit() else text


def instant_text(micros: int, zoned: bool) -> str:
    """An instant as the strict reader of Parquet writes it."""
    from datetime import datetime, timedelta

    try:
        when = datetime(1970, 1, 1) + timedelta(microseconds=micros)
    except OverflowError:
        return f"{micros} microseconds"
    text = f"{when.isoformat(timespec='microseconds').rstrip('0').rstrip('.')}"
    return f"{text}Z" if zoned else text


def local_file(file: File) -> InputFile:
    assert file.local is not None
    return InputFile(file.local, file.name)


class Changed(EvaluationError):
    """What was read is not there any more."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has changed while it was judged; judge a copy that stays as it is"
        )
