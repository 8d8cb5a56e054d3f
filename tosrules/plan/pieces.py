"""Time cut into pieces as long as a window: what lies in the window after an instant lies in the
piece of that instant or in the next one. To look a piece up is much cheaper than to put events
and what they may follow into one order, so what lies in no such piece is left out before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tosrules.plan.expr import Expr, col, lit, op
from tosrules.plan.relation import Relation, union

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner

_SHARE = 4
"""A trace has so many pieces at least; with fewer, hardly anything lies in none of them."""


def piece(time: Expr, within: int) -> Expr:
    """The number of the piece, `within` microseconds long, in which an instant lies."""
    return op("floor div", time, lit(within))


def pays(planner: Planner, within: int) -> bool:
    """Whether pieces of this length leave anything out of the trace."""
    return 0 < within <= (planner.facts.end - planner.facts.start) // _SHARE


def reached(rows: Relation, keys: Sequence[str], within: int) -> Relation:
    """The keys of rows, with each `piece` in which something may lie `within` microseconds after
    the row's `t`."""
    first = piece(col("t"), within)
    own = {k: col(k) for k in keys}
    return union(
        rows.project(**own, piece=first),
        rows.project(**own, piece=op("+", first, lit(1))),
    )
