"""Why a condition is unknown: only the parts that are unknown themselves (semantics C4)."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from tosrules.engines.reference.expressions import View, evaluate
from tosrules.engines.reference.truth import both, either
from tosrules.policy import expressions as p
from tosrules.policy.unknown import (
    ATTRIBUTE_MISSING,
    DIVISION_BY_ZERO,
    STATUS_UNKNOWN,
    Reason,
    own_name,
)
from tosrules.policy.walk import parts


def reasons(expression: p.Expression, view: View) -> set[Reason]:
    """The reasons why `expression` is missing or unknown; none if it is neither. The set is
    the caller's own."""
    return set(_explained(expression, view)[1])


_NONE: frozenset[Reason] = frozenset()


def _explained(expression: p.Expression, view: View) -> tuple[Any, Set[Reason]]:
    """The value, and why there is none. Each part is evaluated once on the way."""
    match expression:
        case p.And() | p.Or():
            asked = [_explained(operand, view) for operand in expression.operands]
            join = both if isinstance(expression, p.And) else either
            joined = join(truth for truth, _ in asked)
            if joined is not None:
                return joined, _NONE
            return None, {r for truth, why in asked if truth is None for r in why}
        case p.Not():
            inner, why = _explained(expression.operand, view)
            return (None, why) if inner is None else (not inner, _NONE)
    value = evaluate_or_none(expression, view)
    return (value, _NONE) if value is not None else (None, _of_leaf(expression, view))


def _of_leaf(expression: p.Expression, view: View) -> set[Reason]:
    """Why a comparison, a value or a question is unknown, which it is."""
    match expression:
        case p.AttributeOf():
            return {Reason(ATTRIBUTE_MISSING, expression.name)}
        case p.Held() | p.Remembered():
            return _of_status(expression, view)
        case p.Member(collection=p.LinkMembers() as link):
            missing = _of((expression.operand, link.start), view)
            return missing or {Reason(STATUS_UNKNOWN, own_name(link.link))}
        case p.AnyElement():
            return reasons(expression.collection, view)
        case p.Arithmetic(operator="/"):
            missing = _of((expression.left, expression.right), view)
            return missing or {Reason(DIVISION_BY_ZERO, "")}
        case p.Aggregate():
            return set()
        case p.TupleDiffers():
            return _of((*expression.left, *expression.right), view)
        case p.Function():
            missing = _of(expression.arguments, view)
            read = [a.name for a in expression.arguments if isinstance(a, p.AttributeOf)]
            return missing or {Reason(ATTRIBUTE_MISSING, f"{expression.name}({', '.join(read)})")}
        case _:
            inner = (x for x in parts(expression) if isinstance(x, p.Expression))
            return _of(tuple(inner), view)


def evaluate_or_none(expression: p.Expression, view: View) -> object:
    """The value, where the expression has one; a set or an `any of` has the value of what it
    is taken from."""
    match expression:
        case p.LinkMembers():
            return evaluate(expression.start, view)
        case p.AnyElement():
            return evaluate(expression.collection, view)
        case p.FixedPeriod() | p.CalendarPeriod() | p.BusinessPeriod():
            return expression
        case _:
            return evaluate(expression, view)


def _of(expressions: tuple[p.Expression, ...], view: View) -> set[Reason]:
    return {r for x in expressions for r in reasons(x, view)}


def _of_status(expression: p.Held | p.Remembered, view: View) -> set[Reason]:
    missing = _of(expression.keys, view)
    if missing:
        return missing
    own = own_name(expression.status)
    if isinstance(expression, p.Remembered):
        held = p.Held(expression.status, expression.keys, None, None)
        if evaluate(held, view) is not None:
            return {Reason(ATTRIBUTE_MISSING, f"{own}.{expression.attribute}")}
    return {Reason(STATUS_UNKNOWN, own)}
