"""How a large trace is planned, tried on small ones: the answer is the reference evaluator's."""

from __future__ import annotations

import pytest

from tests.differential.harness import Tried, differing
from tosrules.engines.duckdb.evaluate import evaluate
from tosrules.plan import clauses, dense


@pytest.mark.parametrize("seed", [61_000, 61_005, 61_010, 61_015])
def test_the_plan_of_a_large_trace_gives_the_same(seed: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dense, "_MANY", 2)
    monkeypatch.setattr(clauses, "_MANY", 0)
    assert list(differing({"duckdb": evaluate}, seed, Tried())) == []
