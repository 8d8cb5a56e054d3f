"""Rates and quotas: counting events of a key over windows (semantics R and Q)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from tosrules.engines.reference.expressions import View, evaluate, truth
from tosrules.engines.reference.occurrence import Occurrence, Stretch
from tosrules.engines.reference.windows import Counting, Window
from tosrules.policy import expressions as p
from tosrules.policy.aggregates import aggregates_of
from tosrules.policy.deadlines import local_time
from tosrules.policy.model import CalendarWindow, KeyPart, Param
from tosrules.trace.event import Event, Value

Key = tuple[Value, ...]


class Judged(NamedTuple):
    """A rate judged at one counting event."""

    key: Key
    by: Occurrence
    holds: bool
    stretch: Stretch
    """The counting events of the window."""
    computed: Mapping[p.Aggregate, Any]
    """The aggregates at that moment."""


def keys_of(keys: Iterable[KeyPart], view: View) -> Key:
    return tuple(evaluate(k.value, view) for k in keys)


def judge_rate(
    by_key: Mapping[Key, list[Counting]],
    within: int,
    having: p.Expression,
    world: Any,
    settings: Mapping[str, Param],
) -> Iterator[Judged]:
    """Each rate once per key and instant, at the key's last counting event there, over the
    key's counting events in [t − D, t] (semantics R1). Only what holds or ends an episode is
    of use later, so every judgement is given."""
    aggregates = aggregates_of(having)

    def value_of(name: str) -> Any:
        return (settings.get(name) or world.params[name]).value

    for key, events in by_key.items():
        among = tuple(e.occurrence for e in events)
        window = Window(aggregates, value_of)
        earliest = _Earliest(among)
        start = stop = 0
        for instant, group in groupby(events, key=lambda e: e.time):
            for event in group:
                window.add(event)
                stop += 1
            while window.events[0].time < instant - within:
                window.drop()
                start += 1
            last = among[stop - 1]
            holds = truth(having, View(world, {}, last, settings, window)) is True
            computed = {a: window.value(a) for a in aggregates} if holds else {}
            first = earliest.over(start, stop)
            yield Judged(key, last, holds, Stretch(among, start, stop, first), computed)


class _Earliest:
    """The first recorded event of a stretch whose ends only move on."""

    def __init__(self, among: tuple[Occurrence, ...]) -> None:
        self._firsts = [occurrence.first() for occurrence in among]
        self._best: deque[int] = deque()
        self._seen = 0

    def over(self, start: int, stop: int) -> Event:
        for place in range(self._seen, stop):
            here = self._firsts[place].position
            while self._best and self._firsts[self._best[-1]].position > here:
                self._best.pop()
            self._best.append(place)
        self._seen = stop
        while self._best[0] < start:
            self._best.popleft()
        return self._firsts[self._best[0]]


def episodes(judged: Iterable[Judged]) -> Iterator[Judged]:
    """The judgements at which an episode opens: the rate holds, and at the key's judgement
    before it did not (semantics R4)."""
    before: Judged | None = None
    for here in judged:
        same = before is not None and before.key == here.key and before.holds
        if here.holds and not same:
            yield here
        before = here


# ---- quotas ----------------------------------------------------------------------------------


def judge_quota(
    by_key: Mapping[Key, list[Counting]],
    calendar: CalendarWindow | None,
    having: p.Expression,
    world: Any,
    settings: Mapping[str, Param],
) -> Iterator[tuple[Judged, tuple[Occurrence, ...]]]:
    """One judgement per key and window in which the quota holds at the window's end: at the
    first event from which it holds at every later event of the window (semantics Q2). With
    it, the events from that one on."""
    if not by_key:
        return  # and no zone is looked up
    aggregates = aggregates_of(having)

    def value_of(name: str) -> Any:
        return (settings.get(name) or world.params[name]).value

    start_of = window_starts(calendar)
    for key, events in by_key.items():
        windows: dict[Any, list[Counting]] = {}
        for event in events:
            windows.setdefault(start_of(event.time), []).append(event)
        for inside in windows.values():
            among = tuple(e.occurrence for e in inside)
            window = Window(aggregates, value_of)
            completing: int | None = None
            for place, event in enumerate(inside):
                window.add(event)
                view = View(world, {}, event.occurrence, settings, window)
                if truth(having, view) is not True:
                    completing = None
                elif completing is None:
                    completing = place
            if completing is not None:
                computed = {a: window.value(a) for a in aggregates}
                first = min((o.first() for o in among), key=lambda e: e.position)
                whole = Stretch(among, 0, len(among), first)
                yield (
                    Judged(key, among[completing], True, whole, computed),
                    among[completing:],
                )


def window_starts(calendar: CalendarWindow | None) -> Any:
    """A function from an instant to its window: the local start and, since a repeated local
    hour is two windows, for windows of minutes and hours the offset (semantics Q1)."""
    if calendar is None:
        return lambda _time: None
    from tosrules.trace.instants import load_zone

    zone = load_zone(calendar.zone)

    def start(time: int) -> tuple[datetime, timedelta | None]:
        local = local_time(time, zone)
        offset = local.utcoffset()
        wall = local.replace(tzinfo=None, fold=0, second=0, microsecond=0)
        match calendar.unit:
            case "minute":
                minute = wall.minute - wall.minute % calendar.amount
                return wall.replace(minute=minute), offset
            case "hour":
                return wall.replace(minute=0), offset
        midnight = wall.replace(hour=0, minute=0)
        match calendar.unit:
            case "week":
                return midnight - timedelta(days=midnight.weekday()), None
            case "month":
                return midnight.replace(day=1), None
            case "year":
                return midnight.replace(month=1, day=1), None
        return midnight, None

    return start
