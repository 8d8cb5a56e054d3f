"""Sums, differences, products and quotients, and the later or earlier of several times."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language.kinds import article
from tosrules.language.scope import Scope
from tosrules.language.values import value
from tosrules.policy import expressions as p
from tosrules.vocabulary import DATE, DURATION, NUMBER, TIME, Type

_SUMS = {
    (NUMBER, NUMBER): NUMBER,
    (DURATION, DURATION): DURATION,
    (TIME, DURATION): TIME,
}
_DIFFERENCES = {**_SUMS, (TIME, TIME): DURATION}
_PRODUCTS = {
    (NUMBER, NUMBER): NUMBER,
    (NUMBER, DURATION): DURATION,
    (DURATION, NUMBER): DURATION,
}
_QUOTIENTS = {
    (NUMBER, NUMBER): NUMBER,
    (DURATION, NUMBER): DURATION,
    (DURATION, DURATION): NUMBER,
}
_TABLES = {"+": _SUMS, "-": _DIFFERENCES, "*": _PRODUCTS, "/": _QUOTIENTS}
_VERBS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}


def arithmetic(node: s.Arithmetic, scope: Scope) -> p.Expression | None:
    left, right = value(node.left, scope), value(node.right, scope)
    if left is None or right is None:
        return None
    for side in (node.left, node.right):
        if _divides(side):
            scope.report.error(
                "inner-division",
                "a division may stand only at the top of a side of a comparison",
                side.span,
                help="multiply the other side by the divisor instead",
            )
            return None
    if _reads_spread(left) or _reads_spread(right):
        scope.report.error(
            "spread-in-sum",
            "`stddev` stands alone on its side of a comparison",
            node.span,
            help="move the rest to the other side: it is compared by its square",
        )
        return None
    kinds: tuple[Type, Type] = (left.type, right.type)
    result = _TABLES[node.operator].get(kinds)
    if result is None:
        scope.report.error(
            "wrong-type",
            f"cannot {_VERBS[node.operator]} {article(kinds[0])} and {article(kinds[1])}",
            node.span,
            help="give the number its unit: `2 seconds`"
            if set(kinds) == {NUMBER, DURATION}
            else "numbers go with numbers, durations with durations; a time may be moved by a "
            "duration: `time + 7 days`",
        )
        return None
    return p.Arithmetic(node.operator, left, right, result, span=node.span)


def _divides(node: s.Expression) -> bool:
    while isinstance(node, s.Parenthesised):
        node = node.inner
    return isinstance(node, s.Arithmetic) and node.operator == "/"


def _reads_spread(expression: p.Expression) -> bool:
    return isinstance(expression, p.Aggregate) and expression.function == "stddev"


def negate(node: s.Negate, scope: Scope) -> p.Expression | None:
    inner = value(node.operand, scope)
    if inner is None:
        return None
    kind: Type = inner.type
    if kind not in (NUMBER, DURATION):
        scope.report.error(
            "wrong-type",
            f"`-` takes a number or a duration, and this is {article(kind)}",
            node.span,
            help="leave the sign out",
        )
        return None
    return p.Arithmetic("-", p.Constant(0, kind), inner, kind, span=node.span)


def choice(node: s.Choice, scope: Scope) -> p.Expression | None:
    found = [value(operand, scope) for operand in node.operands]
    if any(f is None for f in found):
        return None
    operands = tuple(f for f in found if f is not None)
    kinds = {o.type for o in operands}
    first: Type = operands[0].type
    if len(kinds) > 1 or first not in (TIME, DATE):
        scope.report.error(
            "wrong-type",
            f"`{node.which} of` takes times, and these are "
            + " and ".join(article(o.type) for o in operands),
            node.span,
            help=f"as in `{node.which} of (served.deadline, served.time + 7 days)`",
        )
        return None
    return p.Choice(node.which == "later", operands, first, span=node.span)
