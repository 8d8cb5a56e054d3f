"""Parquet: a row is an event, its columns `id`, `time`, `type` and the attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tosrules.trace.csv_table import HEAD
from tosrules.trace.numbers import DIGITS, Inexact, exact
from tosrules.trace.problems import Refused, TraceProblem, quoted
from tosrules.trace.reading import Reading
from tosrules.trace.values import ValueFault

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb.sqltypes import DuckDBPyType

_AT_ONCE = 5_000
_TEXTS = ("varchar", "enum", "uuid", "date", "time", "interval", "bit")
_WHOLE = ("tinyint", "smallint", "integer", "bigint", "hugeint")
_NUMBERS = (*_WHOLE, *("u" + name for name in _WHOLE), "decimal", "float", "double")

Convert = Callable[[Any], object]


class Column:
    """A column of a Parquet file: how it is asked for, and what a value of it is."""

    def __init__(self, name: str, of: DuckDBPyType) -> None:
        self.name = name
        self.asked, self.convert = _reading(_identifier(name), of)


def read_parquet(path: str, reading: Reading) -> None:
    """Reads one event a row into `reading`. Raises Refused where it cannot read further."""
    import duckdb

    try:
        with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for index, decoded in rows(connection, path, reading.name):
                take(decoded, index, reading)
    except duckdb.Error as error:
        raise Refused(damaged(reading.name, error)) from None


def rows(
    connection: DuckDBPyConnection, path: str, name: str, where: str = "true"
) -> Iterator[tuple[int, dict[str, object] | ValueFault]]:
    """(row number, record as a JSON reader would give it) of every row that `where` asks for;
    a value that cannot be held is a fault. Raises Refused, duckdb.Error."""
    found = columns(connection, path, name)
    asked = ", ".join(column.asked for column in found)
    query = f"SELECT file_row_number, {asked} FROM {scan(path)} WHERE {where}"
    result = connection.execute(query)
    while part := result.fetchmany(_AT_ONCE):
        for index, *values in part:
            yield index, _record(found, values)


def _record(found: list[Column], values: list[Any]) -> dict[str, object] | ValueFault:
    record: dict[str, object] = {}
    for column, value in zip(found, values, strict=True):
        if value is None:
            continue
        try:
            record[column.name] = column.convert(value)
        except Inexact as error:
            fault = ValueFault(
                f"{error}, and would not be held exactly",
                "round it",
                "trace-number-too-large" if error.why == "large" else "trace-number-too-fine",
            )
            fault.name = column.name
            return fault
    return record


def take(decoded: dict[str, object] | ValueFault, index: int, reading: Reading) -> None:
    """Adds the event of a row, or its problem."""
    if isinstance(decoded, ValueFault):
        reading.refuse(decoded, "", lambda _: (None, None), index)
    else:
        reading.take(decoded, None, index, lambda _: (None, None))


def columns(connection: DuckDBPyConnection, path: str, name: str) -> list[Column]:
    """The columns of a file. Raises Refused, duckdb.Error."""
    described = connection.execute(f"SELECT * FROM {scan(path)} LIMIT 0").description
    types = connection.sql(f"SELECT * FROM {scan(path)} LIMIT 0").types
    named = [(column[0], of) for column, of in zip(described, types, strict=True)]
    names = [column for column, _ in named if column != "file_row_number"]
    missing = [head for head in HEAD if head not in names]
    if missing:
        raise Refused(
            TraceProblem(
                "trace-no-header",
                f"the Parquet file has no column {' and no '.join(map(quoted, missing))}",
                "its columns are `id`, `time`, `type`, and attributes",
                name,
            )
        )
    try:
        return [Column(column, of) for column, of in named if column in names]
    except TypeError as error:
        raise Refused(
            TraceProblem(
                "trace-unknown-format",
                f"the Parquet file has {error}",
                "leave the column out, or write it as text",
                name,
            )
        ) from None


def scan(path: str) -> str:
    """The table function that reads a file."""
    literal = globbed(path).replace("'", "''")
    return f"read_parquet(['{literal}'], file_row_number = true, hive_partitioning = false)"


def globbed(path: str) -> str:
    """The glob that DuckDB takes for this one path."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def damaged(name: str, error: Exception) -> TraceProblem:  # noqa: ARG001
    return TraceProblem(
        "trace-bad-parquet", "the Parquet file is damaged", "get the whole file", name
    )


def _reading(sql: str, of: DuckDBPyType) -> tuple[str, Convert]:
    """(what to ask for, what to make of it), so that a value comes as JSON would have it:
    numbers exactly, instants as text. Raises TypeError for a type that JSON does not have."""
    kind = of.id
    if kind == "boolean":
        return sql, bool
    if kind in _NUMBERS:
        whole = kind.endswith("int") or kind == "integer" or kind == "uinteger"
        return (sql, _whole) if whole and "huge" not in kind else (f"{sql}::VARCHAR", _exact)
    if kind in _TEXTS:
        return f"{sql}::VARCHAR", str
    if kind.startswith("timestamp"):
        return instant(sql, kind), str
    if kind == "list":
        element, convert = _reading("x", _type(dict(of.children)["child"]))
        return f"list_transform({sql}, lambda x: {element})", _each(convert)
    if kind == "struct":
        parts = [
            (name, *_reading(f"{sql}.{_identifier(name)}", _type(inner)))
            for name, inner in of.children
        ]
        packed = ", ".join(f"{_identifier(name)} := {asked}" for name, asked, _ in parts)
        asked = f"CASE WHEN {sql} IS NOT NULL THEN struct_pack({packed}) END"
        return asked, _within({name: convert for name, _, convert in parts})
    raise TypeError(f"a column of the type {quoted(str(of).lower())}, which no attribute has")


def _type(child: DuckDBPyType | int | list[str]) -> DuckDBPyType:
    """The type of a part of a list or a struct, which is never a number or a list of names."""
    if isinstance(child, int | list):
        raise TypeError("a column of a type without a name")
    return child


def instant(sql: str, kind: str) -> str:
    """An instant as text. With a zone it is UTC; without one it says so by having no offset.
    What no text can say (beyond the year 9999, infinity) comes as DuckDB writes it."""
    if kind == "timestamp_ns":
        return f"{sql}::VARCHAR"
    zoned = "with time zone" in kind or kind.endswith("tz")
    plain = f"timezone('UTC', {sql})" if zoned else f"{sql}::TIMESTAMP"
    text = f"strftime({plain}, '%Y-%m-%dT%H:%M:%S.%f')"
    fits = f"{plain} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
    shown = f"rtrim(rtrim({text}, '0'), '.')"
    mark = "|| 'Z'" if zoned else ""
    return f"CASE WHEN {fits} THEN {shown} {mark} ELSE {sql}::VARCHAR END"


def _whole(number: int) -> object:
    return number if abs(number) < 10**DIGITS else exact(str(number))


def _exact(text: str) -> object:
    """The number; NaN and infinities stay text, which is refused where a number is due."""
    return exact(text) if text[-1].isdigit() else text


def _each(convert: Convert) -> Convert:
    return lambda value: [None if part is None else convert(part) for part in value]


def _within(converts: dict[str, Convert]) -> Convert:
    def convert(value: dict[str, Any]) -> object:
        return {name: converts[name](part) for name, part in value.items() if part is not None}

    return convert


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
