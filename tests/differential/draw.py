"""Choosing at random, by a seed: the same seed draws the same things on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw:
    def __init__(self, seed: int | str) -> None:
        self.random = Random(f"tosrules {seed}")

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def pick(self, items: Sequence[T]) -> T:
        return items[self.random.randrange(len(items))]

    def some(self, items: Sequence[T], least: int = 1, most: int = 2) -> list[T]:
        """Different ones, in their order of drawing."""
        return self.random.sample(list(items), min(len(items), self.whole(least, most)))

    def whole(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def weighed(self, **weights: float) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]
