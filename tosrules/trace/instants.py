"""Instants: texts with an offset from UTC to microseconds since 1970 and back."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from tosrules.late import pattern
from tosrules.zones import load_zone

__all__ = [
    "EARLIEST", "LATEST", "InstantError", "epoch_mend", "format_instant", "load_zone",
    "parse_instant",
]  # fmt: skip

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_EPOCH = datetime(1970, 1, 1)
_EPOCH_DAY = date(1970, 1, 1).toordinal()

EARLIEST = (1 - _EPOCH_DAY) * _DAY
"""0001-01-01T00:00:00Z in microseconds."""
LATEST = (date(9999, 12, 31).toordinal() - _EPOCH_DAY + 1) * _DAY - 1
"""9999-12-31T23:59:59.999999Z in microseconds."""

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?"
    r" ?([Zz]|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_DATE_ONLY = pattern(r"\d{4}-\d\d-\d\d", re.ASCII)
_EPOCH_NUMBER = pattern(r"-?\d{9,19}(?:\.\d+)?", re.ASCII)


class InstantError(ValueError):
    """A text that is no instant. Its message is a predicate without the text ("has no offset
    from UTC"), so that it can be said of a secret value too."""

    def __init__(self, predicate: str, mend: str = "", naive: bool = False) -> None:
        super().__init__(predicate)
        self.mend = mend
        self.naive = naive
        """The text has no offset and no zone was given."""


def parse_instant(text: str, zone: tzinfo | None = None) -> int:
    """Microseconds since 1970-01-01T00:00:00Z of an RFC 3339 or ISO 8601 time.

    Shapes: `2020-04-03T09:00:00Z`, with `T` or a space, seconds optional, any number of digits
    after the seconds (below a microsecond they are cut), offset `Z`, `+02:00`, `+0200` or `+02`.
    Without an offset the time is local to `zone`; without a zone it is an error, as is a local
    time that a clock change skips or repeats.

    Raises InstantError.
    """
    match = _INSTANT.fullmatch(text)
    if match is None:
        raise _no_instant(text)
    day_text, hour, minute, second, fraction, offset = match.groups()
    day = _day(day_text)
    hours, minutes, seconds = int(hour), int(minute), int(second or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise _no_clock(hours, minutes, seconds)
    micros = day + (hours * 3600 + minutes * 60 + seconds) * _SECOND
    if fraction:
        micros += int(fraction[:6].ljust(6, "0"))
    if offset is None:
        if zone is None:
            raise InstantError(
                "has no offset from UTC",
                f"write it with its offset, such as `{day_text}T{hour}:{minute}:{second or '00'}Z` "
                "in UTC, or name the zone it was written in with --zone",
                naive=True,
            )
        micros -= _local_offset(micros, zone)
    elif offset not in ("Z", "z"):
        micros -= _offset(offset)
    if not EARLIEST <= micros <= LATEST:
        raise InstantError("lies outside the years 1 to 9999")
    return micros


def format_instant(micros: int) -> str:
    """`2020-04-03T09:00:00Z`; a fraction of a second only if there is one. A deadline beyond
    the year 9999 is shown as its end."""
    micros = min(max(micros, EARLIEST), LATEST)
    text = (_EPOCH + timedelta(microseconds=micros)).isoformat()
    if "." in text:
        text = text.rstrip("0")
    return text + "Z"


@lru_cache(maxsize=4096)
def _day(text: str) -> int:
    """Microseconds of midnight UTC of a `YYYY-MM-DD` day."""
    try:
        day = date(int(text[:4]), int(text[5:7]), int(text[8:10]))
    except ValueError:
        raise InstantError("names a day that no calendar has") from None
    return (day.toordinal() - _EPOCH_DAY) * _DAY


@lru_cache(maxsize=256)
def _offset(text: str) -> int:
    """Microseconds east of UTC of `+02:00`, `+0200` or `+02`."""
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        raise InstantError("has an offset from UTC of a day or more")
    size = (hours * 60 + minutes) * 60 * _SECOND
    return -size if text[0] == "-" else size


def _local_offset(micros: int, zone: tzinfo) -> int:
    """Microseconds east of UTC of `zone` at a local time, given as if it were UTC."""
    local = (_EPOCH + timedelta(microseconds=micros)).replace(tzinfo=zone)
    first, second = local.utcoffset(), local.replace(fold=1).utcoffset()
    if first is None or second is None:
        raise InstantError("has no offset from UTC", naive=True)
    if first != second:
        # Before a clock goes forward the earlier offset is the smaller: the hour does not exist.
        happens = "does not exist" if first < second else "happens twice"
        raise InstantError(
            f"{happens} in `{zone}`, where the clocks change",
            "write it with its offset from UTC",
        )
    return first // timedelta(microseconds=1)


def _no_clock(hours: int, minutes: int, seconds: int) -> InstantError:
    if seconds == 60 and minutes <= 59 and hours <= 23:
        return InstantError(
            "is a leap second, which this order of time does not have",
            "write the last microsecond before it, `…:59.999999`",
        )
    if (hours, minutes, seconds) == (24, 0, 0):
        return InstantError("has the hour 24", "write `00:00:00` of the next day")
    return InstantError("names a time of day that no clock has")


def _no_instant(text: str) -> InstantError:
    if _DATE_ONLY.fullmatch(text):
        return InstantError("is a day without a time of day", f"write `{text}T00:00:00Z`")
    if _EPOCH_NUMBER.fullmatch(text):
        return InstantError("is not a time such as `2020-04-03T09:00:00Z`", epoch_mend(text))
    return InstantError("is not a time such as `2020-04-03T09:00:00Z`")


def epoch_mend(digits: str) -> str:
    """How to write a number that looks like seconds, or thousandths, since 1970; or empty."""
    whole = digits.partition(".")[0]
    size = len(whole.lstrip("-"))
    unit = {9: _SECOND, 10: _SECOND, 12: 1000, 13: 1000, 15: 1, 16: 1}.get(size)
    if unit is None:
        return "write the time as text with its offset from UTC"
    said = {_SECOND: "seconds", 1000: "milliseconds", 1: "microseconds"}[unit]
    return f'if it counts {said} since 1970, write `"{format_instant(int(whole) * unit)}"`'
