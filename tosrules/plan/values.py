"""Values of rules as scalars of the plan: exact numbers, texts, instants, lists.

Numbers are exact decimals with six places. Where rules compute, a value is *wide*: a whole
number of 38 digits together with the places that it was scaled by, known from the rule alone;
nothing is ever rounded, and division is multiplied out by the comparison it stands in.
"""

from __future__ import annotations

from fractions import Fraction

from tosrules.plan.expr import (
    Constant,
    Expr,
    Operation,
    case,
    eq,
    lit,
    missing,
    null,
    op,
)
from tosrules.record import Record
from tosrules.vocabulary import Type

PLACES = 6
"""After the point, of every recorded number (semantics T5)."""


class Typed(Record):
    """A value and how it is held."""

    expr: Expr
    kind: str
    """`integer` (64 bits: instants and durations in microseconds, counts), `number`, `wide`,
    `boolean`, `text`, or a list: `texts`, `integers`, `numbers`."""
    places: int = 0
    """Of a wide value: it is this many powers of ten too large."""


class Ratio(Record):
    """A division, which a comparison multiplies out."""

    above: Typed
    below: Typed


class Spread(Record):
    """A standard deviation by its parts: count, sum, and sum of squares of wide values."""

    count: Expr
    sum: Expr
    squares: Expr
    places: int


def kind_of(type: Type) -> str:
    """How a value of a declared type is held."""
    if type.name == "list" and type.of is not None:
        return {"integer": "integers", "number": "numbers", "boolean": "booleans"}.get(
            kind_of(type.of), "texts"
        )
    return {
        "number": "number",
        "boolean": "boolean",
        "time": "integer",
        "duration": "integer",
    }.get(type.name, "text")


def constant(value: object, type: Type) -> Typed:
    """A constant of the rules."""
    if isinstance(value, tuple):
        kind = kind_of(type)
        inner = {"texts": "text", "integers": "integer", "numbers": "number"}.get(kind, "boolean")
        items = [lit(v, inner) for v in value]
        return Typed(Operation("make list", [lit(inner), *items]), kind)
    if isinstance(value, bool):
        return Typed(lit(value), "boolean")
    if isinstance(value, str):
        return Typed(lit(value), "text")
    if type.name in ("time", "duration"):
        assert isinstance(value, int)
        return Typed(lit(value, "integer"), "integer")
    assert isinstance(value, int | Fraction)
    return Typed(lit(Fraction(value), "number"), "number")


def whole(value: Typed) -> int | None:
    """The whole number that a constant is, if it is one that fits 64 bits."""
    found = value.expr.value if isinstance(value.expr, Constant) else None
    if not isinstance(found, int | Fraction) or isinstance(found, bool):
        return None
    number = Fraction(found)
    return int(number) if number.denominator == 1 and abs(number) < 2**62 else None


def wide(value: Typed) -> Typed:
    """The value as a wide one."""
    if value.kind == "wide":
        return value
    known = value.expr.value if isinstance(value.expr, Constant) else None
    if isinstance(known, int | Fraction) and not isinstance(known, bool):
        places = 0
        scaled = Fraction(known)
        while scaled.denominator != 1:
            scaled *= 10
            places += 1
        return Typed(lit(int(scaled), "wide"), "wide", places)
    if value.kind == "number":
        return Typed(op("wide", op("decimal", value.expr)), "wide", PLACES)
    return Typed(op("wide", value.expr), "wide", 0)


def aligned(left: Typed, right: Typed) -> tuple[Expr, Expr, int]:
    """Both as wide values of the same places."""
    one, other = wide(left), wide(right)
    places = max(one.places, other.places)
    return scaled(one, places), scaled(other, places), places


def scaled(value: Typed, places: int) -> Expr:
    by = places - value.places
    if isinstance(value.expr, Constant) and isinstance(value.expr.value, int):
        return lit(value.expr.value * 10**by, "wide")
    return op("*", value.expr, lit(10**by, "wide")) if by else value.expr


def arithmetic(operator: str, left: Typed, right: Typed) -> Typed | Ratio:
    if operator == "/":
        return Ratio(left, right)
    if operator == "*":
        one, other = wide(left), wide(right)
        return Typed(op("*", one.expr, other.expr), "wide", one.places + other.places)
    one_expr, other_expr, places = aligned(left, right)
    return Typed(op(operator, one_expr, other_expr), "wide", places)


_SQL = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_MIRRORED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(operator: str, left: Typed | Ratio | Spread, right: Typed | Ratio | Spread) -> Expr:
    """A comparison in three values."""
    if isinstance(left, Spread):
        assert not isinstance(right, Spread), "the checker compares a spread with a value"
        return _spread(left, operator, right)
    if isinstance(right, Spread):
        return _spread(right, _MIRRORED[operator], left)
    if isinstance(left, Ratio) or isinstance(right, Ratio):
        return _ratios(operator, left, right)
    return _plain(operator, left, right)


