"""Parquet: a row is an event, its columns `id`, `time`, `type` and the attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tosrules.trace.csv_table import HEAD
from tosrules.trace.event import Value
from tosrules.trace.numbers import DIGITS, Inexact, exact
from tosrules.trace.problems import Refused, TraceProblem, quoted
from tosrules.trace.reading import Reading, Record
from tosrules.trace.values import ValueFault

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from duckdb.sqltypes import DuckDBPyType

_AT_ONCE = 5_000
_TEXTS = ("varchar", "enum", "uuid", "date", "time", "interval", "bit")
_WHOLE = ("tinyint", "smallint", "integer", "bigint", "hugeint")
_NUMBERS = (*_WHOLE, *("u" + name for name in _WHOLE), "decimal", "float", "double")

_FORMS = 10_000
"""Types whose forms are remembered."""

Convert = Callable[[Any], Any]
Row = tuple[Any, ...]


class Column:
    """A column of a Parquet file: how it is asked for, and what a value of it is."""

    def __init__(self, name: str, of: DuckDBPyType) -> None:
        self.name = name
        self.asked, self.convert = _reading(_identifier(name), of)
        self.nested = of.id == "struct"
        self.micros = _micros(_identifier(name), of.id)
        """What to ask for to have an instant in microseconds; NULL where its text says it."""


def read_parquet(path: str, reading: Reading) -> None:
    """Reads one event a row into `reading`. Raises Refused where it cannot read further."""
    import duckdb

    try:
        with duckdb.connect(config={"autoload_known_extensions": False}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            rows = Rows(connection, path, reading)
            for row in rows.asked():
                rows.take(row)
    except duckdb.Error as error:
        raise Refused(damaged(reading.name, error)) from None


class Rows:
    """The rows of a file, and what becomes of them in `reading`. Raises Refused, duckdb.Error."""

    def __init__(self, connection: DuckDBPyConnection, path: str, reading: Reading) -> None:
        self._connection = connection
        self._path = path
        self._reading = reading
        self._columns = columns(connection, path, reading.name)
        names = [column.name for column in self._columns]
        self._head = [names.index(name) + 2 for name in HEAD]
        # An object may have attributes within it: such a file is read name by name.
        self._flat = not any(column.nested for column in self._columns) and all(
            self._columns[place - 2].convert is str for place in self._head
        )
        self._known: dict[str, list[tuple[str, int, Convert | None]]] = {}
        """Type → its attributes' names, places in a row, and what makes their values."""

    def asked(self, where: str = "true") -> Iterator[Row]:
        """The rows that `where` asks for: the row's number, the time in microseconds where it
        is known, then the values, to be handed to `take`."""
        asked = ", ".join(column.asked for column in self._columns)
        micros = self._columns[self._head[1] - 2].micros
        query = f"SELECT file_row_number, {micros}, {asked} FROM {scan(self._path)} WHERE {where}"
        result = self._connection.execute(query)
        while part := result.fetchmany(_AT_ONCE):
            yield from part

    def take(self, row: Row) -> None:
        """Adds the event of a row to the reading, or its problem."""
        record = self._plain(row) if self._flat else None
        if record is not None:
            self._reading.records.append(record)
            return
        index, _, *values = row
        columns = zip(self._columns, values, strict=True)
        take(decoded((c.name, c.convert, value) for c, value in columns), index, self._reading)

    def _plain(self, row: Row) -> Record | None:
        """The record of a row in which nothing is wrong; None if something may be. It is what
        `Reading.take` would make of it."""
        reading = self._reading
        identifier, time_text, event_type = (row[place] for place in self._head)
        if not (identifier and time_text and event_type):
            return None
        form = self._known.get(event_type)
        if form is None:
            form = self._known[event_type] = self._form(event_type)
        try:
            attributes: dict[str, Value] = {
                name: value if convert is None else convert(value)
                for name, place, convert in form
                if (value := row[place]) is not None
            }
            time = row[1] if row[1] is not None else reading.typing.instant(time_text)
        except (ValueFault, Inexact):
            return None
        return Record(
            time,
            reading.name,
            len(reading.records),
            identifier,
            event_type,
            attributes,
            time_text,
            None,
            row[0],
        )

    def _form(self, event_type: str) -> list[tuple[str, int, Convert | None]]:
        if len(self._known) >= _FORMS:
            self._known.clear()
        form = self._reading.typing.form(event_type)
        return [
            (column.name, place, form.taking(column.name, column.convert))
            for place, column in enumerate(self._columns, 2)
            if place not in self._head
        ]


