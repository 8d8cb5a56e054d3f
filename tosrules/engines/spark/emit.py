"""The plan as Spark SQL. Each operation of the allow-list has its one spelling here.

It means what it says under the settings of `settings.py` alone: names tell upper from lower
case, and what cannot be held is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from tosrules.engines.spark.patterns import java_pattern
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

TYPES = {
    "integer": "BIGINT",
    "wide": "DECIMAL(38,0)",
    "number": "DECIMAL(24,6)",
    "boolean": "BOOLEAN",
    "text": "STRING",
    "texts": "ARRAY<STRING>",
    "integers": "ARRAY<BIGINT>",
    "numbers": "ARRAY<DECIMAL(24,6)>",
    "booleans": "ARRAY<BOOLEAN>",
}
_WIDE = TYPES["wide"]


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def text(value: str) -> str:
    """A text constant. Nothing in it is read as an escape, a variable or a line of its own."""
    return "'" + "".join(map(_character, value)) + "'"


def _character(c: str) -> str:
    if c in "\\'":
        return "\\" + c
    if (c >= " " and c not in "$\x7f\x85\u2028\u2029" and not c.isspace()) or c == " ":
        return c
    return f"\\u{ord(c):04X}" if ord(c) < 0x10000 else c


# ---- relations ---------------------------------------------------------------------------------


def query(relation: Relation) -> str:
    """A SELECT statement."""
    match relation:
        case Table(name=name, has=has):
            return f"SELECT {', '.join(map(quoted, has))} FROM {quoted(name)}"
        case Filter():
            return f"SELECT * FROM {_from(relation.source)} WHERE {scalar(relation.condition)}"
        case Project(source=Filter() as inner):
            # A window comes after the filter of its statement, so both are one statement.
            return (
                f"SELECT {_items(relation.items)} FROM {_from(inner.source)} "
                f"WHERE {scalar(inner.condition)}"
            )
        case Project():
            return f"SELECT {_items(relation.items)} FROM {_from(relation.source)}"
        case Union():
            first = relation.columns
            return " UNION ALL ".join(
                f"SELECT {', '.join(map(quoted, first))} FROM {_from(s)}" for s in relation.sources
            )
        case Group():
            keys = [quoted(k) for k in relation.by]
            items = [*keys, *(f"{scalar(e)} AS {quoted(n)}" for n, e in relation.items)]
            grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
            return f"SELECT {', '.join(items)} FROM {_from(relation.source)}{grouped}"
        case Explode():
            return (
                f"SELECT *, explode({scalar(relation.list)}) AS {quoted(relation.name)} "
                f"FROM {_from(relation.source)}"
            )
        case Join():
            return _join(relation)
    raise TypeError(f"no relation: {relation!r}")


_JOINS = {
    "inner": "JOIN",
    "left": "LEFT JOIN",
    "semi": "LEFT SEMI JOIN",
    "anti": "LEFT ANTI JOIN",
}


def _join(relation: Join) -> str:
    both = [f"{scalar(a, 'l')} = {scalar(b, 'r')}" for a, b in relation.on]
    right = set(relation.right.columns)

    def side(name: str) -> str:
        return f"{'r' if name in right else 'l'}.{quoted(name)}"

    if relation.residual != Constant(True, "boolean"):
        both.append(_scalar(relation.residual, side))
    on = " AND ".join(both) or "true"
    columns = [f"l.{quoted(n)}" for n in relation.left.columns]
    if relation.how in ("inner", "left"):
        columns += [f"r.{quoted(n)}" for n in relation.right.columns]
    return (
        f"SELECT {', '.join(columns)} FROM {_from(relation.left, 'l')} "
        f"{_JOINS[relation.how]} {_from(relation.right, 'r')} ON {on}"
    )


def _items(items: Sequence[tuple[str, Expr]]) -> str:
    return ", ".join(
        quoted(n) if e == Column(n) else f"{scalar(e)} AS {quoted(n)}" for n, e in items
    )


def _from(relation: Relation, alias: str = "") -> str:
    if isinstance(relation, Table):
        return f"{quoted(relation.name)} AS {alias}" if alias else quoted(relation.name)
    return f"({query(relation)}) AS {alias or 'x'}"


# ---- scalars -------------------------------------------------------------------------------------


def scalar(expr: Expr, alias: str = "") -> str:
    prefix = f"{alias}." if alias else ""
    return _scalar(expr, lambda name: prefix + quoted(name))


_Name = Callable[[str], str]


def _scalar(expr: Expr, name: _Name) -> str:
    match expr:
        case Column():
            return name(expr.name)
        case Constant():
            return constant(expr)
        case Operation():
            return _operation(expr, name)
        case Aggregate():
            return _aggregate(expr, name)
        case Over():
            return _over(expr, name)
    raise TypeError(f"no scalar: {expr!r}")


def constant(expr: Constant) -> str:
    value, of = expr.value, TYPES[expr.kind]
    if value is None:
        return f"CAST(NULL AS {of})"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    if isinstance(value, tuple):
        raise TypeError("lists are made by `make list`")
    if expr.kind == "number":
        return f"CAST('{_decimal(Fraction(value))}' AS {of})"
    return f"CAST('{int(value)}' AS {of})" if expr.kind == "wide" else f"{int(value)}L"


def _decimal(value: Fraction) -> str:
    from tosrules.trace.numbers import decimal_text

    return decimal_text(value)


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
    "trunc div": "div",
    "mod": "%",
    "concat": "||",
    "differs": "IS DISTINCT FROM",
}
_CALLS = {
    "coalesce": "coalesce",
    "greatest": "greatest",
    "least": "least",
    "contains": "contains",
    "starts with": "startswith",
    "ends with": "endswith",
    "part": "split_part",
    "pad": "lpad",
    "null if": "nullif",
    "list has": "array_contains",
}


def _operation(expr: Operation, name: _Name) -> str:
    op, args = expr.op, expr.args
    if op == "list any":
        return _list_any(expr, name)
    if op == "make list":
        return _make_list(expr, name)
    if op in ("matches", "matches any case", "extract"):
        return _regex(expr, name)
    said = [_scalar(a, name) for a in args]
    if op in _INFIX:
        return f"({f' {_INFIX[op]} '.join(said)})" if len(said) > 1 else said[0]
    if op in ("pad", "part"):
        place = 1 if op == "pad" else 2
        said[place] = f"CAST({said[place]} AS INT)"
    if op in _CALLS:
        return f"{_CALLS[op]}({', '.join(said)})"
    match op:
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
            one, other = said
            below = f"-((-({one}) - 1L) div {other}) - 1L"
            return f"(CASE WHEN {one} >= 0L THEN {one} div {other} ELSE {below} END)"
        case "wide":
            return f"CAST({said[0]} AS {_WIDE})"
        case "decimal":
            # A number in millionths: exact, since it has six places.
            return f"CAST({said[0]} * CAST('1000000' AS DECIMAL(7,0)) AS {_WIDE})"
        case "number":
            return f"CAST({said[0]} AS {TYPES['number']})"
        case "unscaled":
            places = args[1]
            assert isinstance(places, Constant), "the places are known from the rule"
            return _unscaled(said[0], int(str(places.value)))
        case "integer":
            return f"CAST({said[0]} AS BIGINT)"
        case "to text":
            return f"CAST({said[0]} AS STRING)"
        case "length":
            return f"CAST(length({said[0]}) AS BIGINT)"
        case "list length":
            return f"CAST(array_size({said[0]}) AS BIGINT)"
        case "remove":
            return f"replace({said[0]}, {said[1]}, '')"
        case "lower":
            return (
                f"translate({said[0]}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
            )
        case "range":
            first, end = said
            empty = "CAST(array() AS ARRAY<BIGINT>)"
            # A sequence whose end lies before its beginning would count down.
            return (
                f"(CASE WHEN {first} < {end} THEN sequence({first}, {end} - 1L, 1L) "
                f"WHEN {first} >= {end} THEN {empty} END)"
            )
        case "month of day":
            return f"CAST(month(date_from_unix_date(CAST({said[0]} AS INT))) AS BIGINT)"
        case "year of day":
            return f"CAST(year(date_from_unix_date(CAST({said[0]} AS INT))) AS BIGINT)"
        case "date of day":
            return f"CAST(date_from_unix_date(CAST({said[0]} AS INT)) AS STRING)"
    raise TypeError(f"no operation in Spark: {op}")


def _unscaled(value: str, places: int) -> str:
    """A wide value as a decimal with its places, exact."""
    if not places:
        return f"CAST({value} AS {_WIDE})"
    unit = f"CAST('{_decimal(Fraction(1, 10**places))}' AS DECIMAL({places + 1},{places}))"
    return f"(CAST({value} AS {_WIDE}) * {unit})"


def _regex(expr: Operation, name: _Name) -> str:
    found, pattern = _scalar(expr.args[0], name), expr.args[1]
    assert isinstance(pattern, Constant), "patterns are written in the rules"
    if expr.op == "extract":
        group = expr.args[2]
        assert isinstance(group, Constant), "the group is written in the plan"
        said = text(java_pattern(str(pattern.value), groups=True))
        return f"regexp_extract({found}, {said}, {group.value})"
    said = text(java_pattern(str(pattern.value), expr.op == "matches any case"))
    return f"({found} RLIKE {said})"


def _list_any(expr: Operation, name: _Name) -> str:
    """True if true for one element, unknown if unknown for one, false of none."""
    elements, body = expr.args
    assert isinstance(body, Lambda)
    variable = quoted(body.name)

    def inside(of: str) -> str:
        return variable if of == body.name else name(of)

    return f"exists({_scalar(elements, name)}, {variable} -> {_scalar(body.body, inside)})"


def _make_list(expr: Operation, name: _Name) -> str:
    kind = next(a.kind for a in expr.args[:1] if isinstance(a, Constant))
    items = ", ".join(_scalar(a, name) for a in expr.args[1:])
    return f"CAST(array({items}) AS ARRAY<{TYPES[kind]}>)"


def _aggregate(expr: Aggregate, name: _Name) -> str:
    said = [_scalar(a, name) for a in expr.args]
    match expr.function:
        case "count":
            return f"count({said[0]})" if said else "count(*)"
        case "count if":
            return f"count_if({said[0]})"
        case "any":
            return f"coalesce(bool_or({said[0]}), false)"
        case "all":
            return f"coalesce(bool_and({said[0]}), true)"
        case "sum":
            return f"sum(CAST({said[0]} AS {_WIDE}))"
        case "min" | "max":
            return f"{expr.function}({said[0]})"
    raise TypeError(f"no aggregate in Spark: {expr.function}")


_FUNCTIONS = {"row number": "row_number", "first": "first_value", "last": "last_value"}


def _over(expr: Over, name: _Name) -> str:
    said = [_scalar(a, name) for a in expr.args]
    function = _FUNCTIONS.get(expr.function, expr.function)
    if function == "count" and not said:
        said = ["*"]
    elif function == "sum":
        said = [f"CAST({said[0]} AS {_WIDE})"]
    elif function in ("lag", "lead") and len(said) > 1:
        by = expr.args[1]
        assert isinstance(by, Constant), "the number of rows is known from the rule"
        said[1] = str(by.value)
    parts: list[str] = []
    if expr.partition:
        parts.append("PARTITION BY " + ", ".join(_scalar(e, name) for e in expr.partition))
    if expr.order:
        # Missing values stand last whichever way the order goes, as in the other engine.
        ordered = (
            f"{_scalar(e, name)}{' DESC' if down else ''} NULLS LAST" for e, down in expr.order
        )
        parts.append("ORDER BY " + ", ".join(ordered))
    if expr.frame is not None:
        parts.append(
            {
                "so far": "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                "before": "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
                "range": f"RANGE BETWEEN {expr.frame.preceding}L PRECEDING AND CURRENT ROW",
            }[expr.frame.kind]
        )
    return f"{function}({', '.join(said)}) OVER ({' '.join(parts)})"
