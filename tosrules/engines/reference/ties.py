"""Finding events by the equalities that tie them to another, where an attribute may be
missing: surely equal, or possibly (semantics C1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from tosrules.engines.reference.expressions import View, evaluate
from tosrules.policy import expressions as p
from tosrules.policy.model import Tie

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

    def perhaps(self, parts: Parts) -> Iterable[list[Any]]:
        """Lists of items that equal `parts` wherever neither lacks a value, and where at
        least one does."""
        mask = _mask(parts)
        for kept in list(self._items):
            common = tuple(a and b for a, b in zip(mask, kept, strict=True))
            if all(mask) and all(kept):
                continue
            table = self._table(kept, common)
            found = table.get(_project(parts, common))
            if found:
                yield found

    def _table(
        self, kept: tuple[bool, ...], common: tuple[bool, ...]
    ) -> dict[Parts, list[Any]]:
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


def differ(later: Parts, earlier: Parts) -> bool | None:
    """`!=` of one value or of tuples: true if a pair differs, else unknown if one is missing."""
    unknown = False
    for left, right in zip(later, earlier, strict=True):
        if left is None or right is None:
            unknown = True
        elif left != right:
            return True
    return None if unknown else False


def read(expressions: Sequence[p.Expression], view: View) -> Parts:
    return tuple(evaluate(x, view) for x in expressions)
