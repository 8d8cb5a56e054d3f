"""CSV: a header with the names of the attributes, then one event a record (RFC 4180).

A cell is text; what the vocabulary declares as a number, a truth, a duration or a list is read
from its text as JSON would write it. An empty cell is a missing attribute.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import BinaryIO

from tosrules.trace import strict
from tosrules.trace.lines import lines
from tosrules.trace.numbers import Inexact, exact
from tosrules.trace.problems import Refused, TraceProblem, quoted
from tosrules.trace.reading import Reading
from tosrules.trace.values import ValueFault

HEAD = ("id", "time", "type")
_BOOLEANS = {word: word.lower() == "true" for word in ("true", "false", "True", "False")} | {
    "TRUE": True,
    "FALSE": False,
}

Cell = Callable[[str], object]


def is_csv_header(line: bytes) -> bool:
    """True if the line is the header of a CSV trace."""
    try:
        names = next(csv.reader([line.decode("utf-8").rstrip("\r\n")], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return False
    return set(HEAD) <= set(names)


def read_csv(stream: BinaryIO, reading: Reading) -> None:
    """Reads one event a record into `reading`. Raises Refused where it cannot read further."""
    table: Table | None = None
    for number, text, problem in records(stream, reading):
        if problem is not None:
            if table is None:
                raise Refused(problem)
            reading.problems.append(problem)
        elif table is None:
            table = Table(header(text, number, reading), reading)
        elif text:
            table.take(text, number)
    if table is None:
        raise Refused(TraceProblem("trace-empty", "the file is empty", file=reading.name))


def records(stream: BinaryIO, reading: Reading) -> Iterator[tuple[int, str, TraceProblem | None]]:
    """(1-based line, text without its line break, or what is wrong with it) of every record. A
    record with a quoted line break goes over several lines."""
    begun, size, is_open = 0, 0, False
    held: list[bytes] = []
    for number, data, ended in lines(stream, reading):
        begun = begun if held else number
        held.append(data)
        size += len(data)
        # Inside quotation marks a mark stands twice: they are open where their number is odd.
        is_open ^= data.count(b'"') % 2 == 1
        if is_open:
            if size > reading.max_record or not ended:
                raise Refused(_open(reading, begun))
            continue
        whole = b"".join(held)
        held, size = [], 0
        try:
            yield begun, whole.decode("utf-8").rstrip("\r\n"), None
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            yield (
                begun,
                "",
                TraceProblem(
                    "trace-not-utf8",
                    f"the byte 0x{byte:02X} is not UTF-8",
                    "save the file as UTF-8",
                    reading.name,
                    begun,
                    scope="record",
                ),
            )
    if held:
        raise Refused(_open(reading, begun))


def header(text: str, number: int, reading: Reading) -> list[str]:
    """The names of the columns. Raises Refused."""
    names = _cells(text) or []
    twice = [name for name in names if names.count(name) > 1]
    missing = [name for name in HEAD if name not in names]
    code, message, help = "", "", ""
    if missing:
        code = "trace-no-header"
        message = f"the header of the CSV file has no {' and no '.join(map(quoted, missing))}"
        help = "the first line names the columns: `id`, `time`, `type`, and attributes"
    elif "" in names:
        code, message = "trace-no-header", "a column of the CSV file has no name"
    elif twice:
        code = "trace-duplicate-key"
        message = f"the column {quoted(twice[0])} stands twice in the header"
        help = "remove one of the two"
    if code:
        raise Refused(TraceProblem(code, message, help, reading.name, number))
    return names


class Table:
    """The columns of one CSV file, and how their cells are read."""

    def __init__(self, names: list[str], reading: Reading) -> None:
        self.names = names
        self.reading = reading
        self._cells: dict[str, dict[str, Cell]] = {}

    def take(self, text: str, number: int) -> None:
        """Adds the event of a record that begins on line `number`, or its problem."""
        reading = self.reading
        cells = text.split(",") if '"' not in text else _cells(text)
        message = help = ""
        if cells is None:
            message = "the quotation marks of the record are not as CSV has them"
            help = 'a cell with a comma or a mark stands in quotation marks, and a mark twice: `""`'
        elif len(cells) != len(self.names):
            count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            message = f"the record has {count}, and the header {len(self.names)}"
            help = "put a cell that holds a comma into quotation marks"
        if cells is None or message:
            reading.problems.append(
                TraceProblem("trace-bad-csv", message, help, reading.name, number, scope="record")
            )
            return
        record: dict[str, object] = {
            name: cell for name, cell in zip(self.names, cells, strict=True) if cell
        }
        event_type = str(record.get("type", ""))
        try:
            for name, convert in self._convert(event_type).items():
                cell = record.get(name)
                if cell is not None:
                    record[name] = _converted(convert, str(cell), name)
        except ValueFault as fault:
            if fault.name in reading.typing.form(event_type).secret:
                fault.shown = fault.help = ""
            reading.refuse(fault, event_type, lambda _: (number, None), None)
            return
        reading.take(record, number, None, lambda _: (number, None))

    def _convert(self, event_type: str) -> dict[str, Cell]:
        """Attribute → how its cell is read, where it is not text."""
        found = self._cells.get(event_type)
        if found is None:
            types = self.reading.typing.form(event_type).types
            found = {
                name: _READ[types[name].name]
                for name in self.names
                if name in types and types[name].name in _READ and name not in HEAD
            }
            if len(self._cells) < 10_000:
                self._cells[event_type] = found
        return found


def _converted(convert: Cell, cell: str, name: str) -> object:
    try:
        return convert(cell)
    except Inexact as error:
        fault = ValueFault(
            f"{error}, and would not be held exactly",
            "round it",
            "trace-number-too-large" if error.why == "large" else "trace-number-too-fine",
        )
    except strict.Fault as problem:
        fault = ValueFault(
            "is not a list as JSON writes it", 'write it as `["a", "b"]`', problem.code
        )
    fault.name = name
    raise fault


def _number(cell: str) -> object:
    """The number; what is none stays text, and is refused as such."""
    return exact(cell) if strict.is_number(cell) else cell


def _boolean(cell: str) -> object:
    return _BOOLEANS.get(cell, cell)


def _list(cell: str) -> object:
    if not cell.lstrip().startswith("["):
        return cell
    parsed = strict.parse(cell)
    if cell[parsed.end :].strip():
        raise strict.expected(cell, parsed.end, "the end of the cell")
    return parsed.value


_READ: dict[str, Cell] = {
    "number": _number,
    "duration": _number,
    "boolean": _boolean,
    "list": _list,
}


def _cells(text: str) -> list[str] | None:
    """The cells of a record; None if its quotation marks are not as they should be."""
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _open(reading: Reading, number: int) -> TraceProblem:
    return TraceProblem(
        "trace-truncated",
        "the file ends within a cell in quotation marks",
        "get the whole file",
        reading.name,
        number,
        scope="rest",
    )
