"""Links: who is tied to whom just before an event (semantics U5), and groups (U6)."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from typing import Any

from tosrules.engines.reference.expressions import View, evaluate, truth
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.errors import EvaluationError
from tosrules.policy.model import Link
from tosrules.trace.event import Value

MAX_KEPT = 1_000_000
"""Parties that remembered searches may hold before they are forgotten."""
MAX_PAIRS = 5_000_000
Member = tuple[str, Value]
"""Kind and id: an account and a device of one name are two."""


class _Tie:
    """What is known of one pair after each change."""

    def __init__(
        self, orders: list[int], sure: list[bool], possible: list[bool], by: list[Occurrence]
    ) -> None:
        self.orders = orders
        self.sure = sure
        self.possible = possible
        self.by = by

    def state(self, order: int) -> tuple[bool, bool, Occurrence | None]:
        place = bisect_left(self.orders, order)
        if not place:
            return False, False, None
        return self.sure[place - 1], self.possible[place - 1], self.by[place - 1]


class LinkHistory:
    """All that happened to one link."""

    def __init__(self, link: Link, observed: tuple[int, int] | None) -> None:
        self.link = link
        self.observed = observed
        self.keyless = 0
        self._ties: dict[tuple[Value, Value], _Tie] = {}
        self._from: dict[Value, list[Value]] = {}
        self._group: dict[Member, Member] = {}
        self._reached: dict[tuple[Value, int], tuple[dict[Value, Value | None], set[Value]]] = {}
        """By start and the number of changes before the asking event."""
        self._kept = 0
        """Parties in `_reached`, all searches together."""
        self._orders: list[int] = []
        self._at: dict[int, set[tuple[Value, int]]] = {}
        """By instant: the party a changed link starts from, and the event's position."""

    def record(self, view_of: Any, steps: list[list[Occurrence]]) -> LinkHistory:
        """Take in the events of each change; as for a status."""
        changes: dict[tuple[Value, Value], list[tuple[int, bool, bool, Occurrence]]] = {}
        for change, occurrences in zip(self.link.changes, steps, strict=True):
            for occurrence in occurrences:
                view: View = view_of(occurrence)
                holds = truth(change.step.where, view)
                if holds is False:
                    continue
                first, second = evaluate(change.first, view), evaluate(change.second, view)
                if first is None or second is None:
                    self.keyless += 1
                    continue
                changes.setdefault((first, second), []).append(
                    (occurrence.order, change.begins, holds is True, occurrence)
                )
        if len(changes) > MAX_PAIRS:
            own = self.link.name.rpartition("/")[2]
            raise EvaluationError(
                f"link `{own}` ties {len(changes):,} pairs, and at most {MAX_PAIRS:,} are "
                "resolved; tie fewer things, or judge a shorter period"
            )
        for pair, made in changes.items():
            made.sort(key=lambda c: c[:3])
            self._ties[pair] = _history(made)
            for order, _, _, by in made:
                self._orders.append(order)
                self._at.setdefault(by.time, set()).add((pair[0], by.event.position))
        self._orders.sort()
        if self.link.directed:
            for first, second in self._ties:
                self._from.setdefault(first, []).append(second)
            for reached in self._from.values():
                reached.sort(key=str)
        else:
            self._join(changes)
        return self

    # ---- directed -----------------------------------------------------------------------------
    def reached(self, start: Value, asking: Occurrence) -> tuple[set[Value], set[Value]]:
        """`start` and all whom links then open reach from it: by sure links, by possible ones."""
        paths, possible = self._search(start, asking.order)
        return set(paths), possible

    def _search(self, start: Value, order: int) -> tuple[dict[Value, Value | None], set[Value]]:
        if start not in self._from:
            return {start: None}, {start}
        changes = bisect_left(self._orders, order)
        known = self._reached.get((start, changes))
        if known is None:
            sure = self._breadth_first(start, order, sure=True)
            possible = set(self._breadth_first(start, order, sure=False))
            self._kept += len(possible)
            if self._kept > MAX_KEPT:  # long chains asked from everywhere: memory stays bounded
                self._reached.clear()
                self._kept = len(possible)
            known = self._reached[start, changes] = (sure, possible)
        return known

    def _breadth_first(self, start: Value, order: int, sure: bool) -> dict[Value, Value | None]:
        """Each party reached, with the one before it on a shortest way."""
        came_from: dict[Value, Value | None] = {start: None}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for there in self._from.get(here, ()):
                if there in came_from:
                    continue
                surely, possibly, _ = self._ties[here, there].state(order)
                if surely if sure else possibly:
                    came_from[there] = here
                    waiting.append(there)
        return came_from

    def way(self, start: Value, end: Value, asking: Occurrence) -> list[Value]:
        """The parties on a shortest way from `start` to `end`, both included."""
        came_from, _ = self._search(start, asking.order)
        way: list[Value] = []
        here: Value | None = end
        while here is not None and here in came_from:
            way.append(here)
            here = came_from[here]
        return way[::-1]

    def beginning(self, first: Value, second: Value, asking: Occurrence) -> Occurrence | None:
        """What opened the link between two parties, for the report."""
        tie = self._ties.get((first, second))
        return None if tie is None else tie.state(asking.order)[2]

    def tied(self, start: Value, asking: Occurrence) -> bool:
        """Whether another event at the asking event's instant changes a link of somebody whom
        `start` may reach."""
        at = self._at.get(asking.time)
        if not at:
            return False
        _, possible = self.reached(start, asking)
        return any(
            first in possible and position != asking.event.position for first, position in at
        )

    # ---- mutual ---------------------------------------------------------------------------------
    def group(self, member: Member) -> Value:
        """The canonical member of the connected group: `kind:id` of the least; of a member
        that nothing ties, its own."""
        kind, id = self._group.get(member, member)
        return f"{kind}:{id}"

    def _join(
        self, changes: dict[tuple[Value, Value], list[tuple[int, bool, bool, Occurrence]]]
    ) -> None:
        parent: dict[Member, Member] = {}

        def root(member: Member) -> Member:
            while parent.setdefault(member, member) != member:
                parent[member] = parent[parent[member]]
                member = parent[member]
            return member

        kinds = (self.link.first.kind, self.link.second.kind)
        for (first, second), made in changes.items():
            if not self._meets(made):
                continue
            one, other = root((kinds[0], first)), root((kinds[1], second))
            least, most = sorted((one, other), key=lambda m: (m[0], str(m[1])))
            parent[most] = least
        self._group = {member: root(member) for member in parent}

    def _meets(self, made: list[tuple[int, bool, bool, Occurrence]]) -> bool:
        """Whether a sure link's time, closed at both ends, meets the observed period."""
        if self.observed is None:
            return False
        start, end = self.observed
        opened: int | None = None
        for _, begins, sure, by in made:
            if not sure:
                continue
            if begins:
                opened = by.time if opened is None else opened
            elif opened is not None:
                if opened <= end and by.time >= start:
                    return True
                opened = None
        return opened is not None and opened <= end


def _history(made: list[tuple[int, bool, bool, Occurrence]]) -> _Tie:
    tie = _Tie([], [], [], [])
    sure = possible = False
    opened: Occurrence | None = None
    for order, begins, surely, by in made:
        if begins:
            possible = True
            if surely and not sure:
                opened = by
            sure = sure or surely
        else:
            sure = False
            possible = possible and not surely
        tie.orders.append(order)
        tie.sure.append(sure)
        tie.possible.append(possible)
        tie.by.append(opened or by)
    return tie
