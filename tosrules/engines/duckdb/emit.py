"""The plan as DuckDB SQL. Each operation of the allow-list has its one spelling here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

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
    "wide": "HUGEINT",
    "number": "DECIMAL(24,6)",
    "boolean": "BOOLEAN",
    "text": "VARCHAR",
    "texts": "VARCHAR[]",
    "integers": "BIGINT[]",
    "numbers": "DECIMAL(24,6)[]",
    "booleans": "BOOLEAN[]",
}


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text constant; control characters are spelled, so that no statement holds them raw."""
    if all(c >= " " for c in value):
        return "'" + value.replace("'", "''") + "'"
    parts: list[str] = []
    plain = ""
    for c in value:
        if c >= " ":
            plain += c
            continue
        if plain:
            parts.append(text(plain))
            plain = ""
        parts.append(f"chr({ord(c)})")
    if plain:
        parts.append(text(plain))
    return "(" + " || ".join(parts) + ")"


# ---- relations ---------------------------------------------------------------------------------


def query(relation: Relation) -> str:
    """A SELECT statement."""
    match relation:
        case Table(name=name, has=has):
            return f"SELECT {', '.join(map(quoted, has))} FROM {quoted(name)}"
        case Filter():
            return f"SELECT * FROM {_from(relation.source)} WHERE {scalar(relation.condition)}"
        case Project(source=Filter() as inner):
            # The filter of a projection is one statement with it, unless a window stands there:
            # that comes after the filter too, so it may.
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
                f"SELECT *, unnest({scalar(relation.list)}) AS {quoted(relation.name)} "
                f"FROM {_from(relation.source)}"
            )
        case Join():
            return _join(relation)
    raise TypeError(f"no relation: {relation!r}")


_JOINS = {
    "inner": "JOIN",
    "left": "LEFT JOIN",
    "semi": "SEMI JOIN",
    "anti": "ANTI JOIN",
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
    return f"CAST({int(value)} AS {of})" if expr.kind == "wide" else f"{int(value)}::BIGINT"


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
    "trunc div": "//",
    "mod": "%",
    "concat": "||",
    "differs": "IS DISTINCT FROM",
}
_CALLS = {
    "coalesce": "coalesce",
    "greatest": "greatest",
    "least": "least",
    "length": "length",
    "contains": "contains",
    "starts with": "starts_with",
    "ends with": "suffix",
    "part": "split_part",
    "pad": "lpad",
    "remove": "replace",
    "null if": "nullif",
    "list length": "len",
    "list has": "list_contains",
}


def _operation(expr: Operation, name: _Name) -> str:
    op, args = expr.op, expr.args
    if op == "list any":
        return _list_any(expr, name)
    if op == "make list":
        return _make_list(expr, name)
    said = [_scalar(a, name) for a in args]
    if op in _INFIX:
        return f"({f' {_INFIX[op]} '.join(said)})" if len(said) > 1 else said[0]
    if op == "remove":
        return f"replace({said[0]}, {said[1]}, '')"
    if op == "extract":
        group = args[2]
        assert isinstance(group, Constant), "the group is written in the plan"
        return f"regexp_extract({said[0]}, {said[1]}, {group.value})"
    if op in ("pad", "part"):
        place = 1 if op == "pad" else 2
        said[place] = f"CAST({said[place]} AS INTEGER)"
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
            below = f"-((-({one}) - 1) // {other}) - 1"
            return f"(CASE WHEN {one} >= 0 THEN {one} // {other} ELSE {below} END)"
        case "wide":
            return f"CAST({said[0]} AS HUGEINT)"
        case "decimal":
            # A number in millionths: exact, since it has six places.
            return f"(CAST({said[0]} AS DECIMAL(38,6)) * 1000000)"
        case "number":
            return f"CAST({said[0]} AS DECIMAL(24,6))"
        case "unscaled":
            places = args[1]
            assert isinstance(places, Constant), "the places are known from the rule"
            return _unscaled(said[0], int(str(places.value)))
        case "integer":
            return f"CAST({said[0]} AS BIGINT)"
        case "to text":
            return f"CAST({said[0]} AS VARCHAR)"
        case "lower":
            return (
                f"translate({said[0]}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"
            )
        case "matches":
            return f"regexp_matches({said[0]}, {said[1]})"
        case "matches any case":
            return f"regexp_matches({said[0]}, {said[1]}, 'i')"
        case "range":
            return f"range({said[0]}, {said[1]})"
        case "month of day":
            return f"month(DATE '1970-01-01' + CAST({said[0]} AS INTEGER))"
        case "year of day":
            return f"year(DATE '1970-01-01' + CAST({said[0]} AS INTEGER))"
        case "date of day":
            return f"strftime(DATE '1970-01-01' + CAST({said[0]} AS INTEGER), '%Y-%m-%d')"
    raise TypeError(f"no operation in DuckDB: {op}")


