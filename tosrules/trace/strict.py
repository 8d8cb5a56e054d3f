"""A strict JSON parser that knows where everything is.

The quick road is the standard library's scanner (`decode.py`). When that stumbles, or when a
problem needs its column, the record is read again here, with exact places and messages that
say what to write instead. Messages never hold values, which may be secrets, but for one
character at most.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tosrules.late import pattern
from tosrules.trace.numbers import Inexact, exact
from tosrules.trace.problems import quoted

DEPTH = 64
"""Objects and lists within one another that a record may have."""

_SPACE = pattern(r"[ \t\n\r]*")
_PLAIN = pattern(r'[^"\\\x00-\x1f]*')
_NUMBER = pattern(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_WORDISH = pattern(r"[^\s,:{}\[\]\"]*")
_HEX = pattern(r"[0-9a-fA-F]{4}")
_NOT_NUMBERS = ("NaN", "Infinity", "-Infinity", "nan", "inf", "-inf", "+Infinity")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_MENDS = {
    "'": "JSON puts text in double quotation marks",
    "/": "JSON has no comments",
    "#": "JSON has no comments",
    "“": 'write the straight quotation mark `"`',
    "\x00": "the file may be damaged, or not be UTF-8",
}


class Fault(Exception):
    """The text at `offset` is not what it should be."""

    def __init__(self, code: str, message: str, help: str, offset: int) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help
        self.offset = offset


class Parsed:
    """One JSON value and where its parts are."""

    def __init__(self) -> None:
        self.value: object = None
        self.end = 0
        """Offset after the value."""
        self.places: dict[str, int] = {}
        """Flattened dotted name → offset of its value; the last place wins."""


def parse(
    text: str,
    start: int = 0,
    depth: int = DEPTH,
    number: Callable[[str], object] = exact,
) -> Parsed:
    """The JSON value that starts at `start` of `text`. Raises Fault.

    A fault at the end of the text has the code `trace-truncated`.
    """
    parser = _Parser(text, depth, number)
    parsed = parser.parsed
    parsed.value, parsed.end = parser.value(start, "", 0)
    return parsed


def is_number(text: str) -> bool:
    """True if the text is a number as JSON writes it."""
    return _NUMBER.fullmatch(text) is not None


class _Parser:
    def __init__(self, text: str, depth: int, number: Callable[[str], object]) -> None:
        self.text = text
        self.limit = depth
        self.number_of = number
        self.parsed = Parsed()

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return at if match is None else match.end()

    def value(self, at: int, name: str, depth: int) -> tuple[object, int]:
        at = self.skip(at)
        if name:
            self.parsed.places[name] = at
        char = self.text[at : at + 1]
        if char in ("{", "["):
            if depth >= self.limit:
                raise Fault(
                    "trace-too-deep",
                    f"objects and lists are nested more than {self.limit} deep",
                    "",
                    at,
                )
            return (
                self.take_object(at, name, depth)
                if char == "{"
                else self.take_list(at, name, depth)
            )
        if char == '"':
            return self.take_string(at)
        if char == "-" or char.isdigit():
            return self.take_number(at, name)
        word = self.word(at)
        if word in _WORDS:
            return _WORDS[word], at + len(word)
        raise self.no_value(at, word)

    def take_object(self, at: int, name: str, depth: int) -> tuple[dict[str, object], int]:
        found: dict[str, object] = {}
        at = self.skip(at + 1)
        if self.text[at : at + 1] == "}":
            return found, at + 1
        while True:
            if self.text[at : at + 1] != '"':
                raise expected(self.text, at, "a name in double quotation marks")
            begins = at
            key, at = self.take_string(at)
            if key in found:
                raise Fault(
                    "trace-duplicate-key",
                    f"the name {quoted(key)} stands twice in one object",
                    "remove one of the two",
                    begins,
                )
            at = self.skip(at)
            if self.text[at : at + 1] != ":":
                raise expected(self.text, at, f"`:` after the name {quoted(key)}")
            inner = f"{name}.{key}" if name else key
            found[key], at = self.value(at + 1, inner, depth + 1)
            at = self.skip(at)
            char = self.text[at : at + 1]
            if char == "}":
                return found, at + 1
            if char != ",":
                raise expected(self.text, at, f"`,` or `}}` after the value of {quoted(key)}")
            at = self.skip(at + 1)
            if self.text[at : at + 1] == "}":
                raise Fault("trace-bad-json", "a comma stands before `}`", "remove the comma", at)

    def take_list(self, at: int, name: str, depth: int) -> tuple[list[object], int]:
        found: list[object] = []
        at = self.skip(at + 1)
        if self.text[at : at + 1] == "]":
            return found, at + 1
        while True:
            # Elements have no name of their own; the list's place serves for them.
            saved = self.parsed.places.get(name)
            element, at = self.value(at, name, depth + 1)
            if name and saved is not None:
                self.parsed.places[name] = saved
            found.append(element)
            at = self.skip(at)
            char = self.text[at : at + 1]
            if char == "]":
                return found, at + 1
            if char != ",":
                raise expected(self.text, at, "`,` or `]` in a list")
            at = self.skip(at + 1)
            if self.text[at : at + 1] == "]":
                raise Fault("trace-bad-json", "a comma stands before `]`", "remove the comma", at)

    def take_string(self, at: int) -> tuple[str, int]:
        parts: list[str] = []
        begins = at
        at += 1
        while True:
            match = _PLAIN.match(self.text, at)
            if match is not None:
                parts.append(match[0])
                at = match.end()
            char = self.text[at : at + 1]
            if char == '"':
                return "".join(parts), at + 1
            if char == "\\":
                part, at = self.escape(at)
                parts.append(part)
                continue
            if not char:
                raise _truncated(at, "within a text in quotation marks")
            if char in "\n\r":
                raise Fault(
                    "trace-bad-json",
                    "a text in quotation marks does not end on its line",
                    "close it, or write a line break within it as `\\n`",
                    begins,
                )
            raise Fault(
                "trace-bad-json",
                f"a text holds the control character U+{ord(char):04X}",
                "the file may be damaged" if char == "\x00" else f"write `\\u{ord(char):04x}`",
                at,
            )

    def escape(self, at: int) -> tuple[str, int]:
        char = self.text[at + 1 : at + 2]
        if char in _ESCAPES:
            return _ESCAPES[char], at + 2
        if char == "u":
            code = self.hex(at + 2)
            if not 0xD800 <= code <= 0xDFFF:
                return chr(code), at + 6
            if code < 0xDC00 and self.text[at + 6 : at + 8] == "\\u":
                low = self.hex(at + 8)
                if 0xDC00 <= low <= 0xDFFF:
                    return chr(0x10000 + ((code - 0xD800) << 10) + low - 0xDC00), at + 12
            raise Fault(
                "trace-lone-surrogate",
                f"`\\u{code:04x}` is half a character",
                "write both halves, or leave it out",
                at,
            )
        if not char:
            raise _truncated(at, "within a text in quotation marks")
        raise Fault(
            "trace-bad-json",
            "a backslash stands before a character that it cannot escape",
            "write a backslash as `\\\\`",
            at,
        )

    def hex(self, at: int) -> int:
        match = _HEX.match(self.text, at)
        if match is not None:
            return int(match[0], 16)
        if len(self.text) - at < 4 and re.fullmatch("[0-9a-fA-F]*", self.text[at:]):
            raise _truncated(len(self.text), "within a text in quotation marks")
        raise Fault(
            "trace-bad-json", "`\\u` is not followed by four hexadecimal digits", "", at - 2
        )

    def take_number(self, at: int, name: str) -> tuple[object, int]:
        word = self.word(at)
        match = _NUMBER.fullmatch(word)
        if match is None:
            if at + len(word) == len(self.text) and _NUMBER.fullmatch(word + "0"):
                raise _truncated(len(self.text), "within a number")
            if word in _NOT_NUMBERS:
                raise self.no_value(at, word)
            raise Fault("trace-bad-json", "this is not a number as JSON writes it", "", at)
        try:
            return self.number_of(word), at + len(word)
        except Inexact as error:
            of = f" of {quoted(name)}" if name else ""
            raise Fault(
                "trace-number-too-large" if error.why == "large" else "trace-number-too-fine",
                f"the number{of} {error}, and would not be held exactly",
                "round it, or write it as text in quotation marks if it only names something",
                at,
            ) from None

    def word(self, at: int) -> str:
        match = _WORDISH.match(self.text, at)
        return "" if match is None else match[0]

    def no_value(self, at: int, word: str) -> Fault:
        if word in _NOT_NUMBERS:
            return Fault(
                "trace-not-a-number",
                f"`{word}` is not a number that JSON has",
                "leave the value out, or write `null`",
                at,
            )
        if word.lower() in ("none", "undefined", "nil"):
            return Fault("trace-bad-json", f"`{word}` is not JSON", "write `null`", at)
        if word.lower() in _WORDS:
            return Fault("trace-bad-json", f"`{word}` is not JSON", f"write `{word.lower()}`", at)
        return expected(self.text, at, "a value")


def expected(text: str, at: int, what: str) -> Fault:
    """The fault that `what` is not at that offset."""
    if at >= len(text):
        return _truncated(at, f"where it should have {what}")
    char = text[at]
    if char == "\x00":
        return Fault("trace-bad-json", "the file holds a NUL byte", _MENDS[char], at)
    return Fault(
        "trace-bad-json", f"expected {what}, found {quoted(char)}", _MENDS.get(char, ""), at
    )


def _truncated(at: int, where: str) -> Fault:
    return Fault("trace-truncated", f"the file ends {where}", "get the whole file", at)
