"""Parquet at speed: rows whose values nobody can doubt by SQL, the others by the strict reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from operator import itemgetter
from threading import Thread
from typing import TYPE_CHECKING

from tosrules.engines.duckdb.columns import narrow_type
from tosrules.engines.duckdb.emit import column_type
from tosrules.engines.duckdb.leaves import Facts, Leaf, leaves, statistics
from tosrules.engines.duckdb.session import Session
from tosrules.engines.duckdb.staged import (
    Staged,
    Unfit,
    checks_due,
    filled,
    hashed_sql,
    interesting,
    one_of,
)
from tosrules.plan.scan import Scan, ScanColumn
from tosrules.trace import parquet as strict
from tosrules.trace.csv_table import HEAD
from tosrules.trace.inputs import InputFile
from tosrules.trace.notes import close
from tosrules.trace.problems import Refused, nearest
from tosrules.trace.reading import Reading, Record
from tosrules.trace.source import Source
from tosrules.vocabulary import Attribute, Vocabulary

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TYPES = 300
"""Event types of a file; with more of them the checks would be longer than what they check."""
_DOUBTFUL = 0.2
"""Share of doubtful rows from which the strict reader has the whole file."""


def stage(
    session: Session,
    file: InputFile,
    reading: Reading,
    table: str,
    scan: Scan,
    vocabulary: Vocabulary,
) -> Staged:
    """Makes the table of a file. Raises Unfit, duckdb.Error, Refused, OSError.

    Only columns that rules read, or that have to be looked at to know their values good, are
    read; by the rest of a file a fault of its encoding is not seen.
    """
    said: list[tuple[str, int] | BaseException] = []

    def digest() -> None:
        try:
            with open(file.path, "rb") as raw:
                source = Source(raw, file.name)
                if source.packed:
                    raise Unfit
                said.append(source.finish())
        except (Refused, OSError, Unfit) as error:
            said.append(error)

    thread = Thread(target=digest)
    thread.start()  # hashing lets go of the interpreter, and the database works beside it
    try:
        source = strict.scan(file.path)
        found = leaves(session.connection, source)
        facts = statistics(session.connection, file.path)
        staged = staged_of(session, source, found, facts, reading, table, scan, vocabulary)
    finally:
        thread.join()
    (hashed,) = said
    if isinstance(hashed, BaseException):
        raise hashed
    staged.sha256, staged.bytes = hashed
    staged.format = "parquet"

    def fetch(rows: Set[int], into: Reading, every: bool) -> dict[int, Record]:  # noqa: ARG001
        return _fetch(session, file, rows, into)

    staged.fetch = fetch
    return staged


def staged_of(
    session: Session,
    source: str,
    columns: Sequence[Leaf],
    facts: Facts,
    reading: Reading,
    table: str,
    scan: Scan,
    vocabulary: Vocabulary,
) -> Staged:
    """Makes the table of a file whose rows `source` gives, with their places, from 0, as
    `file_row_number`. Raises Unfit, duckdb.Error."""
    connection = session.connection
    found = {leaf.name: leaf for leaf in columns}
    if any(name not in found for name in HEAD):
        raise Unfit
    kind = found["type"]
    if not kind.textual:
        raise Unfit
    counted = connection.execute(
        f"SELECT {kind.text()}, count(*) FROM {source} GROUP BY ALL LIMIT {_TYPES + 1}"
    ).fetchall()
    if len(counted) > _TYPES:
        raise Unfit
    types = {name for name, _ in counted if name}
    if not types:
        raise Unfit
    declared = {name: vocabulary.attributes_of(name) for name in types}
    own = {name: leaf for name, leaf in found.items() if name not in HEAD}
    checks = _head_checks(found, facts, all(name for name, _ in counted))
    for leaf in own.values():
        checks += _checks(leaf, declared, facts)
    present = _present(types, vocabulary, own, declared)
    narrow = narrow_type(types)
    own_type = f"TRY_CAST({kind.text()} AS {narrow})" if narrow else kind.text()
    taken = [f"{found['time'].instant(facts)} AS t", f"{own_type} AS type"]
    for number, column in enumerate(scan.columns):
        value = _value(column, own, found["id"], types, kind.text(), session, vocabulary)
        taken.append(f"{value}::{column_type(column)} AS n{number}")
    for number, name in enumerate(present):
        taken.append(f"({own[name].sql} IS NOT NULL) AS p{number}")
    # What a record that is read strictly has is counted when it is put in.
    there = "".join(f", sure AND p{n} AS p{n}" for n, _ in enumerate(present))
    connection.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT * "
        f"{f'REPLACE ({there[2:]})' if there else ''} FROM ("
        f"SELECT file_row_number::UINTEGER AS place, {' AND '.join(checks) or 'true'} AS sure, "
        f"{', '.join(taken)} FROM {source})"
    )
    staged = Staged(session, reading, table, present)
    staged.narrow = bool(narrow)
    identifier = found["id"].text()
    staged.ids = f"SELECT file_row_number AS place, hash({identifier}) AS h FROM {source}"
    staged.ascending = f"SELECT {identifier} AS id FROM {source}"
    staged.rows, doubtful, misplaced = staged.one(
        "SELECT count(*), count(*) FILTER (NOT sure), count(*) FILTER (place <> rowid) FROM {table}"
    )
    if staged.rows != sum(count for _, count in counted) or misplaced:
        raise Unfit  # rows are places; the database has put them into another order
    if doubtful > max(1000, staged.rows * _DOUBTFUL):
        raise Unfit
    connection.execute(f"ALTER TABLE {table} DROP COLUMN place")
    if not present:
        required = [n for n in own if any(n in a and a[n].required for a in declared.values())]
        staged.tally = _tally(connection, source, kind, [own[name] for name in required])
        if doubtful:
            unsure = f"file_row_number IN (SELECT rowid FROM {table} WHERE NOT sure)"
            staged.tally.subtract(
                _tally(connection, f"{source} WHERE {unsure}", kind, [own[n] for n in required])
            )
    return staged


def _tally(
    connection: DuckDBPyConnection, source: str, kind: Leaf, required: Sequence[Leaf]
) -> Counter[tuple[str, str]]:
    """(type, name of an attribute) → rows that have it; (type, "") → all rows."""
    each = "".join(f", count({leaf.sql})" for leaf in required)
    query = f"SELECT {kind.text()}, count(*){each} FROM {source} GROUP BY ALL"
    names = ["", *(leaf.name for leaf in required)]
    return Counter(
        {
            (event_type, name): number
            for event_type, *numbers in connection.execute(query).fetchall()
            for name, number in zip(names, numbers, strict=True)
        }
    )


def _fetch(session: Session, file: InputFile, rows: Set[int], into: Reading) -> dict[int, Record]:
    return records_at(session.connection, file.path, rows, into)


def records_at(
    connection: DuckDBPyConnection, path: str, rows: Set[int], into: Reading
) -> dict[int, Record]:
    """The records in some rows of a file, read strictly; problems go into the reading."""
    found: dict[int, Record] = {}
    if not rows:
        return found
    with connection.cursor() as cursor:
        # Looking for each of a long list of numbers takes longer than joining them.
        cursor.execute(
            "CREATE TEMP TABLE wanted_rows AS SELECT unnest($1::BIGINT[]) AS row", [[*rows]]
        )
        where = (
            f"file_row_number BETWEEN {min(rows)} AND {max(rows)} AND "
            "file_row_number IN (SELECT row FROM wanted_rows)"
        )
        taking = strict.Rows(cursor, path, into)
        there = sorted(taking.asked(where), key=itemgetter(0))
    for row in there:
        before = len(into.records)
        taking.take(row)
        if len(into.records) > before:
            found[row[0]] = into.records.pop()
    return found


def _head_checks(found: dict[str, Leaf], facts: Facts, typed: bool) -> list[str]:
    """SQL of whether a row has an id, a time and a type; `typed`: each has one."""
    identifier, time, kind = (found[name] for name in HEAD)
    if not identifier.textual or time.instant(facts) == "NULL":
        raise Unfit
    checks = [identifier.filled(facts), time.good_instant(facts)]
    if not typed:
        checks.append(f"{kind.text()} <> ''")
    return [f"coalesce({check}, false)" for check in checks if check]


def _checks(leaf: Leaf, declared: Mapping[str, Mapping[str, Attribute]], facts: Facts) -> list[str]:
    """SQL of whether the strict reader takes the value of a row as it stands."""
    parts = [f"coalesce({check}, true)" for check in [leaf.held(facts)] if check]
    due = checks_due(leaf.name, declared, lambda a: leaf.good(a.type, a.secret, facts))
    for check, names in due.items():
        whole = f"coalesce({check}, true)"
        everywhere = len(names) == len(declared)
        # What fails by another type's measure is read strictly, and is good after all.
        parts.append(whole if everywhere or leaf.cheap(check) else _only(names, whole))
    if any(name in attributes for name in leaf.above for attributes in declared.values()):
        raise Unfit  # what is declared as a value comes as an object
    return parts


def _only(names: Sequence[str], check: str) -> str:
    return f"(NOT {one_of('type', names)} OR {check})"


def _present(
    types: Set[str],
    vocabulary: Vocabulary,
    own: dict[str, Leaf],
    declared: Mapping[str, Mapping[str, Attribute]],
) -> list[str]:
    """Attributes whose presence has to be known of each row: none, unless one that a type does
    not declare is so near a declared one that it may be misspelt."""
    named = interesting(types, vocabulary, own)
    foreign = [(t, name) for t, a in declared.items() for name in named if name not in a]
    slips = [
        (t, name)
        for t, name in foreign
        if (near := nearest(name, declared[t])) is not None and close(name, near)
    ]
    return named if slips else []


def _value(
    column: ScanColumn,
    own: dict[str, Leaf],
    identifier: Leaf,
    types: Set[str],
    kind: str,
    session: Session,
    vocabulary: Vocabulary,
) -> str:
    """SQL of the value of a column."""
    if column.attribute == "id":
        return identifier.text()
    yes, no = filled(column, types, vocabulary)
    if not yes or column.attribute not in own:
        return "NULL"
    value = own[column.attribute].value(column.type)
    if column.secret and value != "NULL":
        of = column.type
        part = hashed_sql(session, value if of.name != "list" else "x")
        value = part if of.name != "list" else f"list_transform({value}, lambda x: {part})"
    return value if not no else f"CASE WHEN {one_of(kind, yes)} THEN {value} END"
