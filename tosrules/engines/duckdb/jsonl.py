"""JSON Lines at speed: plain lines by SQL, the others by the strict reader."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence, Set

from tosrules.engines.duckdb.columns import narrow_type
from tosrules.engines.duckdb.emit import column_type
from tosrules.engines.duckdb.plain import Path, Plain, learn
from tosrules.engines.duckdb.provenance import Lines
from tosrules.engines.duckdb.respelled import at, clock, kind_of, respelled, stamp, taken_as
from tosrules.engines.duckdb.session import Session
from tosrules.engines.duckdb.staged import (
    Fetch,
    Staged,
    Unfit,
    filled,
    hashed_sql,
    interesting,
    literal,
    one_of,
)
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.trace import strict
from tosrules.trace.inputs import InputFile
from tosrules.trace.native import decode_line, is_header, take_line
from tosrules.trace.parquet import globbed
from tosrules.trace.reading import Reading, Record
from tosrules.trace.source import Source
from tosrules.trace.values import Typing
from tosrules.vocabulary import Vocabulary

_FIRST = 1_000
"""Lines at the beginning of the sample."""
_SPOTS = 200
"""Places all over the file where the sample takes some lines more."""
_AT_SPOT = 6
_ALIKE = 3
"""Records with the same names that are read strictly; those after them only need to be JSON."""
_HELD = 100
"""Rows that are held to the lines of the file."""
Sampled = tuple[str, dict[str, object]]
"""A line and its record."""
_DOUBTFUL = 0.02
"""Share of doubtful lines from which the sample is taken anew, from them too."""


def stage(
    session: Session,
    file: InputFile,
    reading: Reading,
    table: str,
    scan: Scan,
    vocabulary: Vocabulary,
) -> Staged:
    """Makes the table of a file. Raises Unfit, duckdb.Error, Refused, OSError."""
    lines = Lines(file)
    with lines.counted():
        header = _begin(file, reading)
        sample = list(_sample(file, reading))
        staged, plain = _make(session, file, reading, table, scan, vocabulary, sample, header)
    staged.rows = staged.one("SELECT count(*) FROM {table}")[0]
    if staged.rows != lines.count - header:
        raise Unfit  # a carriage return by itself divides lines for one, and not for the other

    def fetch(rows: Set[int], into: Reading, every: bool) -> dict[int, Record]:
        found: dict[int, Record] = {}
        for number, data, ended in lines.take({row + header + 1 for row in rows}, into, every):
            if not data.isspace():
                before = len(into.records)
                take_line(data, number, ended, False, into)
                if len(into.records) > before:
                    found[number - header - 1] = into.records.pop()
        return found

    check_order(staged, fetch, vocabulary)
    (doubtful,) = staged.one("SELECT count(*) FILTER (NOT sure) FROM {table}")
    if doubtful > max(1000, staged.rows * _DOUBTFUL):
        chosen = staged.unsure()
        if len(chosen) > _FIRST:
            chosen = set(random.Random(1).sample(sorted(chosen), _FIRST))
        scratch = Reading(reading.name, reading.typing, reading.max_record)
        numbers = {row + header + 1 for row in chosen}
        more = [_decoded(data, scratch) for _, data, _ in lines.take(numbers, scratch, False)]
        sample += [each for each in more if each is not None]
        again = learn((record for _, record in sample), vocabulary)
        if plain is None or (again is not None and again.expression != plain.expression):
            staged, _ = _make(session, file, reading, table, scan, vocabulary, sample, header)
            staged.rows = lines.count - header
    staged.fetch = fetch
    staged.first_line = header + 1
    staged.sha256, staged.bytes, staged.format = lines.sha256, lines.bytes, "jsonl"
    return staged


def check_order(staged: Staged, fetch: Fetch, vocabulary: Vocabulary) -> None:
    """Holds some rows all over the table to the lines of the file. Raises Unfit if the database
    has put them into another order, which would give events the wrong place."""
    step = max(1, staged.rows // _HELD)
    found = staged.session.connection.execute(
        f"SELECT rowid, t FROM {staged.table} WHERE sure AND rowid % {step} = 0"
    )
    times = dict(found.fetchall())
    scratch = Reading(
        staged.name,
        Typing(vocabulary, staged.reading.typing.zone),
        staged.reading.max_record,
    )
    records = fetch(times.keys(), scratch, False)
    if {row: record.time for row, record in records.items()} != times:
        raise Unfit


def _begin(file: InputFile, reading: Reading) -> int:
    """Reads the header; the number of lines that the table leaves out. Raises Unfit, Refused."""
    with open(file.path, "rb") as raw:
        source = Source(raw, file.name)
        for number, data in enumerate(source.stream, 1):
            if data.isspace():
                continue
            try:
                decoded = decode_line(data.decode("utf-8").rstrip("\r\n"))
            except (UnicodeDecodeError, strict.Fault):
                raise Unfit from None
            if not is_header(decoded):
                return 0
            if len(data) > reading.max_record:
                raise Unfit
            take_line(data, number, data.endswith(b"\n"), True, reading)
            return number
    raise Unfit


def _sample(file: InputFile, reading: Reading) -> Iterator[Sampled]:
    """Lines with their records: from the beginning of the file and, if it is not packed, from
    all over it."""
    scratch = Reading(reading.name, reading.typing, reading.max_record)
    alike: Counter[tuple[object, ...]] = Counter()
    for data in _some(file, reading):
        try:
            text = data.decode("utf-8").rstrip("\r\n")
            record = json.loads(text)
        except (ValueError, RecursionError):
            continue
        if type(record) is not dict or type(record.get("type")) is not str:
            continue
        names = record["type"], *_names(record)
        sampled: Sampled | None = text, record
        if alike[names] < _ALIKE and (sampled := _decoded(data, scratch)) is not None:
            alike[names] += 1
        if sampled is not None:
            yield sampled


def _names(record: dict[str, object]) -> Iterator[object]:
    """The names of a record and of what lies in it, in their order."""
    for key, value in record.items():
        yield (key, *_names(value)) if isinstance(value, dict) else key


def _some(file: InputFile, reading: Reading) -> Iterator[bytes]:
    with open(file.path, "rb") as raw:
        source = Source(raw, file.name)
        for _, data in zip(range(_FIRST), source.stream, strict=False):
            yield data
        if source.packed:
            return
        size = raw.seek(0, 2)
        chance = random.Random(size)
        for _ in range(_SPOTS if size > 2**21 else 0):
            raw.seek(chance.randrange(size))
            raw.readline(reading.max_record)
            for _ in range(_AT_SPOT):
                yield raw.readline(reading.max_record)


def _decoded(data: bytes, scratch: Reading) -> Sampled | None:
    """A line and its record, if the strict reader takes it."""
    try:
        text = data.decode("utf-8").rstrip("\r\n")
        decoded = decode_line(text)
    except (UnicodeDecodeError, strict.Fault):
        return None
    if type(decoded) is not dict or "type" not in decoded:
        return None
    before = len(scratch.records)
    scratch.take(dict(decoded), 1, None, lambda _: (None, None))
    return (text, decoded) if len(scratch.records) > before else None


def _make(
    session: Session,
    file: InputFile,
    reading: Reading,
    table: str,
    scan: Scan,
    vocabulary: Vocabulary,
    sample: Sequence[Sampled],
    header: int,
) -> tuple[Staged, Plain | None]:
    import duckdb

    plain = learn((record for _, record in sample), vocabulary)
    if plain is None:
        raise Unfit
    paths: dict[str, list[Path]] = {}
    for path in plain.leaves:
        paths.setdefault(".".join(path), []).append(path)
    names = {name: None for name in paths if name not in ("id", "time", "type")}
    present = interesting(plain.types, vocabulary, names)
    staged = Staged(session, reading, table, present)
    narrow = narrow_type(plain.types)
    length = clock(sample)
    known = "WHEN stamp IS NOT NULL THEN epoch_us(stamp) " if length else ""
    taken = [
        f"CASE {known}WHEN sure THEN epoch_us(r.time::TIMESTAMPTZ) END AS t",
        "hash(r.id) AS h",
        "kind AS type",
    ]
    for number, column in enumerate(scan.columns):
        value = _value(column, paths, plain, session, vocabulary)
        taken.append(f"{value}::{column_type(column)} AS n{number}")
    for number, name in enumerate(present):
        there = " OR ".join(f"{at(path)} IS NOT NULL" for path in paths[name])
        # What a record that is read strictly has is counted when it is put in.
        taken.append(f"(sure AND ({there})) AS p{number}")
    with open(file.path, "rb") as raw:
        packed = Source(raw, file.name).packed or "none"
    lines = (
        f"read_csv([{literal(globbed(file.path))}], columns = {{'line': 'VARCHAR'}}, "
        "delim = '\x01', quote = '', escape = '', comment = '', header = false, "
        "strict_mode = false, "
        f"auto_detect = false, compression = '{packed}', skip = {header})"
    )
    matches = f"regexp_full_match(line, {literal(plain.expression)})"
    same = respelled(sample, plain, vocabulary)
    if same is not None:
        matches = f"CASE WHEN {same} THEN true ELSE {matches} END"
    record = f"json_transform(line, {literal(_structure(plain))})"
    statement = (
        f"CREATE OR REPLACE TABLE {table} AS SELECT sure, {', '.join(taken)} FROM ("
        "SELECT r, kind, stamp, "
        f"coalesce(strlen(line) <= {reading.max_record} AND {matches}, false) AS sure "
        f"FROM (SELECT line, r, {kind_of(plain.types)} AS kind, {stamp(length)} AS stamp "
        f"FROM (SELECT line, {{record}} AS r FROM {lines})))"
    )
    try:
        session.connection.execute(statement.replace("{record}", record))
    except duckdb.InvalidInputException:  # of a line that is no JSON
        careful = f"CASE WHEN json_valid(line) THEN {record} END"
        session.connection.execute(statement.replace("{record}", careful))
    staged.narrow = bool(narrow)
    return staged, plain


def _value(
    column: ScanColumn,
    paths: dict[str, list[Path]],
    plain: Plain,
    session: Session,
    vocabulary: Vocabulary,
) -> str:
    """SQL of the value of a column, by a plain record `r`."""
    if column.attribute == "id":
        return "r.id"
    yes, no = filled(column, plain.types, vocabulary)
    if not yes or column.attribute not in paths:
        return "NULL"
    found = paths[column.attribute]
    value = at(found[0]) if len(found) == 1 else f"coalesce({', '.join(map(at, found))})"
    value = _converted(value, column, session)
    return value if not no else f"CASE WHEN {one_of('kind', yes)} THEN {value} END"


def _converted(value: str, column: ScanColumn, session: Session) -> str:
    of = column.type
    lists = of.name == "list" and of.of is not None
    part = "x" if lists else value
    inner = of.of.name if lists and of.of is not None else of.name
    if column.secret:
        part = hashed_sql(session, part)
    elif inner == "time":
        part = _instant(part)
    elif inner == "duration":
        part = f"TRY_CAST(TRY_CAST({part} AS DECIMAL(24,6)) * 1000000 AS BIGINT)"
    elif inner == "number" and not lists:
        part = f"TRY_CAST({part} AS DECIMAL(24,6))"
    elif inner == "boolean" and not lists:
        part = f"({part} = 'true')"
    elif inner == "list":
        raise Unfit
    if not lists:
        return part
    return value if part == "x" else f"list_transform({value}, lambda x: {part})"


def _instant(text: str) -> str:
    """SQL of the microseconds of an instant; lines that are not plain have any text there."""
    instant = f"TRY_CAST({text} AS TIMESTAMPTZ)"
    return f"epoch_us(CASE WHEN isfinite({instant}) THEN {instant} END)"


def _structure(plain: Plain) -> str:
    """The structure that `json_transform` takes out of a record."""
    tree: dict[str, object] = {}
    for path, of in plain.leaves.items():
        node = tree
        for key in path[:-1]:
            node = node.setdefault(key, {})  # type: ignore[assignment]
        lists = of.endswith("[]")
        node[path[-1]] = [of.removesuffix("[]")] if lists else taken_as(of)
    return json.dumps(tree, ensure_ascii=False)
