"""From the values of a plan's tables to those of an outcome."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import isqrt
from typing import Any

from tosrules.engines.outcome import Subject
from tosrules.plan.rules import ComputedOf
from tosrules.trace.event import Value


def is_optional(computed: ComputedOf) -> bool:
    """A late fulfilment, of which there may be none."""
    return computed.columns == ("latet",)


def computed_value(of: ComputedOf, row: Mapping[str, Any]) -> Value | None:
    if not of.columns:
        return of.constant  # type: ignore[return-value]
    values = [row[name] for name in of.columns]
    if len(values) == 1:
        return None if values[0] is None else _scaled(values[0], of.places)
    n, total, squares = values
    if n < 2:
        return None
    variance = Fraction(n * squares - total * total, n * (n - 1)) / 10 ** (2 * of.places)
    scaled = variance * 10**12
    return _whole(Fraction(isqrt(scaled.numerator // scaled.denominator), 10**6))


def _scaled(value: Any, places: int) -> Value:
    if isinstance(value, Decimal):
        return _whole(Fraction(value))
    return _whole(Fraction(value, 10**places)) if places else value


def _whole(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value


def value_of(value: Any) -> Value:
    if isinstance(value, Decimal):
        return _whole(Fraction(value))
    if isinstance(value, list):
        return tuple(value_of(v) for v in value)
    return value  # type: ignore[no-any-return]


def subject_of(kind: str | None, id: str | None) -> Subject | None:
    return None if kind is None or id is None else Subject(kind, id)
