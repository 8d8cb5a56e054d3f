"""On Spark, too, what is told of findings that are cut is what is told of whole ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.engines.test_cut import SHOWN, shown, tells_the_same
from tests.thorough import ALL
from tosrules.engines import cut
from tosrules.engines.spark import evaluate, nearby
from tosrules.engines.spark.memory import load_events
from tosrules.engines.spark.session import Session
from tosrules.plan.planner import needed_columns
from tosrules.policy.model import Policy
from tosrules.trace.trace import Trace


@pytest.mark.parametrize("near", [0, 4, 1_000] if ALL else [1_000])
@pytest.mark.parametrize("seed", range(90_000, 90_012) if ALL else [90_003, 90_006])
def test_findings_that_are_cut_on_spark(
    seed: int, near: int, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cut, "LONG", 0)
    monkeypatch.setattr(evaluate, "FEW", 0)
    monkeypatch.setattr(nearby, "NEAR", near)
    monkeypatch.setattr(nearby, "EVENTS_NEAR", near)
    monkeypatch.setattr(nearby, "LEAST", near + 1)

    def judged(policy: Policy, trace: Trace) -> Any:
        clauses = policy.judged()
        scan = needed_columns(policy, clauses)
        columns = load_events(session, trace, scan, policy.vocabulary)
        elsewhere = replace(columns, at_hand=False)
        outcome = evaluate.judge(session, policy, elsewhere, clauses, SHOWN)
        return shown(policy, trace, outcome)

    tells_the_same(seed, judged, traces=1)
