"""What a clause sees apart from its matches: events relevant, undetermined, waived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tosrules.plan.expr import Expr, col, lit, null
from tosrules.plan.reasons import When
from tosrules.plan.relation import Relation

if TYPE_CHECKING:
    from tosrules.plan.planner import Planner


class Tally:
    """Relations of positions; an event that stands in several counts once."""

    def __init__(self, planner: Planner) -> None:
        self.planner = planner
        self.seen: list[Relation] = []
        """`pos`."""
        self.doubts: list[Relation] = []
        """`pos`, `reason`: the number of a reason, or null where none can be named."""
        self.waived: list[Relation] = []
        """`pos`."""

    def see(self, relation: Relation) -> None:
        self.seen.append(relation.project("pos"))

    def waive(self, relation: Relation) -> None:
        self.waived.append(relation.project("pos"))

    def doubt(self, relation: Relation, why: list[When], position: Expr | None = None) -> None:
        """Counts the rows of `relation` undetermined, each for those reasons that hold."""
        pos = col("pos") if position is None else position
        self.doubts.append(relation.project(pos=pos, reason=null("integer")))
        for reason, when in dict.fromkeys(why):
            number = lit(self.planner.reason(reason))
            self.doubts.append(relation.where(when).project(pos=pos, reason=number))

    def doubt_all(self, relation: Relation) -> None:
        """Takes over doubts of somebody else."""
        self.doubts.append(relation.project("pos", "reason"))
