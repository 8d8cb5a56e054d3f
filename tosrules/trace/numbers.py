"""Exact numbers: a JSON numeral to `int` or `Fraction`, or not at all.

A number has at most 18 digits, 6 of them after the point (semantics T5). Digits are counted
in the value, not in the spelling: `1e3` is 1000, and `1.5000000000` is 1.5.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Literal

from tosrules.late import pattern

DIGITS = 18
PLACES = 6

_NUMERAL = pattern(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", re.ASCII)


class Inexact(ValueError):
    """A numeral that cannot be held exactly. `why` is `large` or `fine`; it never holds the
    numeral, which may be a secret."""

    def __init__(self, why: Literal["large", "fine"]) -> None:
        super().__init__(
            f"has more than {DIGITS} digits"
            if why == "large"
            else f"has more than {PLACES} digits after the point"
        )
        self.why = why


def exact(numeral: str) -> int | Fraction:
    """The value of a JSON numeral; `int` if whole. Raises Inexact, ValueError if no numeral.

    Takes time in the length of the text only: `1e999999999` builds no large number.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise ValueError("is not a number")
    sign, whole, places, exponent = match.groups(default="")
    digits = (whole + places).lstrip("0")
    if not digits:
        return 0
    stripped = digits.rstrip("0")
    if len(exponent) > 12:
        raise Inexact("fine" if exponent[0] == "-" else "large")
    # The value is `stripped` × 10 ** scale, and `stripped` does not end in 0.
    scale = int(exponent or 0) - len(places) + len(digits) - len(stripped)
    if scale < -PLACES:
        raise Inexact("fine")
    if len(stripped) + max(scale, 0) > DIGITS:
        raise Inexact("large")
    coefficient = int(sign + stripped)
    if scale >= 0:
        return int(coefficient * 10**scale)
    return Fraction(coefficient, 10**-scale)


def integer(numeral: str) -> int | Fraction:
    """`exact` for numerals without point and exponent, quick for the short ones."""
    return int(numeral) if len(numeral) <= DIGITS else exact(numeral)


def decimal_text(number: int | Fraction) -> str:
    """The shortest decimal spelling of an exact number."""
    if isinstance(number, int):
        return str(number)
    scaled = number * 10**PLACES
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled.numerator), 10**PLACES)
    return f"{sign}{whole}.{rest:06d}".rstrip("0")
