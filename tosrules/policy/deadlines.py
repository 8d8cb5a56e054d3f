"""Deadlines: an instant moved by a fixed, calendar or business period (semantics O3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from tosrules.policy.expressions import BusinessPeriod, CalendarPeriod, FixedPeriod
from tosrules.policy.model import CalendarDeclaration

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
AFTER_ALL = 2**62
"""An instant after every recorded one, microseconds."""
_EPOCH = date(1970, 1, 1).toordinal()
_EPOCH_TIME = datetime(1970, 1, 1)


def deadline(time: int, period: object, calendars: Mapping[str, CalendarDeclaration]) -> int:
    """The last instant, in microseconds, that lies within `period` of `time`; closed.

    Calendar days end with the last microsecond of the last local day, the day of `time` not
    counted; business days likewise, counting working days only.
    """
    if isinstance(period, FixedPeriod):
        return time + period.micros
    try:
        if isinstance(period, CalendarPeriod):
            zone = _zone(period.zone)
            return end_of_day(_moved(local_day(time, zone), period), zone)
        if isinstance(period, BusinessPeriod):
            calendar = calendars[period.calendar]
            zone = _zone(calendar.zone)
            return end_of_day(_business(local_day(time, zone), period.amount, calendar), zone)
    except (OverflowError, ValueError):
        return AFTER_ALL  # the calendar ends with the year 9999, and no trace reaches beyond
    raise TypeError(f"not a period: {period!r}")


def _moved(day: date, period: CalendarPeriod) -> date:
    if period.unit == "day":
        return day + timedelta(days=period.amount)
    if period.unit == "week":
        return day + timedelta(days=7 * period.amount)
    months = period.amount * (12 if period.unit == "year" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    # The same day of the month, or the last one where the month is shorter.
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def _business(day: date, amount: int, calendar: CalendarDeclaration) -> date:
    holidays = _holidays(calendar.holidays)
    while amount:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays:
            amount -= 1
    return day


@lru_cache(maxsize=16)
def _holidays(texts: tuple[str, ...]) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)


@lru_cache(maxsize=16)
def _zone(name: str) -> tzinfo:
    from tosrules.zones import load_zone

    return load_zone(name)


def local_time(time: int, zone: tzinfo) -> datetime:
    """The local wall clock at an instant; `fold` tells a repeated hour's second half."""
    utc = (_EPOCH_TIME + timedelta(microseconds=time)).replace(tzinfo=zone)
    try:
        return zone.fromutc(utc)
    except OverflowError:
        return utc  # the first or last hours of the calendar have no other local time


def local_day(time: int, zone: tzinfo) -> date:
    return local_time(time, zone).date()


def end_of_day(day: date, zone: tzinfo) -> int:
    """The last microsecond of a local day. Where clocks go back over midnight, into the day
    that was over, it is the one before the second midnight; a day that clocks leave out ends
    with what is before the next."""
    following = day + timedelta(days=1)
    ends = [first_instant(following, zone, fold) - 1 for fold in (0, 1)]
    return max((end for end in ends if local_day(end, zone) == day), default=ends[0])


def first_instant(day: date, zone: tzinfo, fold: int = 0) -> int:
    """The first microsecond of a local day; where midnight is skipped, the first that is."""
    wall = (day.toordinal() - _EPOCH) * _DAY
    offset = datetime(day.year, day.month, day.day, tzinfo=zone, fold=fold).utcoffset()
    assert offset is not None, "a zone always has an offset"
    return wall - (offset.days * 86_400 + offset.seconds) * _SECOND