def _plain(operator: str, left: Typed, right: Typed) -> Expr:
    sign = _SQL[operator]
    if left.kind == right.kind and left.kind != "wide":
        return op(sign, left.expr, right.expr)
    for one, other, turned in ((left, right, operator), (right, left, _MIRRORED[operator])):
        number = whole(other)
        if one.kind == "integer" and number is not None:
            return op(_SQL[turned], one.expr, lit(number, "integer"))
    one_expr, other_expr, _ = aligned(left, right)
    return op(sign, one_expr, other_expr)


def _ratios(operator: str, left: Typed | Ratio, right: Typed | Ratio) -> Expr:
    """`a / b < c / d` as `a * d < c * b`, turned round where one divisor is negative; by zero
    it is unknown (semantics C5)."""
    one = Typed(lit(1, "wide"), "wide", 0)
    a, b = (left.above, left.below) if isinstance(left, Ratio) else (left, one)
    c, d = (right.above, right.below) if isinstance(right, Ratio) else (right, one)
    first, second = arithmetic("*", a, d), arithmetic("*", c, b)
    assert isinstance(first, Typed)
    assert isinstance(second, Typed)
    zero = lit(0, "wide")
    divisors = [wide(x).expr for x in (b, d) if x is not one]
    negative = [op("<", x, zero) for x in divisors]
    turned = negative[0] if len(negative) == 1 else op("<>", negative[0], negative[1])
    straight = _plain(operator, first, second)
    if operator not in ("=", "!="):
        straight = case((turned, _plain(_MIRRORED[operator], first, second)), otherwise=straight)
    return case(
        *((eq(x, zero), null("boolean")) for x in divisors),
        otherwise=straight,
    )


def _spread(spread: Spread, operator: str, other: Typed | Ratio) -> Expr:
    """A standard deviation by its square: n·q − s² against x²·n·(n − 1) (semantics C5)."""
    below = other.below if isinstance(other, Ratio) else None
    top = wide(other.above if isinstance(other, Ratio) else other)
    n = op("wide", spread.count)
    left: Expr = op("-", op("*", n, spread.squares), op("*", spread.sum, spread.sum))
    left_typed = Typed(left, "wide", 2 * spread.places)
    pairs = op("*", n, op("-", n, lit(1, "wide")))
    right = Typed(op("*", op("*", top.expr, top.expr), pairs), "wide", 2 * top.places)
    zero = lit(0, "wide")
    negative: Expr = op("<", top.expr, zero)
    unknown = op("or", op("<", spread.count, lit(2)), missing(top.expr))
    if below is not None:
        divisor = wide(below)
        square = Typed(op("*", divisor.expr, divisor.expr), "wide", 2 * divisor.places)
        product = arithmetic("*", left_typed, square)
        assert isinstance(product, Typed)
        left_typed = product
        unknown = op("or", unknown, missing(divisor.expr), eq(divisor.expr, zero))
        negative = op("<", op("*", top.expr, divisor.expr), zero)
    return case(
        (unknown, null("boolean")),
        (negative, lit(operator in (">", ">=", "!="))),
        otherwise=_plain(operator, left_typed, right),
    )


def whole_instant(value: Typed) -> Expr:
    """A computed instant in whole microseconds."""
    if value.kind == "integer":
        return value.expr
    made = wide(value)
    if made.places:
        return op("integer", op("trunc div", made.expr, lit(10**made.places, "wide")))
    return op("integer", made.expr)


def held_as(value: Typed, type: Type) -> Expr:
    """A computed value as a column of a declared type holds it."""
    kind = kind_of(type)
    if kind == "number" and value.kind == "integer":
        return op("number", value.expr)
    if kind == "number" and value.kind == "wide":
        return op("unscaled", value.expr, lit(value.places))
    if kind == "integer" and value.kind == "wide":
        return whole_instant(value)
    return value.expr


def latest(operands: list[Expr], later: bool) -> Expr:
    """`later of` or `earlier of`; missing where one is (semantics O3)."""
    return case(
        (op("or", *map(missing, operands)), null("integer")),
        otherwise=Operation("greatest" if later else "least", operands),
    )


def differ(left: list[Typed], right: list[Typed]) -> Expr:
    """Whether tuples differ: one pair does; unknown if none does and one is missing."""
    pairs = [compare("!=", a, b) for a, b in zip(left, right, strict=True)]
    return pairs[0] if len(pairs) == 1 else Operation("or", pairs)