def _unscaled(value: str, places: int) -> str:
    """A wide value as a decimal with its places, exact."""
    if not places:
        return f"CAST({value} AS DECIMAL(38,0))"
    unit = f"CAST('{_decimal(Fraction(1, 10**places))}' AS DECIMAL({places + 1},{places}))"
    return f"(CAST({value} AS DECIMAL(38,0)) * {unit})"


def _list_any(expr: Operation, name: _Name) -> str:
    """True if true for one element, unknown if unknown for one, false of none."""
    elements, body = expr.args
    assert isinstance(body, Lambda)
    said = _scalar(elements, name)
    variable = quoted(body.name)

    def inside(of: str) -> str:
        return variable if of == body.name else name(of)

    holds = f"list_transform({said}, lambda {variable}: {_scalar(body.body, inside)})"
    unknown = f"len(list_filter({holds}, lambda h: h IS NULL)) > 0"
    return (
        f"(CASE WHEN {said} IS NULL THEN CAST(NULL AS BOOLEAN) WHEN len({said}) = 0 THEN false "
        f"ELSE list_bool_or({holds}) OR CASE WHEN {unknown} THEN CAST(NULL AS BOOLEAN) "
        "ELSE false END END)"
    )


def _make_list(expr: Operation, name: _Name) -> str:
    kind = next(a.kind for a in expr.args[:1] if isinstance(a, Constant))
    items = ", ".join(_scalar(a, name) for a in expr.args[1:])
    return f"CAST([{items}] AS {TYPES[kind]}[])"


def _aggregate(expr: Aggregate, name: _Name) -> str:
    said = [_scalar(a, name) for a in expr.args]
    match expr.function:
        case "count":
            return f"count({said[0]})" if said else "count(*)"
        case "count if":
            return f"count(*) FILTER (WHERE {said[0]})"
        case "any":
            return f"coalesce(bool_or({said[0]}), false)"
        case "all":
            return f"coalesce(bool_and({said[0]}), true)"
    return f"{expr.function}({', '.join(said)})"


_FUNCTIONS = {"row number": "row_number", "first": "first_value", "last": "last_value"}


def _over(expr: Over, name: _Name) -> str:
    said = [_scalar(a, name) for a in expr.args]
    if expr.function == "count" and not said:
        said = ["*"]
    parts: list[str] = []
    if expr.partition:
        parts.append("PARTITION BY " + ", ".join(_scalar(e, name) for e in expr.partition))
    if expr.order:
        ordered = (f"{_scalar(e, name)}{' DESC' if down else ''}" for e, down in expr.order)
        parts.append("ORDER BY " + ", ".join(ordered))
    if expr.frame is not None:
        parts.append(
            {
                "so far": "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
                "before": "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
                "range": f"RANGE BETWEEN {expr.frame.preceding} PRECEDING AND CURRENT ROW",
            }[expr.frame.kind]
        )
    function = _FUNCTIONS.get(expr.function, expr.function)
    return f"{function}({', '.join(said)}) OVER ({' '.join(parts)})"
