"""Expressions of the rules as expressions of the plan (semantics C)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tosrules.plan import calendars, networks
from tosrules.plan.expr import (
    FALSE,
    TRUE,
    UNKNOWN,
    Expr,
    Lambda,
    Operation,
    both,
    case,
    col,
    lit,
    missing,
    null,
    op,
    present,
)
from tosrules.plan.scope import Scope
from tosrules.plan.values import Ratio, Spread, Typed, arithmetic, compare, constant, differ, latest
from tosrules.policy import expressions as p
from tosrules.vocabulary import DURATION

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_AUTHORITY = r"^(?:[A-Za-z][A-Za-z0-9+.-]*:)?//"
_URL = _AUTHORITY + r"(?:[^/?#@]*@)?(\[[^\]/?#]*\]|[^:/?#]*)[^/?#]*([^?#]*)"
"""What `host` and `path` read of a URL: group 1 the host, group 2 the path (semantics C6)."""
_PATH = r"^(/[^?#]*)"


def condition(e: p.Expression | None, scope: Scope) -> Expr:
    """The truth of a condition; an absent one is true."""
    if e is None:
        return TRUE
    form = _CONDITIONS.get(type(e))
    if form is not None:
        return form(e, scope)
    found = value(e, scope)
    assert isinstance(found, Typed)
    return found.expr


def value(e: p.Expression, scope: Scope) -> Any:
    """The typed value of an expression; null where it is missing."""
    if type(e) in _CONDITIONS:
        return Typed(condition(e, scope), "boolean")
    return _VALUES[type(e)](e, scope)


def scalar(e: p.Expression, scope: Scope) -> Expr:
    """A value that is no division and no spread."""
    found = value(e, scope)
    assert isinstance(found, Typed), "the checker allows a division in comparisons only"
    return found.expr


# ---- values --------------------------------------------------------------------------------


def _constant(e: p.Constant, _scope: Scope) -> Typed:
    return constant(e.value, e.type)


def _param(e: p.ParamValue, scope: Scope) -> Typed:
    found = scope.param(e.name)
    if isinstance(found, p.FixedPeriod):
        return constant(found.micros, DURATION)
    return constant(found, e.type)


def _fixed(e: p.FixedPeriod, _scope: Scope) -> Typed:
    return constant(e.micros, DURATION)


def _attribute(e: p.AttributeOf, scope: Scope) -> Typed:
    return scope.read(e.role, e.name, e.type)


def _answered(e: p.Expression, scope: Scope) -> Any:
    return scope.answers[e].value


def _aggregate(e: p.Aggregate, scope: Scope) -> Any:
    return scope.aggregates[e]


def _list(e: p.ListValues, scope: Scope) -> Typed:
    from tosrules.vocabulary import list_of

    declared = scope.planner.policy.lists[e.name]
    return constant(declared.values, list_of(declared.type))


def _arithmetic(e: p.Arithmetic, scope: Scope) -> Any:
    return arithmetic(e.operator, value(e.left, scope), value(e.right, scope))


def _choice(e: p.Choice, scope: Scope) -> Typed:
    operands = [value(o, scope) for o in e.operands]
    if all(o.kind == "integer" for o in operands):
        return Typed(latest([o.expr for o in operands], e.later), "integer")
    from tosrules.plan.values import scaled, wide

    places = max(wide(o).places for o in operands)
    exprs = [scaled(wide(o), places) for o in operands]
    return Typed(latest(exprs, e.later), "wide", places)


def _function(e: p.Function, scope: Scope) -> Typed:
    first = value(e.arguments[0], scope)
    match e.name:
        case "lower":
            return Typed(op("lower", first.expr), "text")
        case "length":
            of = "length" if first.kind == "text" else "list length"
            return Typed(op(of, first.expr), "integer")
        case "host":
            host = op("lower", op("extract", first.expr, lit(_URL), lit(1)))
            return Typed(op("null if", host, lit("")), "text")
        case "path":
            url = op("matches", first.expr, lit(_AUTHORITY))
            path = op("extract", first.expr, lit(_URL), lit(2))
            target = op("null if", op("extract", first.expr, lit(_PATH), lit(1)), lit(""))
            full = op("coalesce", op("null if", path, lit("")), lit("/"))
            found = case((missing(first.expr), null("text")), (url, full), otherwise=target)
            return Typed(found, "text")
    zone = "UTC"
    if len(e.arguments) > 1:
        named = value(e.arguments[1], scope).expr
        zone = str(named.value)
    local = calendars.local(first.expr, scope.planner.zone(zone))
    match e.name:
        case "hour":
            return Typed(calendars.hour(local), "integer")
        case "weekday":
            return Typed(calendars.weekday(local), "integer")
    assert e.name == "date", f"no function {e.name}"
    return Typed(op("date of day", calendars.day(local)), "text")


# ---- conditions ------------------------------------------------------------------------------


def _and(e: p.And, scope: Scope) -> Expr:
    return Operation("and", [condition(o, scope) for o in e.operands])


def _or(e: p.Or, scope: Scope) -> Expr:
    return Operation("or", [condition(o, scope) for o in e.operands])


def _not(e: p.Not, scope: Scope) -> Expr:
    return op("not", condition(e.operand, scope))


def _compare(e: p.Compare, scope: Scope) -> Expr:
    def one(left: Any, right: Any) -> Expr:
        return compare(e.operator, left, right)

    return _each_pair(e.left, e.right, scope, one)


def _each_pair(
    left: p.Expression, right: p.Expression, scope: Scope, holds: Callable[[Any, Any], Expr]
) -> Expr:
    """A comparison, true for one element where a side is `any of` a list: of none it is false,
    whatever the other side."""
    if isinstance(left, p.AnyElement):
        other = value(right, scope)
        return _some(left, scope, lambda x: holds(x, other))
    if isinstance(right, p.AnyElement):
        other = value(left, scope)
        return _some(right, scope, lambda x: holds(other, x))
    return holds(value(left, scope), value(right, scope))


_ELEMENTS = {"texts": "text", "integers": "integer", "numbers": "number", "booleans": "boolean"}


def _some(e: p.AnyElement, scope: Scope, holds: Callable[[Typed], Expr]) -> Expr:
    elements = value(e.collection, scope)
    name = scope.planner.fresh("x")
    body = holds(Typed(col(name), _ELEMENTS[elements.kind]))
    return op("list any", elements.expr, Lambda(name, body))


def _tuple_differs(e: p.TupleDiffers, scope: Scope) -> Expr:
    return differ([value(x, scope) for x in e.left], [value(x, scope) for x in e.right])


def _missing(e: p.Missing, scope: Scope) -> Expr:
    found = value(e.operand, scope)
    if isinstance(found, Ratio):
        zero = compare("=", found.below, constant(0, DURATION))
        known = both(present(found.above.expr), present(found.below.expr), op("not", zero))
    elif isinstance(found, Spread):
        known = op(">=", found.count, lit(2))
    else:
        known = present(found.expr)
    return known if e.present else op("not", known)


def _matches(e: p.Matches, scope: Scope) -> Expr:
    name = "matches any case" if e.ignore_case else "matches"

    def one(text: Typed) -> Expr:
        return op(name, text.expr, lit(e.pattern))

    if isinstance(e.operand, p.AnyElement):
        return _some(e.operand, scope, one)
    return one(value(e.operand, scope))


def _member(e: p.Member, scope: Scope) -> Expr:
    if isinstance(e.collection, p.LinkMembers):
        found: Expr = scope.answers[e].value
        return found
    operand = value(e.operand, scope)
    elements = value(e.collection, scope)
    if e.networks:
        texts = elements.expr
        assert isinstance(texts, Operation), "networks are written out"
        inside = [networks.inside(operand.expr, str(t.value)) for t in texts.args[1:]]  # type: ignore[attr-defined]
        return case(
            (missing(operand.expr), UNKNOWN),
            otherwise=Operation("or", inside) if inside else FALSE,
        )
    if isinstance(elements.expr, Operation) and elements.expr.op == "make list":
        items = elements.expr.args[1:]
        if not items:
            return case((missing(operand.expr), UNKNOWN), otherwise=FALSE)
        return Operation("in", [operand.expr, *items])
    return case(
        (missing(operand.expr), UNKNOWN), otherwise=op("list has", elements.expr, operand.expr)
    )


def _text_test(e: p.TextTest, scope: Scope) -> Expr:
    def one(text: Typed, part: Typed) -> Expr:
        return op(e.test, text.expr, part.expr)

    return _each_pair(e.operand, e.argument, scope, one)


_VALUES: dict[type, Callable[[Any, Scope], Any]] = {
    p.Constant: _constant,
    p.ParamValue: _param,
    p.FixedPeriod: _fixed,
    p.AttributeOf: _attribute,
    p.Remembered: _answered,
    p.GroupOf: _answered,
    p.Function: _function,
    p.Arithmetic: _arithmetic,
    p.Choice: _choice,
    p.Aggregate: _aggregate,
    p.ListValues: _list,
}
_CONDITIONS: dict[type, Callable[[Any, Scope], Expr]] = {
    p.And: _and,
    p.Or: _or,
    p.Not: _not,
    p.Compare: _compare,
    p.TupleDiffers: _tuple_differs,
    p.Missing: _missing,
    p.Matches: _matches,
    p.Member: _member,
    p.TextTest: _text_test,
    p.Held: _answered,
}
