"""Finding events by the equalities that tie them to another, where an attribute may be
missing: surely equal, or possibly (semantics C1)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from tosrules.engines.reference.expressions import View, evaluate
from tosrules.engines.reference.reasons import reasons
from tosrules.policy import expressions as p
from tosrules.policy.model import Difference, Tie
from tosrules.policy.unknown import STATUS_UNKNOWN, Reason, own_name

Parts = tuple[Any, ...]
"""One value for each equality; None where the attribute is missing."""


def earlier_parts(ties: Sequence[Tie], view: View) -> Parts:
    """What the earlier of two events brings to the equalities."""
    return tuple(evaluate(t.earlier, view) for t in ties)


def later_parts(ties: Sequence[Tie], view: View) -> tuple[set[Parts], set[Parts]]:
    """What the later event brings: one tuple, or with a link one for each member reached just
    before it (semantics O1); those of sure members, and those of merely possible ones."""
    sure: list[list[Any]] = []
    possible: list[list[Any]] = []
    for tie in ties:
        value = evaluate(tie.later, view)
        if not tie.link or value is None:
            sure.append([value])
            possible.append([value])
            continue
        reached, maybe = view.world.links[tie.link].reached(value, view.asking)
        sure.append(sorted(reached, key=str))
        possible.append(sorted(maybe, key=str))
    surely = set(product(*sure))
    return surely, set(product(*possible)) - surely


class TieIndex:
    """Events under the values they bring to some equalities, each list in the order added."""

    def __init__(self) -> None:
        self._items: dict[tuple[bool, ...], dict[Parts, list[Any]]] = {}
        self._projected: dict[
            tuple[tuple[bool, ...], tuple[bool, ...]], dict[Parts, list[Any]]
        ] = {}

    def add(self, parts: Parts, item: Any) -> None:
        """Add an item; items are added in ascending order."""
        self._items.setdefault(_mask(parts), {}).setdefault(parts, []).append(item)
        self._projected.clear()

    def equal(self, parts: Parts) -> list[Any]:
        """The items that surely equal `parts`; none if a part is missing."""
        mask = _mask(parts)
        return self._items.get(mask, {}).get(parts, []) if all(mask) else []

    def perhaps(self, parts: Parts, start: int = 0) -> Iterable[list[Any]]:
        """Lists of items that equal `parts` wherever neither lacks a value, and where at
        least one does, at `start` or later."""
        mask = _mask(parts)
        for kept in list(self._items):
            common = tuple(a and b for a, b in zip(mask, kept, strict=True))
            if all(mask[start:]) and all(kept[start:]):
                continue
            table = self._table(kept, common)
            found = table.get(_project(parts, common))
            if found:
                yield found

    def _table(self, kept: tuple[bool, ...], common: tuple[bool, ...]) -> dict[Parts, list[Any]]:
        known = self._projected.get((kept, common))
        if known is None:
            known = {}
            for parts, items in self._items[kept].items():
                known.setdefault(_project(parts, common), []).extend(items)
            for items in known.values():
                items.sort()
            self._projected[kept, common] = known
        return known


def _mask(parts: Parts) -> tuple[bool, ...]:
    return tuple(x is not None for x in parts)


def _project(parts: Parts, common: tuple[bool, ...]) -> Parts:
    return tuple(x for x, keep in zip(parts, common, strict=True) if keep)


def tie_reasons(tie: Tie, later: View, earlier: View) -> set[Reason]:
    """Why an equality of two events is unknown; none if it is not."""
    missing = reasons(tie.later, later) | reasons(tie.earlier, earlier)
    if missing or not tie.link:
        return missing
    reached = later.world.links[tie.link].reached(evaluate(tie.later, later), later.asking)
    value = evaluate(tie.earlier, earlier)
    unknown = value in reached[1] and value not in reached[0]
    return {Reason(STATUS_UNKNOWN, own_name(tie.link))} if unknown else set()


def difference_reasons(difference: Difference | None, later: View, earlier: View) -> set[Reason]:
    """Why a `!=` of two events is unknown; none if it is not."""
    if difference is None:
        return set()
    left, right = read(difference.later, later), read(difference.earlier, earlier)
    pairs = [pair for pair in zip(left, right, strict=True) if None not in pair]
    if any(one != other for one, other in pairs):
        return set()
    why = {r for x in difference.later for r in reasons(x, later)}
    return why | {r for x in difference.earlier for r in reasons(x, earlier)}


def read(expressions: Sequence[p.Expression], view: View) -> Parts:
    return tuple(evaluate(x, view) for x in expressions)


class _Column:
    """Values at ascending orders, and for each the nearest one that has another value."""

    def __init__(self, orders: list[int], values: list[Any]) -> None:
        self.orders = orders
        self.values = values
        self._before = [-1] * len(values)
        for here in range(1, len(values)):
            same = values[here] == values[here - 1]
            self._before[here] = self._before[here - 1] if same else here - 1
        self._after = [len(values)] * len(values)
        for here in range(len(values) - 2, -1, -1):
            same = values[here] == values[here + 1]
            self._after[here] = self._after[here + 1] if same else here + 1

    def last(self, before: int, value: Any) -> int | None:
        """The greatest order below `before` with another value."""
        place = bisect_left(self.orders, before) - 1
        if place >= 0 and self.values[place] == value:
            place = self._before[place]
        return self.orders[place] if place >= 0 else None

    def first(self, after: int, value: Any) -> int | None:
        """The least order above `after` with another value."""
        place = bisect_right(self.orders, after)
        if place < len(self.orders) and self.values[place] == value:
            place = self._after[place]
        return self.orders[place] if place < len(self.orders) else None


class Told:
    """Some events, at least one, in order, with what a `!=` of values or tuples reads of them.
    Tuples differ if a pair does; it is unknown if none does and one value is missing (semantics
    C1). A tuple of nothing, where there is no `!=`, always differs."""

    def __init__(self, orders: list[int], parts: list[Parts]) -> None:
        self.orders = orders
        self._whole = _Column(orders, parts)
        self._columns: list[_Column] = []
        for column in zip(*parts, strict=True):
            present = [place for place, value in enumerate(column) if value is not None]
            self._columns.append(
                _Column([orders[n] for n in present], [column[n] for n in present])
            )

    def last(self, before: int, parts: Parts, unknown: bool = False) -> int | None:
        """The last below `before` that surely differs; with `unknown`, or may."""
        if not parts or (unknown and None in parts):
            place = bisect_left(self.orders, before) - 1
            return self.orders[place] if place >= 0 else None
        if unknown:
            return self._whole.last(before, parts)
        found = [c.last(before, v) for c, v in self._asked(parts)]
        return max((order for order in found if order is not None), default=None)

    def first(self, after: int, parts: Parts) -> int | None:
        """The first above `after` that surely differs."""
        if not parts:
            place = bisect_right(self.orders, after)
            return self.orders[place] if place < len(self.orders) else None
        found = [c.first(after, v) for c, v in self._asked(parts)]
        return min((order for order in found if order is not None), default=None)

    def _asked(self, parts: Parts) -> list[tuple[_Column, Any]]:
        pairs = zip(self._columns, parts, strict=True)
        return [(column, value) for column, value in pairs if value is not None]
