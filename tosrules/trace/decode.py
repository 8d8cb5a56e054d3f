"""JSON values by the standard library's quick scanner, made strict.

Whatever is not plain (a name twice, a number too large, half a surrogate pair, a nest too
deep) raises `Irregular` or the scanner's own error; `strict.parse` then says what and where.
"""

from __future__ import annotations

import json
from json import JSONDecodeError

from tosrules.late import pattern
from tosrules.trace.numbers import DIGITS, exact, integer

__all__ = ["HAR", "NATIVE", "Irregular", "JSONDecodeError", "Numeral", "irregular", "numeral"]


class Irregular(ValueError):
    """The value must be read by `strict.parse`."""


class Numeral(str):
    """A number of a foreign format as it is written, not yet interpreted."""

    __slots__ = ()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Irregular
    return found


def _constant(name: str) -> object:
    raise Irregular(name)


def numeral(text: str) -> object:
    """A number of a foreign format: an `int` if it is a short one, else as it is written."""
    if len(text) <= DIGITS and text.lstrip("-").isdecimal():
        return int(text)
    return Numeral(text)


NATIVE = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=integer, parse_float=exact, parse_constant=_constant
).raw_decode
"""(text, start) → (value, end); numbers exact."""

HAR = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=numeral, parse_float=Numeral, parse_constant=_constant
).raw_decode
"""The same for formats with numbers that nobody reads, such as timings of 17 digits."""

_HALF = pattern(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


def half_pair(text: str, start: int, end: int) -> bool:
    """True if that stretch may hold half a surrogate pair; false only if it does not."""
    return text.find("\\u", start, end) >= 0 and _HALF.search(text, start, end) is not None


def irregular(value: object, text: str, start: int, end: int, depth: int) -> bool:
    """True if the decoded `value` of that stretch needs the strict parser after all: it may
    hold half a surrogate pair, or is nested deeper than `depth`."""
    brackets = text.count("{", start, end) + text.count("[", start, end)
    return (brackets > depth and _deeper(value, depth)) or half_pair(text, start, end)


def _deeper(value: object, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        inner: list[object] = []
        for outer in level:
            if type(outer) is dict:
                inner.extend(outer.values())
            elif type(outer) is list:
                inner.extend(outer)
        level = inner
    return any(type(part) is dict or type(part) is list for part in level)
