"""Where enough events lie together for a rate to hold: what lies elsewhere need not be counted.

Most rates ask for so many events that hardly any window has them. Whether the window that ends
at an event has `k` of them is told by the one `k − 1` places before it; sums, numbers of
different values and gaps are then worked out for those windows alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from tosrules.plan.expr import SO_FAR, case, col, lit, null, op
from tosrules.plan.relation import Relation, over
from tosrules.plan.scope import Scope
from tosrules.policy import expressions as p

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner

_COUNTS = ("count", "count_if", "distinct")
"""Of a window, none of these is more than the number of its events."""


def least_number(having: p.Expression, scope: Scope) -> int:
    """A window with fewer events surely does not satisfy `having`; 0 where none is known."""
    match having:
        case p.And(operands=operands):
            return max(least_number(each, scope) for each in operands)
        case p.Compare(operator=operator, left=p.Aggregate(function=function), right=right):
            if function in _COUNTS and operator in (">", ">=", "="):
                limit = _number(right, scope)
                if limit is not None:
                    return floor(limit) + 1 if operator == ">" else ceil(limit)
    return 0


def _number(e: p.Expression, scope: Scope) -> int | Fraction | None:
    if isinstance(e, p.Constant):
        found = e.value
    elif isinstance(e, p.ParamValue):
        found = scope.param(e.name)
    else:
        return None
    if isinstance(found, bool) or not isinstance(found, int | Fraction):
        return None
    return found


def dense(
    planner: Planner, keyed: Relation, partition: Sequence[str], number: int, within: int
) -> Relation:
    """The events that lie in a window with `number` events or more, every window whole; with
    `stretch`, alike in those of a key between which none was left out. `keyed` are the counting
    events with `idx`, their place in the key."""
    by = [col(k) for k in partition]
    if number <= 1:
        return keyed.extend(stretch=lit(0))
    order = [col("ord")]
    back = over("lag", col("t"), lit(number - 1), by=by, order=order)
    marked = keyed.extend(back=back)
    near = op("coalesce", op("<=", op("-", col("t"), col("back")), lit(within)), lit(False))
    table = planner.make(
        marked.extend(near=near).project(*keyed.columns, "near"),
        "counted",
        f"whether {number} events of the key lie together",
    )
    some: Relation = table
    if partition:
        # Only keys for which it ever holds take part from here on.
        keys = table.where(col("near")).distinct(*partition)
        renamed = keys.renamed({k: k + "!" for k in partition})
        on = [(col(k), col(k + "!")) for k in partition]
        some = table.join(renamed, on, how="semi", small=True)
    ends = case((col("near"), col("t")), otherwise=null("integer"))
    following = over("min", ends, by=by, order=[(col("ord"), True)], frame=SO_FAR)
    covered = some.extend(end=following).where(op("<=", op("-", col("end"), col("t")), lit(within)))
    place = over("row number", by=by, order=order)
    return covered.extend(place=place).project(
        *keyed.columns, stretch=op("-", col("idx"), col("place"))
    )
