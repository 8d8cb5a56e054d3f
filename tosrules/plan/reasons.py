"""Why a condition is unknown: for each reason that a rule's text allows, when it is one
(semantics C4). Only the parts that are unknown themselves are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tosrules.plan.conditions import condition, value
from tosrules.plan.expr import TRUE, Expr, both, either, missing, negation, present
from tosrules.plan.scope import Scope
from tosrules.plan.values import Ratio, Spread, compare, constant
from tosrules.policy import expressions as p
from tosrules.policy.unknown import (
    ATTRIBUTE_MISSING,
    DIVISION_BY_ZERO,
    STATUS_UNKNOWN,
    Reason,
    own_name,
)
from tosrules.policy.walk import parts
from tosrules.vocabulary import DURATION

When = tuple[Reason, Expr]


def reasons(e: p.Expression | None, scope: Scope) -> list[When]:
    """Each possible reason with when it is one; none of them where the expression is known."""
    return [] if e is None else list(_explained(e, scope, lacking(e, scope)))


def lacking(e: p.Expression, scope: Scope) -> Expr:
    """Whether the value is missing, or the truth unknown."""
    match e:
        case p.LinkMembers():
            return lacking(e.start, scope)
        case p.AnyElement():
            return lacking(e.collection, scope)
        case p.FixedPeriod() | p.CalendarPeriod() | p.BusinessPeriod():
            return negation(TRUE)
        case p.ListValues() | p.ParamValue() | p.Constant():
            return negation(TRUE)
    if isinstance(e, p.Condition):
        return missing(condition(e, scope))
    found = value(e, scope)
    if isinstance(found, Ratio):
        zero = compare("=", found.below, constant(0, DURATION))
        above, below = found.above.expr, found.below.expr
        return either(missing(above), missing(below), both(present(below), zero))
    if isinstance(found, Spread):
        return negation(TRUE)
    return missing(found.expr)


def _explained(e: p.Expression, scope: Scope, when: Expr) -> Iterable[When]:
    """The reasons, given that `when` says that the expression is unknown."""
    match e:
        case p.And() | p.Or():
            for operand in e.operands:
                yield from _explained(operand, scope, both(when, lacking(operand, scope)))
        case p.Not():
            yield from _explained(e.operand, scope, when)
        case _:
            yield from _of_leaf(e, scope, when)


def _of(expressions: Sequence[p.Expression], scope: Scope, when: Expr) -> Iterable[When]:
    for x in expressions:
        yield from _explained(x, scope, both(when, lacking(x, scope)))


def _none_lacking(expressions: Sequence[p.Expression], scope: Scope, when: Expr) -> Expr:
    return both(when, *(negation(lacking(x, scope)) for x in expressions))


def _of_leaf(e: p.Expression, scope: Scope, when: Expr) -> Iterable[When]:
    match e:
        case p.AttributeOf():
            yield Reason(ATTRIBUTE_MISSING, e.name), when
        case p.Held() | p.Remembered():
            yield from _of(e.keys, scope, when)
            rest = _none_lacking(e.keys, scope, when)
            own = own_name(e.status)
            if isinstance(e, p.Remembered):
                held = scope.answers[e].extra["held"]
                lost = Reason(ATTRIBUTE_MISSING, f"{own}.{e.attribute}")
                yield lost, both(rest, present(held))
                yield Reason(STATUS_UNKNOWN, own), both(rest, missing(held))
            else:
                yield Reason(STATUS_UNKNOWN, own), rest
        case p.Member(collection=p.LinkMembers() as link):
            asked = (e.operand, link.start)
            yield from _of(asked, scope, when)
            rest = _none_lacking(asked, scope, when)
            yield Reason(STATUS_UNKNOWN, own_name(link.link)), rest
        case p.AnyElement():
            yield from _explained(e.collection, scope, when)
        case p.Arithmetic(operator="/"):
            asked = (e.left, e.right)
            yield from _of(asked, scope, when)
            yield Reason(DIVISION_BY_ZERO, ""), _none_lacking(asked, scope, when)
        case p.Aggregate():
            return
        case p.TupleDiffers():
            yield from _of((*e.left, *e.right), scope, when)
        case p.Function():
            yield from _of(e.arguments, scope, when)
            read = [a.name for a in e.arguments if isinstance(a, p.AttributeOf)]
            named = Reason(ATTRIBUTE_MISSING, f"{e.name}({', '.join(read)})")
            yield named, _none_lacking(e.arguments, scope, when)
        case _:
            inner = tuple(x for x in parts(e) if isinstance(x, p.Expression))
            yield from _of(inner, scope, when)
