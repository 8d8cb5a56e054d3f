"""Local time in the plan: offsets of a zone as a case over its changes, days and windows as
whole numbers. The zone rules are those that the other engines use (semantics Q1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from tosrules.plan.expr import Expr, case, lit, op
from tosrules.record import Record

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1)
_STEP = 6 * HOUR
"""No zone has changed its offset twice within so short a time."""


class Zone(Record):
    """Offsets of a zone over the time a trace covers, microseconds."""

    first: int
    """Offset before the first change."""
    changes: tuple[tuple[int, int], ...]
    """(instant, offset from then on), ascending."""


def zone_between(name: str, start: int, end: int) -> Zone:
    """The offsets of a zone from `start` to `end`, with a margin."""
    from tosrules.trace.instants import load_zone

    return _zone(load_zone(name), max(start - 400 * DAY, _LEAST), min(end + 400 * DAY, _MOST))


_LEAST = int((datetime(1, 1, 3) - _EPOCH) / timedelta(microseconds=1))
_MOST = int((datetime(9999, 12, 29) - _EPOCH) / timedelta(microseconds=1))


@lru_cache(maxsize=64)
def _zone(zone: Any, start: int, end: int) -> Zone:
    def offset(time: int) -> int:
        utc = (_EPOCH + timedelta(microseconds=time)).replace(tzinfo=UTC)
        found = utc.astimezone(zone).utcoffset()
        assert found is not None
        return int(found / timedelta(microseconds=1))

    first = known = offset(start)
    changes: list[tuple[int, int]] = []
    here = start
    while here < end:
        there = min(here + _STEP, end)
        if offset(there) != known:
            left, right = here, there
            while right - left > 1:
                middle = (left + right) // 2
                if offset(middle) == known:
                    left = middle
                else:
                    right = middle
            known = offset(right)
            changes.append((right, known))
            there = right
        here = there
    return Zone(first, tuple(changes))


def local(time: Expr, zone: Zone) -> Expr:
    """The local wall clock, microseconds since 1970-01-01T00:00 local."""
    return op("+", time, offset(time, zone)) if zone.changes or zone.first else time


def offset(time: Expr, zone: Zone) -> Expr:
    return _between(time, zone.first, zone.changes)


def _between(time: Expr, first: int, changes: tuple[tuple[int, int], ...]) -> Expr:
    """By halves, so that even a century of changes is asked in a few comparisons."""
    if not changes:
        return lit(first)
    middle = len(changes) // 2
    at, known = changes[middle]
    return case(
        (op("<", time, lit(at)), _between(time, first, changes[:middle])),
        otherwise=_between(time, known, changes[middle + 1 :]),
    )


def day(local: Expr) -> Expr:
    """Days since 1970-01-01."""
    return op("floor div", local, lit(DAY))


def hour(local: Expr) -> Expr:
    return op("floor div", op("-", local, op("*", day(local), lit(DAY))), lit(HOUR))


def weekday(local: Expr) -> Expr:
    """Monday 1 to Sunday 7; 1970-01-01 was a Thursday."""
    return op("+", op("mod", op("+", day(local), lit(3 + 7 * 200_000)), lit(7)), lit(1))


def window(time: Expr, amount: int, unit: str, zone: Zone) -> list[Expr]:
    """What tells one calendar window from another (semantics Q1): a repeated local hour is two
    windows, so those of minutes and hours have their offset beside them."""
    wall = local(time, zone)
    if unit in ("minute", "hour"):
        length = amount * MINUTE if unit == "minute" else HOUR
        return [op("floor div", wall, lit(length)), offset(time, zone)]
    days = day(wall)
    if unit == "week":
        return [op("floor div", op("+", days, lit(3)), lit(7))]
    if unit == "month":
        return [op("+", op("*", op("year of day", days), lit(12)), op("month of day", days))]
    if unit == "year":
        return [op("year of day", days)]
    return [days]
