"""A sum that is whole is told as a whole number, whatever it was summed up from."""

from __future__ import annotations

import json

import pytest

from tosrules.engines.duckdb.evaluate import evaluate as by_duckdb
from tosrules.engines.reference import evaluate as by_reference
from tosrules.language.load import load
from tosrules.trace import read_traces

RULES = """pack case "A case"
common {
  may have m number
}
event a.y
clause c1 "C" {
  severity low
  forbid a.y per actor within 10 minutes with sum(m) >= 1
}
"""


@pytest.mark.parametrize("evaluate", [by_reference, by_duckdb])
def test_a_whole_sum_of_halves(evaluate, tmp_path):
    rules, trace = tmp_path / "r.tos", tmp_path / "t.jsonl"
    rules.write_text(RULES, encoding="utf-8")
    event = {"time": "2024-08-04T23:09:59Z", "type": "a.y", "actor": "p", "m": 1.5}
    trace.write_text("".join(json.dumps({**event, "id": i}) + "\n" for i in "ab"), encoding="utf-8")
    policy = load([str(rules)], shipped_tests=False).policy
    assert policy is not None
    (came,) = evaluate(policy, read_traces([str(trace)], policy.vocabulary)).clauses
    (finding,) = came.findings
    values = [c.value for m in finding.matches for c in m.computed]
    assert values == [3]
    assert isinstance(values[0], int)
