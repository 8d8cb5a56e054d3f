"""Statuses: what is held just before an event, in three values (semantics U1 to U4)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any, NamedTuple

from tosrules.engines.reference.expressions import View, evaluate, truth
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.engines.reference.truth import Truth
from tosrules.policy.deadlines import deadline
from tosrules.policy.model import CalendarDeclaration, Status
from tosrules.record import Record, replace
from tosrules.trace.event import Value

Key = tuple[Value, ...]
NEVER = -(2**80)
"""Before every instant."""
FOREVER = 2**80
"""After every instant."""


class Holding(Record):
    """What is known of one key after a change. Instants are microseconds."""

    sure_until: int = NEVER
    """Latest expiry of a sure beginning since the last possible end."""
    possible_until: int = NEVER
    """Latest expiry of a possible beginning since the last sure end."""
    sure_since: int = FOREVER
    """First sure beginning since the last possible end, or since everything expired."""
    possible_since: int = FOREVER
    latest: Occurrence | None = None
    """The latest sure beginning since the last sure end."""
    doubtful: bool = False
    """A possible beginning lies after `latest`."""

    def begun(self, by: Occurrence, expiry: int, sure: bool) -> Holding:
        after = replace(
            self,
            possible_until=max(self.possible_until, expiry),
            possible_since=by.time if self.possible_until < by.time else self.possible_since,
            doubtful=True,
        )
        if not sure:
            return after
        return replace(
            after,
            sure_until=max(self.sure_until, expiry),
            sure_since=by.time if self.sure_until < by.time else self.sure_since,
            latest=by,
            doubtful=False,
        )

    def ended(self, sure: bool) -> Holding:
        if sure:
            return Holding()
        return replace(self, sure_until=NEVER, sure_since=FOREVER)


UNKNOWN_FROM_THE_START = Holding(possible_until=FOREVER, possible_since=NEVER, doubtful=True)


class _Change(NamedTuple):
    """One event's effect on one key; at one event ends come before beginnings (U2)."""

    order: int
    begins: bool
    sure: bool
    by: Occurrence
    expiry: int


class StatusHistory:
    """All that happened to one status."""

    def __init__(self, status: Status, calendars: Mapping[str, CalendarDeclaration]) -> None:
        self.status = status
        self.calendars = calendars
        self.keyless = 0
        """Beginnings and ends that named no key."""
        self._start = UNKNOWN_FROM_THE_START if status.initially_unknown else Holding()
        self._changes: dict[Key, list[_Change]] = {}
        self._orders: dict[Key, list[int]] = {}
        self._after: dict[Key, list[Holding]] = {}
        self._at: dict[Key, dict[int, set[int]]] = {}
        """Positions of the events that change a key, by instant."""

    def record(self, view_of: Any, steps: list[list[Occurrence]]) -> StatusHistory:
        """Take in the events of each change of the status; `steps` are in its order and
        `view_of(occurrence)` is the view of one event."""
        for change, occurrences in zip(self.status.changes, steps, strict=True):
            for occurrence in occurrences:
                view: View = view_of(occurrence)
                holds = truth(change.step.where, view)
                if holds is False:
                    continue
                key = tuple(evaluate(k, view) for k in change.keys)
                if any(part is None for part in key):
                    self.keyless += 1
                    continue
                expiry = self._expiry(view) if change.begins else FOREVER
                self._changes.setdefault(key, []).append(
                    _Change(occurrence.order, change.begins, holds is True, occurrence, expiry)
                )
        for key, changes in self._changes.items():
            # One event that both ends and begins: ends first. A sure change after a possible
            # one of the same kind, which it outweighs.
            changes.sort(key=lambda c: (c.order, c.begins, c.sure))
            holding = self._start
            after = []
            for made in changes:
                holding = (
                    holding.begun(made.by, made.expiry, made.sure)
                    if made.begins
                    else holding.ended(made.sure)
                )
                after.append(holding)
            self._orders[key] = [c.order for c in changes]
            self._after[key] = after
            instants = self._at.setdefault(key, {})
            for made in changes:
                instants.setdefault(made.by.time, set()).add(made.by.event.position)
        return self

    def _expiry(self, view: View) -> int:
        if self.status.expires_after is not None:
            return view.asking.time + view.world.length(self.status.expires_after, view.settings)
        if self.status.expires_at is not None:
            at = evaluate(self.status.expires_at, view)
            return FOREVER if at is None else int(at)
        return FOREVER

    # ---- asking ---------------------------------------------------------------------------
    def _before(self, key: Key, asking: Occurrence) -> Holding:
        orders = self._orders.get(key)
        if orders is None:
            return self._start
        place = bisect_left(orders, asking.order)
        return self._after[key][place - 1] if place else self._start

    def held(self, key: Key, asking: Occurrence, for_at_least: Any = None) -> Truth:
        """Whether the status is held of `key` just before `asking`; with a period, whether it
        has been for at least that long."""
        holding = self._before(key, asking)
        now = asking.time
        sure, possible = holding.sure_until >= now, holding.possible_until >= now
        if for_at_least is None:
            return True if sure else (None if possible else False)
        if sure and self._lies_back(holding.sure_since, for_at_least, now):
            return True
        if not possible or not self._lies_back(holding.possible_since, for_at_least, now):
            return False
        return None

    def _lies_back(self, since: int, period: Any, now: int) -> bool:
        if since == NEVER:
            return True
        return now >= deadline(since, period, self.calendars)

    def remembered(self, key: Key, asking: Occurrence, attribute: str) -> Value | None:
        """The attribute of the latest sure beginning; missing if the status is not true,
        unknown if a possible beginning lies after it (semantics U3)."""
        holding = self._before(key, asking)
        if holding.sure_until < asking.time or holding.doubtful or holding.latest is None:
            return None
        return holding.latest.get(attribute)

    def beginning(self, key: Key, asking: Occurrence) -> Occurrence | None:
        """The beginning by which the status is held of `key`, for the report."""
        return self._before(key, asking).latest

    def tied(self, key: Key, asking: Occurrence) -> bool:
        """Whether another event of this key's history shares the asking event's instant, so
        that only the order of records decides."""
        at = self._at.get(key, {}).get(asking.time, set())
        return bool(at - {asking.event.position})