def take(found: dict[str, object] | ValueFault, index: int, reading: Reading) -> None:
    """Adds the event of a row, or its problem."""
    if isinstance(found, ValueFault):
        reading.refuse(found, "", lambda _: (None, None), index)
    else:
        reading.take(found, None, index, lambda _: (None, None))


def decoded(values: Iterable[tuple[str, Convert, Any]]) -> dict[str, object] | ValueFault:
    """The record as a JSON reader would give it, of names, what makes a value, and what was read;
    a value that cannot be held is a fault."""
    record: dict[str, object] = {}
    for name, convert, value in values:
        if value is None:
            continue
        try:
            record[name] = convert(value)
        except Inexact as error:
            fault = ValueFault(
                f"{error}, and would not be held exactly",
                "round it",
                "trace-number-too-large" if error.why == "large" else "trace-number-too-fine",
            )
            fault.name = name
            return fault
    return record


def columns(connection: DuckDBPyConnection, path: str, name: str) -> list[Column]:
    """The columns of a file. Raises Refused, duckdb.Error."""
    described = connection.execute(f"SELECT * FROM {scan(path)} LIMIT 0").description
    types = connection.sql(f"SELECT * FROM {scan(path)} LIMIT 0").types
    named = [(column[0], of) for column, of in zip(described, types, strict=True)]
    names = [column for column, _ in named if column != "file_row_number"]
    missing = [head for head in HEAD if head not in names]
    if missing:
        raise Refused(no_columns(missing, name))
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


def no_columns(missing: Sequence[str], name: str) -> TraceProblem:
    """That a file lacks columns which every event needs."""
    help = "its columns are `id`, `time`, `type`, and attributes"
    if any(part.startswith(f"{head}=") for part in name.split("/") for head in missing):
        help += "; what stands in the name of a folder is not read, so write it into the files too"
    return TraceProblem(
        "trace-no-header",
        f"the Parquet file has no column {' and no '.join(map(quoted, missing))}",
        help,
        name,
    )


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
    zoned = _zoned(kind)
    plain = f"timezone('UTC', {sql})" if zoned else f"{sql}::TIMESTAMP"
    text = f"strftime({plain}, '%Y-%m-%dT%H:%M:%S.%f')"
    fits = _fits(plain)
    shown = f"rtrim(rtrim({text}, '0'), '.')"
    mark = "|| 'Z'" if zoned else ""
    return f"CASE WHEN {fits} THEN {shown} {mark} ELSE {sql}::VARCHAR END"


def _micros(sql: str, kind: str) -> str:
    fits = _fits(f"timezone('UTC', {sql})")
    return f"CASE WHEN {fits} THEN epoch_us({sql}) END" if _zoned(kind) else "NULL::BIGINT"


def _zoned(kind: str) -> bool:
    return "with time zone" in kind or (kind.startswith("timestamp") and kind.endswith("tz"))


def _fits(plain: str) -> str:
    return f"{plain} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"


def _whole(number: int) -> object:
    return number if abs(number) < 10**DIGITS else exact(str(number))


def _exact(text: str) -> object:
    """The number; NaN and infinities stay text, which is refused where a number is due."""
    if not text[-1].isdigit():
        return text
    # DuckDB leaves out the zero of a DECIMAL that has no other digit before the point.
    return exact(text.replace(".", "0.", 1) if text.lstrip("-").startswith(".") else text)


def _each(convert: Convert) -> Convert:
    return lambda value: [None if part is None else convert(part) for part in value]


def _within(converts: dict[str, Convert]) -> Convert:
    def convert(value: dict[str, Any]) -> object:
        return {name: converts[name](part) for name, part in value.items() if part is not None}

    return convert


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
