"""Durations of a trace: `10 minutes`, `PT10M` or a number of seconds, to microseconds."""

from __future__ import annotations

import re
from fractions import Fraction

from tosrules.late import pattern
from tosrules.trace.numbers import Inexact, exact

_UNITS = {
    "microsecond": 1,
    "millisecond": 1_000,
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
_WORDS = pattern(r"(-?\d+(?:\.\d+)?) ?(microsecond|millisecond|second|minute|hour|day|week)s?")
_PART = r"(?:(\d+(?:\.\d+)?){})?"
_ISO = pattern(
    "(-?)P"
    + _PART.format("W")
    + _PART.format("D")
    + "(?:T"
    + _PART.format("H")
    + _PART.format("M")
    + _PART.format("S")
    + ")?",
    re.ASCII,
)
_ISO_UNITS = ("week", "day", "hour", "minute", "second")
_CALENDAR = pattern(r"-?P.*\d+(?:\.\d+)?[YM]|.*\b(?:month|year)s?", re.ASCII | re.DOTALL)
_LIMIT = 10**18
"""Microseconds, about 31,700 years: within 64 bits in every engine."""


class DurationError(ValueError):
    """A text or number that is no duration; the message is a predicate without the value."""


def parse_duration(text: str) -> int:
    """Microseconds of `10 minutes`, `1.5 hours`, `P7D`, `PT1H30M` (a minus is allowed).

    Months and years have no fixed length and are errors. Raises DurationError.
    """
    if len(text) > 100:
        raise DurationError("is not a duration such as `10 minutes` or `PT10M`")
    words = _WORDS.fullmatch(text)
    if words is not None:
        return _micros(words[1], words[2])
    iso = _ISO.fullmatch(text)
    if iso is None or not any(iso.groups()[1:]) or text.endswith("T"):
        if _CALENDAR.fullmatch(text.partition("T")[0]):
            raise DurationError("is in months or years, which have no fixed length")
        raise DurationError("is not a duration such as `10 minutes` or `PT10M`")
    total = sum(
        _micros(amount, unit)
        for amount, unit in zip(iso.groups()[1:], _ISO_UNITS, strict=True)
        if amount
    )
    return _bounded(-total if iso[1] else total)


def from_seconds(seconds: int | Fraction) -> int:
    """Microseconds of an exact number of seconds. Raises DurationError."""
    return _bounded(int(seconds * 1_000_000))


def _micros(amount: str, unit: str) -> int:
    try:
        size = exact(amount) * _UNITS[unit]
    except Inexact as error:
        raise DurationError(str(error)) from None
    if size != int(size):
        raise DurationError("is finer than a microsecond")
    return _bounded(int(size))


def _bounded(micros: int) -> int:
    if abs(micros) >= _LIMIT:
        raise DurationError("is longer than 31,000 years")
    return micros
