"""Kleene's three values: True, False, and None for unknown (semantics C1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Truth: TypeAlias = bool | None


def both(values: Iterable[Truth]) -> Truth:
    """`and`: false if one is false, else unknown if one is unknown."""
    result: Truth = True
    for value in values:
        if value is False:
            return False
        if value is None:
            result = None
    return result


def either(values: Iterable[Truth]) -> Truth:
    """`or`: true if one is true, else unknown if one is unknown."""
    result: Truth = False
    for value in values:
        if value is True:
            return True
        if value is None:
            result = None
    return result


def negation(value: Truth) -> Truth:
    return None if value is None else not value
