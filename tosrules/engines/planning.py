"""The plan for a trace whose events lie in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tosrules.plan.clauses import ClausePlan, clause_plans
from tosrules.plan.planner import Facts, Planner, needed_columns
from tosrules.policy.model import Clause, Policy

if TYPE_CHECKING:
    from tosrules.engines.columns import ColumnTrace


def plan_of(
    policy: Policy,
    trace: ColumnTrace,
    span: tuple[int, int],
    clauses: Sequence[Clause],
    examples: int | None,
    merged: bool = False,
) -> tuple[Planner, list[ClausePlan]]:
    """The plan for some clauses on the events of a trace, the first and last of which in its
    table are at `span`, microseconds. `merged`: what is read in one place is worked out there,
    however few events there are; else it is a table of its own where that may show that there
    is nothing."""
    facts = Facts(trace.count, trace.observed, trace.types, *span)
    planner = Planner(policy, facts, needed_columns(policy, clauses))
    for name in policy.order:
        if name in policy.statuses:
            planner.statuses.of(name)
        elif name in policy.links:
            planner.links.of(name)
    return planner, clause_plans(planner, clauses, examples, merged)
