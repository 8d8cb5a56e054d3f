"""A place in a JSON document that is read as a stream: value by value, with line and column."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import BinaryIO

from tosrules.late import pattern
from tosrules.record import replace
from tosrules.trace import strict
from tosrules.trace.decode import NATIVE, Irregular, JSONDecodeError, irregular
from tosrules.trace.numbers import Inexact, exact
from tosrules.trace.problems import Refused, Scope, TraceProblem
from tosrules.trace.source import CHUNK

_SPACE = re.compile(r"[ \t\n\r]*")
_STRUCTURE = pattern(r'["{}\[\]]')
_AFTER_SCALAR = pattern(r"[,\]}]")
_IN_STRING = pattern(r'["\\]')

# After these the rest of the document still stands where it should.
_RECOVERABLE = frozenset(
    {
        "trace-duplicate-key",
        "trace-number-too-large",
        "trace-number-too-fine",
        "trace-not-a-number",
        "trace-lone-surrogate",
        "trace-too-deep",
        "trace-record-too-large",
    }
)


class Cursor:
    """Reads one JSON document from a stream of UTF-8 bytes.

    Holds at most the value being read (`max_record` bytes) and one chunk. Every method raises
    Refused with a problem that has file, line and column.
    """

    def __init__(
        self,
        stream: BinaryIO,
        file: str,
        max_record: int,
        decode: Callable[[str, int], tuple[object, int]] = NATIVE,
        number: Callable[[str], object] = exact,
        depth: int = strict.DEPTH,
    ) -> None:
        self.file = file
        self.max_record = max_record
        self.text = ""
        self.at = 0
        """Offset of the place in `text`."""
        self.began = 0
        """Offset in `text` where the value that `value` gave last begins; good until the next
        call of any method."""
        self.ended = False
        self._stream = stream
        self._decode = decode
        self._number = number
        self._depth = depth
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._pending: Refused | None = None
        self._line = 1
        self._counted = 0
        """`_line` is the line of this offset."""
        self._before = 0
        """Code points of the first line of `text` that were dropped already."""

    def fill(self, wanted: int = 0) -> bool:
        """Reads on, at least a chunk or `wanted` code points; False at the end."""
        if self.ended:
            return False
        if self._pending is not None:
            raise self._pending
        self._drop()
        pieces = [self.text]
        missing = max(wanted, CHUNK)
        while missing > 0 and not self.ended and self._pending is None:
            piece = self._read()
            pieces.append(piece)
            missing -= len(piece)
        grown = "".join(pieces)
        grew = len(grown) > len(self.text)
        self.text = grown
        if not grew and self._pending is not None:
            raise self._pending
        return grew

    def _read(self) -> str:
        try:
            chunk = self._stream.read(CHUNK)
        except Refused as refused:
            self._pending = refused
            return ""
        self.ended = not chunk
        try:
            return self._decoder.decode(chunk, final=self.ended)
        except UnicodeDecodeError as error:
            # What precedes the bad byte is read first; the problem waits for its turn.
            good = error.object[: error.start].decode("utf-8")
            self.ended = False
            self._pending = Refused(
                TraceProblem(
                    "trace-not-utf8",
                    f"the byte 0x{error.object[error.start]:02X} is not UTF-8",
                    "save the file as UTF-8",
                    self.file,
                    scope="rest",
                )
            )
            return good

    def _drop(self) -> None:
        """Forgets what lies before the place."""
        if not self.at:
            return
        self.line()
        last = self.text.rfind("\n", 0, self.at)
        self._before = self.at - last - 1 if last >= 0 else self._before + self.at
        self.text = self.text[self.at :]
        self.at = self._counted = 0

    def line(self) -> int:
        """1-based line of the place."""
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def position(self, offset: int) -> tuple[int, int]:
        """1-based line and column of an offset at or after where `line` was asked last."""
        line = self._line + self.text.count("\n", self._counted, offset)
        last = self.text.rfind("\n", 0, offset)
        column = offset - last if last >= 0 else self._before + offset + 1
        return line, column

    def peek(self) -> str:
        """The next character that is no space, after moving to it; empty at the end."""
        while True:
            char = self.text[self.at : self.at + 1]
            if char and char not in " \t\n\r":
                return char
            match = _SPACE.match(self.text, self.at)
            self.at = self.at if match is None else match.end()
            if self.at < len(self.text):
                return self.text[self.at]
            try:
                if not self.fill():
                    return ""
            except Refused as refused:
                raise self._placed(refused) from None

    def take(self, char: str, what: str) -> None:
        """Moves past `char`; `what` names it in the error."""
        found = self.peek()
        if found != char:
            raise self.unexpected(what)
        self.at += 1

    def unexpected(self, what: str) -> Refused:
        """The problem that `what` was expected at the place."""
        return self._fault(strict.expected(self.text, self.at, what))

    def value(self) -> object:
        """The JSON value at the place; the place moves after it.

        A value with a recoverable problem is passed over before the problem is raised, with
        the scope `record`; after any other problem the document cannot be read further.
        """
        self.peek()
        while True:
            start, text = self.at, self.text
            try:
                value, end = self._decode(text, start)
            except JSONDecodeError as error:
                # Only a fault at the end of what is held, or a text that does not close, may
                # come of the cutting.
                open_end = error.pos > len(text) - 32 or error.msg.startswith("Unterminated")
                if open_end and self._more(start):
                    continue
                return self._slowly()
            except (Irregular, Inexact, RecursionError):
                return self._slowly()
            if end == len(text) and not self.ended and self._more(start):
                continue  # a number may go on in the next chunk
            if end - start > self.max_record // 4:
                self._bounded(end)
            if irregular(value, text, start, end, self._depth):
                return self._slowly()
            self.began, self.at = start, end
            return value

    def _more(self, start: int) -> bool:
        """Reads on for a value that begins at `start`, twice as much each time."""
        held = len(self.text) - start
        if held > self.max_record:
            self._bounded(len(self.text))
        try:
            return self.fill(min(held, self.max_record))
        except Refused as refused:
            raise self._placed(refused) from None

    def _bounded(self, end: int) -> None:
        if len(self.text[self.at : end].encode("utf-8", "replace")) > self.max_record:
            line, column = self.position(self.at)
            raise self._passed(
                TraceProblem(
                    "trace-record-too-large",
                    f"one record is larger than {self.max_record:,} bytes",
                    file=self.file,
                    line=line,
                    column=column,
                    scope="record",
                )
            )

    def _passed(self, problem: TraceProblem) -> Refused:
        """The problem of the value at the place, after passing over the value; if the document
        ends within it, nothing after it can be read either."""
        try:
            self._pass_over()
        except Refused:
            return Refused(replace(problem, scope="rest"))
        return Refused(problem)

    def _slowly(self) -> object:
        """The value again by the strict parser, which decides; see `value`."""
        while True:
            try:
                parsed = strict.parse(self.text, self.at, self._depth, self._number)
            except strict.Fault as fault:
                # A fault near the end of what is held may come of its cutting.
                if fault.offset > len(self.text) - 16 and self._more(self.at):
                    continue
                refused = self._fault(fault)
                if refused.problem.scope == "record":
                    raise self._passed(refused.problem) from None
                raise refused from None
            self.began, self.at = self.at, parsed.end
            return parsed.value

    def place_of(self, name: str) -> tuple[int, int]:
        """1-based line and column of the attribute `name` (flattened) in the last value; of
        the value itself if it has no such attribute."""
        parsed = strict.parse(self.text, self.began, self._depth, self._number)
        return self.position(parsed.places.get(name, self.began))

    def _pass_over(self) -> None:
        """Moves past the value at the place by its brackets and quotation marks alone,
        holding none of it. Raises Refused if the document ends before."""
        if self.peek() not in ("{", "[", '"'):
            self._find(_AFTER_SCALAR)
            return
        depth, inside = 0, False
        while True:
            mark = self._find(_IN_STRING if inside else _STRUCTURE)
            self.at += 1
            if mark == "\\":
                if self.at >= len(self.text) and not self.fill():
                    raise self.unexpected("the end of a record")
                self.at += 1
            elif mark == '"':
                inside = not inside
            else:
                depth += 1 if mark in "{[" else -1
            if not inside and depth <= 0:
                return

    def _find(self, wanted: re.Pattern[str]) -> str:
        """Moves to the next character that matches, and gives it."""
        while True:
            match = wanted.search(self.text, self.at)
            if match is not None:
                self.at = match.start()
                return match[0]
            self.at = len(self.text)
            if not self.fill():
                raise self.unexpected("the end of a record")

    def _fault(self, fault: strict.Fault) -> Refused:
        line, column = self.position(fault.offset)
        scope: Scope = "record" if fault.code in _RECOVERABLE else "rest"
        return Refused(
            TraceProblem(
                fault.code, fault.message, fault.help, self.file, line, column, scope=scope
            )
        )

    def _placed(self, refused: Refused) -> Refused:
        """The problem of a damaged stream, with the place that it stands at."""
        return refused.at(*self.position(len(self.text)))
