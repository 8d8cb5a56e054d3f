"""Aggregates over the counting events of a window, kept up as events come and go."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tosrules.engines.reference.expressions import Spread, View, evaluate, exact
from tosrules.engines.reference.occurrence import Occurrence
from tosrules.policy import expressions as p
from tosrules.policy.places import Parameters


class Counting(NamedTuple):
    """A counting event with the values that the aggregates read of it, in their order."""

    occurrence: Occurrence
    values: tuple[Any, ...]

    @property
    def time(self) -> int:
        return self.occurrence.time


def operands(aggregates: Sequence[p.Aggregate], view: View) -> tuple[Any, ...]:
    """What each aggregate reads of one event; None where the attribute is missing."""
    return tuple(
        0 if a.operand is None or isinstance(a.operand, p.Gap) else evaluate(a.operand, view)
        for a in aggregates
    )


class Window:
    """The counting events between two moving ends, and their aggregates."""

    def __init__(self, aggregates: Sequence[p.Aggregate], value_of: Parameters) -> None:
        self.events: deque[Counting] = deque()
        self._order = {a: n for n, a in enumerate(aggregates)}
        self._kept = [_kept(a, value_of) for a in aggregates]
        self._gaps = [isinstance(a.operand, p.Gap) for a in aggregates]

    def add(self, event: Counting) -> None:
        """Take in the next event in order."""
        gap = event.time - self.events[-1].time if self.events else None
        self.events.append(event)
        for n, kept in enumerate(self._kept):
            if not self._gaps[n]:
                kept.add(event.values[n])
            elif gap is not None:
                kept.add(gap)

    def drop(self) -> None:
        """Let the first event go; the gap after it goes with it (semantics R2)."""
        first = self.events.popleft()
        gap = self.events[0].time - first.time if self.events else None
        for n, kept in enumerate(self._kept):
            if not self._gaps[n]:
                kept.drop(first.values[n])
            elif gap is not None:
                kept.drop(gap)

    def value(self, aggregate: p.Aggregate) -> Any:
        """The aggregate over the window; None where there are too few values."""
        return self._kept[self._order[aggregate]].value()


# ---- one aggregate each ----------------------------------------------------------------------


class _Count:
    def __init__(self) -> None:
        self.number = 0

    def add(self, value: Any) -> None:
        self.number += value is not False

    def drop(self, value: Any) -> None:
        self.number -= value is not False

    def value(self) -> int:
        return self.number


class _Distinct:
    def __init__(self) -> None:
        self.seen: Counter[Any] = Counter()

    def add(self, value: Any) -> None:
        self.seen[value] += 1

    def drop(self, value: Any) -> None:
        self.seen[value] -= 1
        if not self.seen[value]:
            del self.seen[value]

    def value(self) -> int:
        return len(self.seen)


class _Sum:
    def __init__(self, of: p.Aggregate, value_of: Parameters) -> None:
        self.of = of
        self.value_of = value_of
        self.number = 0
        self.sum: int | Fraction = 0

    def add(self, value: Any) -> None:
        self.number += 1
        self.sum = exact(self.sum + value, self.of, self.value_of)

    def drop(self, value: Any) -> None:
        self.number -= 1
        self.sum -= value

    def value(self) -> Any:
        return self.sum if self.number else None


class _Extreme:
    """The least or the greatest: values that a later one outdoes are forgotten."""

    def __init__(self, greatest: bool) -> None:
        self.greatest = greatest
        self.best: deque[Any] = deque()

    def add(self, value: Any) -> None:
        while self.best and (self.best[-1] < value if self.greatest else self.best[-1] > value):
            self.best.pop()
        self.best.append(value)

    def drop(self, value: Any) -> None:
        if self.best[0] == value:
            self.best.popleft()

    def value(self) -> Any:
        return self.best[0] if self.best else None


class _Stddev:
    """The sample standard deviation, by exact sums of values and of squares."""

    def __init__(self, of: p.Aggregate, value_of: Parameters) -> None:
        self.of = of
        self.value_of = value_of
        self.number = 0
        self.sum: int | Fraction = 0
        self.squares: int | Fraction = 0

    def add(self, value: Any) -> None:
        self.number += 1
        self.sum = exact(self.sum + value, self.of, self.value_of)
        self.squares = self._square(self.squares + value * value)

    def drop(self, value: Any) -> None:
        self.number -= 1
        self.sum -= value
        self.squares -= value * value

    def _square(self, value: int | Fraction) -> int | Fraction:
        return exact(value, self.of, self.value_of, power=2)

    def value(self) -> Spread | None:
        if self.number < 2:
            return None
        n = self.number
        self._square(self.squares * n)
        self._square(self.sum * self.sum)
        return Spread(Fraction(self.squares * n - self.sum * self.sum) / (n * (n - 1)))


def _kept(aggregate: p.Aggregate, value_of: Parameters) -> Any:
    match aggregate.function:
        case "count" | "count_if":
            return _Count()
        case "distinct":
            return _Distinct()
        case "sum":
            return _Sum(aggregate, value_of)
        case "min":
            return _Extreme(greatest=False)
        case "max":
            return _Extreme(greatest=True)
        case "stddev":
            return _Stddev(aggregate, value_of)
    raise ValueError(f"no aggregate {aggregate.function}")
