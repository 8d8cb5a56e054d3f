"""The reference evaluator: docs/semantics.md as plain Python, rule by rule.

It is the specification in code. It shares the policy with the other engines and nothing else;
each form of rule is a short function in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tosrules.engines.outcome import Outcome
from tosrules.policy.model import Clause, Policy

if TYPE_CHECKING:
    from tosrules.trace.trace import Trace


def evaluate(policy: Policy, trace: Trace, clauses: Sequence[Clause] | None = None) -> Outcome:
    """Judge a trace by the clauses of a policy; all judged ones unless some are named.

    Raises EvaluationError where the rules cannot be evaluated on this trace.
    """
    from tosrules.engines.reference.verdicts import judge_clauses
    from tosrules.engines.reference.world import World

    world = World(policy, trace.events, trace.observed)
    return judge_clauses(world, policy.judged() if clauses is None else clauses)
