"""Of findings with many matches and events only the ends are read; what the result tells of the
others is the same as if all had been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.differential.case import drawn, trace_of
from tests.differential.compare import difference
from tests.differential.engines import by_reference
from tests.thorough import ALL
from tosrules.engines import cut
from tosrules.engines.duckdb.evaluate import judge
from tosrules.engines.duckdb.memory import load_events
from tosrules.engines.duckdb.session import Session
from tosrules.errors import EvaluationError
from tosrules.plan.planner import needed_columns
from tosrules.policy.model import Policy
from tosrules.result.assemble import assemble
from tosrules.result.encode import to_data
from tosrules.result.run import RunFacts
from tosrules.trace.trace import Trace

SHOWN = 3
SEEDS = range(90_000, 90_200) if ALL else range(90_000, 90_020)


def cut_by_duckdb(policy: Policy, trace: Trace) -> Any:
    clauses = policy.judged()
    with Session() as session:
        scan = needed_columns(policy, clauses)
        columns = load_events(session, trace, scan, policy.vocabulary)
        outcome = judge(session, policy, replace(columns, at_hand=False), clauses, SHOWN)
        return shown(policy, trace, outcome)


def shown(policy: Policy, trace: Trace, outcome: Any) -> Any:
    return to_data(assemble(policy, trace, outcome, RunFacts(engine="", evidence=SHOWN)))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_told_of_findings_that_are_cut(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "LONG", 0)
    tells_the_same(seed, cut_by_duckdb)


def tells_the_same(seed: int, judged: Callable[[Policy, Trace], Any], traces: int = 2) -> None:
    """What an engine that cuts findings makes of random cases is what the reference does."""
    policy, cases = drawn(seed, traces)
    for case in cases:
        trace = trace_of(case.trace, policy)
        try:
            wanted = shown(policy, trace, by_reference(policy, trace))
        except EvaluationError:
            continue
        found = difference(wanted, judged(policy, trace))
        assert found is None, f"{case.name}: {found}"
