"""The tables that find events by what ties them, against looking at every event."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tosrules.engines.reference.ties import TieIndex, Told

VALUES = st.sampled_from(["p", "q", None])


def differs(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool | None:
    pairs = list(zip(one, other, strict=True))
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        return True
    return None if any(None in pair for pair in pairs) else False


@pytest.mark.parametrize("width", [1, 2, 3])
def test_told_finds_the_nearest_that_differs(width: int) -> None:
    parts = st.tuples(*[VALUES] * width)

    @given(st.lists(parts, min_size=1, max_size=12), parts, st.integers(-1, 25))
    def check(kept: list[tuple[Any, ...]], asked: tuple[Any, ...], at: int) -> None:
        orders = [2 * n for n in range(len(kept))]
        told = Told(orders, kept)
        truths = {o: differs(asked, x) for o, x in zip(orders, kept, strict=True)}
        sure = [o for o in orders if truths[o] is True]
        maybe = [o for o in orders if truths[o] is not False]
        assert told.last(at, asked) == max((o for o in sure if o < at), default=None)
        assert told.last(at, asked, unknown=True) == max((o for o in maybe if o < at), default=None)
        assert told.first(at, asked) == min((o for o in sure if o > at), default=None)

    check()


def test_told_of_nothing_always_differs() -> None:
    told = Told([3, 5], [(), ()])
    assert (told.last(5, ()), told.first(3, ()), told.last(3, ())) == (3, 5, None)


@given(
    st.lists(st.tuples(VALUES, VALUES), max_size=10), st.tuples(VALUES, VALUES), st.integers(0, 2)
)
def test_an_index_finds_what_equals_surely_and_perhaps(
    kept: list[tuple[Any, ...]], asked: tuple[Any, ...], start: int
) -> None:
    index = TieIndex()
    for n, parts in enumerate(kept):
        index.add(parts, n)
    truths = [differs(asked, parts) for parts in kept]
    missing = [None in (*asked[start:], *parts[start:]) for parts in kept]
    assert index.equal(asked) == [n for n, t in enumerate(truths) if t is False]
    found = sorted(n for items in index.perhaps(asked, start) for n in items)
    assert found == [n for n, t in enumerate(truths) if t is not True and missing[n]]
