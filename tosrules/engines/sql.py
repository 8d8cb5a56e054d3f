"""The plan as SQL: what all dialects share. A dialect says what it spells its own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import ClassVar

from tosrules.plan.expr import (
    Aggregate,
    Column,
    Constant,
    Expr,
    Lambda,
    Operation,
    Over,
)
from tosrules.plan.relation import (
    Explode,
    Filter,
    Group,
    Join,
    Project,
    Relation,
    Table,
    Union,
)
from tosrules.plan.scan import ScanColumn
from tosrules.plan.values import kind_of
from tosrules.vocabulary import Type

Name = Callable[[str], str]
"""How a column is named where an expression stands."""

_INFIX = {
    "and": "AND",
    "or": "OR",
    "=": "=",
    "<>": "<>",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
    "+": "+",
    "-": "-",
    "*": "*",
    "mod": "%",
    "concat": "||",
    "differs": "IS DISTINCT FROM",
}
_CALLS = {
    "coalesce": "coalesce",
    "greatest": "greatest",
    "least": "least",
    "contains": "contains",
    "part": "split_part",
    "pad": "lpad",
    "null if": "nullif",
}
_FUNCTIONS = {"row number": "row_number", "first": "first_value", "last": "last_value"}


class Writer(ABC):
    """Writes the operations of the allow-list, each with its one spelling."""

    name: ClassVar[str]
    types: ClassVar[Mapping[str, str]]
    """Kind of the plan → type."""
    quote: ClassVar[str]
    joins: ClassVar[Mapping[str, str]]
    explode: ClassVar[str]
    division: ClassVar[str]
    """Of whole numbers, towards zero."""
    array: ClassVar[str]
    """Where the elements stand."""
    function: ClassVar[str]
    """Of one element: where its name and the body stand."""
    small: ClassVar[str]
    """The type of whole numbers that some calls ask for."""
    whole: ClassVar[str]
    """What follows a whole number that is written within an operation."""
    calls: ClassVar[Mapping[str, str]]
    nulls: ClassVar[str]
    """What has to be said for missing values to stand last."""

    def quoted(self, name: str) -> str:
        return self.quote + name.replace(self.quote, self.quote * 2) + self.quote

    def column_type(self, column: ScanColumn) -> str:
        """The type of a column of the events; what is secret is hashed."""
        if column.secret:
            return self.types["texts" if column.type.name == "list" else "text"]
        return self.value_type(column.type)

    def value_type(self, of: Type) -> str:
        """The type of the values of a type of the vocabulary."""
        return self.types[kind_of(of)]

    @abstractmethod
    def text(self, value: str) -> str:
        """A text constant."""

    # ---- relations -----------------------------------------------------------------------------

    def query(self, relation: Relation) -> str:
        """A SELECT statement."""
        match relation:
            case Table(name=name, has=has):
                return f"SELECT {', '.join(map(self.quoted, has))} FROM {self.quoted(name)}"
            case Filter():
                return (
                    f"SELECT * FROM {self._from(relation.source)} "
                    f"WHERE {self.scalar(relation.condition)}"
                )
            case Project(source=Filter() as inner):
                # The filter of a projection is one statement with it. A window may stand there:
                # it comes after the filter too.
                return (
                    f"SELECT {self._items(relation.items)} FROM {self._from(inner.source)} "
                    f"WHERE {self.scalar(inner.condition)}"
                )
            case Project():
                return f"SELECT {self._items(relation.items)} FROM {self._from(relation.source)}"
            case Union():
                names = ", ".join(map(self.quoted, relation.columns))
                return " UNION ALL ".join(
                    f"SELECT {names} FROM {self._from(s)}" for s in relation.sources
                )
            case Group():
                keys = [self.quoted(k) for k in relation.by]
                items = [
                    *keys,
                    *(f"{self.scalar(e)} AS {self.quoted(n)}" for n, e in relation.items),
                ]
                grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
                return f"SELECT {', '.join(items)} FROM {self._from(relation.source)}{grouped}"
            case Explode():
                return (
                    f"SELECT *, {self.explode}({self.scalar(relation.list)}) "
                    f"AS {self.quoted(relation.name)} FROM {self._from(relation.source)}"
                )
            case Join():
                return self._join(relation)
        raise TypeError(f"no relation: {relation!r}")

    def _join(self, relation: Join) -> str:
        both = [f"{self.scalar(a, 'l')} = {self.scalar(b, 'r')}" for a, b in relation.on]
        right = set(relation.right.columns)

        def side(name: str) -> str:
            return f"{'r' if name in right else 'l'}.{self.quoted(name)}"

        if relation.residual != Constant(True, "boolean"):
            both.append(self.said(relation.residual, side))
        on = " AND ".join(both) or "true"
        columns = [f"l.{self.quoted(n)}" for n in relation.left.columns]
        if relation.how in ("inner", "left"):
            columns += [f"r.{self.quoted(n)}" for n in relation.right.columns]
        return (
            f"SELECT {', '.join(columns)} FROM {self._from(relation.left, 'l')} "
            f"{self.joins[relation.how]} {self._from(relation.right, 'r')} ON {on}"
        )

    def _items(self, items: Sequence[tuple[str, Expr]]) -> str:
        return ", ".join(
            self.quoted(n) if e == Column(n) else f"{self.scalar(e)} AS {self.quoted(n)}"
            for n, e in items
        )

    def _from(self, relation: Relation, alias: str = "") -> str:
        if isinstance(relation, Table):
            name = self.quoted(relation.name)
            return f"{name} AS {alias}" if alias else name
        return f"({self.query(relation)}) AS {alias or 'x'}"

    # ---- scalars -------------------------------------------------------------------------------

    def scalar(self, expr: Expr, alias: str = "") -> str:
        """An expression; its columns are those of the relation with that alias."""
        prefix = f"{alias}." if alias else ""
        return self.said(expr, lambda name: prefix + self.quoted(name))

    def said(self, expr: Expr, name: Name) -> str:
        """An expression where columns are called so."""
        match expr:
            case Column():
                return name(expr.name)
            case Lambda():
                return self._function(expr, name)
            case Constant():
                return self.constant(expr)
            case Operation():
                return self._operation(expr, name)
            case Aggregate():
                return self._aggregate(expr, name)
            case Over():
                return self._over(expr, name)
        raise TypeError(f"no scalar: {expr!r}")

    def _function(self, expr: Lambda, name: Name) -> str:
        variable = self.quoted(expr.name)
        body = self.said(expr.body, lambda of: variable if of == expr.name else name(of))
        return self.function.format(variable, body)

    def constant(self, expr: Constant) -> str:
        value, of = expr.value, self.types[expr.kind]
        if value is None:
            return f"CAST(NULL AS {of})"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, tuple):
            raise TypeError("lists are made by `make list`")
        if expr.kind == "number":
            return f"CAST('{decimal(Fraction(value))}' AS {of})"
        return self.wide(int(value)) if expr.kind == "wide" else self.integer(int(value))

    @abstractmethod
    def integer(self, value: int) -> str:
        """A whole number of 64 bits."""

    @abstractmethod
    def wide(self, value: int) -> str:
        """A whole number that may be longer."""

    def _operation(self, expr: Operation, name: Name) -> str:
        op, args = expr.op, expr.args
        said = [self.said(a, name) for a in args]
        own = self.operation(expr, said)
        if own:
            return own
        infix = self.division if op == "trunc div" else _INFIX.get(op)
        if infix:
            return f"({f' {infix} '.join(said)})" if len(said) > 1 else said[0]
        if op in ("pad", "part"):
            place = 1 if op == "pad" else 2
            said[place] = f"CAST({said[place]} AS {self.small})"
        call = self.calls.get(op) or _CALLS.get(op)
        if call:
            return f"{call}({', '.join(said)})"
        match op:
            case "make list":
                kind = args[0]
                assert isinstance(kind, Constant), "the kind is written in the plan"
                made = self.array.format(", ".join(said[1:]))
                return f"CAST({made} AS {self.types[kind.kind + 's']})"
            case "not":
                return f"(NOT {said[0]})"
            case "is null":
                return f"({said[0]} IS NULL)"
            case "is not null":
                return f"({said[0]} IS NOT NULL)"
            case "case":
                branches = "".join(
                    f" WHEN {said[n]} THEN {said[n + 1]}" for n in range(0, len(said) - 1, 2)
                )
                return f"(CASE{branches} ELSE {said[-1]} END)"
            case "in":
                return f"({said[0]} IN ({', '.join(said[1:])}))"
            case "negate":
                return f"(-{said[0]})"
            case "floor div":
                (one, other), div, n = said, self.division, self.whole
                below = f"-((-({one}) - 1{n}) {div} {other}) - 1{n}"
                return f"(CASE WHEN {one} >= 0{n} THEN {one} {div} {other} ELSE {below} END)"
            case "wide" | "number" | "integer":
                return f"CAST({said[0]} AS {self.types[op]})"
            case "to text":
                return f"CAST({said[0]} AS {self.types['text']})"
            case "unscaled":
                places = args[1]
                assert isinstance(places, Constant), "the places are known from the rule"
                return _unscaled(said[0], int(str(places.value)))
            case "remove":
                return f"replace({said[0]}, {said[1]}, '')"
            case "lower":
                return (
                    f"translate({said[0]}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', "
                    "'abcdefghijklmnopqrstuvwxyz')"
                )
        raise TypeError(f"no operation in {self.name}: {op}")

    @abstractmethod
    def operation(self, expr: Operation, said: list[str]) -> str:
        """An operation that the dialect spells its own way, its arguments written; empty: as
        everywhere."""

    def _aggregate(self, expr: Aggregate, name: Name) -> str:
        said = [self.said(a, name) for a in expr.args]
        match expr.function:
            case "count":
                return f"count({said[0]})" if said else "count(*)"
            case "any":
                return f"coalesce(bool_or({said[0]}), false)"
            case "all":
                return f"coalesce(bool_and({said[0]}), true)"
            case "count if" | "sum" | "min" | "max":
                return self.aggregate(expr.function, said[0])
        raise TypeError(f"no aggregate in {self.name}: {expr.function}")

    @abstractmethod
    def aggregate(self, function: str, said: str) -> str:
        """`count if`, `sum`, `min` or `max` of a value."""

    def _over(self, expr: Over, name: Name) -> str:
        function = _FUNCTIONS.get(expr.function, expr.function)
        said = self.arguments(expr, [self.said(a, name) for a in expr.args])
        parts: list[str] = []
        if expr.partition:
            parts.append("PARTITION BY " + ", ".join(self.said(e, name) for e in expr.partition))
        if expr.order:
            ordered = (
                f"{self.said(e, name)}{' DESC' if down else ''}{self.nulls}"
                for e, down in expr.order
            )
            parts.append("ORDER BY " + ", ".join(ordered))
        if expr.frame is not None:
            preceding = f"{expr.frame.preceding}{self.whole}"
            parts.append(
                {
                    "so far": "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                    "before": "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
                    "range": f"RANGE BETWEEN {preceding} PRECEDING AND CURRENT ROW",
                }[expr.frame.kind]
            )
        return f"{function}({', '.join(said)}) OVER ({' '.join(parts)})"

    def arguments(self, expr: Over, said: list[str]) -> list[str]:
        """What a function over a window is given."""
        return ["*"] if expr.function == "count" and not said else said


def decimal(value: Fraction) -> str:
    from tosrules.trace.numbers import decimal_text

    return decimal_text(value)


def _unscaled(value: str, places: int) -> str:
    """A wide value as a decimal with its places, exact."""
    if not places:
        return f"CAST({value} AS DECIMAL(38,0))"
    unit = f"CAST('{decimal(Fraction(1, 10**places))}' AS DECIMAL({places + 1},{places}))"
    return f"(CAST({value} AS DECIMAL(38,0)) * {unit})"
