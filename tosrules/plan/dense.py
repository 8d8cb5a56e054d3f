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

from tosrules.plan.expr import SO_FAR, Expr, case, col, either, lit, null, op
from tosrules.plan.pieces import piece
from tosrules.plan.relation import Relation, aggregate, over
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
    """The events that lie in a window with `number` events or more, every window whole: `idx`,
    their place among all of the key, and `stretch`, alike in those of a key between which none
    was left out."""
    by = [col(k) for k in partition]
    order = [col("ord")]
    columns = keyed.columns
    place = over("row number", by=by, order=order)
    if number <= 1:
        return keyed.extend(idx=place, stretch=lit(0))
    near_by, gone = keyed, None
    if number >= _MANY and 0 < within < _LONG:
        near_by, gone = _crowded(planner, keyed, partition, number, within), col("gone")
    back = over("lag", col("t"), lit(number - 1), by=by, order=order)
    near = op("coalesce", op("<=", op("-", col("t"), col("back")), lit(within)), lit(False))
    nth = col("nth") if gone is None else op("+", gone, col("nth"))
    table = planner.make(
        # Both windows in one projection, which orders the events once.
        near_by.extend(nth=place, back=back).project(*columns, idx=nth, near=near),
        "counted",
        f"whether {number} events of the key lie together",
    )
    some: Relation = table
    if partition:
        # Only keys for which it ever holds take part from here on.
        some = _under(table, table.where(col("near")), partition)
    ends = case((col("near"), col("t")), otherwise=null("integer"))
    following = over("min", ends, by=by, order=[(col("ord"), True)], frame=SO_FAR)
    covered = some.extend(end=following).where(op("<=", op("-", col("end"), col("t")), lit(within)))
    return covered.extend(place=place).project(
        *columns, "idx", stretch=op("-", col("idx"), col("place"))
    )


_MANY = 8
"""Fewer events than these lie together nearly everywhere."""
_LONG = 2**50


def _crowded(
    planner: Planner, keyed: Relation, partition: Sequence[str], number: int, within: int
) -> Relation:
    """The events, those left out of which it is plain that no window is full around them, and
    `gone`: how many of the key were left out before.

    Time is cut into pieces of the window's length, so that a window lies in two neighbours. Of
    most keys no piece has half as many events, and to count is much cheaper than to order."""
    columns = keyed.columns
    counting = planner.make(keyed, "keyed", "counting events by key")
    cut = {"piece": piece(col("t"), within)}
    pieces = planner.make(
        counting.extend(cut).group([*partition, "piece"], n=aggregate("count")),
        "pieces",
        "events of each key in each piece of time",
    )
    half = pieces.where(op(">=", col("n"), lit((number + 1) // 2)))
    known = _under(pieces, half, partition) if partition else pieces
    by = [col(k) for k in partition]
    order = [col("piece")]

    def beside(function: str, step: int) -> Expr:
        other = over(function, col("piece"), by=by, order=order)
        return op("=", other, op("+", col("piece"), lit(step)))

    marked = known.extend(
        after=beside("lag", -1),
        before_next=beside("lead", 1),
        prior=over("lag", col("n"), by=by, order=order),
        next=over("lead", col("n"), by=by, order=order),
        upto=over("sum", col("n"), by=by, order=order, frame=SO_FAR),
    )

    def full(neighbour: str, there: str) -> Expr:
        some = case((col(there), col(neighbour)), otherwise=lit(0))
        return op(">=", op("+", col("n"), some), lit(number))

    crowded = marked.where(either(full("prior", "after"), full("next", "before_next")))
    kept_upto = over("sum", col("n"), by=by, order=order, frame=SO_FAR)
    kept = planner.make(
        crowded.extend(kept=kept_upto).project(
            **{f"{k}!": col(k) for k in (*partition, "piece")},
            gone=op("integer", op("-", col("upto"), col("kept"))),
        ),
        "crowded",
        f"pieces of time in which {number} events may lie together",
    )
    on = [(col(k), col(f"{k}!")) for k in (*partition, "piece")]
    joined = counting.extend(cut).join(kept, on, small=True)
    return joined.project(*columns, "gone")


def _under(rows: Relation, some: Relation, keys: Sequence[str]) -> Relation:
    """The rows under keys that stand in `some`."""
    found = some.distinct(*keys).renamed({k: k + "!" for k in keys})
    return rows.join(found, [(col(k), col(k + "!")) for k in keys], how="semi", small=True)


def filled(planner: Planner, keyed: Relation, partition: Sequence[str], number: int) -> Relation:
    """The events of those windows of a quota that have `number` of them."""
    if number <= 1 or not partition:
        return keyed
    counting = planner.make(keyed, "keyed", "counting events by key and window")
    full = counting.group(partition, n=aggregate("count")).where(op(">=", col("n"), lit(number)))
    return _under(counting, full, partition)
