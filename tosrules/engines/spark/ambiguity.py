"""Patterns over which Java would think for ever: it tries one way after another, and where a
repetition reads the same text in two ways, the ways double with each round.

RE2 takes time in the length of the text whatever the pattern. Here patterns that would double
are told from the others, by two different ways through the pattern that begin and end in one
place and read the same text. What takes the square of the length is let pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

Ranges = tuple[tuple[int, int], ...]
Ends = tuple[bool, frozenset[int], frozenset[int]]
"""Whether it reads nothing, and the places that it may read first and last."""
MOST = 250
"""Places of a pattern up to which all pairs of them are looked at."""


class TooLong(Exception):
    """The pattern has more than MOST places."""


class Places:
    """The places of a pattern: what each reads, and which may come after it."""

    def __init__(self) -> None:
        self.reads: list[Ranges] = []
        self.follow: list[set[int]] = []
        self.twice: set[tuple[int, int]] = set()
        """Places that come after others in two ways."""

    def one(self, ranges: Ranges) -> Ends:
        if len(self.reads) >= MOST:
            raise TooLong
        here = frozenset((len(self.reads),))
        self.reads.append(ranges)
        self.follow.append(set())
        return False, here, here

    def after(self, last: Iterable[int], first: Iterable[int]) -> None:
        for one, other in product(last, first):
            if other in self.follow[one]:
                self.twice.add((one, other))
            self.follow[one].add(other)

    def both(self, one: Ends, other: Ends) -> Ends:
        self.after(one[2], other[1])
        first = one[1] | other[1] if one[0] else one[1]
        last = one[2] | other[2] if other[0] else other[2]
        return one[0] and other[0], first, last

    def doubles(self) -> bool:
        """Whether the ways through the pattern double with the length of a text."""
        if any(one in self._reached(other) for one, other in self.twice):
            return True
        count = range(len(self.reads))
        meet = [[_meet(self.reads[a], self.reads[b]) for b in count] for a in count]
        return any(self._parts_and_meets(place, meet) for place in count)

    def _reached(self, place: int) -> set[int]:
        seen = {place}
        waiting = [place]
        while waiting:
            for other in self.follow[waiting.pop()] - seen:
                seen.add(other)
                waiting.append(other)
        return seen

    def _parts_and_meets(self, place: int, meet: list[list[bool]]) -> bool:
        before: dict[tuple[int, int], list[tuple[int, int]]] = {}
        waiting = [(place, place)]
        while waiting:
            here = waiting.pop()
            for pair in product(self.follow[here[0]], self.follow[here[1]]):
                if meet[pair[0]][pair[1]]:
                    if pair not in before:
                        waiting.append(pair)
                    before.setdefault(pair, []).append(here)
        seen: set[tuple[int, int]] = set()
        waiting = [(place, place)]
        while waiting:
            for pair in before.get(waiting.pop(), ()):
                if pair[0] != pair[1]:
                    return True
                if pair not in seen:
                    seen.add(pair)
                    waiting.append(pair)
        return False


def _meet(one: Ranges, other: Ranges) -> bool:
    a = b = 0
    while a < len(one) and b < len(other):
        if one[a][1] < other[b][0]:
            a += 1
        elif other[b][1] < one[a][0]:
            b += 1
        else:
            return True
    return False
