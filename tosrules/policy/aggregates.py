"""The aggregates of a window's condition, as every engine names them."""

from __future__ import annotations

from tosrules.policy import expressions as p
from tosrules.policy.walk import walk


def aggregates_of(having: p.Expression) -> tuple[p.Aggregate, ...]:
    """The different aggregates that a window's condition reads, each once."""
    found = [x for x in walk(having) if isinstance(x, p.Aggregate)]
    return tuple(sorted(set(found), key=repr))


def aggregate_text(aggregate: p.Aggregate) -> str:
    """`count`, `distinct(account)`, `stddev(gap)`."""
    operand = aggregate.operand
    if operand is None:
        return "count"
    if isinstance(operand, p.Gap):
        inside = "gap"
    elif isinstance(operand, p.AttributeOf):
        inside = operand.name
    elif isinstance(operand, p.GroupOf) and isinstance(operand.member, p.AttributeOf):
        inside = f"{operand.link.rpartition('/')[2]}({operand.member.name})"
    else:
        inside = "…"
    name = "count" if aggregate.function == "count_if" else aggregate.function
    return f"{name}({inside})"
