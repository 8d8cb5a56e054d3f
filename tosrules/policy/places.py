"""Decimal places of computed numbers, known from the rule alone (semantics C5).

A recorded number has up to six places, so one is held in millionths, a product of two in
millionths of millionths, and so on. What is held may have 38 digits in all, in every engine.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from tosrules.policy import expressions as p

RECORDED = 6
"""Places of a recorded number (semantics T5)."""
DIGITS = 38
Parameters = Callable[[str], object]
"""The value of a parameter by its qualified name."""


def places_of(e: p.Expression, value_of: Parameters) -> int:
    """How many places after the point `e` is held with; instants, durations and counts: none."""
    match e:
        case p.Constant():
            return _written(e.value)
        case p.ParamValue():
            return _written(value_of(e.name))
        case p.Arithmetic(operator="*"):
            return places_of(e.left, value_of) + places_of(e.right, value_of)
        case p.Arithmetic():
            return max(places_of(e.left, value_of), places_of(e.right, value_of))
        case p.Choice():
            return max(places_of(o, value_of) for o in e.operands)
        case p.Aggregate(function="sum" | "min" | "max" | "stddev") if e.operand is not None:
            return places_of(e.operand, value_of)
        case p.AttributeOf() | p.Remembered():
            return RECORDED if e.type.name == "number" else 0
    return 0


def _written(value: object) -> int:
    if not isinstance(value, int | Fraction):
        return 0
    places, scaled = 0, Fraction(value)
    while scaled.denominator != 1:
        scaled *= 10
        places += 1
    return places
