"""The kind of every column of a relation, told from how it is made."""

from __future__ import annotations

from collections.abc import Mapping

from tosrules.plan.expr import Aggregate, Column, Constant, Expr, Operation, Over
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

Kinds = Mapping[str, str]
_BOOLEAN = frozenset(
    {
        "and", "or", "not", "is null", "is not null", "=", "<>", "<", "<=", ">", ">=", "differs",
        "in", "contains", "starts with", "ends with", "matches", "matches any case", "list any",
        "list has",
    }
)  # fmt: skip
_TEXT = frozenset(
    {"lower", "extract", "concat", "part", "pad", "remove", "null if", "to text", "date of day"}
)
_INTEGER = frozenset({"length", "list length", "integer", "month of day", "year of day"})
_LISTS = {"text": "texts", "integer": "integers", "number": "numbers", "boolean": "booleans"}
_ELEMENTS = {many: one for one, many in _LISTS.items()}


def kinds_of(relation: Relation, tables: Mapping[str, Kinds]) -> dict[str, str]:
    """Column → kind; `tables` says the kinds of the tables that are there."""
    match relation:
        case Table(name=name):
            return dict(tables[name])
        case Filter(source=source):
            return kinds_of(source, tables)
        case Project(source=source, items=items):
            known = kinds_of(source, tables)
            return {name: kind(expr, known) for name, expr in items}
        case Union(sources=sources):
            return kinds_of(sources[0], tables)
        case Join(left=left, right=right, how=how):
            known = kinds_of(left, tables)
            return known if how in ("semi", "anti") else {**known, **kinds_of(right, tables)}
        case Group(source=source, by=by, items=items):
            known = kinds_of(source, tables)
            return {**{n: known[n] for n in by}, **{n: kind(e, known) for n, e in items}}
        case Explode(source=source, list=list_, name=name):
            known = kinds_of(source, tables)
            return {**known, name: _ELEMENTS[kind(list_, known)]}
    raise TypeError(f"no relation: {relation!r}")


def kind(expr: Expr, known: Kinds) -> str:
    match expr:
        case Column(name=name):
            return known[name]
        case Constant(kind=of):
            return of
        case Aggregate(function=function, args=args):
            if function in ("any", "all"):
                return "boolean"
            return _gathered(function, args, known)
        case Over(function=function, args=args):
            return _gathered(function, args, known)
        case Operation(op=op, args=args):
            return _operation(op, args, known)
    raise TypeError(f"no scalar: {expr!r}")


def _gathered(function: str, args: tuple[Expr, ...], known: Kinds) -> str:
    if function in ("count", "count if", "row number"):
        return "integer"
    return "wide" if function == "sum" else kind(args[0], known)


def _operation(op: str, args: tuple[Expr, ...], known: Kinds) -> str:
    if op in _BOOLEAN:
        return "boolean"
    if op in _TEXT:
        return "text"
    if op in _INTEGER:
        return "integer"
    if op in ("wide", "number"):
        return op
    if op == "decimal":
        return "wide"
    if op == "unscaled":
        return "number"
    if op == "make list":
        return _LISTS[kind(args[0], known)]
    if op == "range":
        return "integers"
    if op == "case":
        return kind(args[1], known)
    if op in ("coalesce", "negate"):
        return kind(args[0], known)
    found = [kind(a, known) for a in args]
    return "wide" if "wide" in found else found[0]
