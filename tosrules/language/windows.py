"""Aggregates over a window: `count(…)`, `distinct(x)`, `sum min max stddev`, `gap`."""

from __future__ import annotations

from tosrules.language import syntax as s
from tosrules.language.conditions import condition
from tosrules.language.kinds import article
from tosrules.language.scope import Scope
from tosrules.language.values import ORDERED, value
from tosrules.policy import expressions as p
from tosrules.vocabulary import DURATION, NUMBER


def context_words(node: s.Expression) -> str:
    """An attribute as written, for an example."""
    return node.text if isinstance(node, s.Path) else "…"


def aggregate(node: s.Call, scope: Scope) -> p.Expression | None:
    name = node.function.text
    if len(node.arguments) != 1:
        scope.report.error(
            "wrong-number",
            f"`{name}` takes one thing, not {len(node.arguments)}",
            node.span,
            help="write `count` alone for the number of events"
            if name == "count"
            else f"as in `{name}(items)`; take each on its own",
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
                f"`distinct` counts single values, and this is {article(operand.type)}",
                argument.span,
                help="count by an attribute with one value in each event",
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
            help=f"`distinct({context_words(argument)})` counts how many different ones there are"
            if operand.type.name in ("text", "reference", "address")
            else "",
        )
        return None
    return p.Aggregate(name, operand, operand.type, span=node.span)
