"""Scalar expressions of the plan: columns, constants, operations of one allow-list.

Every engine writes the same operations in its own dialect; one that is not in OPERATIONS
cannot be planned, so nothing without a portable meaning ever reaches an engine. Truth is
SQL's three-valued one, which is Kleene's (semantics C1): null is missing or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import ClassVar, TypeAlias

from tosrules.record import Record

KINDS = ("integer", "wide", "number", "boolean", "text", "texts", "numbers", "integers")
"""Types of a value: 64 bits, 128 bits, exact decimal with six places, truth, text, lists."""

OPERATIONS = frozenset(
    {
        # truth
        "and", "or", "not", "is null", "is not null", "case", "coalesce",
        # comparison
        "=", "<>", "<", "<=", ">", ">=", "differs", "in",
        # arithmetic, exact
        "+", "-", "*", "negate", "floor div", "trunc div", "mod", "greatest", "least",
        "wide", "decimal", "integer", "number", "unscaled",
        # text
        "lower", "length", "contains", "starts with", "ends with", "matches", "matches any case",
        "extract", "concat", "part", "pad", "remove", "null if", "to text",
        # lists
        "list length", "list any", "list has", "make list", "range",
        # calendar: of a day number since 1970-01-01
        "month of day", "year of day", "date of day",
    }
)  # fmt: skip
AGGREGATES = frozenset({"count", "count if", "sum", "min", "max", "any", "all", "collect"})
OVER = frozenset({"row number", "lag", "lead", "count", "sum", "min", "max", "last", "first"})


class Expr(Record):
    """A scalar of one row."""

    # Expressions are compared, hashed and searched for columns over and over, and are deep.
    __slots__ = ("_columns", "_hash")
    _columns: ClassVar[frozenset[str]]
    _hash: ClassVar[int]

    def __hash__(self) -> int:
        try:
            return self._hash
        except AttributeError:
            found = Record.__hash__(self)
            object.__setattr__(self, "_hash", found)
            return found


class Column(Expr):
    name: str


class Constant(Expr):
    value: str | int | bool | Fraction | tuple[str, ...] | tuple[Fraction, ...] | None
    kind: str


class Operation(Expr):
    op: str
    args: tuple[Expr, ...]

    def __init__(self, op: str, args: Sequence[Expr]) -> None:
        if op not in OPERATIONS:
            raise ValueError(f"no operation {op!r}")
        super().__init__(op, tuple(args))


class Lambda(Expr):
    """`some x in list: body`, where body reads the element as Column(name)."""

    name: str
    body: Expr


class Aggregate(Expr):
    """Of the rows of a group."""

    function: str
    args: tuple[Expr, ...]

    def __init__(self, function: str, args: Sequence[Expr]) -> None:
        if function not in AGGREGATES:
            raise ValueError(f"no aggregate {function!r}")
        super().__init__(function, tuple(args))


class Frame(Record):
    """Rows a window reaches over: `rows` from the first to the current one, those strictly
    before it, or by `range` all whose order lies at most `preceding` below, peers included."""

    kind: str
    """`so far`, `before`, `range`."""
    preceding: int = 0


SO_FAR = Frame("so far")
BEFORE = Frame("before")


class Over(Expr):
    """A function over the rows of a key, in order."""

    function: str
    args: tuple[Expr, ...]
    partition: tuple[Expr, ...]
    order: tuple[tuple[Expr, bool], ...]
    """Each with True for descending."""
    frame: Frame | None

    def __init__(
        self,
        function: str,
        args: Sequence[Expr],
        partition: Sequence[Expr],
        order: Sequence[Expr | tuple[Expr, bool]],
        frame: Frame | None = None,
    ) -> None:
        if function not in OVER:
            raise ValueError(f"no window function {function!r}")
        ordered = tuple(o if isinstance(o, tuple) else (o, False) for o in order)
        super().__init__(function, tuple(args), tuple(partition), ordered, frame)


Like: TypeAlias = "Expr | str | int | bool"


@lru_cache(maxsize=65_536)
def col(name: str) -> Column:
    return Column(name)


def lit(value: object, kind: str = "") -> Constant:
    """A constant; its kind is told from the value unless it is given."""
    if not kind:
        kind = {bool: "boolean", int: "integer", str: "text"}.get(type(value), "number")
    if isinstance(value, Decimal):
        value = Fraction(value)
    return Constant(value, kind)  # type: ignore[arg-type]


def null(kind: str) -> Constant:
    return Constant(None, kind)


TRUE = lit(True)
FALSE = lit(False)
UNKNOWN = null("boolean")


def op(name: str, *args: Like) -> Expr:
    return Operation(name, [_expr(a) for a in args])


def _expr(like: Like) -> Expr:
    return like if isinstance(like, Expr) else lit(like)


def both(*conditions: Expr) -> Expr:
    """`and`; true for none."""
    kept = list(dict.fromkeys(c for c in conditions if c != TRUE))
    if any(c == FALSE for c in kept):
        return FALSE
    if not kept:
        return TRUE
    return kept[0] if len(kept) == 1 else Operation("and", kept)


def either(*conditions: Expr) -> Expr:
    """`or`; false for none."""
    kept = list(dict.fromkeys(c for c in conditions if c != FALSE))
    if any(c == TRUE for c in kept):
        return TRUE
    if not kept:
        return FALSE
    return kept[0] if len(kept) == 1 else Operation("or", kept)


def negation(condition: Expr) -> Expr:
    if condition in (TRUE, FALSE):
        return FALSE if condition == TRUE else TRUE
    return op("not", condition)


def missing(value: Expr) -> Expr:
    if isinstance(value, Constant):
        return lit(value.value is None)
    return op("is null", value)


def present(value: Expr) -> Expr:
    if isinstance(value, Constant):
        return lit(value.value is not None)
    return op("is not null", value)


def surely(condition: Expr) -> Expr:
    """True where the condition is true, false where it is false or unknown."""
    if isinstance(condition, Constant):
        return lit(condition.value is True)
    return op("coalesce", condition, FALSE)


def possibly(condition: Expr) -> Expr:
    """True where the condition is true or unknown."""
    if isinstance(condition, Constant):
        return lit(condition.value is not False)
    return op("coalesce", condition, TRUE)


def eq(left: Like, right: Like) -> Expr:
    return op("=", left, right)


def case(*branches: tuple[Expr, Expr], otherwise: Expr) -> Expr:
    """The first whose condition is true."""
    args: list[Expr] = []
    for condition, value in branches:
        if condition == FALSE:
            continue
        if condition == TRUE:
            otherwise = value
            break
        args += [condition, value]
    return Operation("case", [*args, otherwise]) if args else otherwise


def walk(expr: Record) -> list[Expr]:
    """The expression and all inside it."""
    found: list[Expr] = []
    waiting: list[object] = [expr]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Expr):
            found.append(here)
        if isinstance(here, Record):
            waiting.extend(getattr(here, name) for name in here.field_names)
        elif isinstance(here, tuple):
            waiting.extend(here)
    return found


def columns_of(expr: Expr) -> frozenset[str]:
    """The columns it reads, those bound by a lambda left out."""
    try:
        return expr._columns
    except AttributeError:
        found = _columns(expr)
        object.__setattr__(expr, "_columns", found)
        return found


def _columns(expr: Expr) -> frozenset[str]:
    match expr:
        case Column(name=name):
            return frozenset((name,))
        case Constant():
            return frozenset()
        case Lambda(name=name, body=body):
            return columns_of(body) - {name}
        case Operation(args=args) | Aggregate(args=args):
            return frozenset().union(*map(columns_of, args))
        case Over(args=args, partition=partition, order=order):
            parts = (*args, *partition, *(e for e, _ in order))
            return frozenset().union(*map(columns_of, parts))
    raise TypeError(f"no scalar: {expr!r}")


def replaced(expr: Expr, columns: Mapping[str, Expr]) -> Expr | None:
    """The expression with what its columns are made of in their place; None if one of them is
    not known, or if it is more than an operation on values of its row."""
    match expr:
        case Column(name=name):
            return columns.get(name)
        case Constant():
            return expr
        case Operation(op=name, args=args):
            inner = [replaced(a, columns) for a in args]
            known = [a for a in inner if a is not None]
            return Operation(name, known) if len(known) == len(inner) else None
    return None
