"""Aggregates over a window: `count(…)`, `distinct(x)`, `sum min max stddev`, `gap`."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language.conditions import condition
from tosrules.language.scope import Scope
from tosrules.language.values import ORDERED, article, value
from tosrules.policy import expressions as p
from tosrules.vocabulary import DURATION, NUMBER


def aggregate(node: s.Call, scope: Scope) -> p.Expression | None:
    name = node.function.text
    if len(node.arguments) != 1:
        scope.report.error(
            "wrong-number",
            f"`{name}` takes one thing, not {len(node.arguments)}",
            node.span,
            help="write `count` alone for the number of events" if name == "count" else "",
        )
        return None
    argument = node.arguments[0]
    inner = scope.outside_window()
    if name == "count":
        counted = condition(argument, inner)
        if counted is None:
            return None
        return p.Aggregate("count_if", counted, NUMBER, span=node.span)
    operand: p.Expression | None
    if isinstance(argument, s.Path) and argument.text == "gap":
        operand = p.Gap(span=argument.span)
    else:
        operand = value(argument, inner)
    if operand is None:
        return None
    if name == "distinct":
        if operand.type.name == "list":
            scope.report.error(
                "distinct-list",
                "`distinct` counts single values, and this is a list",
                argument.span,
            )
            return None
        return p.Aggregate("distinct", operand, NUMBER, span=node.span)
    if operand.type not in ORDERED or (
        name != "min" and name != "max" and operand.type not in (NUMBER, DURATION)
    ):
        wanted = "numbers, durations or times" if name in ("min", "max") else "numbers or durations"
        scope.report.error(
            "wrong-type",
            f"`{name}` takes {wanted}, and this is {article(operand.type)}",
            argument.span,
        )
        return None
    return p.Aggregate(name, operand, operand.type, span=node.span)
