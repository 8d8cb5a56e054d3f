"""The native trace: one JSON object, or JSON Lines."""

from __future__ import annotations

from typing import BinaryIO, TypeGuard

from tosrules.trace import strict
from tosrules.trace.cursor import Cursor
from tosrules.trace.decode import NATIVE, Irregular, JSONDecodeError, irregular
from tosrules.trace.lines import lines
from tosrules.trace.numbers import Inexact
from tosrules.trace.problems import Refused, TraceProblem
from tosrules.trace.reading import (
    HEADER,
    Locate,
    Reading,
    no_events,
    no_version,
    repeated,
    unknown_name,
)


def read_json(stream: BinaryIO, reading: Reading) -> None:
    """Reads `{"trace": "tosrules-trace/1", …, "events": [ … ]}` into `reading`.

    Raises Refused where the file cannot be read further.
    """
    cursor = Cursor(stream, reading.name, reading.max_record)
    cursor.take("{", "the object of a trace")
    start = cursor.position(cursor.at - 1)
    seen: set[str] = set()
    if cursor.peek() == "}":
        cursor.at += 1
    else:
        while True:
            _member(cursor, reading, seen)
            if cursor.peek() != ",":
                break
            cursor.at += 1
        cursor.take("}", "`,` or `}`")
    if cursor.peek():
        raise cursor.unexpected("nothing after the end of the trace")
    if "events" not in seen:
        raise reading.unusable(no_events(), start)
    if "trace" not in seen:
        raise reading.unusable(no_version(), start)


def _member(cursor: Cursor, reading: Reading, seen: set[str]) -> None:
    """Reads one name of the top object and its value."""
    if cursor.peek() != '"':
        raise cursor.unexpected("a name in double quotation marks")
    place = cursor.position(cursor.at)
    name = str(cursor.value())
    if name in seen:
        raise reading.unusable(repeated(name), place)
    seen.add(name)
    if name != "events" and name not in HEADER:
        raise reading.unusable(unknown_name(name), place)
    cursor.take(":", "`:` after the name")
    if name == "events":
        _events(cursor, reading)
        return
    cursor.peek()
    place = cursor.position(cursor.at)
    reading.header(name, cursor.value(), lambda _: place)


def _events(cursor: Cursor, reading: Reading) -> None:
    cursor.take("[", "a list of events")
    if cursor.peek() == "]":
        cursor.at += 1
        return
    index = 0
    while True:
        cursor.peek()
        line = cursor.line()
        try:
            decoded = cursor.value()
        except Refused as refused:
            reading.passed(refused, index)
        else:
            reading.take(decoded, line, index, cursor.place_of)
        index += 1
        mark = cursor.peek()
        if mark not in ("]", ","):
            raise cursor.unexpected("`,` or `]` after an event")
        cursor.at += 1
        if mark == "]":
            return


def read_jsonl(stream: BinaryIO, reading: Reading) -> None:
    """Reads one event a line into `reading`; a header object may be the first line."""
    first = True
    for number, data, ended in lines(stream, reading):
        if not data.isspace():
            take_line(data, number, ended, first, reading)
            first = False


def take_line(data: bytes, number: int, ended: bool, first: bool, reading: Reading) -> None:
    """Adds the event of a line that is not blank, or its problem. `first`: it may be the header.

    Raises Refused where the file cannot be read further.
    """
    try:
        text = data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        reading.problems.append(_not_utf8(reading.name, number, error))
        return
    try:
        decoded = decode_line(text)
    except strict.Fault as fault:
        if first and ended and fault.message.startswith("the file ends where"):
            raise Refused(_spread(reading.name, number)) from None
        reading.problems.append(_line_fault(reading.name, number, fault, ended))
        return
    if first and is_header(decoded):
        _header(decoded, reading, number, text)
    else:
        reading.take(decoded, number, None, _locator(text, number))


def is_header(decoded: object) -> TypeGuard[dict[str, object]]:
    """Whether the value of the first line is the header of a trace."""
    return type(decoded) is dict and "trace" in decoded and "type" not in decoded


def decode_line(text: str) -> object:
    """The one JSON value of a line. Raises strict.Fault."""
    start = len(text) - len(text.lstrip(" \t"))
    try:
        value, end = NATIVE(text, start)
        if not irregular(value, text, start, end, strict.DEPTH) and end == len(text):
            return value
    except (JSONDecodeError, Irregular, Inexact, RecursionError):
        pass
    parsed = strict.parse(text)
    rest = text[parsed.end :].lstrip(" \t")
    if rest:
        at = len(text) - len(rest)
        if rest[0] in "{,":
            raise strict.Fault(
                "trace-bad-json",
                "something follows the event on its line",
                "JSON Lines has one event a line, with no commas between",
                at,
            )
        raise strict.expected(text, at, "nothing after the event")
    return parsed.value


def _header(decoded: dict[str, object], reading: Reading, number: int, text: str) -> None:
    locate = _locator(text, number)
    for name, value in decoded.items():
        reading.header(name, value, locate)


def _locator(text: str, number: int) -> Locate:
    def locate(name: str) -> tuple[int, int]:
        places = strict.parse(text).places
        start = len(text) - len(text.lstrip(" \t"))
        return number, places.get(name, start) + 1

    return locate


def _line_fault(file: str, number: int, fault: strict.Fault, ended: bool) -> TraceProblem:
    code, message, help = fault.code, fault.message, fault.help
    if code == "trace-truncated" and ended:
        # Only the line ends here; the file goes on.
        code = "trace-bad-json"
        message = message.replace("the file ends", "the line ends", 1)
        help = "JSON Lines has one whole event a line"
    return TraceProblem(code, message, help, file, number, fault.offset + 1, scope="record")


def _spread(file: str, number: int) -> TraceProblem:
    """The first event goes on in the next line: one mistake, not one on every line."""
    return TraceProblem(
        "trace-bad-json",
        "the first event does not end on its line",
        'JSON Lines has one whole event a line; events over several lines stand in `{"trace": '
        '"tosrules-trace/1", "events": [ … ]}`',
        file,
        number,
        1,
        scope="rest",
    )


def _not_utf8(file: str, number: int, error: UnicodeDecodeError) -> TraceProblem:
    column = len(error.object[: error.start].decode("utf-8")) + 1
    byte = error.object[error.start]
    return TraceProblem(
        "trace-not-utf8",
        f"the byte 0x{byte:02X} is not UTF-8",
        "save the file as UTF-8",
        file,
        number,
        column,
        scope="record",
    )
